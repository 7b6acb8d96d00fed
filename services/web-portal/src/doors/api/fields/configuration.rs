//! What the calls of the document of settings take.

use super::{Call, Kind, get, may, must, post, put};

/// Characters of a version.
const VERSION: usize = 64;

/// The calls of the document.
pub(super) const CONFIGURATION: [Call; 3] = [
    get("/configuration", &[may("optouts", Kind::OneOf(&["true", "false"]))]),
    put(
        "/configuration",
        &[
            must("document", Kind::Document),
            must("version", Kind::Text(VERSION)),
            may("prune", Kind::Flag),
        ],
    ),
    post("/configuration/check", &[must("document", Kind::Document), may("prune", Kind::Flag)]),
];
