//! What keyword services keep of messages.

use api::{HideEntry, ListEntries, ServiceEntries, ServiceEntry};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use store::Entry;

use super::super::body::{CheckedJson, CheckedQuery};
use super::super::caller::Caller;
use super::super::csv;
use super::super::fields::PAGE;
use super::super::problem::{Answer, Problem};
use super::nowhere;
use crate::acts::entry;
use crate::app::App;

/// How many a page has when nobody says.
const USUAL: u32 = 50;

/// `GET /services/{id}/entries`: a page, or all of it as CSV.
pub(in super::super) async fn entries(
    State(app): State<App>,
    Caller(authority): Caller,
    Path(said): Path<String>,
    headers: HeaderMap,
    CheckedQuery(listing): CheckedQuery<ListEntries>,
) -> Answer<Response> {
    let behind = match listing.after.as_deref() {
        None => None,
        Some(text) => Some(entry::read_place(text).ok_or_else(|| {
            let detail = "after: this is no place in a list: use the `next` of one of its pages.";
            Problem::malformed(detail)
        })?),
    };
    if csv::is_wanted(&headers) {
        let table = entry::csv(&app, &authority, &said).await?.ok_or_else(nowhere)?;
        return Ok(csv::answer(table));
    }
    let limit = listing.limit.unwrap_or(USUAL).clamp(1, PAGE);
    let page = entry::list(&app, &authority, &said, behind, limit).await?.ok_or_else(nowhere)?;
    Ok(Json(ServiceEntries {
        entries: page.entries.iter().map(shown).collect(),
        next: page.next.map(entry::written_place),
    })
    .into_response())
}

/// `PATCH /services/{id}/entries/{entry}`.
pub(in super::super) async fn hide(
    State(app): State<App>,
    Caller(authority): Caller,
    Path((said, entry)): Path<(String, String)>,
    CheckedJson(wanted): CheckedJson<HideEntry>,
) -> Answer<StatusCode> {
    let hidden = wanted.hidden.unwrap_or(true);
    let nothing = || Problem::not_found("entry of this id, or no such service");
    let entry = entry.parse().map_err(|_| nothing())?;
    let done = entry::hide(&app, &authority, &said, entry, hidden).await?;
    if done { Ok(StatusCode::NO_CONTENT) } else { Err(nothing()) }
}

/// `DELETE /services/{id}/entries`.
pub(in super::super) async fn clear(
    State(app): State<App>,
    Caller(authority): Caller,
    Path(said): Path<String>,
) -> Answer<StatusCode> {
    let done = entry::clear(&app, &authority, &said).await?;
    if done { Ok(StatusCode::NO_CONTENT) } else { Err(nowhere()) }
}

fn shown(entry: &Entry) -> ServiceEntry {
    ServiceEntry {
        id: entry.id,
        from: entry.sender.to_string(),
        question: entry.question.saturating_add(1),
        text: entry.body.clone(),
        right: entry.is_right,
        session: entry.asking,
        hidden: entry.hidden,
        at: entry.at,
    }
}
