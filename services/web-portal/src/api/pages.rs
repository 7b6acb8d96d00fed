//! Lists in pages: `limit` and `before`, the cursor `next` of the page before.

use contracts::MessageId;
use store::Page;

/// How many a page has when nobody says.
const USUAL: u32 = 50;
/// The most a page has.
const MOST: u32 = 500;

/// The page that was asked for.
pub(super) fn page(limit: Option<u32>, before: Option<MessageId>) -> Page {
    Page { before, limit: limit.unwrap_or(USUAL).clamp(1, MOST) }
}
