//! What the files of the machine may import.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The files of a folder by the names of their modules, without the folder's own.
fn modules(folder: &Path) -> BTreeMap<String, String> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let rust = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    rust.map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    })
    .filter(|(name, _)| name != "mod")
    .collect()
}

/// The modules that stand behind `prefix` in the imports of a file, at its top level.
fn imports<'a>(text: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    let imports = text.lines().filter_map(|line| line.strip_prefix(prefix));
    imports.filter_map(|rest| rest.split([':', ';']).next()).collect()
}

fn machine() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/machine")
}

#[test]
fn no_part_knows_the_machine() {
    for (name, text) in modules(&machine().join("parts")) {
        for path in ["super::super", "crate::machine", "crate::Modem"] {
            assert!(!text.contains(path), "{name} names {path}");
        }
    }
}

#[test]
fn the_parts_import_each_other_in_no_circle() {
    let parts = modules(&machine().join("parts"));
    assert!(parts.contains_key("outbox"));
    let mut left: BTreeMap<&str, BTreeSet<&str>> =
        parts.iter().map(|(name, text)| (name.as_str(), imports(text, "use super::"))).collect();
    // Each round takes away the parts that import none of the others.
    while !left.is_empty() {
        let before = left.len();
        let names: BTreeSet<&str> = left.keys().copied().collect();
        left.retain(|_, imports| !imports.is_disjoint(&names));
        assert!(left.len() < before, "a circle among {names:?}");
    }
}

#[test]
fn the_flows_import_the_machine_and_its_parts_and_never_each_other() {
    for (name, text) in modules(&machine()) {
        let imports = imports(&text, "use super::");
        assert!(
            imports.iter().all(|import| ["Modem", "parts"].contains(import)),
            "{name}: {imports:?}"
        );
    }
}
