//! The calls of the document of what people set.

use super::call::{Call, Calls};
use crate::{
    CheckConfiguration, CheckedConfiguration, Configuration, ImportedConfiguration,
    NewConfiguration, ShowConfiguration,
};

/// Adds them.
pub(super) fn add(calls: &mut Calls) {
    calls.group("Configuration");
    calls.add(
        Call::get(
            "showConfiguration",
            "/configuration",
            "Shows what people set, as one document without secrets.",
        )
        .needs("routes:read")
        .asks::<ShowConfiguration>()
        .answers::<Configuration>(200, "The document, as far as the key may read it."),
    );
    calls.add(
        Call::put(
            "importConfiguration",
            "/configuration",
            "Makes the settings like a document, a few changes a call.",
        )
        .needs("routes:manage")
        .takes::<NewConfiguration>()
        .answers::<ImportedConfiguration>(200, "What was changed, and how many changes are left."),
    );
    calls.add(
        Call::post(
            "checkConfiguration",
            "/configuration/check",
            "Says what an import would change, and what is wrong with the document.",
        )
        .needs("routes:manage")
        .takes::<CheckConfiguration>()
        .answers::<CheckedConfiguration>(200, "What would be changed. Nothing was."),
    );
}
