//! What the calls of conversations take.

use store::{LONGEST_SEARCH, LONGEST_THREAD_NOTE, Shelf};

use super::{Call, Field, Kind, NAME, PAGE, get, may, must, patch, post};

const LIMIT: Field = may("limit", Kind::Number(1, PAGE as i64));
const BEFORE: Field = may("before", Kind::Cursor);

/// The words for lists of conversations.
const SHELVES: [&str; Shelf::ALL.len()] = {
    let mut words = [""; Shelf::ALL.len()];
    let mut at = 0;
    while at < Shelf::ALL.len() {
        words[at] = Shelf::ALL[at].as_str();
        at += 1;
    }
    words
};

/// The calls of conversations.
pub(super) const CONVERSATIONS: [Call; 5] = [
    get(
        "/conversations",
        &[may("q", Kind::Text(LONGEST_SEARCH)), may("show", Kind::OneOf(&SHELVES)), LIMIT, BEFORE],
    ),
    get("/conversations/{number}", &[LIMIT, BEFORE]),
    patch(
        "/conversations/{number}",
        &[
            may("assigned_to", Kind::Text(NAME)),
            may("archived", Kind::Flag),
            may("muted", Kind::Flag),
            may("blocked", Kind::Flag),
        ],
    ),
    post("/conversations/{number}/read", &[may("until", Kind::Time)]),
    post("/conversations/{number}/notes", &[must("text", Kind::Text(LONGEST_THREAD_NOTE))]),
];
