//! What was given up: the stream `SMS_DEAD`, to the administrators of the organisation that it names.

use api::{DeadLetter, DeadLetters, ListDead};
use async_nats::jetstream;
use axum::Json;
use axum::extract::State;
use bus::Stream;
use contracts::OrgId;
use serde::Deserialize;

use super::body::CheckedQuery;
use super::caller::Caller;
use super::problem::{Answer, Problem};
use crate::app::App;
use crate::power::Power;

/// `GET /dead`: newest first, with the reason and the whole payload.
pub(super) async fn list(
    State(app): State<App>,
    Caller(authority): Caller,
    CheckedQuery(listing): CheckedQuery<ListDead>,
) -> Answer<Json<DeadLetters>> {
    authority.must(Power::GatewayOperate)?;
    let limit = usize::try_from(listing.limit.unwrap_or(50).clamp(1, 200)).unwrap_or(50);
    let away = |error: &dyn std::error::Error| {
        tracing::warn!(%error, "dead letters cannot be read");
        Problem::unavailable(
            "broker-unavailable",
            "The gateway's message broker cannot be reached.",
        )
    };
    let context = jetstream::new(app.bus.client().clone());
    let stream = context.get_stream(Stream::Dead.name()).await.map_err(|error| away(&error))?;
    let state = &stream.cached_info().state;
    let end = listing.before.unwrap_or(u64::MAX).min(state.last_sequence.saturating_add(1));
    let mut letters = Vec::new();
    let mut next = None;
    for sequence in (state.first_sequence.max(1)..end).rev() {
        if letters.len() == limit {
            next = Some(sequence + 1);
            break;
        }
        let Some(letter) =
            app.bus.item(Stream::Dead, sequence).await.map_err(|error| away(&error))?
        else {
            continue;
        };
        if org_of(&letter.payload) != authority.org {
            continue;
        }
        letters.push(DeadLetter {
            sequence: letter.sequence,
            subject: letter.subject,
            at: letter.stored_at,
            reason: letter.reason,
            payload: String::from_utf8_lossy(&letter.payload).into_owned(),
        });
    }
    Ok(Json(DeadLetters { dead: letters, next }))
}

/// The organisation that a payload names. One that names none, or cannot be read at all, is that of the default one, as a
/// request without `org` is.
fn org_of(payload: &[u8]) -> OrgId {
    /// What any message of ours has.
    #[derive(Deserialize)]
    struct Owned {
        org: Option<OrgId>,
        /// An item on its way holds the request.
        request: Option<Request>,
    }
    #[derive(Deserialize)]
    struct Request {
        org: Option<OrgId>,
    }
    let owned = serde_json::from_slice::<Owned>(payload).ok();
    owned
        .and_then(|owned| owned.org.or_else(|| owned.request.and_then(|request| request.org)))
        .unwrap_or_else(OrgId::default_org)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_belongs_to_the_organisation_it_names() {
        let abroad = OrgId::derived("abroad");
        for (payload, org) in [
            (format!("{{\"org\":\"{abroad}\",\"to\":7}}"), abroad),
            (format!("{{\"id\":\"x\",\"request\":{{\"org\":\"{abroad}\"}}}}"), abroad),
            ("{\"to\":\"+62811\"}".to_owned(), OrgId::default_org()),
            ("{\"org\":\"nonsense\"}".to_owned(), OrgId::default_org()),
            ("not JSON".to_owned(), OrgId::default_org()),
        ] {
            assert_eq!(org_of(payload.as_bytes()), org, "{payload}");
        }
    }
}
