//! What the courier carries: callbacks, the calls of services, and what endpoints answered, taken from their tables for the
//! time of a lease.

use std::fmt;
use std::time::Duration;

use contracts::{CallbackId, MessageId, Timestamp};
use platform::Clock;
use store::{Callback, CallbackForm, ServiceAction, ServiceCall, Store, StoreError, WebhookReply};

use crate::fetch::host_of;

/// Rows of a kind that are taken at once.
const ROWS: u32 = 200;

/// A callback at hand, or the call of a service.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub(crate) id: CallbackId,
    pub(crate) errand: Errand,
    pub(crate) attempts: u32,
    /// Until then the row is not due, and nobody else takes it.
    pub(crate) held_until: Timestamp,
}

/// What is to be done.
#[derive(Clone)]
pub(crate) enum Errand {
    /// A program is told what became of its message.
    Report { message: MessageId, url: String, form: CallbackForm },
    /// A service is called for a message.
    Service(Box<ServiceCall>),
    /// What an endpoint answered is sent back.
    Reply(Box<WebhookReply>),
}

/// Leaves out the URL, which may hold a text, a number or a password.
impl fmt::Debug for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Report { message, .. } => write!(f, "Report({message})"),
            Self::Service(call) => call.fmt(f),
            Self::Reply(reply) => reply.fmt(f),
        }
    }
}

impl Parcel {
    /// Whose queue it waits in.
    pub(crate) fn host(&self) -> String {
        match &self.errand {
            Errand::Report { url, .. } => host_of(url),
            Errand::Service(call) => match &call.service.action {
                // A program that takes its time holds up no other, and no URL.
                ServiceAction::Exec(line) => {
                    line.split_whitespace().next().unwrap_or_default().to_owned()
                }
                action => host_of(action.url().unwrap_or_default()),
            },
            // It goes to the broker, as the calls of services without a URL do.
            Errand::Reply(_) => host_of(""),
        }
    }
}

impl From<ServiceCall> for Parcel {
    fn from(call: ServiceCall) -> Self {
        Self {
            id: call.id,
            attempts: call.attempts,
            held_until: call.held_until,
            errand: Errand::Service(Box::new(call)),
        }
    }
}

impl From<WebhookReply> for Parcel {
    fn from(reply: WebhookReply) -> Self {
        Self {
            id: reply.id,
            attempts: 0,
            held_until: reply.held_until,
            errand: Errand::Reply(Box::new(reply)),
        }
    }
}

impl From<Callback> for Parcel {
    fn from(row: Callback) -> Self {
        Self {
            id: row.id,
            errand: Errand::Report { message: row.message, url: row.url, form: row.form },
            attempts: row.attempts,
            // A row that was taken has it.
            held_until: row.next_at.unwrap_or(row.created_at),
        }
    }
}

/// Rows that were due.
pub(crate) struct Taken {
    pub(crate) parcels: Vec<Parcel>,
    /// There may be others.
    pub(crate) more: bool,
    /// Why those of a kind could not be taken.
    pub(crate) error: Option<StoreError>,
}

/// Takes what is due of all kinds. What was taken of one is carried even when another cannot be read.
pub(crate) async fn take(store: &Store, now: Timestamp, lease: Duration) -> Taken {
    let callbacks = store.take_callbacks(now, lease, ROWS).await;
    let calls = store.take_service_calls(now, lease, ROWS).await;
    let replies = store.take_webhook_replies(now, lease, ROWS).await;
    let mut error = None;
    let callbacks = callbacks.unwrap_or_else(|failed| {
        error = Some(failed);
        Vec::new()
    });
    let calls = calls.unwrap_or_else(|failed| {
        error = Some(failed);
        Vec::new()
    });
    let replies = replies.unwrap_or_else(|failed| {
        error = Some(failed);
        Vec::new()
    });
    let most = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let more = callbacks.len() >= most || calls.len() >= most || replies.len() >= most;
    let callbacks = callbacks.into_iter().map(Parcel::from);
    let calls = calls.into_iter().map(Parcel::from);
    let parcels = callbacks.chain(calls).chain(replies.into_iter().map(Parcel::from)).collect();
    Taken { parcels, more, error }
}

/// When the next row of any kind is due.
pub(crate) async fn next_at(store: &Store) -> Result<Option<Timestamp>, StoreError> {
    let (callback, call) = (store.next_callback_at().await?, store.next_service_call_at().await?);
    let reply = store.next_webhook_reply_at().await?;
    Ok(callback.into_iter().chain(call).chain(reply).min())
}

/// Whether a row that was taken may be worked on.
pub(crate) enum Held {
    /// It is this courier's for as long as that takes.
    Own,
    /// Another copy has it.
    Elsewhere,
    /// Nobody knows, and it is looked at again then.
    Postponed(Timestamp),
}

pub(crate) async fn hold(store: &Store, clock: Clock, parcel: &Parcel, lease: Duration) -> Held {
    match keep(store, clock.now(), parcel, lease).await {
        Ok(true) => Held::Own,
        Ok(false) => {
            tracing::debug!(callback.id = %parcel.id, "another copy has the callback");
            Held::Elsewhere
        }
        Err(error) => {
            tracing::warn!(callback.id = %parcel.id, "a callback is postponed: {error}");
            Held::Postponed(clock.now().plus(lease))
        }
    }
}

/// Sees that the row stays the courier's own for as long as a fetch may take: it may have waited in the queue of a slow host
/// for longer than its lease, and then be at hand elsewhere. False: it is no longer its own.
async fn keep(
    store: &Store,
    now: Timestamp,
    parcel: &Parcel,
    lease: Duration,
) -> Result<bool, StoreError> {
    // Half a lease is as long as a fetch may take.
    if parcel.held_until.since(now) >= lease / 2 {
        return Ok(true);
    }
    let (held, until) = (parcel.held_until, now.plus(lease));
    match parcel.errand {
        Errand::Report { .. } => store.keep_callback(parcel.id, held, until).await,
        Errand::Service(_) => store.keep_service_call(parcel.id, held, until).await,
        Errand::Reply(_) => store.keep_webhook_reply(parcel.id, held, until).await,
    }
}
