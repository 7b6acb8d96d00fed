//! Endpoints for events.

use api::{
    ListDeliveries, NewWebhook, ReplayDeliveries, Replayed, WebhookAttempt, WebhookChanges,
    WebhookDeliveries, WebhookDelivery, WebhookFormat, WebhookReply, Webhooks,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contracts::{MessageId, Timestamp, WebhookId};
use store::{LoggedDelivery, LoggedReply, Replay, Webhook, WebhookForm};

use super::body::{CheckedJson, CheckedQuery, PathId};
use super::caller::{Caller, while_good};
use super::fields::PAGE;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::webhook::{self, Change, NotDone, OfSim, TEST, Wanted};
use crate::app::App;

/// How many entries of a log a page has when nobody says.
const USUAL: u32 = 50;

/// `GET /webhooks`.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
) -> Answer<Json<Webhooks>> {
    let webhooks = webhook::list(&app, &authority).await?;
    Ok(Json(Webhooks { webhooks: webhooks.iter().map(shown).collect() }))
}

/// `POST /webhooks`: the only time the secret is shown.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewWebhook>,
) -> Answer<impl IntoResponse> {
    let NewWebhook { url, events, sim, sender, keyword, raw_pdu, .. } = new;
    let (sender, keyword) = (sender.unwrap_or_default(), keyword.unwrap_or_default());
    let form = match new.format.unwrap_or_default() {
        WebhookFormat::Twilio => WebhookForm::Twilio,
        // The fields let no other one through.
        WebhookFormat::Standard | WebhookFormat::Smsgate => WebhookForm::Standard,
    };
    let NewWebhook { reply_with_body, max_messages, .. } = new;
    let wanted =
        Wanted { url, events, sim, sender, keyword, raw_pdu, form, reply_with_body, max_messages };
    let made = webhook::make(&app, &authority, wanted).await?;
    Ok((StatusCode::CREATED, Json(with_secret(&made))))
}

/// `GET /webhooks/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<WebhookId>,
) -> Answer<Json<api::Webhook>> {
    let found = webhook::one(&app, &authority, id).await?;
    found.map(|webhook| Json(shown(&webhook))).ok_or_else(nowhere)
}

/// `PATCH /webhooks/{id}`.
pub(super) async fn change(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<WebhookId>,
    CheckedJson(changes): CheckedJson<WebhookChanges>,
) -> Answer<Json<api::Webhook>> {
    let sim = match changes.sim.as_deref() {
        None => None,
        Some("") => Some(OfSim::Any),
        Some(sim) => Some(OfSim::Only(
            sim.parse().map_err(|_| Problem::malformed("'sim' is the id of a SIM, or empty."))?,
        )),
    };
    let change = Change {
        url: changes.url,
        events: changes.events,
        sim,
        sender: changes.sender,
        keyword: changes.keyword,
        raw_pdu: changes.raw_pdu,
        reply_with_body: changes.reply_with_body,
        max_messages: changes.max_messages,
        enabled: changes.enabled,
    };
    let changed = webhook::change(&app, &authority, id, change).await?;
    changed.map(|webhook| Json(shown(&webhook))).ok_or_else(nowhere)
}

/// `DELETE /webhooks/{id}`.
pub(super) async fn remove(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<WebhookId>,
) -> Answer<StatusCode> {
    let removed = webhook::remove(&app, &authority, id).await?;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(nowhere()) }
}

/// `POST /webhooks/{id}/rotate`: the only time the new secret is shown.
pub(super) async fn rotate(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<WebhookId>,
) -> Answer<Json<api::Webhook>> {
    let rotated = webhook::rotate(&app, &authority, id).await?;
    rotated.map(|webhook| Json(with_secret(&webhook))).ok_or_else(nowhere)
}

/// `POST /webhooks/{id}/test`.
pub(super) async fn test(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<WebhookId>,
) -> Answer<Json<WebhookDelivery>> {
    let test = async { Ok(webhook::test(&app, &authority, id).await?) };
    let tested = Box::pin(while_good(&authority, &app, test)).await?;
    tested.map(|tested| Json(logged(&tested))).ok_or_else(nowhere)
}

/// `GET /webhooks/{id}/deliveries`.
pub(super) async fn log(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<WebhookId>,
    CheckedQuery(listing): CheckedQuery<ListDeliveries>,
) -> Answer<Json<WebhookDeliveries>> {
    let before = match listing.before.as_deref() {
        None => None,
        Some(text) => Some(webhook::read_place(text).ok_or_else(|| {
            let detail = "before: this is no place in a log: use the `next` of one of its pages.";
            Problem::malformed(detail)
        })?),
    };
    let limit = listing.limit.unwrap_or(USUAL).clamp(1, PAGE);
    let log = webhook::log(&app, &authority, id, before, limit).await?.ok_or_else(nowhere)?;
    Ok(Json(WebhookDeliveries {
        deliveries: log.deliveries.iter().map(logged).collect(),
        next: log.next.map(webhook::written_place),
    }))
}

/// `POST /webhooks/{id}/deliveries/replay`.
pub(super) async fn replay(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<WebhookId>,
    CheckedJson(wanted): CheckedJson<ReplayDeliveries>,
) -> Answer<impl IntoResponse> {
    let ReplayDeliveries { delivery, since, until, all } = wanted;
    let which = match (delivery, since) {
        (Some(delivery), None) => Replay::One(delivery),
        (None, Some(since)) => {
            let until = until.unwrap_or(Timestamp::from_micros(i64::MAX));
            Replay::Range { since, until, all }
        }
        _ => {
            let detail =
                "Say in 'delivery' which one is sent again, or in 'since' those from when.";
            return Err(Problem::malformed(detail));
        }
    };
    let replayed = webhook::replay(&app, &authority, id, which).await?.ok_or_else(nowhere)?;
    Ok((StatusCode::ACCEPTED, Json(Replayed { replayed })))
}

fn nowhere() -> Problem {
    Problem::not_found("webhook of this id")
}

fn with_secret(webhook: &Webhook) -> api::Webhook {
    api::Webhook { secret: Some(webhook.secret.reveal().to_owned()), ..shown(webhook) }
}

fn shown(webhook: &Webhook) -> api::Webhook {
    let disabled = webhook.disabled.as_ref();
    api::Webhook {
        id: webhook.id,
        owner: webhook.owner,
        url: webhook.url.clone(),
        events: webhook.events.clone(),
        sim: webhook.filter.sim,
        sender: webhook.filter.sender.clone(),
        keyword: webhook.filter.keyword.clone(),
        raw_pdu: webhook.raw_pdu,
        format: match webhook.form {
            WebhookForm::Standard => WebhookFormat::Standard,
            WebhookForm::Smsgate => WebhookFormat::Smsgate,
            WebhookForm::Twilio => WebhookFormat::Twilio,
        },
        reply_with_body: webhook.reply_with_body,
        max_messages: webhook.max_messages,
        enabled: disabled.is_none(),
        disabled_at: disabled.map(|disabled| disabled.at),
        disabled_reason: disabled.and_then(|disabled| disabled.reason.clone()),
        pending: webhook.pending,
        dropped: webhook.dropped,
        failures: webhook.failures,
        next_at: webhook.next_at,
        old_secret_until: webhook.old_secret.as_ref().map(|(_, until)| *until),
        created_at: webhook.created_at,
        secret: None,
    }
}

fn logged(logged: &LoggedDelivery) -> WebhookDelivery {
    let delivery = &logged.delivery;
    let attempts = logged.attempts.iter().map(|attempt| WebhookAttempt {
        at: attempt.at,
        duration_ms: u64::try_from(attempt.duration.as_millis()).unwrap_or(u64::MAX),
        http_status: attempt.http_status,
        error: attempt.error.clone(),
        answer: attempt.answer.clone(),
    });
    WebhookDelivery {
        id: delivery.id,
        event: delivery.event.map_or(TEST, contracts::WebhookEvent::as_str).to_owned(),
        state: delivery.state.as_str().to_owned(),
        created_at: delivery.created_at,
        attempts: attempts.collect(),
        replies: logged.replies.iter().map(replied).collect(),
        payload: serde_json::from_str(&delivery.payload).unwrap_or_default(),
    }
}

fn replied(reply: &LoggedReply) -> WebhookReply {
    let message = reply.replied_at.filter(|_| reply.last_error.is_none());
    WebhookReply {
        message: message.map(|_| MessageId::of_reply(reply.id)),
        error: reply.last_error.clone(),
    }
}

impl From<NotDone> for Problem {
    fn from(refused: NotDone) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotDone::Denied(denied) | NotDone::OthersMail(denied) => denied.into(),
            NotDone::Url(_) | NotDone::AnotherKind => Self::malformed(detail).with("field", "url"),
            NotDone::NoEvents | NotDone::NotByMail | NotDone::NotInForm(_) => {
                Self::malformed(detail).with("field", "events")
            }
            NotDone::NoAnswers => Self::malformed(detail).with("field", "reply_with_body"),
            NotDone::Full => {
                Self::new(Code::WebhookFull, detail).with("limit", store::MOST_PENDING)
            }
            NotDone::TooMany => {
                Self::new(Code::TooManyWebhooks, detail).with("limit", store::MOST_WEBHOOKS)
            }
            NotDone::IsDisabled => Self::new(Code::WebhookDisabled, detail),
            NotDone::TestWaits => Self::new(Code::WebhookTestWaits, detail),
            NotDone::Store(error) => error.into(),
        }
    }
}
