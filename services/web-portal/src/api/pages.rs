//! Lists in pages: `limit` and `before`, the cursor `next` of the page before.

use store::{Cursor, Page};

use super::fields::PAGE;

/// How many a page has when nobody says.
const USUAL: u32 = 50;

/// The page that was asked for.
pub(super) fn page(limit: Option<u32>, before: Option<Cursor>) -> Page {
    Page { before, limit: limit.unwrap_or(USUAL).clamp(1, PAGE) }
}
