//! The one way in: a draft that can be sent becomes requests, and is accepted when the broker has them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bus::PublishError;
use contracts::batch::{MtBatch, PrioritisedBatch};
use contracts::mt::{MtRequest, PrioritisedRequest};
use contracts::{
    BatchId, KeyId, MessageId, MtState, OrgId, PhoneNumber, Priority, SimId, Timestamp, UserId,
};
use platform::DiskTrouble;
use store::{NewSendAttempt, Reach, SecretHash, SendAttempt, StoreError};

use crate::acts::count::Count;
use crate::acts::draft::{Draft, Recipient, Unsendable};
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::causes::in_full;
use crate::limits::{Left, TooMuch};
use crate::power::Power;
use crate::secret::random_secret;

/// The most bytes of an `Idempotency-Key`.
pub(crate) const LONGEST_KEY: usize = 255;

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

    /// What is kept of it.
    fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

/// One attempt to send, which may be told more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// One that its caller names.
    Named {
        /// What the caller calls it.
        key: IdempotencyKey,
        /// Method and path it was told by.
        call: &'static str,
    },
    /// The one repetition which a message may have.
    Again(MessageId),
}

/// The id of the repetition of the message `of` to `to`.
pub(crate) fn id_of_repetition(of: MessageId, to: &PhoneNumber) -> MessageId {
    Noted::again(of).id(to)
}

/// A draft the broker has, as a message to each recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acceptance {
    /// The same attempt was told before, and this told nothing new.
    pub(crate) repeated: bool,
    /// The batch that the messages are, if they are one.
    pub(crate) batch: Option<BatchId>,
    /// The messages, in the order of the recipients.
    pub(crate) messages: Vec<Accepted>,
    /// How each of them goes out.
    pub(crate) count: Count,
    /// What is left of the limits of messages.
    pub(crate) left: Vec<Left>,
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
    /// Whoever asks may not send at all.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It cannot be sent at all.
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
    /// The SIM it was to go out through is for others.
    #[error("nobody of this account may send through this SIM")]
    SimNotYours,
    /// The key was used for another request.
    #[error("the Idempotency-Key was used before for another request")]
    KeyReused,
    /// More than a key or an account may send.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// The disk has no room for more than what was accepted before.
    #[error(transparent)]
    Disk(#[from] DiskTrouble),
    /// The broker is full.
    #[error("the broker is full, and nothing was accepted")]
    Full(#[source] Arc<PublishError>),
    /// The broker has none of it.
    #[error("the broker cannot be reached, and nothing was accepted")]
    Broker(#[source] Arc<PublishError>),
    /// The broker did not answer in time: it may have some or all of it.
    #[error("the broker did not confirm in time; it may have some of the messages")]
    Unclear {
        /// The ids they have if it does.
        ids: Vec<MessageId>,
        /// What it said.
        #[source]
        source: Arc<PublishError>,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// For whom a message is sent, and whose limits it counts against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sender {
    /// The organisation.
    pub(super) org: OrgId,
    /// The account.
    pub(super) owner: UserId,
    /// What is seen and written on the account's behalf, and the SIMs through which the message may go out.
    pub(super) reach: Reach,
    /// The key, if it is by one.
    pub(super) key: Option<KeyId>,
}

impl Sender {
    /// Who sends for themselves.
    pub(super) fn of(authority: &Authority) -> Self {
        Self {
            org: authority.org,
            owner: authority.owner(),
            reach: authority.reach,
            key: authority.key(),
        }
    }
}

/// Accepts all of a draft or nothing; returns when the broker has stored it.
pub(crate) async fn accept(
    app: &App,
    authority: &Authority,
    draft: &Draft,
    attempt: Option<&Attempt>,
) -> Result<Acceptance, Unaccepted> {
    // Whatever the door asked for: none can forget it.
    authority.must(Power::MessagesSend)?;
    accept_for(app, Sender::of(authority), draft, attempt).await
}

/// Whether messages of an account may be sent through a SIM with a reach. What teams say is asked of the directory, for this is asked
/// about each message; nothing that is taken now and sent later asks less.
pub(super) async fn may_send_through(
    app: &App,
    (reach, owner): (Reach, UserId),
    sim: SimId,
) -> Result<bool, StoreError> {
    Ok(!app.directory.is_walled(owner, sim) && app.store.sends_through(reach, sim).await?)
}

/// Whom a draft goes to and how it goes out, when it may be sent.
pub(super) async fn check(
    app: &App,
    sender: Sender,
    draft: &Draft,
) -> Result<(Vec<Recipient>, Count), Unaccepted> {
    let recipients = draft.recipients(&app.settings.numbering)?;
    let Sender { reach, owner, .. } = sender;
    if let Some(sim) = draft.sim
        && !may_send_through(app, (reach, owner), sim).await?
    {
        return Err(Unaccepted::SimNotYours);
    }
    if let Some(template) = draft.template(sender.org, sender.owner, &recipients) {
        template.check_bounds().map_err(Unsendable::from)?;
    }
    let count = draft.count(app.settings.max_parts)?;
    Ok((recipients, count))
}

/// The same for another than who asks for it.
pub(super) async fn accept_for(
    app: &App,
    sender: Sender,
    draft: &Draft,
    attempt: Option<&Attempt>,
) -> Result<Acceptance, Unaccepted> {
    let (recipients, count) = check(app, sender, draft).await?;
    let now = app.clock.now();
    let noted = match attempt {
        Some(Attempt::Named { key, call }) => {
            let fingerprint = fingerprint(sender, draft, &recipients, call)?;
            Some(note(app, sender, key, fingerprint, now).await?)
        }
        Some(Attempt::Again(of)) => Some(Noted::again(*of)),
        None => None,
    };
    let batch = draft.is_batch.then(|| {
        draft.batch.unwrap_or_else(|| noted.as_ref().map_or_else(BatchId::new, Noted::batch))
    });
    let known_id = draft.id.filter(|_| recipients.len() == 1);
    let id = |recipient: &Recipient| {
        noted.as_ref().map_or_else(
            || known_id.unwrap_or_else(MessageId::new),
            |noted| noted.id(&recipient.to),
        )
    };
    let ids: Vec<MessageId> = recipients.iter().map(id).collect();
    let known = match &noted {
        Some(Noted { before: true, .. }) => app.store.message_states(sender.reach, &ids).await?,
        _ => HashMap::new(),
    };
    let mut messages = Vec::with_capacity(recipients.len());
    let mut new = Vec::with_capacity(recipients.len());
    for (recipient, id) in recipients.into_iter().zip(ids) {
        let to = recipient.to.clone();
        let known = known.get(&id).copied();
        let state = known.unwrap_or(MtState::Accepted);
        let is_there = known.is_some() || noted.as_ref().is_some_and(|noted| noted.accepted);
        if !is_there {
            new.push((messages.len(), recipient));
        }
        messages.push(Accepted { id, to, state, request: None });
    }
    if !new.is_empty() {
        app.has_room()?;
    }
    let left = app.limits.messages(sender.owner, sender.key, new.len())?;
    let numbers = app.numbers.take(&app.store, new.len()).await?;
    let batch_size = batch.and_then(|_| u32::try_from(messages.len()).ok());
    let trace = bus::trace::current_id();
    let mut requests = Vec::with_capacity(new.len());
    for ((at, recipient), number) in new.into_iter().zip(numbers) {
        let message = &mut messages[at];
        let request = draft.request(recipient, sender.org, sender.owner, Some(now));
        let (id, number) = (Some(message.id), Some(number));
        let key = sender.key;
        let request = MtRequest { id, number, batch, batch_size, key, trace, ..request };
        requests.push(request.clone());
        message.request = Some(request);
    }
    let accepted = requests.len();
    publish(app, draft.priority, requests, noted.is_some()).await?;
    if let (Some(Attempt::Named { key, .. }), Some(Noted { accepted: false, .. })) =
        (attempt, &noted)
    {
        // Not noted, a repetition is known by the ids of its messages.
        let kept =
            app.store.send_attempt_accepted(sender.reach, sender.owner, key.hash(), now).await;
        if let Err(error) = kept {
            tracing::warn!(error = %in_full(&error), "an attempt to send could not be noted as accepted");
        }
    }
    metrics::counter!("merpati_messages_accepted_total", "priority" => draft.priority.as_str())
        .increment(u64::try_from(accepted).unwrap_or(u64::MAX));
    Ok(Acceptance { repeated: accepted == 0, batch, messages, count, left })
}

/// An attempt as the database knows it.
struct Noted {
    /// What the ids of its messages are made from.
    seed: String,
    /// It was told before.
    before: bool,
    /// The broker has all of its messages.
    accepted: bool,
}

impl Noted {
    /// The repetition of a message: it may have been asked for before, and which it is needs no noting.
    fn again(of: MessageId) -> Self {
        Self { seed: format!("again:{of}"), before: true, accepted: false }
    }

    /// The id of its message to `to`: the same each time, so that a broker or a database that has it already knows it
    /// again.
    fn id(&self, to: &PhoneNumber) -> MessageId {
        MessageId::derived(&format!("{}:{to}", self.seed))
    }

    /// The id of the batch that its messages are: the same each time, too.
    fn batch(&self) -> BatchId {
        BatchId::derived(&self.seed)
    }
}

/// Notes an attempt, or finds what was noted of it; another request under its key is refused.
async fn note(
    app: &App,
    sender: Sender,
    key: &IdempotencyKey,
    fingerprint: SecretHash,
    now: Timestamp,
) -> Result<Noted, Unaccepted> {
    let seed = random_secret();
    let Sender { owner, reach, .. } = sender;
    let new = NewSendAttempt { owner, key: key.hash(), fingerprint, seed: seed.clone() };
    match app.store.note_send_attempt(reach, &new, now).await? {
        SendAttempt::First => Ok(Noted { seed, before: false, accepted: false }),
        SendAttempt::Again { seed, accepted } => Ok(Noted { seed, before: true, accepted }),
        SendAttempt::Other => Err(Unaccepted::KeyReused),
    }
}

/// Of all that was asked for, as it was understood: the same for two ways to write one request, and another for two
/// requests that differ in anything.
fn fingerprint(
    sender: Sender,
    draft: &Draft,
    recipients: &[Recipient],
    call: &str,
) -> Result<SecretHash, Unaccepted> {
    let template = draft.template(sender.org, sender.owner, recipients);
    let whole = serde_json::to_string(&(call, draft.priority, recipients, template));
    let whole = whole.map_err(|error| Unsendable::Body(error.to_string()))?;
    Ok(SecretHash::of(&whole))
}

/// How long a caller is kept waiting for the broker.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Publishes all requests of one attempt. Of several stored messages the first goes alone, so that a broker that is away is
/// told as nothing accepted; then the rest together.
async fn publish(
    app: &App,
    priority: Priority,
    requests: Vec<MtRequest>,
    may_be_repeated: bool,
) -> Result<(), Unaccepted> {
    let ids: Vec<MessageId> = requests.iter().filter_map(|request| request.id).collect();
    let first_failed = |error: Arc<PublishError>| match *error {
        PublishError::Unknown { .. } => Unaccepted::Unclear { ids: ids.clone(), source: error },
        PublishError::Full { .. } => Unaccepted::Full(error),
        _ => Unaccepted::Broker(error),
    };
    let requests = match <[MtRequest; 1]>::try_from(requests) {
        // An attempt that is told again is known again by the id of its stored message, so it shares none with others.
        Ok([request]) if !may_be_repeated => {
            return app.gathering.publish(priority, request).await.map_err(first_failed);
        }
        Ok([request]) => vec![request],
        Err(requests) => requests,
    };
    let batches = MtBatch::gather(requests);
    let stored: Vec<PrioritisedBatch<'_>> =
        batches.iter().map(|batch| PrioritisedBatch { priority, batch }).collect();
    let Some((first, rest)) = stored.split_first() else { return Ok(()) };
    let request = PrioritisedRequest { priority, request: &first.batch.first };
    let published = if first.batch.others.is_empty() {
        app.bus.publish_within(&request, PATIENCE).await
    } else {
        app.bus.publish_within(first, PATIENCE).await
    };
    published.map_err(Arc::new).map_err(first_failed)?;
    let unclear = |source| Unaccepted::Unclear { ids: ids.clone(), source: Arc::new(source) };
    app.bus.publish_all(rest).await.map_err(unclear)
}

#[cfg(test)]
mod tests {
    use contracts::Priority;
    use contracts::mt::{Body, Encoding};

    use super::*;

    #[test]
    fn keys_are_visible_and_bounded() {
        for good in ["order-17", &"x".repeat(LONGEST_KEY)] {
            assert!(IdempotencyKey::parse(good).is_some());
        }
        for bad in ["", "a b", "é", &"x".repeat(LONGEST_KEY + 1)] {
            assert!(IdempotencyKey::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn requests_that_differ_in_anything_have_another_fingerprint() {
        let (org, owner) = (OrgId::default_org(), UserId::new());
        let sender = Sender { org, owner, reach: Reach::own(org, owner), key: None };
        let draft = Draft::of(Body::Text { text: "a\0b".to_owned(), encoding: Encoding::Auto });
        let to = |numbers: &[&str]| -> Vec<Recipient> {
            numbers.iter().map(|to| Recipient { to: to.parse().unwrap(), text: None }).collect()
        };
        let of = |draft: &Draft, numbers: &[&str], call| {
            fingerprint(sender, draft, &to(numbers), call).unwrap()
        };
        let one = of(&draft, &["+62 812-345"], "POST /send");
        assert_eq!(one, of(&draft.clone(), &["+62812345"], "POST /send"));
        let at = Timestamp::from_micros(0);
        let others = [
            of(&draft, &["+62812346"], "POST /send"),
            of(&draft, &["+62812345", "+62812346"], "POST /send"),
            of(&draft, &["+62812345"], "POST /api/v1/messages"),
            of(&Draft { priority: Priority::Otp, ..draft.clone() }, &["+62812345"], "POST /send"),
            of(&Draft { not_before: Some(at), ..draft.clone() }, &["+62812345"], "POST /send"),
            of(&Draft { not_after: Some(at), ..draft.clone() }, &["+62812345"], "POST /send"),
            of(
                &Draft { udh: Some("00".to_owned()), ..draft.clone() },
                &["+62812345"],
                "POST /send",
            ),
        ];
        for (n, other) in others.iter().enumerate() {
            assert_ne!(*other, one, "{n}");
            assert!(!others[..n].contains(other), "{n}");
        }
    }
}
