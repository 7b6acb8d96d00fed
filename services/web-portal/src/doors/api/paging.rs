//! Lists in pages: `limit`, and `before` or `after`, the cursor `next` of the page before.

use contracts::UserId;
use store::{Cursor, NamePage, NamePlace, Page, Search};

use super::fields::PAGE;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::named;
use crate::app::App;
use crate::authority::Authority;

/// How many a page has when nobody says.
const USUAL: u32 = 50;

/// What is looked for, if something is.
pub(super) fn search(q: Option<&str>) -> Answer<Option<Search>> {
    let searched = Search::parse(q.unwrap_or_default());
    searched.map_err(|error| Problem::malformed(sentence(&error.to_string())).with("field", "q"))
}

/// The account that is meant by a name or an id; none: nobody said whose.
pub(super) async fn account(
    app: &App,
    authority: &Authority,
    said: Option<&str>,
) -> Answer<Option<UserId>> {
    let Some(said) = said.map(str::trim).filter(|said| !said.is_empty()) else { return Ok(None) };
    let found = named::account(app, authority, said).await?;
    let refused = || {
        let detail = format!("There is no user '{said}' whose messages you may see.");
        Problem::new(Code::NoSuchUser, detail)
    };
    found.map(Some).ok_or_else(refused)
}

/// The page that was asked for.
pub(super) fn page(limit: Option<u32>, before: Option<&str>) -> Answer<Page> {
    let before = before.map(str::parse::<Cursor>).transpose();
    let before = before.map_err(|error| Problem::malformed(format!("before: {error}.")))?;
    Ok(Page { before, limit: limit.unwrap_or(USUAL).clamp(1, PAGE) })
}

/// The page of a list that is sorted by name.
pub(super) fn page_by_name(limit: Option<u32>, after: Option<&str>) -> Answer<NamePage> {
    let after = after.map(str::parse::<NamePlace>).transpose();
    let after = after
        .map_err(|error| Problem::malformed(format!("after: {error}.")).with("field", "after"))?;
    Ok(NamePage { after, limit: limit.unwrap_or(USUAL).clamp(1, PAGE) })
}
