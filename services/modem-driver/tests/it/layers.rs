//! Holds what the files of the driver import from each other against what its folders may touch.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The files of `receive` in which something is kept: for the journal, and until the broker has it.
const KEPT: [&str; 5] = [
    "receive::record",
    "receive::reports",
    "receive::spool",
    "receive::spool_file",
    "receive::outstanding",
];

/// The files of the driver: module path (`send::write`) and text, without tests.
fn files() -> BTreeMap<String, String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = BTreeMap::new();
    let mut folders = vec![(String::new(), src)];
    while let Some((prefix, folder)) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push((format!("{name}::"), path));
            } else if name != "mod" && name != "lib" {
                let text = fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                files.insert(format!("{prefix}{name}"), code.to_owned());
            }
        }
    }
    files
}

/// The files that each file imports.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let files = files();
    let names: BTreeSet<&String> = files.keys().collect();
    let imported = |text: &str| -> BTreeSet<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("use crate::"));
        let words = lines.map(|line| line.replace(['{', ';', ','], "::").replace(' ', ""));
        let files = words.filter_map(|line| {
            let mut words = line.split("::").filter(|word| !word.is_empty());
            let first = words.next()?.to_owned();
            let second = words.next().map(|second| format!("{first}::{second}"));
            second.into_iter().chain([first]).find(|name| names.contains(name))
        });
        files.collect()
    };
    files.iter().map(|(name, text)| (name.clone(), imported(text))).collect()
}

#[test]
fn the_files_import_each_other_in_no_circle() {
    let mut left = imports();
    assert!(left["send::write"].contains("send::attempt"), "{left:?}");
    // Each round takes away the files that import none of the others.
    while !left.is_empty() {
        let before = left.len();
        let names: BTreeSet<String> = left.keys().cloned().collect();
        left.retain(|_, imports| !imports.is_disjoint(&names));
        assert!(left.len() < before, "a circle among {left:#?}");
    }
}

#[test]
fn each_folder_touches_what_it_may() {
    let may = |folder: &str, file: &str| match folder {
        "port" => ["carrier", "host::usb", "host::appearance"].contains(&file),
        "journal" => file == "dispatch" || KEPT.contains(&file),
        "report" => {
            ["driver", "host::identity", "journal::lease"].contains(&file)
                || file.starts_with("port::")
        }
        "receive" => {
            ["carrier", "dispatch", "driver", "host::identity"].contains(&file)
                || file.starts_with("journal::")
                || file.starts_with("port::")
        }
        // Everything but the lines.
        "send" => !file.starts_with("host::") || file == "host::identity",
        _ => true,
    };
    for (file, imports) in imports() {
        let Some((folder, _)) = file.split_once("::") else { continue };
        for import in imports {
            let is_own = import.starts_with(&format!("{folder}::"));
            assert!(is_own || may(folder, &import), "{file} uses {import}");
        }
    }
}

/// The journal and what stands around it would serve any carrier.
#[test]
fn what_is_known_of_messages_knows_no_modem() {
    for (file, imports) in imports() {
        if file != "dispatch" && !file.starts_with("journal::") && !KEPT.contains(&file.as_str()) {
            continue;
        }
        for import in imports {
            let is_known = import == "dispatch"
                || import.starts_with("journal::")
                || KEPT.contains(&import.as_str());
            assert!(is_known, "{file} uses {import}");
        }
    }
}
