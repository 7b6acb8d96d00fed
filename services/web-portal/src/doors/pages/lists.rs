//! The lists of what was sent and of what was received, as pages and as CSV.

mod asked;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, Query, RawQuery, State};
use axum::http::header;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use contracts::MessageId;
use futures_util::StreamExt as _;
use futures_util::future::ready;
use futures_util::stream;
use store::{InboxPage, MessagePage, Page};

use super::batches;
use super::failure::Failure;
use super::frame::{Frame, html};
use super::parts::{Pager, Progress, RowReceived, RowSent};
use super::visit::Visit;
use crate::acts::export::{self, Csv};
use crate::acts::waiting::Reasons;
use crate::acts::{history, inbox as received_messages};
use crate::app::App;
use crate::words::Words;
use asked::Narrow;
pub(super) use asked::Where;

/// Messages of one page.
const ROWS: u32 = 40;
/// Received ones of one page: each has its form to answer it.
const RECEIVED_ROWS: u32 = 25;

#[derive(Template)]
#[template(path = "sent.html")]
struct SentPage {
    w: Words,
    frame: Frame,
    /// What is sent meanwhile is put into the list.
    is_live: bool,
    rows: Vec<RowSent>,
    pager: Pager,
    csv: String,
    /// Only the messages of one batch are listed.
    batch: Option<OfBatch>,
    /// What is wrong with what the list is to be narrowed to.
    wrong: Option<String>,
    is_narrowed: bool,
    narrow: Narrow,
}

/// The batch whose messages are listed.
struct OfBatch {
    /// How far it is; none: nothing is known of it any more.
    progress: Option<Progress>,
}

#[derive(Template)]
#[template(path = "received.html")]
struct ReceivedPage {
    w: Words,
    frame: Frame,
    /// What is received meanwhile is put into the list.
    is_live: bool,
    rows: Vec<RowReceived>,
    pager: Pager,
    csv: String,
    /// What is wrong with what the list is to be narrowed to.
    wrong: Option<String>,
    is_narrowed: bool,
    narrow: Narrow,
}

#[derive(Template)]
#[template(path = "received_one.html")]
struct ReceivedOnePage {
    w: Words,
    frame: Frame,
    row: RowReceived,
}

/// `GET /sent`.
pub(super) async fn sent(
    State(app): State<App>,
    visit: Visit,
    Query(place): Query<Where>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let frame = Frame::of(&app, &visit).await;
    let page = place.page()?;
    let first = page.before.is_none();
    // Of a batch that was just sent the first rows come meanwhile.
    let batch = match place.batch()? {
        Some(id) => Some(OfBatch { progress: batches::progress(&app, &visit, id).await? }),
        None => None,
    };
    let (page, wrong) = match place.of_sent(&app, &visit).await? {
        Ok(filter) => (history::list(&app, authority, &filter, page).await?, None),
        Err(wrong) => (MessagePage { messages: Vec::new(), next: None }, Some(wrong)),
    };
    let reasons = Reasons::now(&app).await;
    html(&SentPage {
        w,
        frame,
        is_live: first && !place.is_narrowed(),
        rows: page.messages.iter().map(|message| RowSent::of(w, message, &reasons)).collect(),
        pager: place.pager(w, "/sent", page.next),
        csv: place.csv("/sent.csv"),
        batch,
        wrong,
        is_narrowed: place.is_narrowed(),
        narrow: Narrow::of_sent(&app, w, authority, &place).await,
    })
}

/// `GET /received`.
pub(super) async fn received(
    State(app): State<App>,
    visit: Visit,
    Query(place): Query<Where>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let w = visit.words;
    let frame = Frame::of(&app, &visit).await;
    let page = Page { limit: RECEIVED_ROWS, ..place.page()? };
    let first = page.before.is_none();
    let (page, wrong) = match place.of_received(&app, &visit).await? {
        Ok(filter) => (received_messages::list(&app, authority, &filter, page).await?, None),
        Err(wrong) => (InboxPage { messages: Vec::new(), next: None }, Some(wrong)),
    };
    html(&ReceivedPage {
        w,
        frame,
        is_live: first && !place.is_narrowed(),
        rows: page.messages.iter().map(|row| RowReceived::of(w, row, &visit.csrf)).collect(),
        pager: place.pager(w, "/received", page.next),
        csv: place.csv("/received.csv"),
        wrong,
        is_narrowed: place.is_narrowed(),
        narrow: Narrow::of_received(&app, authority, &place).await,
    })
}

/// `GET /received/{id}`: one whose text is longer than a list shows.
pub(super) async fn received_one(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let id: MessageId = id.parse().map_err(|_| Failure::NoSuchMessage)?;
    let (authority, w) = (visit.authority()?, visit.words);
    let received = received_messages::one(&app, authority, id).await?;
    let received = received.ok_or(Failure::NoSuchMessage)?;
    let frame = Frame::of(&app, &visit).await;
    html(&ReceivedOnePage { w, frame, row: RowReceived::whole(w, &received, &visit.csrf) })
}

/// `GET /sent.csv`: all of the list.
pub(super) async fn sent_csv(
    State(app): State<App>,
    visit: Visit,
    Query(place): Query<Where>,
) -> Result<Response, Failure> {
    let filter = place.of_sent(&app, &visit).await?.map_err(|_| Failure::Malformed)?;
    let csv = export::sent(&app, visit.authority()?, filter).await?;
    Ok(file("attachment; filename=\"sent.csv\"", csv))
}

/// `GET /received.csv`: all of the list.
pub(super) async fn received_csv(
    State(app): State<App>,
    visit: Visit,
    Query(place): Query<Where>,
) -> Result<Response, Failure> {
    let filter = place.of_received(&app, &visit).await?.map_err(|_| Failure::Malformed)?;
    let csv = export::received(&app, visit.authority()?, filter).await?;
    Ok(file("attachment; filename=\"received.csv\"", csv))
}

/// CSV as a file. Without the mark at its begin, spreadsheets read other letters where there are more than those of ASCII.
pub(super) fn file(disposition: &'static str, csv: Csv) -> Response {
    let csv = stream::once(ready(Ok("\u{feff}".to_owned()))).chain(csv);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, Body::from_stream(csv)).into_response()
}

/// `GET /outbox`, as the list was called before.
pub(super) async fn outbox(RawQuery(query): RawQuery) -> Redirect {
    moved("/sent", query)
}

/// `GET /inbox`, as the list was called before.
pub(super) async fn inbox(RawQuery(query): RawQuery) -> Redirect {
    moved("/received", query)
}

fn moved(path: &str, query: Option<String>) -> Redirect {
    match query {
        Some(query) => Redirect::permanent(&format!("{path}?{query}")),
        None => Redirect::permanent(path),
    }
}
