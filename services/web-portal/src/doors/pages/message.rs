//! One message: what it says and what happened to it, in words.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{Html, Response};
use contracts::mt::{Body, MtChange};
use contracts::{BatchId, MessageId, ModemId, MtState, PhoneNumber, Priority, SimId, TraceId};
use store::{MessageDetail, Part};

use super::failure::Failure;
use super::form::Form;
use super::frame::{Frame, html};
use super::hostile::Hostile;
use super::notice::Notice;
use super::parts::{
    Actions, Callbacks, Line, Pill, Sentence, WaitsLine, body_words, letters, replaced, via, within,
};
use super::visit::Visit;
use crate::acts::acceptance::Unaccepted;
use crate::acts::cancellation::{self, Uncancelled};
use crate::acts::count;
use crate::acts::history;
use crate::acts::repetition::{self, NotAgain};
use crate::acts::waiting::Reasons;
use crate::app::App;
use crate::authority::Authority;
use crate::causes::in_full;
use crate::words::Words;

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
    actions: Actions,
    again_of: Option<MessageId>,
    repeated_as: Option<MessageId>,
    lines: Vec<Line>,
    /// What became of each part, where there are several.
    parts: Vec<Sentence>,
    /// The batch that it is of.
    batch: Option<BatchId>,
    /// Where a URL is told what becomes of it.
    callbacks: Option<Callbacks>,
    facts: Vec<Fact>,
    /// The trace within which it was accepted.
    trace: Option<TraceId>,
}

/// A line under the message.
struct Fact {
    name: String,
    value: Sentence,
}

/// `GET /messages/{id}`.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(id): Path<String>,
) -> Result<Html<String>, Failure> {
    let authority = visit.authority()?;
    let id: MessageId = id.parse().map_err(|_| Failure::NoSuchMessage)?;
    let w = visit.words;
    let frame = Frame::of(&app, &visit).await;
    let detail = history::one(&app, authority, id).await?.ok_or(Failure::NoSuchMessage)?;
    let names = history::names(&app, authority, &detail).await?;
    let repeated_as = repetition::repeated_as(&app, authority, &detail).await?;
    let message = &detail.message;
    app.fleet.ready().await;
    let named = |id| app.fleet.name(id);
    let numbers = app.fleet.numbers(authority.org).await;
    let lines = detail.timeline.iter().map(|entry| {
        let through = entry.change.through();
        let modem = through.and_then(|way| via(named(way.modem), numbers.get(&way.sim)));
        let by = history::who(&entry.change).and_then(|by| names.get(&by).cloned());
        let team = history::team_of_way(&app, &entry.change);
        Line::of(w, id, entry.at, &entry.change, modem.or(by).or(team).as_deref())
    });
    let waiting = Reasons::now(&app).await.of_message(message);
    let mut facts = Vec::new();
    let mut fact = |name: String, value: Option<String>| {
        facts.extend(value.map(|value| Fact { name, value: Sentence(value) }));
    };
    fact(w.message_parts(), message.parts.map(|parts| parts.to_string()));
    let short = message.to.is_short_code().then(|| w.message_short_code());
    fact(w.message_recipient(), short);
    let request = &detail.request;
    let count = count::count(&message.body, request.udh.as_deref(), &request.options);
    if let (Body::Text { .. }, Ok(count)) = (&message.body, count) {
        fact(w.message_letters(), Some(letters(w, &count)));
        fact(w.message_replaced(), replaced(&count));
    }
    fact(w.message_modem(), message.modem.map(|id| named(id).unwrap_or_else(|| id.to_string())));
    let known_by = |sim: SimId| match numbers.get(&sim) {
        Some(number) => format!("{number} · {sim}"),
        None => sim.to_string(),
    };
    fact(w.message_sim(), message.sim.map(known_by));
    let rule = detail.timeline.iter().rev().find_map(|entry| match &entry.change {
        MtChange::Admitted { rule, .. } => rule.clone(),
        _ => None,
    });
    fact(w.message_rule(), rule);
    let urgency = match message.priority {
        Priority::Normal => None,
        Priority::Otp => Some(w.routes_otp()),
        Priority::Bulk => Some(w.routes_bulk()),
    };
    fact(w.routes_priorities(), urgency);
    fact(w.compose_at(), request.not_before.map(within));
    fact(w.compose_until(), request.not_after.map(within));
    fact(w.message_cost(), message.cost.map(|cost| cost.to_string()));
    fact(w.message_imported(), message.imported_from.clone());
    fact(w.message_number(), Some(message.number.to_string()));
    fact(w.message_id(), Some(id.to_string()));
    html(&MessagePage {
        w,
        frame,
        id,
        to: message.to.to_string(),
        text: body_words(w, &message.body).short(Hostile::WHOLE),
        state: Pill::of(w, id, message.state),
        waits: WaitsLine::of(w, id, message.state, waiting.as_ref()),
        actions: Actions::of(w, id, message.state, &visit.csrf),
        again_of: request.again_of,
        trace: request.trace,
        repeated_as,
        callbacks: callbacks(&app, w, authority, &detail).await?,
        parts: parts(w, &detail, named, &numbers),
        batch: message.batch,
        lines: std::iter::once(Line::accepted(w, id, message.created_at)).chain(lines).collect(),
        facts,
    })
}

/// What became of each part; empty where there is only one.
fn parts(
    w: Words,
    detail: &MessageDetail,
    named: impl Fn(ModemId) -> Option<String>,
    numbers: &HashMap<SimId, PhoneNumber>,
) -> Vec<Sentence> {
    if detail.parts.len() < 2 {
        return Vec::new();
    }
    let words = |part: &Part| {
        let modem = part.modem.map(|id| named(id).unwrap_or_else(|| id.to_string()));
        let number = part.sim.and_then(|sim| numbers.get(&sim));
        let modem = via(modem, number).unwrap_or_else(|| w.a_modem());
        let sent = match part.sent_at {
            Some(at) => w.message_part_sent(within(at), modem, part.part),
            None => w.message_part_waits(part.part),
        };
        Sentence(match &part.report {
            Some(report) => {
                let told = w.message_part_report(within(report.discharged_at), report.text.clone());
                format!("{sent} {told}")
            }
            None => sent,
        })
    };
    detail.parts.iter().map(words).collect()
}

/// What became of the calls of its URL; none: it has none.
async fn callbacks(
    app: &App,
    w: Words,
    authority: &Authority,
    detail: &MessageDetail,
) -> Result<Option<Callbacks>, Failure> {
    let Some(callbacks) = history::callbacks(app, authority, detail).await? else {
        return Ok(None);
    };
    let mut calls = Vec::with_capacity(callbacks.len());
    for callback in callbacks {
        let tries = history::attempts(app, authority, callback.id).await?;
        calls.push((callback, tries));
    }
    Ok(Some(Callbacks::of(w, &calls)))
}

/// `POST /messages/{id}/cancel`.
pub(super) async fn cancel(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let id: MessageId = id.parse().map_err(|_| Failure::NoSuchMessage)?;
    let w = form.visit.words;
    let notice = match cancellation::cancel(&app, authority, id).await {
        Ok(cancelled) if cancelled.doubtful => Notice::done(w.cancel_doubtful()),
        Ok(_) => Notice::done(w.cancel_done()),
        Err(Uncancelled::TooLate(MtState::Rejected | MtState::Expired | MtState::Failed)) => {
            Notice::failed(w.cancel_ended())
        }
        Err(Uncancelled::TooLate(_)) => Notice::failed(w.cancel_late()),
        Err(Uncancelled::Denied(denied)) => return Err(denied.into()),
        Err(Uncancelled::NoSuchMessage) => return Err(Failure::NoSuchMessage),
        Err(Uncancelled::Store(error)) => return Err(error.into()),
        Err(error) => {
            tracing::warn!(message.id = %id, error = %in_full(&error), "a message may not have been cancelled");
            return Err(Failure::Unavailable);
        }
    };
    Ok(form.visit.lead_to(&format!("/messages/{id}"), notice))
}

/// `POST /messages/{id}/again`.
pub(super) async fn again(
    State(app): State<App>,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response, Failure> {
    let authority = form.visit.authority()?;
    let id: MessageId = id.parse().map_err(|_| Failure::NoSuchMessage)?;
    let w = form.visit.words;
    let (id, notice) = match repetition::again(&app, authority, id).await {
        Ok(accepted) => (
            accepted.messages.first().map_or(id, |message| message.id),
            Notice::done(w.again_done()),
        ),
        Err(NotAgain::Denied(denied)) => return Err(denied.into()),
        Err(NotAgain::NoSuchMessage) => return Err(Failure::NoSuchMessage),
        Err(NotAgain::NotOver(_)) => (id, Notice::failed(w.again_not_yet())),
        Err(NotAgain::Unaccepted(Unaccepted::Unsendable(_) | Unaccepted::SimNotYours)) => {
            (id, Notice::failed(w.again_refused()))
        }
        Err(NotAgain::Store(error)) => return Err(error.into()),
        Err(NotAgain::Unaccepted(error)) => {
            tracing::warn!(message.id = %id, error = %in_full(&error), "a message may not have been sent again");
            return Err(Failure::Unavailable);
        }
    };
    Ok(form.visit.lead_to(&format!("/messages/{id}"), notice))
}
