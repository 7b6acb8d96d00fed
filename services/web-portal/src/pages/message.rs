//! One message: what it says and what happened to it, in words.

use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Html;
use contracts::mt::Body;
use contracts::{MessageId, MtState};
use store::MessageDetail;

use super::failure::Failure;
use super::frame::{Frame, html};
use super::parts::{Line, Pill, WaitsLine, body_words, letters, replaced};
use super::visit::Visit;
use crate::api::waits;
use crate::app::App;
use crate::counting;
use crate::hostile::Hostile;
use crate::words::Words;

/// How long to wait for the row of a message that was just sent.
const ROW_COMES_WITHIN: Duration = Duration::from_secs(2);

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    w: Words,
    frame: Frame,
    id: MessageId,
    to: String,
    text: Hostile,
    state: Pill,
    waits: WaitsLine,
    lines: Vec<Line>,
    facts: Vec<Fact>,
}

/// A line under the message.
struct Fact {
    name: String,
    value: String,
}

/// `GET /messages/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    visit.user()?;
    let id: MessageId = id.parse().map_err(|_| Failure::NoSuchMessage)?;
    let frame = Frame::of(&app, &visit);
    let detail = find(&app, &visit, id).await?;
    let w = visit.words;
    let message = &detail.message;
    let modems = app.fleet.all().await;
    let named = |id| modems.iter().find(|modem| modem.id == id).map(|modem| modem.name.clone());
    let lines = detail.timeline.iter().map(|entry| {
        let modem = entry.change.through().and_then(|through| named(through.modem));
        Line::of(w, id, entry.at, &entry.change, modem.as_deref())
    });
    let waits = match waits(&app, &detail).await {
        Some(waits) if waits.no_modem => w.waits_no_modem(),
        _ => String::new(),
    };
    let mut facts = Vec::new();
    let mut fact = |name: String, value: Option<String>| {
        facts.extend(value.map(|value| Fact { name, value }));
    };
    fact(w.message_parts(), message.parts.map(|parts| parts.to_string()));
    let request = &detail.request;
    let count = counting::count(&message.body, request.udh.as_deref(), &request.options);
    if let (Body::Text { .. }, Ok(count)) = (&message.body, count) {
        fact(w.message_letters(), Some(letters(w, &count)));
        fact(w.message_replaced(), replaced(&count));
    }
    fact(w.message_modem(), message.modem.map(|id| named(id).unwrap_or_else(|| id.to_string())));
    fact(w.message_sim(), message.sim.map(|sim| sim.to_string()));
    fact(w.message_number(), Some(message.number.to_string()));
    fact(w.message_id(), Some(id.to_string()));
    html(&MessagePage {
        w,
        frame,
        id,
        to: message.to.to_string(),
        text: body_words(w, &message.body),
        state: Pill::of(w, id, message.state),
        waits: WaitsLine { id, words: waits },
        lines: std::iter::once(Line::accepted(w, id, message.created_at)).chain(lines).collect(),
        facts,
    })
}

/// The message, which persistence writes a moment after it was accepted.
async fn find(app: &App, visit: &Visit, id: MessageId) -> Result<MessageDetail, Failure> {
    let scope = visit.user()?.scope();
    let look = async {
        loop {
            if let Some(detail) = app.store.message_detail(scope, id).await? {
                return Ok(detail);
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    };
    tokio::time::timeout(ROW_COMES_WITHIN, look).await.unwrap_or(Err(Failure::NoSuchMessage))
}

/// Whether a message in this state still waits for a modem.
pub(super) const fn may_wait(state: MtState) -> bool {
    matches!(state, MtState::Accepted | MtState::Admitted | MtState::Released)
}
