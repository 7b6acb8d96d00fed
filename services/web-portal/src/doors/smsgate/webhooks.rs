//! `/webhooks`: endpoints that are told in SMSGate's form, one event a registration.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use contracts::{ModemId, Timestamp, WebhookEvent, WebhookId};
use serde::Serialize;
use store::{Replay, Webhook, WebhookForm};

use super::authorize;
use super::reply::{self, Refusal};
use crate::acts::webhook::{self, NotDone, Wanted};
use crate::app::App;
use crate::authority::Authority;
use crate::doors::refused::Refused;
use crate::form::{self, Body, Object};

/// The events, and what they are here. A message that a modem or the network did not send for whatever reason has failed.
const EVENTS: [(&str, &[WebhookEvent]); 5] = [
    ("sms:received", &[WebhookEvent::SmsReceived]),
    ("sms:sent", &[WebhookEvent::SmsSent]),
    ("sms:delivered", &[WebhookEvent::SmsDelivered]),
    (
        "sms:failed",
        &[WebhookEvent::SmsFailed, WebhookEvent::SmsUndelivered, WebhookEvent::SmsExpired],
    ),
    ("sms:cancelled", &[WebhookEvent::SmsCancelled]),
];

/// A registration.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Registered {
    id: String,
    url: String,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    signing_key: Option<String>,
}

impl Registered {
    /// None: it is not one that was registered here.
    fn of(webhook: &Webhook) -> Option<Self> {
        if webhook.form != WebhookForm::Smsgate {
            return None;
        }
        let first = webhook.events.first()?;
        let event = EVENTS.iter().find(|(_, events)| events.contains(first))?.0;
        Some(Self {
            id: webhook.id.to_string(),
            url: webhook.url.clone(),
            event,
            signing_key: None,
        })
    }
}

/// `GET` and `POST /webhooks`.
pub(crate) async fn webhooks(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        match method {
            Method::GET => {
                let all = webhook::list(&app, &authority).await.map_err(Refused::from)?;
                let all: Vec<Registered> = all.iter().filter_map(Registered::of).collect();
                Ok(reply::json(StatusCode::OK, &all))
            }
            Method::POST => {
                let object = Object::read(&form::whole(body)?)?;
                register(&app, &authority, &object).await
            }
            _ => Err(Refusal::method()),
        }
    };
    reply::answered(done.await)
}

/// `DELETE /webhooks/{id}`.
pub(crate) async fn unregister(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        let id = id.parse::<WebhookId>().map_err(|_| Refusal::no_webhook())?;
        let found = webhook::one(&app, &authority, id).await.map_err(Refused::from)?;
        if found.as_ref().and_then(Registered::of).is_none() {
            return Err(Refusal::no_webhook());
        }
        webhook::remove(&app, &authority, id).await.map_err(Refused::from)?;
        Ok(reply::nothing())
    };
    reply::answered(done.await)
}

/// `POST /inbox/refresh`: what the caller's endpoints were told of what came in a time is told again.
pub(crate) async fn refresh(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        let object = Object::read(&form::whole(body)?)?;
        let since = time(&object, "since")?
            .ok_or_else(|| Refusal::bad("since: say from when messages are told again"))?;
        let until = time(&object, "until")?.unwrap_or_else(|| app.clock.now());
        let all = webhook::list(&app, &authority).await.map_err(Refused::from)?;
        let own = all.into_iter().filter(|webhook| {
            webhook.owner == authority.owner()
                && webhook.form == WebhookForm::Smsgate
                && webhook.events.contains(&WebhookEvent::SmsReceived)
        });
        for webhook in own {
            let which = Replay::Range { since, until, all: true };
            webhook::replay(&app, &authority, webhook.id, which).await.map_err(refusal)?;
        }
        Ok(reply::accepted())
    };
    reply::answered(done.await)
}

fn time(object: &Object, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let at = object.text(name)?.filter(|text| !text.is_empty());
    let at = at.map(|text| text.parse::<jiff::Timestamp>()).transpose().map_err(|_| {
        Refusal::bad(format!("{name}: this is no time, write 2026-11-30T20:36:27Z"))
    })?;
    Ok(at.map(|at| Timestamp::from_micros(at.as_microsecond())))
}

async fn register(app: &App, authority: &Authority, object: &Object) -> Result<Response, Refusal> {
    let url = object.text("url")?.unwrap_or_default();
    let event = object.text("event")?.unwrap_or_default();
    let known = EVENTS.iter().find(|(name, _)| *name == event);
    let (event, events) = known.ok_or_else(|| {
        let names: Vec<&str> = EVENTS.iter().map(|(name, _)| *name).collect();
        Refusal::bad(format!("event: there are {}", names.join(", ")))
    })?;
    let sim = match object.text("deviceId")?.filter(|id| !id.is_empty()) {
        None => None,
        Some(device) => {
            let nothing = || Refusal::bad("deviceId: there is no such device, or it has no SIM");
            let id = device.parse::<ModemId>().map_err(|_| nothing())?;
            let modem = app.fleet.modem_of(authority.org, id).await.ok_or_else(nothing)?;
            Some(modem.sim.ok_or_else(nothing)?.id)
        }
    };
    let form = WebhookForm::Smsgate;
    let wanted = Wanted { url, events: events.to_vec(), sim, form, ..Wanted::default() };
    let made = webhook::make(app, authority, wanted).await.map_err(refusal)?;
    let registered = Registered {
        id: made.id.to_string(),
        url: made.url.clone(),
        event,
        signing_key: Some(made.secret.reveal().to_owned()),
    };
    Ok(reply::json(StatusCode::CREATED, &registered))
}

fn refusal(error: NotDone) -> Refusal {
    match error {
        NotDone::Denied(denied) => Refused::from(denied).into(),
        NotDone::Store(error) => Refused::later(&error).into(),
        NotDone::Url(_) => Refusal::bad(format!("url: {error}")),
        other => Refusal::bad(other.to_string()),
    }
}
