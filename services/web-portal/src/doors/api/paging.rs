//! Lists in pages: `limit` and `before`, the cursor `next` of the page before.

use store::{Cursor, Page, Search};

use super::fields::PAGE;
use super::problem::{Answer, Problem, sentence};

/// How many a page has when nobody says.
const USUAL: u32 = 50;

/// What is looked for, if something is.
pub(super) fn search(q: Option<&str>) -> Answer<Option<Search>> {
    let searched = Search::parse(q.unwrap_or_default());
    searched.map_err(|error| Problem::malformed(sentence(&error.to_string())).with("field", "q"))
}

/// The page that was asked for.
pub(super) fn page(limit: Option<u32>, before: Option<&str>) -> Answer<Page> {
    let before = before.map(str::parse::<Cursor>).transpose();
    let before = before.map_err(|error| Problem::malformed(format!("before: {error}.")))?;
    Ok(Page { before, limit: limit.unwrap_or(USUAL).clamp(1, PAGE) })
}
