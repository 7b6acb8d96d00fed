//! The call of reports.

use super::call::{Call, Calls};
use crate::{Report, ShowReport};

/// Adds it.
pub(super) fn add(calls: &mut Calls) {
    calls.group("Reports");
    calls.add(
        Call::get(
            "showReport",
            "/reports",
            "Counts the messages of a time by what became of them, and how long they took.",
        )
        .needs("reports:read")
        .asks::<ShowReport>()
        .answers::<Report>(200, "The counts. With `Accept: text/csv`, the rows as CSV."),
    );
}
