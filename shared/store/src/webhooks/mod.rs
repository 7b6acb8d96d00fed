//! Customers' endpoints for events, and the log of what was delivered to them.
//!
//! The events of an endpoint are a lane: one is tried at a time, in order, and while it fails the others wait.

use std::fmt;
use std::time::Duration;

use contracts::{CallbackId, DeliveryId, OrgId, SimId, Timestamp, UserId, WebhookEvent, WebhookId};

use crate::column::unreadable;
use crate::engine::on_engine;
use crate::{CallbackState, Reach, Store, StoreError};

/// The most endpoints of one account.
pub const MOST_WEBHOOKS: u32 = 20;
/// The most events that wait for one endpoint. What comes then is counted and not kept.
pub const MOST_PENDING: u32 = 50_000;
/// The most events of one endpoint that are replayed by one call.
pub const MOST_REPLAYED: u32 = 10_000;

/// What signs the requests to an endpoint, in the text form of Standard Webhooks.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(String);

impl WebhookSecret {
    /// Wraps the text form.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// Returns the text form, for the endpoint's owner and for signing.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Leaves out the secret.
impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

/// In which form an endpoint is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WebhookForm {
    /// As Standard Webhooks says.
    #[default]
    Standard,
    /// As SMSGate tells its own.
    Smsgate,
    /// As Twilio tells its own: a form that is posted.
    Twilio,
}

impl WebhookForm {
    /// Returns the form as the database keeps it. The usual one is not kept.
    pub(crate) const fn word(self) -> Option<&'static str> {
        match self {
            Self::Standard => None,
            Self::Smsgate => Some("smsgate"),
            Self::Twilio => Some("twilio"),
        }
    }

    /// Returns the form of a word.
    pub(crate) fn of(word: Option<&str>) -> Result<Self, StoreError> {
        match word {
            None => Ok(Self::Standard),
            Some("smsgate") => Ok(Self::Smsgate),
            Some("twilio") => Ok(Self::Twilio),
            Some(other) => Err(unreadable("webhooks.form", other)),
        }
    }
}

/// Which of what is received an endpoint is told. A field that is none lets everything through.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct WebhookFilter {
    /// Only what comes to this SIM.
    pub sim: Option<SimId>,
    /// Only what comes from this sender.
    pub sender: Option<String>,
    /// Only messages whose text begins with this word, letter case aside.
    pub keyword: Option<String>,
}

/// Leaves out the sender.
impl fmt::Debug for WebhookFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sim, sender, keyword } = self;
        write!(f, "{sim:?}, sender {}, {keyword:?}", sender.is_some())
    }
}

/// Why an endpoint is told nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disabled {
    /// Since when.
    pub at: Timestamp,
    /// Why, in an English sentence. None when the owner disabled it.
    pub reason: Option<String>,
}

/// An endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The id of the endpoint.
    pub id: WebhookId,
    /// The organisation of the endpoint.
    pub org: OrgId,
    /// The account whose endpoint it is. What the account may see, the endpoint is told.
    pub owner: UserId,
    /// Where events are sent.
    pub url: String,
    /// Which events are sent.
    pub events: Vec<WebhookEvent>,
    /// Which of what is received is sent.
    pub filter: WebhookFilter,
    /// Whether the PDUs of received messages are sent too.
    pub raw_pdu: bool,
    /// In which form the endpoint is told.
    pub form: WebhookForm,
    /// Whether what the endpoint answers to a received message is sent back to the sender.
    pub reply_with_body: bool,
    /// Of how many parts a reply is at most; what is more is cut off. 0: nothing is sent back.
    pub max_messages: u8,
    /// What signs the requests.
    pub secret: WebhookSecret,
    /// What signs them too, and until when.
    pub old_secret: Option<(WebhookSecret, Timestamp)>,
    /// Since when and why the endpoint is told nothing, if so.
    pub disabled: Option<Disabled>,
    /// When the next try is, or until when a copy of the service has the lane. None when nothing waits.
    pub next_at: Option<Timestamp>,
    /// How many tries in a row failed.
    pub failures: u32,
    /// How many events wait.
    pub pending: u64,
    /// How many events were not kept because too many waited.
    pub dropped: u64,
    /// When the endpoint was made.
    pub created_at: Timestamp,
}

/// Leaves out the URL, which may hold a password.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, owner, disabled, next_at, failures, pending, .. } = self;
        write!(f, "Webhook({id} of {owner}, {disabled:?}, {next_at:?}, {failures}, {pending})")
    }
}

/// An endpoint to be made.
#[derive(Clone)]
pub struct NewWebhook {
    /// The account whose endpoint it is, or [`UserId::internal`] for the administrator without an account.
    pub owner: UserId,
    /// Where events are sent.
    pub url: String,
    /// Which events are sent.
    pub events: Vec<WebhookEvent>,
    /// Which of what is received is sent.
    pub filter: WebhookFilter,
    /// Whether the PDUs of received messages are sent too.
    pub raw_pdu: bool,
    /// In which form the endpoint is told.
    pub form: WebhookForm,
    /// Whether what the endpoint answers to a received message is sent back to the sender.
    pub reply_with_body: bool,
    /// Of how many parts a reply is at most.
    pub max_messages: u8,
    /// What signs the requests.
    pub secret: WebhookSecret,
}

/// Leaves out the URL.
impl fmt::Debug for NewWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewWebhook(of {}, {:?})", self.owner, self.events)
    }
}

/// A change of an endpoint. A field that is none stays as it is.
#[derive(Clone, Default)]
pub struct WebhookChange {
    /// Where events are sent.
    pub url: Option<String>,
    /// Which events are sent.
    pub events: Option<Vec<WebhookEvent>>,
    /// Which of what is received is sent.
    pub filter: Option<WebhookFilter>,
    /// Whether the PDUs of received messages are sent too.
    pub raw_pdu: Option<bool>,
    /// Whether what the endpoint answers to a received message is sent back to the sender.
    pub reply_with_body: Option<bool>,
    /// Of how many parts a reply is at most.
    pub max_messages: Option<u8>,
    /// Whether the endpoint is told anything. Enabled, it is tried at once, and a disabled endpoint is told none of
    /// what happens meanwhile.
    pub enabled: Option<bool>,
}

/// An endpoint was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateWebhookError {
    /// The account has as many as it may have.
    #[error("the account has {MOST_WEBHOOKS} endpoints, which is the most there may be")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How far an event is on its way to an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// The event is to be sent, now or later.
    Pending,
    /// The endpoint took the event.
    Done,
    /// The event was given up.
    Failed,
}

impl DeliveryState {
    /// Returns the name of the state in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// An event on its way to an endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// The id, which is the same in every try.
    pub id: DeliveryId,
    /// The endpoint.
    pub webhook: WebhookId,
    /// The event. None is a test.
    pub event: Option<WebhookEvent>,
    /// The body, JSON.
    pub payload: String,
    /// Whose the thing is that the event tells, if it is somebody's.
    pub owner: Option<UserId>,
    /// The SIM that it happened to, where known.
    pub sim: Option<SimId>,
    /// How far it is.
    pub state: DeliveryState,
    /// How many tries there were since it came or was replayed.
    pub tries: u32,
    /// When the event came.
    pub created_at: Timestamp,
}

/// Leaves out the body.
impl fmt::Debug for WebhookDelivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.as_str();
        write!(f, "WebhookDelivery({}, {:?}, {state}, {})", self.id, self.event, self.tries)
    }
}

/// One try to send an event.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookAttempt {
    /// When the try began.
    pub at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// The status that the endpoint answered with, if it answered.
    pub http_status: Option<u16>,
    /// The error in words. None when the endpoint took the event.
    pub error: Option<String>,
    /// How the answer begins.
    pub answer: Option<String>,
}

/// Leaves out the answer.
impl fmt::Debug for WebhookAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookAttempt({}, {:?}, {:?})", self.at, self.http_status, self.error)
    }
}

/// What an endpoint answered that is sent back to the sender of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedReply {
    /// The id, of which the id of the message that is sent is made ([`contracts::MessageId::of_reply`]).
    pub id: CallbackId,
    /// How far the reply is.
    pub state: CallbackState,
    /// Why nothing is sent back, if so.
    pub last_error: Option<String>,
    /// When something was sent back, if it was.
    pub replied_at: Option<Timestamp>,
}

/// An event on its way to an endpoint, with the tries that were kept, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedDelivery {
    /// The event.
    pub delivery: WebhookDelivery,
    /// The tries.
    pub attempts: Vec<WebhookAttempt>,
    /// What the endpoint answered that is sent back.
    pub replies: Vec<LoggedReply>,
}

/// A place in a log: when the event came, and its id.
pub type LogPlace = (Timestamp, DeliveryId);

/// Which events are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// This one.
    One(DeliveryId),
    /// Those that came in this time and were given up; with `all`, also those that the endpoint took.
    Range {
        /// From then on.
        since: Timestamp,
        /// Before then.
        until: Timestamp,
        /// Whether those that were taken are sent again too.
        all: bool,
    },
}

impl Store {
    /// Keeps a new endpoint for an account in reach.
    pub async fn create_webhook(
        &self,
        reach: Reach,
        new: &NewWebhook,
        at: Timestamp,
    ) -> Result<Webhook, CreateWebhookError> {
        self.waking(on_engine!(self, db => db.create_webhook(reach, new, at)))
    }

    /// Returns the endpoints in reach, newest first.
    pub async fn webhooks(&self, reach: Reach) -> Result<Vec<Webhook>, StoreError> {
        on_engine!(self, db => db.webhooks(reach))
    }

    /// Returns an endpoint in reach.
    pub async fn webhook(
        &self,
        reach: Reach,
        id: WebhookId,
    ) -> Result<Option<Webhook>, StoreError> {
        on_engine!(self, db => db.webhook(reach, id))
    }

    /// Changes an endpoint in reach and returns it as it is then.
    pub async fn change_webhook(
        &self,
        reach: Reach,
        id: WebhookId,
        change: &WebhookChange,
        at: Timestamp,
    ) -> Result<Option<Webhook>, StoreError> {
        self.waking(on_engine!(self, db => db.change_webhook(reach, id, change, at)))
    }

    /// Gives an endpoint in reach a new secret. The one before signs too until `until`.
    pub async fn rotate_webhook(
        &self,
        reach: Reach,
        id: WebhookId,
        secret: &WebhookSecret,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<Option<Webhook>, StoreError> {
        self.waking(on_engine!(self, db => db.rotate_webhook(reach, id, secret, until, at)))
    }

    /// Removes an endpoint in reach with its log. Returns false when there is none.
    pub async fn remove_webhook(
        &self,
        reach: Reach,
        id: WebhookId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.waking(on_engine!(self, db => db.remove_webhook(reach, id, at)))
    }

    /// Puts a test before all that waits for an enabled endpoint in reach. Returns false when there is none, and
    /// [`StoreError::TestWaits`] when a test waits already.
    pub async fn test_webhook(
        &self,
        reach: Reach,
        id: WebhookId,
        test: DeliveryId,
        payload: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.waking(on_engine!(self, db => db.test_webhook(reach, id, test, payload, at)))
    }

    /// Returns at most `limit` entries of the log of an endpoint in reach, newest first, from after the place `before`.
    pub async fn webhook_log(
        &self,
        reach: Reach,
        id: WebhookId,
        before: Option<LogPlace>,
        limit: u32,
    ) -> Result<Vec<LoggedDelivery>, StoreError> {
        on_engine!(self, db => db.webhook_log(reach, id, before, limit))
    }

    /// Returns one entry of the log of an endpoint in reach.
    pub async fn webhook_delivery(
        &self,
        reach: Reach,
        id: WebhookId,
        delivery: DeliveryId,
    ) -> Result<Option<LoggedDelivery>, StoreError> {
        on_engine!(self, db => db.webhook_delivery(reach, id, delivery))
    }

    /// Sends events again to an endpoint in reach, in their old order and before what came later. Returns how many,
    /// at most [`MOST_REPLAYED`] and as many as there is room for. None when there is no such endpoint, and
    /// [`StoreError::LaneFull`] when there is no room at all.
    pub async fn replay_webhook(
        &self,
        reach: Reach,
        id: WebhookId,
        which: Replay,
        at: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        self.waking(on_engine!(self, db => db.replay_webhook(reach, id, which, at)))
    }
}
