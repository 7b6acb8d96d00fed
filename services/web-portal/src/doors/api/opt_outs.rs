//! Numbers whose holders asked to be sent nothing more.

use api::{ListOptOuts, NewOptOuts, OptOut, OptOutHistory, OptOuts, OptedOut};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use contracts::PhoneNumber;
use store::{OptOutChange, OptOutSource};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::Caller;
use super::paging;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::opt_out::{self, NotChanged};
use crate::app::App;

/// `GET /optouts`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(listing): CheckedQuery<ListOptOuts>,
) -> Answer<Json<OptOuts>> {
    let limit = paging::page(listing.limit, None)?.limit;
    // A plus sign that nobody escaped is a blank in a query.
    let after = listing.after.map(|after| after.replacen(' ', "+", 1));
    let after = after.as_deref().map(PhoneNumber::parse).transpose();
    let after = after.map_err(|_| Problem::malformed("after: this is no number."))?;
    let (all, more) = opt_out::list(&app, &authority, after.as_ref(), limit).await?;
    let next = all.last().filter(|_| more).map(|last| last.number.clone());
    Ok(Json(OptOuts { optouts: all.into_iter().map(shown).collect(), next }))
}

/// `POST /optouts`.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewOptOuts>,
) -> Answer<Json<OptedOut>> {
    let source = if new.imported { OptOutSource::Import } else { OptOutSource::Account };
    let changed = opt_out::change(&app, &authority, &new.numbers, true, source).await?;
    Ok(Json(OptedOut { changed }))
}

/// `GET /optouts/{number}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(number): PathId<PhoneNumber>,
) -> Answer<Json<OptOutHistory>> {
    let changes = opt_out::history(&app, &authority, &number).await?;
    let out = changes.first().ok_or_else(nowhere)?.out;
    Ok(Json(OptOutHistory { out, changes: changes.into_iter().map(shown).collect() }))
}

/// `DELETE /optouts/{number}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(number): PathId<PhoneNumber>,
) -> Answer<StatusCode> {
    let (number, source) = ([number.to_string()], OptOutSource::Account);
    let changed = opt_out::change(&app, &authority, &number, false, source).await?;
    if changed > 0 { Ok(StatusCode::NO_CONTENT) } else { Err(nowhere()) }
}

fn nowhere() -> Problem {
    Problem::not_found("opt-out of this number")
}

fn shown(change: OptOutChange) -> OptOut {
    let OptOutChange { number, out, source, account, message, at } = change;
    OptOut { number, out, source: source.as_str().to_owned(), by: account, message, at }
}

impl From<NotChanged> for Problem {
    fn from(refused: NotChanged) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotChanged::Denied(denied) => denied.into(),
            NotChanged::Count => Self::malformed(detail).with("field", "numbers"),
            NotChanged::NoNumbers(_) => {
                Self::new(Code::InvalidRecipient, detail).with("field", "numbers")
            }
            NotChanged::Store(error) => error.into(),
        }
    }
}
