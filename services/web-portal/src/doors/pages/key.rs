//! One of one's own keys: what it may do, and what it asked for lately.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use contracts::KeyId;

use super::account::KeyRow;
use super::failure::Failure;
use super::frame::{Frame, html};
use super::parts::When;
use super::visit::Visit;
use crate::acts::key::{self, Whose};
use crate::app::App;
use crate::requests::Answered;
use crate::words::Words;

#[derive(Template)]
#[template(path = "key.html")]
struct KeyPage {
    w: Words,
    frame: Frame,
    key: KeyRow,
    requests: Vec<RequestRow>,
}

/// A request of the key.
struct RequestRow {
    at: When,
    method: &'static str,
    path: String,
    status: u16,
    /// The code of the refusal; empty: there is none.
    refusal: &'static str,
    is_refused: bool,
}

impl RequestRow {
    fn of(answered: Answered) -> Self {
        Self {
            at: When(answered.at),
            method: answered.method,
            path: answered.path,
            status: answered.status,
            refusal: answered.refusal.unwrap_or_default(),
            is_refused: answered.status >= 400,
        }
    }
}

/// `GET /keys/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let (user, authority) = (visit.user()?, visit.authority()?);
    let id: KeyId = id.parse().map_err(|_| Failure::NotFound)?;
    let found = key::one(&app, authority, Whose::Own, id).await?;
    let own = found.filter(|(key, _)| key.owner == user.id && key.revoked_at.is_none());
    let (key, requests) = own.ok_or(Failure::NotFound)?;
    let (w, frame) = (visit.words, Frame::of(&app, &visit).await);
    let requests = requests.into_iter().map(RequestRow::of).collect();
    html(&KeyPage { w, frame, key: KeyRow::of(w, key), requests })
}
