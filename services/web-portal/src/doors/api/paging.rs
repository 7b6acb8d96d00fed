//! Lists in pages: `limit` and `before`, the cursor `next` of the page before.

use store::{Cursor, Page};

use super::fields::PAGE;
use super::problem::{Answer, Problem};

/// How many a page has when nobody says.
const USUAL: u32 = 50;

/// The page that was asked for.
pub(super) fn page(limit: Option<u32>, before: Option<&str>) -> Answer<Page> {
    let before = before.map(str::parse::<Cursor>).transpose();
    let before = before.map_err(|error| Problem::malformed(format!("before: {error}.")))?;
    Ok(Page { before, limit: limit.unwrap_or(USUAL).clamp(1, PAGE) })
}
