//! Messages to be sent.

use api::{
    Acceptance, Callback, CallbackAttempt, DryReceipt, DryRun, ListMessages, Message,
    MessageDetail, Messages, NewMessage, Receipt, SentPart, StatusReport, TimelineLine,
    WatchMessage,
};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Response};
use contracts::mt::Body;
use contracts::{MessageId, MtState};
use store::{MessageFilter, NumberedAttempt};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::{Caller, while_good};
use super::preview::alphabet;
use super::problem::{Answer, Problem};
use super::{csv, limits, paging, timeline, waiting, written};
use crate::acts::acceptance::{self, Attempt, IdempotencyKey};
use crate::acts::count;
use crate::acts::export;
use crate::acts::history;
use crate::acts::rehearsal::{self, Rehearsal};
use crate::acts::repetition;
use crate::acts::waiting::Reasons;
use crate::app::App;
use crate::authority::Authority;

/// `POST /messages`: 202 when the broker has all of them; 200 for a dry run.
pub(super) async fn send(
    State(app): State<App>,
    Caller(authority): Caller,
    headers: HeaderMap,
    CheckedJson(message): CheckedJson<NewMessage>,
) -> Answer<Response> {
    let attempt = attempt(&headers, "POST /api/v1/messages")?;
    let is_dry = message.dry_run;
    let draft = written::draft(message, app.settings.languages)?;
    draft.is_meant()?;
    if is_dry {
        let rehearsal = rehearsal::rehearse(&app, &authority, &draft).await?;
        let messages = rehearsal.recipients.iter().map(|recipient| DryReceipt {
            to: recipient.to.clone(),
            short_code: recipient.to.is_short_code(),
        });
        let messages = Some(messages.collect());
        return Ok(Json(DryRun { messages, ..rehearsed(&rehearsal) }).into_response());
    }
    let accepted = acceptance::accept(&app, &authority, &draft, attempt.as_ref()).await?;
    let headers = (limits::headers(&accepted.left), replayed(accepted.repeated));
    Ok((StatusCode::ACCEPTED, headers, Json(self::accepted(&accepted))).into_response())
}

/// What is said of a dry run.
pub(super) fn rehearsed(rehearsal: &Rehearsal) -> DryRun {
    DryRun {
        dry_run: true,
        total: rehearsal.recipients.len(),
        messages: None,
        parts: rehearsal.count.parts,
        cost: rehearsal.cost,
        alphabet: alphabet(&rehearsal.count),
    }
}

/// The attempt that the caller names, if it names it.
pub(super) fn attempt(headers: &HeaderMap, call: &'static str) -> Answer<Option<Attempt>> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().and_then(IdempotencyKey::parse).ok_or_else(|| {
        Problem::malformed("The Idempotency-Key has 1 to 255 visible ASCII characters.")
            .with("field", "Idempotency-Key")
    })?;
    Ok(Some(Attempt::Named { key, call }))
}

/// The header that says whether the same request came before.
pub(super) fn replayed(repeated: bool) -> [(HeaderName, &'static str); 1] {
    let header = HeaderName::from_static("idempotency-replayed");
    [(header, if repeated { "true" } else { "false" })]
}

/// What is said of accepted messages.
pub(super) fn accepted(acceptance: &acceptance::Acceptance) -> Acceptance {
    Acceptance {
        messages: acceptance.messages.iter().map(receipt).collect(),
        parts: acceptance.count.parts,
        alphabet: alphabet(&acceptance.count),
        again_of: None,
    }
}

fn receipt(message: &acceptance::Accepted) -> Receipt {
    Receipt {
        id: message.id,
        to: message.to.clone(),
        state: message.state,
        short_code: message.to.is_short_code(),
    }
}

/// `GET /messages`: a page, or all of it as CSV.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    headers: HeaderMap,
    CheckedQuery(listing): CheckedQuery<ListMessages>,
) -> Answer<Response> {
    let mut states = Vec::new();
    for name in listing.state.iter().flat_map(|list| list.split(',')) {
        match MtState::from_name(name.trim()) {
            MtState::Unknown => {
                let names: Vec<&str> = MtState::ALL.iter().map(|state| state.as_str()).collect();
                let detail = format!("There is no state '{name}'. There are {}.", names.join(", "));
                return Err(Problem::malformed(detail));
            }
            state => states.push(state),
        }
    }
    let to = listing.to.as_deref().map(|to| app.settings.numbering.written(to)).transpose();
    let to = to.map_err(|error| Problem::malformed(format!("'to' is no number: {error}.")))?;
    let filter = MessageFilter {
        states,
        to,
        batch: listing.batch,
        sim: listing.sim,
        owner: paging::account(&app, &authority, listing.user.as_deref()).await?,
        since: listing.since,
        until: listing.until,
        search: paging::search(listing.q.as_deref())?,
        ..MessageFilter::default()
    };
    let page = paging::page(listing.limit, listing.before.as_deref())?;
    if csv::is_wanted(&headers) {
        return Ok(csv::answer(export::sent(&app, &authority, filter).await?));
    }
    let page = history::list(&app, &authority, &filter, page).await?;
    let reasons = Reasons::now(&app).await;
    let messages = Messages {
        messages: page.messages.iter().map(|message| summary(message, &reasons)).collect(),
        next: page.next.map(|next| next.to_string()),
    };
    Ok(Json(messages).into_response())
}

/// `GET /messages/{id}`. A message that was just accepted is waited for; with `after`, its next version is.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<MessageId>,
    CheckedQuery(watching): CheckedQuery<WatchMessage>,
) -> Answer<Json<MessageDetail>> {
    let known = watching.after.as_deref().and_then(|after| after.parse().ok());
    let found = async { Ok(history::next(&app, &authority, id, known).await?) };
    let detail = while_good(&authority, &app, found).await?;
    let detail = detail.ok_or_else(|| Problem::not_found("message of this id"))?;
    let context = Context::of(&app, &authority, &detail).await?;
    Ok(Json(full(&detail, context)))
}

/// As a list shows it.
pub(super) fn summary(message: &store::Message, reasons: &Reasons) -> Message {
    let (text, data) = match &message.body {
        Body::Text { text, .. } => (Some(text.clone()), None),
        Body::Data { data } => (None, Some(data.clone())),
    };
    Message {
        id: message.id,
        number: message.number,
        to: message.to.clone(),
        text,
        data,
        priority: message.priority,
        state: message.state,
        parts: message.parts,
        modem: message.modem,
        sim: message.sim,
        error: message.error.clone(),
        tries: message.tries,
        waiting: reasons.of_message(message).map(|waiting| waiting::shown(&waiting)),
        cost: message.cost,
        imported_from: message.imported_from.clone(),
        created_at: message.created_at,
        updated_at: message.updated_at,
    }
}

/// What is said of a message beyond its rows.
struct Context {
    reasons: Reasons,
    timeline: Vec<TimelineLine>,
    /// Its repetition.
    repeated_as: Option<MessageId>,
    /// Calls of its `dlr` URL, if it has one.
    callbacks: Option<Vec<Callback>>,
}

impl Context {
    async fn of(app: &App, authority: &Authority, detail: &store::MessageDetail) -> Answer<Self> {
        let repeated_as = repetition::repeated_as(app, authority, detail).await?;
        let reasons = Reasons::now(app).await;
        let timeline = timeline::lines(app, detail, &history::names(app, authority, detail).await?);
        let mut callbacks = None;
        if let Some(calls) = history::callbacks(app, authority, detail).await? {
            let mut shown = Vec::with_capacity(calls.len());
            for call in &calls {
                shown.push(callback(call, &history::attempts(app, authority, call.id).await?));
            }
            callbacks = Some(shown);
        }
        Ok(Self { reasons, timeline, repeated_as, callbacks })
    }
}

fn full(detail: &store::MessageDetail, context: Context) -> MessageDetail {
    let request = &detail.request;
    let count = count::count(&detail.message.body, request.udh.as_deref(), &request.options).ok();
    MessageDetail {
        message: summary(&detail.message, &context.reasons),
        alphabet: count.as_ref().map(alphabet),
        version: history::version(detail),
        timeline: context.timeline,
        tag: request.tag.clone(),
        sender: request.sender.clone(),
        trace: request.trace,
        again_of: request.again_of,
        repeated_as: context.repeated_as,
        sent_parts: detail.parts.iter().map(sent_part).collect(),
        callbacks: context.callbacks,
    }
}

fn sent_part(part: &store::Part) -> SentPart {
    SentPart {
        part: part.part,
        reference: part.reference,
        sent_at: part.sent_at,
        report: part.report.as_ref().map(|report| StatusReport {
            status: report.status,
            outcome: report.outcome,
            text: report.text.clone(),
            discharged_at: report.discharged_at,
        }),
    }
}

fn callback(callback: &store::Callback, attempts: &[NumberedAttempt]) -> Callback {
    let attempts = attempts.iter().map(|NumberedAttempt { attempt, .. }| CallbackAttempt {
        at: attempt.at,
        duration_ms: u64::try_from(attempt.duration.as_millis()).unwrap_or(u64::MAX),
        http_status: attempt.http_status,
        error: attempt.error.clone(),
    });
    Callback {
        url: callback.url.clone(),
        state: callback.state.as_str().to_owned(),
        tries: callback.attempts,
        error: callback.last_error.clone(),
        next_at: callback.next_at,
        created_at: callback.created_at,
        attempts: attempts.collect(),
    }
}
