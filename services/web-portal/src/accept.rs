//! The one way in: a draft that can be sent becomes requests, and is accepted when the broker has them.

use std::time::Duration;

use bus::PublishError;
use contracts::mt::{MtRequest, PrioritisedRequest};
use contracts::{MessageId, MtState, OrgId, PhoneNumber, Timestamp, UserId};
use store::{Scope, StoreError};

use crate::app::App;
use crate::counting::Count;
use crate::draft::{Draft, Unsendable};

/// The most bytes of an `Idempotency-Key`.
const LONGEST_KEY: usize = 255;

/// What a caller calls one attempt, so that the same attempt told twice is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Visible ASCII, 1 to 255 characters.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits =
            (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// That of the one repetition which a message may have.
    pub(crate) fn again(message: MessageId) -> Self {
        Self(format!("again:{message}"))
    }

    /// The id of this attempt's message to `to`: the same each time, so that a broker or a database that
    /// has it already knows it again.
    pub(crate) fn id(&self, owner: UserId, to: &PhoneNumber) -> MessageId {
        MessageId::derived(&format!("{owner}:{}:{to}", self.0))
    }
}

/// A draft the broker has, as a message to each recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acceptance {
    /// The messages, in the order of the recipients.
    pub(crate) messages: Vec<Accepted>,
    /// How each of them goes out.
    pub(crate) count: Count,
}

/// A message the broker has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// Its id.
    pub(crate) id: MessageId,
    /// Its recipient.
    pub(crate) to: PhoneNumber,
    /// Where it is: accepted, or further when the attempt was a repeated one.
    pub(crate) state: MtState,
    /// The request; none: it was accepted before.
    pub(crate) request: Option<MtRequest>,
}

/// Why nothing, or perhaps something, was accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unaccepted {
    /// It cannot be sent at all.
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
    /// The key was used for another message.
    #[error("the Idempotency-Key was used before for another message")]
    KeyReused,
    /// The broker has none of it.
    #[error("the broker cannot be reached, and nothing was accepted")]
    Broker(#[source] PublishError),
    /// The broker did not answer in time: it may have some or all of it.
    #[error("the broker did not confirm in time; it may have some of the messages")]
    Unclear {
        /// The ids they have if it does.
        ids: Vec<MessageId>,
        /// What it said.
        #[source]
        source: PublishError,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who sends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender {
    /// The organisation.
    pub(crate) org: OrgId,
    /// The account.
    pub(crate) owner: UserId,
}

/// Accepts all of a draft or nothing; returns when the broker has stored it.
pub(crate) async fn accept(
    app: &App,
    sender: Sender,
    draft: &Draft,
    key: Option<&IdempotencyKey>,
) -> Result<Acceptance, Unaccepted> {
    let recipients = draft.recipients()?;
    let count = draft.count(app.settings.max_parts)?;
    let now = Timestamp::now();
    let mut numbers = app.numbers.take(&app.store, recipients.len()).await?.into_iter();
    let mut messages = Vec::with_capacity(recipients.len());
    let mut requests = Vec::with_capacity(recipients.len());
    for to in recipients {
        let id = key.map_or_else(MessageId::new, |key| key.id(sender.owner, &to));
        if key.is_some()
            && let Some(state) = known(app, sender, draft, id).await?
        {
            messages.push(Accepted { id, to, state, request: None });
            continue;
        }
        let request = draft.request(to.clone(), sender.org, sender.owner, now);
        let request = MtRequest { id: Some(id), number: numbers.next(), ..request };
        requests.push(request.clone());
        messages.push(Accepted { id, to, state: MtState::Accepted, request: Some(request) });
    }
    publish(app, draft, &requests).await?;
    metrics::counter!("merpati_messages_accepted_total", "priority" => draft.priority.as_str())
        .increment(u64::try_from(requests.len()).unwrap_or(u64::MAX));
    Ok(Acceptance { messages, count })
}

/// How long a caller is kept waiting for the broker.
const PATIENCE: Duration = Duration::from_secs(5);

/// The first alone, so that a broker that is away is told as nothing accepted; then the rest together.
async fn publish(app: &App, draft: &Draft, requests: &[MtRequest]) -> Result<(), Unaccepted> {
    let prioritised: Vec<PrioritisedRequest<'_>> = requests
        .iter()
        .map(|request| PrioritisedRequest { priority: draft.priority, request })
        .collect();
    let Some((first, rest)) = prioritised.split_first() else { return Ok(()) };
    let unclear = |source| Unaccepted::Unclear {
        ids: requests.iter().filter_map(|request| request.id).collect(),
        source,
    };
    app.bus.publish_within(first, PATIENCE).await.map_err(|error| {
        if error.is_unknown() { unclear(error) } else { Unaccepted::Broker(error) }
    })?;
    app.bus.publish_all(rest).await.map_err(unclear)
}

/// The state of the message of an attempt that was accepted before; none: it was not.
async fn known(
    app: &App,
    sender: Sender,
    draft: &Draft,
    id: MessageId,
) -> Result<Option<MtState>, Unaccepted> {
    let Some(message) = app.store.message(Scope::all(sender.org), id).await? else {
        return Ok(None);
    };
    if message.body == draft.body { Ok(Some(message.state)) } else { Err(Unaccepted::KeyReused) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_attempt_has_the_same_ids() {
        let key = IdempotencyKey::parse("order-17").unwrap();
        let to: PhoneNumber = "+62812345678".parse().unwrap();
        let (one, other) = (UserId::new(), UserId::new());
        assert_eq!(key.id(one, &to), key.id(one, &to));
        assert_ne!(key.id(one, &to), key.id(other, &to));
        assert!(IdempotencyKey::parse("").is_none());
        assert!(IdempotencyKey::parse("a b").is_none());
    }
}
