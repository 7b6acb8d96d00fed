//! Holds what the files of the crate import from each other against its layers.

use std::path::Path;

use testkit::source::{Imports, assert_no_circle, imports};

/// The folders and files, each of which uses only those before it.
const LAYERS: [&str; 12] = [
    "carrier",
    "retry",
    "reports",
    "outstanding",
    "journal",
    "lease",
    "spool",
    "dispatch",
    "settle",
    "receive",
    "send",
    "open",
];

fn of_the_crate() -> Imports {
    imports(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

fn layer(file: &str) -> usize {
    let name = file.split_once("::").map_or(file, |(folder, _)| folder);
    LAYERS.iter().position(|layer| *layer == name).unwrap_or_else(|| panic!("{file} has no layer"))
}

#[test]
fn the_files_import_each_other_in_no_circle() {
    let imports = of_the_crate();
    assert!(imports["send::write"].contains("send::attempt"), "{imports:?}");
    assert_no_circle(imports);
}

#[test]
fn each_layer_uses_only_those_below_it() {
    for (file, imports) in of_the_crate() {
        for import in imports {
            assert!(layer(&import) <= layer(&file), "{file} uses {import}");
        }
    }
}
