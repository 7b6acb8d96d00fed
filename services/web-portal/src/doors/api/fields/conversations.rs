//! What the calls of conversations take.

use store::LONGEST_SEARCH;

use super::{Call, Field, Kind, PAGE, get, may, post};

const LIMIT: Field = may("limit", Kind::Number(1, PAGE as i64));
const BEFORE: Field = may("before", Kind::Cursor);

/// The calls of conversations.
pub(super) const CONVERSATIONS: [Call; 3] = [
    get("/conversations", &[may("q", Kind::Text(LONGEST_SEARCH)), LIMIT, BEFORE]),
    get("/conversations/{number}", &[LIMIT, BEFORE]),
    post("/conversations/{number}/read", &[may("until", Kind::Time)]),
];
