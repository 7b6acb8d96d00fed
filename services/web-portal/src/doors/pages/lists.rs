//! Outbox and inbox.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;
use store::{Cursor, InboxFilter, MessageFilter, Page};

use super::failure::Failure;
use super::frame::{Frame, html};
use super::parts::{Pager, RowReceived, RowSent};
use super::visit::Visit;
use crate::acts::waiting::Reasons;
use crate::acts::{history, inbox};
use crate::app::App;
use crate::words::Words;

/// Messages of one page.
const ROWS: u32 = 40;

#[derive(Template)]
#[template(path = "outbox.html")]
struct OutboxPage {
    w: Words,
    frame: Frame,
    first: bool,
    rows: Vec<RowSent>,
    pager: Pager,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    w: Words,
    frame: Frame,
    first: bool,
    rows: Vec<RowReceived>,
    pager: Pager,
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Where {
    before: Option<String>,
}

impl Where {
    /// The page that begins there; a place that is none is no page of ours.
    fn page(&self) -> Result<Page, Failure> {
        let before = self.before.as_deref().map(str::parse::<Cursor>).transpose();
        Ok(Page { before: before.map_err(|_| Failure::Malformed)?, limit: ROWS })
    }
}

/// `GET /outbox`.
pub(super) async fn outbox(
    State(app): State<App>,
    visit: Visit,
    Query(place): Query<Where>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let frame = Frame::of(&app, &visit).await;
    let page = place.page()?;
    let first = page.before.is_none();
    let page = history::list(&app, authority, &MessageFilter::default(), page).await?;
    let reasons = Reasons::now(&app).await;
    html(&OutboxPage {
        w,
        frame,
        first,
        rows: page.messages.iter().map(|message| RowSent::of(w, message, &reasons)).collect(),
        pager: Pager { w, path: "/outbox", first, next: page.next },
    })
}

/// `GET /inbox`.
pub(super) async fn inbox(
    State(app): State<App>,
    visit: Visit,
    Query(place): Query<Where>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let frame = Frame::of(&app, &visit).await;
    let page = place.page()?;
    let first = page.before.is_none();
    let page = inbox::list(&app, authority, &InboxFilter::default(), page).await?;
    html(&InboxPage {
        w,
        frame,
        first,
        rows: page.messages.iter().map(|row| RowReceived::of(w, row, &visit.csrf)).collect(),
        pager: Pager { w, path: "/inbox", first, next: page.next },
    })
}
