//! Outbox and inbox.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Html;
use serde::Deserialize;
use store::{Cursor, InboxFilter, LONGEST_SEARCH, MessageFilter, Page, Search};

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
    q: String,
    rows: Vec<RowSent>,
    pager: Pager,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    w: Words,
    frame: Frame,
    first: bool,
    q: String,
    rows: Vec<RowReceived>,
    pager: Pager,
}

/// Which page of a list, and what is looked for in it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Where {
    before: Option<String>,
    #[serde(default)]
    q: String,
}

impl Where {
    /// The page that begins there; a place that is none is no page of ours.
    fn page(&self) -> Result<Page, Failure> {
        let before = self.before.as_deref().map(str::parse::<Cursor>).transpose();
        Ok(Page { before: before.map_err(|_| Failure::Malformed)?, limit: ROWS })
    }

    /// What is looked for, if something is.
    fn search(&self) -> Result<Option<Search>, Failure> {
        Search::parse(&self.q).map_err(|_| Failure::TooLarge { field: "q", most: LONGEST_SEARCH })
    }

    /// Links to other pages of the list at this path.
    fn pager(&self, w: Words, path: &str, next: Option<Cursor>) -> Pager {
        let (path, glue) = if self.q.trim().is_empty() {
            (path.to_owned(), "?")
        } else {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            (format!("{path}?{}", query.append_pair("q", &self.q).finish()), "&")
        };
        Pager { w, path, glue, first: self.before.is_none(), next }
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
    let filter = MessageFilter { search: place.search()?, ..MessageFilter::default() };
    let page = history::list(&app, authority, &filter, page).await?;
    let reasons = Reasons::now(&app).await;
    html(&OutboxPage {
        w,
        frame,
        first,
        rows: page.messages.iter().map(|message| RowSent::of(w, message, &reasons)).collect(),
        pager: place.pager(w, "/outbox", page.next),
        q: place.q,
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
    let filter = InboxFilter { search: place.search()?, ..InboxFilter::default() };
    let page = inbox::list(&app, authority, &filter, page).await?;
    html(&InboxPage {
        w,
        frame,
        first,
        rows: page.messages.iter().map(|row| RowReceived::of(w, row, &visit.csrf)).collect(),
        pager: place.pager(w, "/inbox", page.next),
        q: place.q,
    })
}
