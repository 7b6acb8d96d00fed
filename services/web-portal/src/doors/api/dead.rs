//! What was given up.

use api::{DeadLetter, DeadLetters, ListDead};
use axum::Json;
use axum::extract::State;
use bus::Stored;

use super::body::CheckedQuery;
use super::caller::Caller;
use super::problem::{Answer, Code, Problem};
use crate::acts::dead_letter::{self, Letters, Unread};
use crate::app::App;

/// `GET /dead`: newest first, with the reason and the whole payload.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(listing): CheckedQuery<ListDead>,
) -> Answer<Json<DeadLetters>> {
    let limit = usize::try_from(listing.limit.unwrap_or(50).clamp(1, 200)).unwrap_or(50);
    let Letters { letters, next } =
        dead_letter::list(&app, &authority, listing.before, limit).await?;
    Ok(Json(DeadLetters { dead: letters.into_iter().map(shown).collect(), next }))
}

fn shown(letter: Stored) -> DeadLetter {
    DeadLetter {
        sequence: letter.sequence,
        subject: letter.subject,
        at: letter.stored_at,
        reason: letter.reason,
        payload: String::from_utf8_lossy(&letter.payload).into_owned(),
    }
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        if let Unread::Denied(denied) = unread {
            return denied.into();
        }
        tracing::warn!(error = %unread, "dead letters cannot be read");
        Self::unavailable(
            Code::BrokerUnavailable,
            "The gateway's message broker cannot be reached.",
        )
    }
}
