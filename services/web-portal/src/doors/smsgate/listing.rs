//! What was sent, each message with its recipients, and what was received.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use contracts::{BatchId, MessageId, ModemId, SimId, Timestamp};
use store::{InboxFilter, Message, MessageFilter, Page};
use uuid::Uuid;

use super::reply::{self, Refusal};
use super::request::RECIPIENTS;
use super::shown::{self, Incoming, Shown};
use super::{authorize, batches};
use crate::acts::batch::{self, BatchError};
use crate::acts::{history, inbox};
use crate::app::App;
use crate::authority::Authority;
use crate::doors::refused::Refused;
use crate::form::Form;

/// How many a list has when nobody says, and at most.
const USUAL: usize = 50;
const MOST: usize = 100;
/// The highest `offset`.
const FARTHEST: usize = 10_000;
/// Rows that are read at a time, and how often at most.
const ROWS: u32 = 1_000;
const READS: usize = 20;

/// One message, by the id that it has here or that the client gave it.
pub(super) async fn one(app: &App, authority: &Authority, id: &str) -> Result<Shown, Refusal> {
    for batch in batches(authority, id) {
        // The rows of one that was just accepted are waited for.
        match batch::progress(app, authority, batch).await {
            Ok(_) => {}
            Err(BatchError::NoSuchBatch) => continue,
            Err(BatchError::Denied(denied)) => return Err(Refused::from(denied).into()),
            Err(other) => return Err(Refused::later(&other).into()),
        }
        let filter = MessageFilter { batch: Some(batch), ..MessageFilter::default() };
        let page = Page { before: None, limit: u32::try_from(RECIPIENTS).unwrap_or(u32::MAX) };
        let found = history::list(app, authority, &filter, page).await.map_err(Refused::from)?;
        let all: Vec<&Message> = found.messages.iter().collect();
        if let Some(shown) = Shown::of(id.to_owned(), &all, true) {
            return Ok(shown);
        }
    }
    let message =
        Uuid::try_parse(id).map(MessageId::from_uuid).map_err(|_| Refusal::not_found())?;
    let detail = history::one(app, authority, message).await.map_err(Refused::from)?;
    let detail = detail.ok_or_else(Refusal::not_found)?;
    Shown::of(id.to_owned(), &[&detail.message], true).ok_or_else(Refusal::not_found)
}

/// `GET /messages`, newest first.
pub(super) async fn messages(
    app: &App,
    authority: &Authority,
    form: &Form,
) -> Result<Response, Refusal> {
    let (limit, offset) =
        (number(form, "limit", MOST)?.unwrap_or(USUAL), number(form, "offset", FARTHEST)?);
    let wanted = offset.unwrap_or_default() + limit;
    let states = match form.filled("state") {
        None => Vec::new(),
        Some(word) => shown::State::named(word).ok_or_else(|| {
            Refusal::bad(
                "state: there are Pending, Processed, Sent, Delivered, Failed and Cancelled",
            )
        })?,
    };
    let sim = match form.filled("deviceId") {
        None => None,
        Some(id) => Some(sim_of(app, authority, id).await?),
    };
    let (since, until) = (time(form, "from")?, time(form, "to")?);
    let filter = MessageFilter { states, sim, since, until, ..MessageFilter::default() };
    let with_text = form.filled("includeContent") == Some("true");
    // Messages of one batch were accepted together, so they stand together.
    let mut groups: Vec<(String, Vec<Message>)> = Vec::new();
    let mut page = Page { before: None, limit: ROWS };
    for _ in 0..READS {
        let found = history::list(app, authority, &filter, page).await.map_err(Refused::from)?;
        for message in found.messages {
            let id = message.batch.map_or_else(|| message.id.uuid(), BatchId::uuid).to_string();
            match groups.last_mut() {
                Some((last, all)) if *last == id && all.len() < RECIPIENTS => all.push(message),
                _ => groups.push((id, vec![message])),
            }
        }
        page.before = found.next;
        if groups.len() > wanted || page.before.is_none() {
            break;
        }
    }
    let part = groups.into_iter().skip(offset.unwrap_or_default()).take(limit);
    let shown =
        part.filter_map(|(id, all)| Shown::of(id, &all.iter().collect::<Vec<_>>(), with_text));
    let shown: Vec<Shown> = shown.collect();
    Ok(reply::json(StatusCode::OK, &shown))
}

/// `GET /inbox`, newest first.
pub(crate) async fn inbox(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        let form = Form::read(query.as_deref(), &HeaderMap::new(), b"")?;
        received(&app, &authority, &form).await
    };
    reply::answered(done.await)
}

async fn received(app: &App, authority: &Authority, form: &Form) -> Result<Response, Refusal> {
    let limit = number(form, "limit", MOST)?.unwrap_or(USUAL);
    let offset = number(form, "offset", FARTHEST)?.unwrap_or_default();
    let sim = match form.filled("deviceId") {
        None => None,
        Some(id) => Some(sim_of(app, authority, id).await?),
    };
    let (since, until) = (time(form, "from")?, time(form, "to")?);
    let filter = InboxFilter { sim, since, until, ..InboxFilter::default() };
    let numbers = app.fleet.numbers(authority.org).await;
    let mut shown = Vec::new();
    let (mut passed, mut page) = (0, Page { before: None, limit: ROWS });
    for _ in 0..READS {
        let found = inbox::list(app, authority, &filter, page).await.map_err(Refused::from)?;
        for received in &found.messages {
            passed += 1;
            if passed > offset && shown.len() < limit {
                shown.push(Incoming::of(received, numbers.get(&received.sim)));
            }
        }
        page.before = found.next;
        if shown.len() >= limit || page.before.is_none() {
            break;
        }
    }
    Ok(reply::json(StatusCode::OK, &shown))
}

/// The SIM of a device.
async fn sim_of(app: &App, authority: &Authority, device: &str) -> Result<SimId, Refusal> {
    let nothing = || Refusal::bad("deviceId: there is no such device, or it has no SIM");
    let id = device.parse::<ModemId>().map_err(|_| nothing())?;
    let modem = app.fleet.modem_of(authority.org, id).await.ok_or_else(nothing)?;
    Ok(modem.sim.ok_or_else(nothing)?.id)
}

fn number(form: &Form, name: &str, most: usize) -> Result<Option<usize>, Refusal> {
    match form.filled(name).map(str::parse::<usize>) {
        None => Ok(None),
        Some(Ok(number)) if number <= most => Ok(Some(number)),
        Some(_) => Err(Refusal::bad(format!("{name}: this is a number, and at most {most}"))),
    }
}

pub(super) fn time(form: &Form, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let at = form.filled(name).map(str::parse::<jiff::Timestamp>).transpose();
    let at = at.map_err(|_| {
        Refusal::bad(format!("{name}: this is no time, write 2026-11-30T20:36:27Z"))
    })?;
    Ok(at.map(|at| Timestamp::from_micros(at.as_microsecond())))
}
