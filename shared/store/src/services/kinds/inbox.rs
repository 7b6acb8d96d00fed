//! Messages that are put into the inboxes of accounts.

use contracts::UserId;
use serde::{Deserialize, Serialize};

/// The most accounts that a service puts messages into the inboxes of.
pub const MOST_INBOXES: usize = 20;

/// Into whose inboxes messages are put.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxOf {
    /// The accounts. None: the message names one.
    #[serde(default)]
    pub users: Vec<UserId>,
    /// What is sent back when the message names no account that there is; empty: nothing.
    #[serde(default)]
    pub unknown: String,
    /// What is sent back; empty: nothing.
    #[serde(skip)]
    pub reply: String,
}

impl InboxOf {
    /// Returns whether the message says into whose inbox it is put.
    pub fn is_named(&self) -> bool {
        self.users.is_empty()
    }
}
