//! Callbacks, which are calls to customers' URLs, and their attempts. Only the service `webhooks` writes them.

use std::fmt;
use std::time::Duration;

use contracts::{CallbackId, MessageId, OrgId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// How far a callback is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallbackState {
    /// The callback is to be made, now or later.
    Pending,
    /// The URL took the callback.
    Done,
    /// The callback was given up.
    Failed,
}

impl CallbackState {
    /// Returns the name of the state in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// How a URL is called. By default it is fetched, and every answer of success is one.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CallbackForm {
    /// The body that is posted. None when the URL is fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post: Option<String>,
    /// The header that signs the body, its name first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<(String, String)>,
    /// The body that the answer must have. None when any will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expects: Option<String>,
}

/// Leaves out the body, which may hold a text or a number.
impl fmt::Debug for CallbackForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallbackForm({})", if self.post.is_some() { "post" } else { "get" })
    }
}

/// A callback to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct NewCallback {
    /// The organisation of the message.
    pub org: OrgId,
    /// The account of the message.
    pub owner: UserId,
    /// The message that the callback is about. The row of the message must exist.
    pub message: MessageId,
    /// The event that the callback tells. There is never more than one callback for a message and a key.
    pub event_key: String,
    /// The URL, with its escape codes filled in.
    pub url: String,
    /// How the URL is called.
    pub form: CallbackForm,
    /// When to try first.
    pub next_at: Timestamp,
}

/// Leaves out the URL, which may hold a text, a number or a password.
impl fmt::Debug for NewCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewCallback({}, {})", self.message, self.event_key)
    }
}

/// A callback.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    /// The id of the callback.
    pub id: CallbackId,
    /// The organisation of the message.
    pub org: OrgId,
    /// The account of the message.
    pub owner: UserId,
    /// The message that the callback is about.
    pub message: MessageId,
    /// The event that the callback tells.
    pub event_key: String,
    /// The URL.
    pub url: String,
    /// How the URL is called.
    pub form: CallbackForm,
    /// How far the callback is.
    pub state: CallbackState,
    /// When the callback is tried next, while it is pending.
    pub next_at: Option<Timestamp>,
    /// How many attempts were made.
    pub attempts: u32,
    /// The error of the last attempt.
    pub last_error: Option<String>,
    /// When the callback was made.
    pub created_at: Timestamp,
}

/// Leaves out the URL.
impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.as_str();
        write!(f, "Callback({}, {}, {}, {state})", self.id, self.message, self.event_key)
    }
}

/// One attempt to make a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackAttempt {
    /// When the attempt began.
    pub at: Timestamp,
    /// How long the attempt took.
    pub duration: Duration,
    /// The status the URL answered with, if it answered.
    pub http_status: Option<u16>,
    /// The error in words. None when the URL took the callback.
    pub error: Option<String>,
}

/// One attempt that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedAttempt {
    /// The number of the attempt; the first is 1.
    pub number: u32,
    /// The attempt.
    pub attempt: CallbackAttempt,
}

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// Nothing follows, because the URL took the callback.
    Done,
    /// Another attempt follows at this time.
    Retry(Timestamp),
    /// Nothing follows, because the callback is given up.
    GiveUp,
}

impl Store {
    /// Returns the callbacks of a message in reach, oldest first.
    pub async fn callbacks(
        &self,
        reach: Reach,
        message: MessageId,
    ) -> Result<Vec<Callback>, StoreError> {
        on_engine!(self, db => db.callbacks(reach, message))
    }

    /// Returns the attempts of a callback in reach, oldest first.
    pub async fn callback_attempts(
        &self,
        reach: Reach,
        callback: CallbackId,
    ) -> Result<Vec<NumberedAttempt>, StoreError> {
        on_engine!(self, db => db.callback_attempts(reach, callback))
    }
}
