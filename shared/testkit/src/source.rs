//! What the files of a crate import from each other, for tests that hold its layers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The files of a crate by their module paths (`send::write`), each with those of the same crate that it imports.
pub type Imports = BTreeMap<String, BTreeSet<String>>;

/// Reads the imports (`use crate::…`) of the files under `src`, as far as they come before the file's tests. The files
/// `lib.rs` and `mod.rs`, which put the others together, and `tests.rs` are left out.
pub fn imports(src: &Path) -> Imports {
    let files = files(src);
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

fn files(src: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![(String::new(), src.to_owned())];
    while let Some((prefix, folder)) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the sources of the crate") {
            let path = entry.expect("an entry of the folder").path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name in UTF-8");
            let name = name.to_owned();
            if path.is_dir() {
                folders.push((format!("{prefix}{name}::"), path));
            } else if !["mod", "lib", "tests"].contains(&&*name) {
                let text = fs::read_to_string(&path).expect("a source in UTF-8");
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                files.insert(format!("{prefix}{name}"), code.to_owned());
            }
        }
    }
    files
}

/// Asserts that no file imports itself by way of others.
pub fn assert_no_circle(mut left: Imports) {
    // Each round takes away the files that import none of the others.
    while !left.is_empty() {
        let before = left.len();
        let names: BTreeSet<String> = left.keys().cloned().collect();
        left.retain(|_, imports| !imports.is_disjoint(&names));
        assert!(left.len() < before, "a circle among {left:#?}");
    }
}
