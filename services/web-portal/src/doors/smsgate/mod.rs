//! SMSGate's third-party API, `/3rdparty/v1`, so that its SDKs, its command line and its bridges send by another base URL.
//!
//! A key is the password of `Authorization: Basic`, whose name is the account's, or the token of `Bearer`.

mod devices;
mod listing;
mod reply;
mod request;
mod settings;
mod shown;
mod tokens;
mod webhooks;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use contracts::batch::Order;
use contracts::{BatchId, MessageId, UserId};
use uuid::Uuid;

use crate::acts::acceptance::{self, Attempt, IdempotencyKey, Unaccepted};
use crate::acts::batch::{self, BatchError};
use crate::acts::cancellation::{self, Uncancelled};
use crate::app::App;
use crate::authority::Authority;
use crate::basic;
use crate::doors::refused::Refused;
use crate::form::{self, Body, Form, Object};
pub(crate) use devices::{devices, health};
pub(crate) use listing::inbox;
use reply::Refusal;
pub(crate) use settings::{logs, settings};
use shown::Shown;
pub(crate) use tokens::{revoke, token};
pub(crate) use webhooks::{refresh, unregister, webhooks};

/// By what the same request told twice is known again.
const SEND: &str = "POST /3rdparty/v1/messages";

/// `POST` and `GET /messages`.
pub(crate) async fn messages(
    State(app): State<App>,
    method: Method,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        match method {
            Method::POST => {
                let object = Object::read(&form::whole(body)?)?;
                send(&app, &authority, &object).await
            }
            Method::GET => {
                let form = Form::read(query.as_deref(), &HeaderMap::new(), b"")?;
                listing::messages(&app, &authority, &form).await
            }
            _ => Err(Refusal::method()),
        }
    };
    reply::answered(done.await)
}

/// `GET` and `DELETE /messages/{id}`.
pub(crate) async fn message(
    State(app): State<App>,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let done = async {
        let authority = authorize(&app, &headers).await?;
        match method {
            Method::GET => {
                let shown = listing::one(&app, &authority, &id).await?;
                Ok(reply::json(StatusCode::OK, &shown))
            }
            Method::DELETE => cancel(&app, &authority, &id).await,
            _ => Err(Refusal::method()),
        }
    };
    reply::answered(done.await)
}

/// What SMSGate has there and Merpati does not.
pub(crate) async fn unknown(State(app): State<App>, headers: HeaderMap) -> Response {
    let done = async {
        authorize(&app, &headers).await?;
        Err(Refusal::unserved())
    };
    reply::answered(done.await)
}

async fn authorize(app: &App, headers: &HeaderMap) -> Result<Authority, Refusal> {
    let authority = match (basic::bearer(headers), basic::credentials(headers)) {
        (Some(key), _) => Authority::by_key(app, key).await,
        (None, Some((name, key))) => Authority::by_name_and_key(app, &name, &key).await,
        (None, None) => Ok(None),
    };
    Ok(authority.map_err(Refused::from)?.ok_or(Refused::Unknown)?)
}

async fn send(app: &App, authority: &Authority, object: &Object) -> Result<Response, Refusal> {
    let mut asked = request::read(app, authority, object).await?;
    asked.draft.is_meant().map_err(Refused::from)?;
    let (batch, attempt) = match &asked.id {
        Some(id) => (named(authority.owner(), id), Some(attempt(id)?)),
        None => (BatchId::new(), None),
    };
    (asked.draft.is_batch, asked.draft.batch) = (true, Some(batch));
    let accepted = acceptance::accept(app, authority, &asked.draft, attempt.as_ref()).await;
    let accepted = match accepted {
        Ok(accepted) if accepted.repeated => return Err(Refusal::known_before()),
        Ok(accepted) => accepted,
        Err(Unaccepted::KeyReused) => return Err(Refusal::known_before()),
        Err(unaccepted) => return Err(Refused::from(unaccepted).into()),
    };
    let id = asked.id.unwrap_or_else(|| batch.uuid().to_string());
    let to = accepted.messages.iter().map(|message| &message.to);
    Ok(reply::json(StatusCode::ACCEPTED, &Shown::accepted(id, to, app.clock.now())))
}

fn attempt(id: &str) -> Result<Attempt, Refusal> {
    let key = IdempotencyKey::parse(id)
        .ok_or_else(|| Refusal::bad("id: only visible ASCII may stand in it"))?;
    Ok(Attempt::Named { key, call: SEND })
}

/// The batch of the messages that a client calls by an id of its own.
fn named(owner: UserId, id: &str) -> BatchId {
    BatchId::derived(&format!("smsgate:{owner}:{id}"))
}

/// The batches that an id may mean: one that was made here, and one that the client named.
fn batches(authority: &Authority, id: &str) -> impl Iterator<Item = BatchId> {
    let made = Uuid::try_parse(id).ok().map(BatchId::from_uuid);
    let known =
        (!id.is_empty() && id.len() <= request::LONGEST_ID).then(|| named(authority.owner(), id));
    made.into_iter().chain(known)
}

/// `DELETE`: 202 when it will not be sent, or some of it not.
async fn cancel(app: &App, authority: &Authority, id: &str) -> Result<Response, Refusal> {
    let shown = listing::one(app, authority, id).await?;
    if !shown.is_pending() {
        return Err(Refusal::too_late());
    }
    for batch in batches(authority, id) {
        match batch::order(app, authority, batch, Order::Cancelled).await {
            Ok(_) => return Ok(reply::json(StatusCode::ACCEPTED, &shown.cancelling())),
            Err(BatchError::NoSuchBatch) => {}
            Err(BatchError::Denied(denied)) => return Err(Refused::from(denied).into()),
            Err(other) => return Err(Refused::later(&other).into()),
        }
    }
    let message =
        Uuid::try_parse(id).map(MessageId::from_uuid).map_err(|_| Refusal::not_found())?;
    match cancellation::cancel(app, authority, message).await {
        Ok(_) | Err(Uncancelled::Untold(_)) => {
            Ok(reply::json(StatusCode::ACCEPTED, &shown.cancelling()))
        }
        Err(Uncancelled::NoSuchMessage) => Err(Refusal::not_found()),
        Err(Uncancelled::TooLate(_)) => Err(Refusal::too_late()),
        Err(Uncancelled::Denied(denied)) => Err(Refused::from(denied).into()),
        Err(other) => Err(Refused::later(&other).into()),
    }
}
