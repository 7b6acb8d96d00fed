//! Messages that are sent together.

use api::{Batch, BatchAcceptance, NewMessage, Nothing};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use contracts::BatchId;
use contracts::batch::Order;

use super::body::{CheckedJson, PathId};
use super::caller::Caller;
use super::messages::{attempt, rehearsed, replayed};
use super::preview::alphabet;
use super::problem::{Answer, Code, Problem, sentence};
use super::{limits, written};
use crate::acts::acceptance;
use crate::acts::batch::{self, BatchError, Progress};
use crate::acts::draft::Draft;
use crate::acts::rehearsal;
use crate::app::App;
use crate::causes::in_full;

/// `POST /batches`: 202 when the broker has all messages; 200 for a dry run.
pub(super) async fn send(
    State(app): State<App>,
    Caller(authority): Caller,
    headers: HeaderMap,
    CheckedJson(message): CheckedJson<NewMessage>,
) -> Answer<Response> {
    let attempt = attempt(&headers, "POST /api/v1/batches")?;
    let is_dry = message.dry_run;
    let draft = Draft { is_batch: true, ..written::draft(message, app.settings.languages)? };
    draft.is_meant()?;
    if is_dry {
        let rehearsal = rehearsal::rehearse(&app, &authority, &draft).await?;
        return Ok(Json(rehearsed(&rehearsal)).into_response());
    }
    let accepted = acceptance::accept(&app, &authority, &draft, attempt.as_ref()).await?;
    let answer = BatchAcceptance {
        // A draft that is a batch was accepted as one.
        id: accepted.batch.ok_or_else(|| Problem::not_found("batch of this id"))?,
        total: accepted.messages.len(),
        parts: accepted.count.parts,
        alphabet: alphabet(&accepted.count),
    };
    let headers = (limits::headers(&accepted.left), replayed(accepted.repeated));
    Ok((StatusCode::ACCEPTED, headers, Json(answer)).into_response())
}

/// `GET /batches/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BatchId>,
) -> Answer<Json<Batch>> {
    Ok(Json(shown(id, batch::progress(&app, &authority, id).await?)))
}

/// `POST /batches/{id}/pause`.
pub(super) async fn pause(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BatchId>,
    _: CheckedJson<Nothing>,
) -> Answer<Json<Batch>> {
    Ok(Json(shown(id, batch::order(&app, &authority, id, Order::Paused).await?)))
}

/// `POST /batches/{id}/resume`.
pub(super) async fn resume(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BatchId>,
    _: CheckedJson<Nothing>,
) -> Answer<Json<Batch>> {
    Ok(Json(shown(id, batch::order(&app, &authority, id, Order::Running).await?)))
}

/// `POST /batches/{id}/cancel`.
pub(super) async fn cancel(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<BatchId>,
    _: CheckedJson<Nothing>,
) -> Answer<Json<Batch>> {
    Ok(Json(shown(id, batch::order(&app, &authority, id, Order::Cancelled).await?)))
}

fn shown(id: BatchId, progress: Progress) -> Batch {
    let Progress { order, states } = progress;
    Batch {
        id,
        order: match order {
            Order::Running => api::BatchOrder::Running,
            Order::Paused => api::BatchOrder::Paused,
            Order::Cancelled => api::BatchOrder::Cancelled,
        },
        total: states.iter().map(|(_, count)| count).sum(),
        done: states.iter().filter(|(state, _)| state.is_settled()).map(|(_, count)| count).sum(),
        states: states.into_iter().map(|(state, count)| (state.to_string(), count)).collect(),
    }
}

impl From<BatchError> for Problem {
    fn from(refused: BatchError) -> Self {
        let words = sentence(&refused.to_string());
        match refused {
            BatchError::Denied(denied) => denied.into(),
            BatchError::NoSuchBatch => Self::not_found("batch of this id"),
            BatchError::Cancelled => Self::new(Code::BatchCancelled, words),
            BatchError::Broker(error) => {
                tracing::warn!(error = %in_full(&error), "a batch could not be looked at or given an order");
                Self::unavailable(
                    Code::BrokerUnavailable,
                    format!("{words} Try again in a moment."),
                )
            }
            BatchError::Untold(error) => {
                tracing::warn!(error = %in_full(&error), "held messages of a cancelled batch were not told");
                Self::unavailable(
                    Code::BrokerUnconfirmed,
                    format!("{words} Cancel it again to be sure."),
                )
            }
            BatchError::Store(error) => error.into(),
        }
    }
}
