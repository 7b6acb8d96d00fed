//! The calls of what keyword services keep of messages.

use super::call::{Call, Calls};
use crate::{HideEntry, ListEntries, ServiceEntries};

/// Adds them, to the group of keyword services.
pub(super) fn add(calls: &mut Calls) {
    calls.add(
        Call::get(
            "listServiceEntries",
            "/services/{id}/entries",
            "Lists the answers to a quiz or a survey, or the texts of a board, newest first.",
        )
        .needs("inbox:read")
        .asks::<ListEntries>()
        .answers::<ServiceEntries>(200, "A page. With `Accept: text/csv`, all of them as CSV."),
    );
    calls.add(
        Call::patch(
            "hideServiceEntry",
            "/services/{id}/entries/{entry}",
            "Says whether a board shows a text.",
        )
        .needs("services:write")
        .takes::<HideEntry>()
        .done("It is so."),
    );
    calls.add(
        Call::delete(
            "clearService",
            "/services/{id}/entries",
            "Forgets what a service keeps: answers, texts, votes, and whom it asks.",
        )
        .needs("services:write")
        .done("It is forgotten."),
    );
}
