//! Calls to customers' URLs, and their attempts. The service `webhooks` alone writes them.

use std::fmt;
use std::time::Duration;

use contracts::{CallbackId, MessageId, OrgId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Scope, Store, StoreError};

/// How far a callback is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallbackState {
    /// To be made, now or later.
    Pending,
    /// The URL took it.
    Done,
    /// Given up.
    Failed,
}

impl CallbackState {
    /// Its name in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// A callback to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct NewCallback {
    /// The organisation of the message.
    pub org: OrgId,
    /// The account of the message.
    pub owner: UserId,
    /// The message it is about; its row must be there.
    pub message: MessageId,
    /// What it tells: one callback a message and key, ever.
    pub event_key: String,
    /// The URL, escape codes filled in.
    pub url: String,
    /// When to try first.
    pub next_at: Timestamp,
}

/// Without the URL: it may hold a text, a number, a password.
impl fmt::Debug for NewCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewCallback({}, {})", self.message, self.event_key)
    }
}

/// A callback.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    /// Its id.
    pub id: CallbackId,
    /// The organisation of the message.
    pub org: OrgId,
    /// The account of the message.
    pub owner: UserId,
    /// The message it is about.
    pub message: MessageId,
    /// What it tells.
    pub event_key: String,
    /// The URL.
    pub url: String,
    /// How far it is.
    pub state: CallbackState,
    /// When it is tried next, while it is pending.
    pub next_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Without the URL.
impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.as_str();
        write!(f, "Callback({}, {}, {}, {state})", self.id, self.message, self.event_key)
    }
}

/// One try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// The status the URL answered with, if it answered.
    pub http_status: Option<u16>,
    /// What went wrong, in words; none: it was taken.
    pub error: Option<String>,
}

/// One try that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackAttempt {
    /// 1 is the first.
    pub number: u32,
    /// What happened.
    pub attempt: Attempt,
}

/// What follows a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// Nothing: it was taken.
    Done,
    /// Another try at this time.
    Retry(Timestamp),
    /// Nothing: it is given up.
    GiveUp,
}

impl Store {
    /// Keeps a callback; none: it was kept before.
    pub async fn create_callback(
        &self,
        new: &NewCallback,
        at: Timestamp,
    ) -> Result<Option<CallbackId>, StoreError> {
        on_engine!(self, db => db.create_callback(new, at))
    }

    /// Takes callbacks that are due at `now`. Each is put off by `lease`: if whoever took it dies, it is due again then.
    pub async fn take_callbacks(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<Callback>, StoreError> {
        on_engine!(self, db => db.take_callbacks(now, lease, limit))
    }

    /// Puts a callback off further, until `until`, that was taken and put off until `held_until`. False: it is no longer the
    /// caller's, for that time was over and somebody else took it, or it is settled.
    pub async fn keep_callback(
        &self,
        callback: CallbackId,
        held_until: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.keep_callback(callback, held_until, until))
    }

    /// When the next callback is due, if any is pending.
    pub async fn next_callback_at(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_callback_at())
    }

    /// Keeps a try and what follows from it.
    pub async fn record_attempt(
        &self,
        callback: CallbackId,
        attempt: &Attempt,
        next: NextStep,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.record_attempt(callback, attempt, next))
    }

    /// The callbacks of a message in scope, oldest first.
    pub async fn callbacks(
        &self,
        scope: Scope,
        message: MessageId,
    ) -> Result<Vec<Callback>, StoreError> {
        on_engine!(self, db => db.callbacks(scope, message))
    }

    /// The tries of a callback in scope, oldest first.
    pub async fn callback_attempts(
        &self,
        scope: Scope,
        callback: CallbackId,
    ) -> Result<Vec<CallbackAttempt>, StoreError> {
        on_engine!(self, db => db.callback_attempts(scope, callback))
    }
}
