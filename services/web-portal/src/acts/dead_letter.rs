//! What was given up: the stream `SMS_DEAD`, to the operators of the organisation that it names.

use async_nats::jetstream;
use async_nats::jetstream::context::GetStreamError;
use bus::{ItemError, Stored, Stream};
use contracts::OrgId;
use serde::Deserialize;

use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::power::Power;

/// Why the letters cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unread {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The stream cannot be looked at.
    #[error(transparent)]
    Stream(#[from] GetStreamError),
    /// One of the letters.
    #[error(transparent)]
    Item(#[from] ItemError),
}

/// Letters, newest first.
#[derive(Debug)]
pub(crate) struct Letters {
    /// Those of this page.
    pub(crate) letters: Vec<Stored>,
    /// Before which sequence the next page begins; none: there is none.
    pub(crate) next: Option<u64>,
}

/// The letters before a sequence, `limit` at most.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    before: Option<u64>,
    limit: usize,
) -> Result<Letters, Unread> {
    authority.must(Power::GatewayOperate)?;
    let context = jetstream::new(app.bus.client().clone());
    let stream = context.get_stream(Stream::Dead.as_str()).await?;
    let state = &stream.cached_info().state;
    let end = before.unwrap_or(u64::MAX).min(state.last_sequence.saturating_add(1));
    let mut letters = Vec::new();
    let mut next = None;
    for sequence in (state.first_sequence.max(1)..end).rev() {
        if letters.len() == limit {
            next = Some(sequence + 1);
            break;
        }
        let letter = app.bus.item(Stream::Dead, sequence).await?;
        letters.extend(letter.filter(|letter| org_of(&letter.payload) == authority.org));
    }
    Ok(Letters { letters, next })
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
