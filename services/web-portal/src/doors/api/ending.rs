//! What may be done about a message that was accepted: take it back, or send it again.

use api::{Acceptance, Cancellation, Nothing};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use contracts::{MessageId, MtState};

use super::body::{CheckedJson, PathId};
use super::caller::Caller;

use super::limits;
use super::messages::{accepted, replayed};
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::cancellation::{self, Uncancelled};
use crate::acts::repetition::{self, NotAgain};
use crate::app::App;
use crate::causes::in_full;

/// `DELETE /messages/{id}`.
pub(super) async fn cancel(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<MessageId>,
) -> Answer<Json<Cancellation>> {
    let cancelled = cancellation::cancel(&app, &authority, id).await?;
    let text = match (cancelled.before, cancelled.doubtful) {
        (false, false) => "Cancelled: it will not be sent.",
        (true, false) => "It was cancelled before.",
        (_, true) => "Cancelled: it will not be sent once more. An earlier try may have gone out.",
    };
    let (state, already) = (MtState::Cancelled, cancelled.before);
    Ok(Json(Cancellation { id, state, already, text: text.to_owned() }))
}

/// `POST /messages/{id}/again`.
pub(super) async fn again(
    State(app): State<App>,
    Caller(authority): Caller,
    PathId(id): PathId<MessageId>,
    _: CheckedJson<Nothing>,
) -> Answer<impl IntoResponse> {
    let acceptance = repetition::again(&app, &authority, id).await?;
    let answer = Acceptance { again_of: Some(id), ..accepted(&acceptance) };
    let headers = (limits::headers(&acceptance.left), replayed(acceptance.repeated));
    Ok((StatusCode::ACCEPTED, headers, Json(answer)))
}

impl From<Uncancelled> for Problem {
    fn from(refused: Uncancelled) -> Self {
        let words = sentence(&refused.to_string());
        match refused {
            Uncancelled::Denied(denied) => denied.into(),
            Uncancelled::NoSuchMessage => Self::not_found("message of this id"),
            Uncancelled::TooLate(state) => {
                Self::new(Code::TooLate, words).with("state", state.as_str())
            }
            Uncancelled::Store(error) => error.into(),
            Uncancelled::Behind => {
                tracing::warn!("a message could not be cancelled: the history is behind");
                let detail = format!("{words} Nothing was changed. Try again in a moment.");
                Self::unavailable(Code::HistoryBehind, detail)
            }
            Uncancelled::Broker(error) => {
                tracing::warn!(error = %in_full(&error), "a message could not be cancelled");
                Self::unavailable(
                    Code::BrokerUnavailable,
                    format!("{words} Try again in a moment."),
                )
            }
            Uncancelled::Unclear(error) => {
                tracing::warn!(error = %in_full(&error), "the broker did not confirm the cancellation of a message");
                Self::unavailable(
                    Code::BrokerUnconfirmed,
                    format!("{words} Cancel it again to know."),
                )
            }
            Uncancelled::Untold(error) => {
                tracing::warn!(error = %in_full(&error), "the cancellation of a message could not be published");
                Self::unavailable(
                    Code::BrokerUnconfirmed,
                    format!("{words} Cancel it again to be sure."),
                )
            }
        }
    }
}

impl From<NotAgain> for Problem {
    fn from(refused: NotAgain) -> Self {
        let words = sentence(&refused.to_string());
        match refused {
            NotAgain::Denied(denied) => denied.into(),
            NotAgain::NoSuchMessage => Self::not_found("message of this id"),
            NotAgain::NotOver(state) => {
                Self::new(Code::NotOver, words).with("state", state.as_str())
            }
            NotAgain::Unaccepted(refused) => refused.into(),
            NotAgain::Store(error) => error.into(),
        }
    }
}
