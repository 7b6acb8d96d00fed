//! Holds what the files of the driver import from each other against what its folders may touch.

use std::path::Path;

use testkit::source::{Imports, assert_no_circle, imports};

fn of_the_driver() -> Imports {
    imports(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

#[test]
fn the_files_import_each_other_in_no_circle() {
    let imports = of_the_driver();
    assert!(imports["send"].contains("port::answer"), "{imports:?}");
    assert_no_circle(imports);
}

#[test]
fn each_folder_touches_what_it_may() {
    let may = |folder: &str, file: &str| match folder {
        "port" => ["host::usb", "host::appearance"].contains(&file),
        "receive" | "limits" => {
            ["driver", "host::identity"].contains(&file) || file.starts_with("port::")
        }
        "report" => {
            ["driver", "host::identity", "limits::meter"].contains(&file)
                || file.starts_with("port::")
        }
        "send" => {
            ["driver", "host::identity", "limits::meter", "report::tally"].contains(&file)
                || file.starts_with("port::")
        }
        // Lines put everything together.
        _ => true,
    };
    for (file, imports) in of_the_driver() {
        let folder = file.split_once("::").map_or(file.as_str(), |(folder, _)| folder);
        for import in imports {
            let is_own = import.starts_with(&format!("{folder}::"));
            assert!(is_own || may(folder, &import), "{file} uses {import}");
        }
    }
}
