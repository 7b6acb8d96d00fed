//! docs/architecture.md says which crate uses which, and the manifests agree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Each crate with those of ours that it uses outside its tests.
fn of_the_manifests() -> BTreeMap<String, BTreeSet<String>> {
    let mut manifests = BTreeMap::new();
    for folder in ["services", "shared"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let manifest: toml::Table = read(&path.join("Cargo.toml")).parse().unwrap();
            manifests.insert((folder, name), manifest);
        }
    }
    let ours: BTreeSet<String> = manifests.keys().map(|(_, name)| name.clone()).collect();
    let used = |manifest: &toml::Table| -> BTreeSet<String> {
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        let names = dependencies.into_iter().flat_map(toml::Table::keys);
        names.filter(|name| ours.contains(*name)).cloned().collect()
    };
    manifests
        .iter()
        .map(|((folder, name), manifest)| (format!("{folder}/{name}"), used(manifest)))
        .collect()
}

/// The same, as the page has it: `` | `shared/bus` | what it is | contracts | ``.
fn of_the_page() -> BTreeMap<String, BTreeSet<String>> {
    let page = read(&root().join("docs/architecture.md"));
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, name, _, used, _] = cells.as_slice() else { return None };
        let name = name.strip_prefix('`')?.strip_suffix('`')?;
        name.starts_with(['s']).then(|| {
            let used = used.split(',').map(str::trim).filter(|used| !used.is_empty());
            (name.to_owned(), used.map(str::to_owned).collect())
        })
    });
    rows.filter(|(name, _): &(String, _)| name.contains('/')).collect()
}

#[test]
fn the_page_names_every_crate_and_what_it_uses() {
    assert_eq!(of_the_page(), of_the_manifests());
}
