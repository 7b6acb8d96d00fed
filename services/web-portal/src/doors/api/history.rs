//! Messages of the gateway before this one.

use api::{HistoryMade, HistoryRefused, HistorySent, NewHistory};
use axum::Json;
use axum::extract::State;

use super::body::CheckedJson;
use super::caller::Caller;
use super::problem::{Answer, Code, Problem, sentence};
use crate::acts::import::{self, NotKept, Received, Sent};
use crate::app::App;

/// `POST /history`.
pub(super) async fn add(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedJson(new): CheckedJson<NewHistory>,
) -> Answer<Json<HistoryMade>> {
    let sent = new.sent.into_iter().map(|one| Sent {
        source: one.source,
        number: one.number,
        owner: one.owner,
        to: one.to,
        text: one.text,
        state: one.state,
        at: one.at,
        ended_at: one.ended_at,
    });
    let received = new.received.into_iter().map(|one| Received {
        source: one.source,
        number: one.number,
        owner: one.owner,
        from: one.from,
        to: one.to,
        text: one.text,
        at: one.at,
    });
    let all = (sent.collect(), received.collect());
    let kept = import::keep(&app, &authority, &new.from, all).await?;
    let refused = kept
        .refused
        .into_iter()
        .map(|(source, why)| HistoryRefused { source, error: sentence(&why) });
    let sent = kept.sent.into_iter();
    let sent = sent.map(|(source, id, made)| HistorySent { source, id, made }).collect();
    let (made, there, refused) = (kept.made, kept.there, refused.collect());
    Ok(Json(HistoryMade { made, there, refused, sent }))
}

impl From<NotKept> for Problem {
    fn from(refused: NotKept) -> Self {
        let detail = sentence(&refused.to_string());
        match refused {
            NotKept::Denied(denied) => denied.into(),
            NotKept::From => Self::malformed(detail).with("field", "from"),
            NotKept::TooManyAtOnce => Self::malformed(detail).with("field", "sent"),
            NotKept::NoSuchOwner => Self::new(Code::NoSuchUser, detail),
            NotKept::Store(error) => error.into(),
        }
    }
}
