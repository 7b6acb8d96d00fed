//! Messages to be sent.

use std::time::Duration;

use axum::Json as Answered;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::IntoResponse;
use contracts::mt::{Body, DlrCallback, Encoding, SendOptions, WhenUncertain};
use contracts::{Languages, MessageId, MtState, PhoneNumber, PoolId, Priority, SimId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Callback, Cursor, Message, MessageDetail, MessageFilter, Scope};
use tokio::time::Instant;

use super::body::{Asked, Id, Json};
use super::preview::tell;
use super::{pages, timeline};
use crate::accept::{self, Acceptance, Accepted, Attempt, IdempotencyKey, Sender};
use crate::again;
use crate::app::App;
use crate::caller::Caller;
use crate::counting;
use crate::draft::{Draft, Unsendable};
use crate::history::{ROW_COMES_WITHIN, may_be_new};
use crate::names;
use crate::problem::{Answer, Problem};
use crate::waiting::Reasons;

/// How long GET with `after` waits for the next version.
const LONG_POLL: Duration = Duration::from_secs(20);

/// One number or several.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "'to' is a number or a list of numbers, as JSON strings")]
pub(super) enum Recipients {
    One(String),
    Several(Vec<String>),
}

impl Default for Recipients {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

/// One language code or several.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "languages are a list of two-letter codes, or \"auto\"")]
enum Tags {
    One(String),
    Several(Vec<String>),
}

/// A message as programs write it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    #[serde(default)]
    to: Recipients,
    text: Option<String>,
    /// 8-bit data in hex, in place of text.
    data: Option<String>,
    encoding: Option<String>,
    /// Languages whose GSM tables may be used; `auto`: any.
    languages: Option<Tags>,
    #[serde(default)]
    priority: Priority,
    /// Message class 0 to 3.
    class: Option<u8>,
    /// The same as class 0.
    #[serde(default)]
    flash: bool,
    /// TP-DCS, to the bit.
    dcs: Option<u8>,
    validity_minutes: Option<u32>,
    /// False: no status report.
    report: Option<bool>,
    protocol_id: Option<u8>,
    #[serde(default)]
    reply_path: bool,
    ports: Option<(u16, u16)>,
    udh: Option<String>,
    not_before: Option<Timestamp>,
    not_after: Option<Timestamp>,
    sim: Option<SimId>,
    pool: Option<PoolId>,
    when_uncertain: Option<String>,
    dlr: Option<DlrCallback>,
}

impl Written {
    /// As a draft. `usual` languages are those of a text that names none.
    pub(super) fn draft(self, usual: Languages) -> Answer<Draft> {
        let encoding = self.encoding()?;
        let languages = self.languages()?.unwrap_or(usual);
        let when_uncertain = self.when_uncertain()?;
        let body = match (self.text, self.data) {
            (Some(_), Some(_)) => {
                return Err(Problem::malformed("A message has text or data, not both."));
            }
            (Some(text), None) if text.is_empty() => return Err(Unsendable::Empty.into()),
            (Some(text), None) => Body::Text { text, encoding },
            (None, Some(data)) => Body::Data { data },
            (None, None) => return Err(Unsendable::Empty.into()),
        };
        if let Some(class) = self.class.filter(|class| *class > 3) {
            let detail = format!("The class is {class}; there are 0 (flash), 1, 2 and 3.");
            return Err(Problem::malformed(detail));
        }
        if let Some(dlr) = &self.dlr
            && !(dlr.url.starts_with("http://") || dlr.url.starts_with("https://"))
        {
            return Err(Problem::malformed("dlr.url is no http or https URL."));
        }
        Ok(Draft {
            to: match self.to {
                Recipients::One(to) => vec![to],
                Recipients::Several(to) => to,
            },
            body,
            priority: self.priority,
            not_before: self.not_before,
            not_after: self.not_after,
            sim: self.sim,
            pool: self.pool,
            udh: self.udh.filter(|udh| !udh.is_empty()),
            options: SendOptions {
                class: self.class.or(self.flash.then_some(0)),
                dcs: self.dcs,
                validity_minutes: self.validity_minutes,
                no_report: self.report == Some(false),
                protocol_id: self.protocol_id,
                reply_path: self.reply_path,
                ports: self.ports,
                languages,
            },
            when_uncertain,
            dlr: self.dlr,
            again_of: None,
        })
    }

    fn encoding(&self) -> Answer<Encoding> {
        Ok(match self.encoding.as_deref() {
            None | Some("auto") => Encoding::Auto,
            Some("gsm7") => Encoding::Gsm7,
            Some("smart") => Encoding::Smart,
            Some("ucs2") => Encoding::Ucs2,
            Some(other) => {
                return Err(unknown("encoding", other, "auto, gsm7, smart or ucs2"));
            }
        })
    }

    fn languages(&self) -> Answer<Option<Languages>> {
        let languages = match &self.languages {
            None => return Ok(None),
            Some(Tags::One(tag)) => Languages::parse([tag.as_str()]),
            Some(Tags::Several(tags)) => Languages::parse(tags.iter().map(String::as_str)),
        };
        let languages =
            languages.map_err(|error| Problem::malformed(format!("languages: {error}.")))?;
        if !languages.is_none() && (self.data.is_some() || self.encoding.as_deref() == Some("ucs2"))
        {
            let detail = "languages are for a text whose encoding is auto, smart or gsm7.";
            return Err(Problem::malformed(detail));
        }
        Ok(Some(languages))
    }

    fn when_uncertain(&self) -> Answer<WhenUncertain> {
        match self.when_uncertain.as_deref() {
            None | Some("hold") => Ok(WhenUncertain::Hold),
            Some("resend") => Ok(WhenUncertain::Resend),
            Some(other) => Err(unknown("when_uncertain", other, "hold or resend")),
        }
    }
}

fn unknown(field: &str, value: &str, known: &str) -> Problem {
    let value: String = value.chars().take(32).collect();
    Problem::malformed(format!("{field} is '{value}'; there are {known}."))
}

/// `POST /messages`: 202 when the broker has all of them.
pub(super) async fn send(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(written): Json<Written>,
) -> Answer<impl IntoResponse> {
    let key = match headers.get("idempotency-key") {
        None => None,
        Some(value) => {
            Some(value.to_str().ok().and_then(IdempotencyKey::parse).ok_or_else(|| {
                Problem::malformed("The Idempotency-Key has 1 to 255 visible ASCII characters.")
                    .with("field", "Idempotency-Key")
            })?)
        }
    };
    let attempt = key.map(|key| Attempt::Named { key, call: "POST /api/v1/messages" });
    let draft = written.draft(app.settings.languages)?;
    draft.is_meant()?;
    let sender = Sender {
        org: caller.org,
        owner: caller.owner,
        scope: caller.scope,
        key: caller.key.as_ref().map(|key| key.id),
    };
    let accepted = accept::accept(&app, sender, &draft, attempt.as_ref()).await?;
    let (headers, answer) = self::accepted(&accepted);
    Ok((StatusCode::ACCEPTED, headers, answer))
}

/// What is said of accepted messages.
pub(super) fn accepted(
    acceptance: &Acceptance,
) -> ([(HeaderName, &'static str); 1], Answered<Value>) {
    let repeated = acceptance.repeated;
    let messages: Vec<Value> = acceptance.messages.iter().map(receipt).collect();
    let mut answer = json!({ "messages": messages, "parts": acceptance.count.parts });
    tell(&mut answer, &acceptance.count);
    let replayed = HeaderName::from_static("idempotency-replayed");
    ([(replayed, if repeated { "true" } else { "false" })], Answered(answer))
}

fn receipt(message: &Accepted) -> Value {
    json!({
        "id": message.id,
        "to": message.to,
        "state": message.state,
        "short_code": message.to.is_short_code(),
    })
}

/// What may be asked of the list.
#[derive(Debug, Deserialize)]
pub(super) struct Listing {
    /// States with commas.
    state: Option<String>,
    to: Option<String>,
    since: Option<Timestamp>,
    limit: Option<u32>,
    before: Option<Cursor>,
}

/// `GET /messages`.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Asked(listing): Asked<Listing>,
) -> Answer<Answered<Value>> {
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
    let to = listing.to.as_deref().map(PhoneNumber::parse).transpose();
    let to = to.map_err(|error| Problem::malformed(format!("'to' is no number: {error}.")))?;
    let filter = MessageFilter { states, to, since: listing.since };
    let page = pages::page(listing.limit, listing.before);
    let page = app.store.messages(caller.scope, &filter, page).await?;
    let reasons = Reasons::now(&app).await;
    let messages: Vec<Value> =
        page.messages.iter().map(|message| summary(message, &reasons)).collect();
    Ok(Answered(json!({ "messages": messages, "next": page.next })))
}

/// What may be asked of one message.
#[derive(Debug, Deserialize)]
pub(super) struct Watching {
    /// The version that is known; empty: none is.
    #[serde(default)]
    after: String,
}

/// `GET /messages/{id}`. A message that was just accepted is waited for; with `after`, its next version is.
pub(super) async fn one(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id<MessageId>,
    Asked(watching): Asked<Watching>,
) -> Answer<Answered<Value>> {
    caller.while_good(&app, wait(&app, &caller, id, &watching)).await
}

async fn wait(
    app: &App,
    caller: &Caller,
    id: MessageId,
    watching: &Watching,
) -> Answer<Answered<Value>> {
    let mut coming = app.hub.watch(None).coming;
    let known: Option<u64> = watching.after.parse().ok();
    let begun = Instant::now();
    let row_within = if may_be_new(id) { ROW_COMES_WITHIN } else { Duration::ZERO };
    loop {
        let detail = app.store.message_detail(caller.scope, id).await?;
        let patience = if detail.is_some() { LONG_POLL } else { row_within };
        if let Some(detail) = detail {
            let is_news = known.is_none_or(|known| timeline::version(&detail) > known);
            if is_news || begun.elapsed() >= patience || app.shutdown.is_requested() {
                let told = Told::of(app, caller.scope, &detail).await?;
                return Ok(Answered(full(&detail, told)));
            }
        } else if begun.elapsed() >= patience {
            return Err(Problem::not_found("message of this id"));
        }
        // The row is written a moment after the event that is heard, so it is looked for again by time too.
        let step =
            if known.is_some() { Duration::from_millis(200) } else { Duration::from_millis(20) };
        let heard = async {
            while let Ok(news) = coming.recv().await {
                if news.what.message() == Some(id) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    return;
                }
            }
            std::future::pending::<()>().await;
        };
        // Either way the row is read again.
        let _ = tokio::time::timeout(step, heard).await;
    }
}

fn summary(message: &Message, reasons: &Reasons) -> Value {
    let (text, data) = match &message.body {
        Body::Text { text, .. } => (Some(text), None),
        Body::Data { data } => (None, Some(data)),
    };
    let mut value = json!({
        "id": message.id,
        "number": message.number,
        "to": message.to,
        "text": text,
        "priority": message.priority,
        "state": message.state,
        "parts": message.parts,
        "modem": message.modem,
        "sim": message.sim,
        "error": message.error,
        "tries": message.tries,
        "waiting": reasons.of_message(message).map(|waiting| waiting.json()),
        "created_at": message.created_at,
        "updated_at": message.updated_at,
    });
    if let Some(data) = data {
        value["data"] = json!(data);
    }
    value
}

/// What is told of a message beyond its rows.
struct Told {
    reasons: Reasons,
    lines: Vec<Value>,
    /// Its repetition.
    repeated_as: Option<MessageId>,
    /// Calls of its `dlr` URL.
    callbacks: Vec<Callback>,
}

impl Told {
    async fn of(app: &App, scope: Scope, detail: &MessageDetail) -> Answer<Self> {
        let repeated_as = again::repeated_as(app, scope, detail).await?;
        let reasons = Reasons::now(app).await;
        let lines = timeline::lines(detail, &names::of(app, detail).await?);
        let callbacks = match detail.request.dlr {
            Some(_) => app.store.callbacks(scope, detail.message.id).await?,
            None => Vec::new(),
        };
        Ok(Self { reasons, lines, repeated_as, callbacks })
    }
}

fn full(detail: &MessageDetail, told: Told) -> Value {
    let Told { reasons, lines, repeated_as, callbacks } = told;
    let mut value = summary(&detail.message, &reasons);
    let request = &detail.request;
    let body = &detail.message.body;
    if let Ok(count) = counting::count(body, request.udh.as_deref(), &request.options) {
        tell(&mut value, &count);
    }
    value["version"] = json!(timeline::version(detail));
    value["timeline"] = json!(lines);
    value["again_of"] = json!(request.again_of);
    value["repeated_as"] = json!(repeated_as);
    let parts: Vec<Value> = detail
        .parts
        .iter()
        .map(|part| {
            let report = part.report.as_ref().map(|report| {
                json!({
                    "status": report.status,
                    "outcome": report.outcome,
                    "text": report.text,
                    "discharged_at": report.discharged_at,
                })
            });
            json!({
                "part": part.part,
                "reference": part.reference,
                "sent_at": part.sent_at,
                "report": report,
            })
        })
        .collect();
    value["sent_parts"] = json!(parts);
    if request.dlr.is_some() {
        value["callbacks"] = callbacks.iter().map(call).collect();
    }
    value
}

/// A call of the message's `dlr` URL, as far as it is.
fn call(callback: &Callback) -> Value {
    json!({
        "url": callback.url,
        "state": callback.state.as_str(),
        "tries": callback.attempts,
        "error": callback.last_error,
        "next_at": callback.next_at,
        "created_at": callback.created_at,
    })
}
