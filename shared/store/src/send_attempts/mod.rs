//! Attempts to send under an `Idempotency-Key`: the same attempt told twice is one, for a day.

use std::time::Duration;

use contracts::{OrgId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{SecretHash, Store, StoreError};

/// How long an attempt is known again.
pub const ATTEMPT_IS_KNOWN_FOR: Duration = Duration::from_hours(24);

/// An attempt, as it is told.
#[derive(Debug, Clone)]
pub struct NewSendAttempt {
    /// The organisation.
    pub org: OrgId,
    /// Who sends; keys of one account do not meet those of another.
    pub owner: UserId,
    /// The `Idempotency-Key`, of which only a hash is kept.
    pub key: SecretHash,
    /// Of the whole request: two that differ in anything are two requests.
    pub fingerprint: SecretHash,
    /// What the ids of its messages are made from, if it is the first.
    pub seed: String,
}

/// What is known of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendAttempt {
    /// It is the first of its key.
    First,
    /// It was told before.
    Again {
        /// What the ids of its messages are made from.
        seed: String,
        /// Whether the broker is known to have all of its messages.
        accepted: bool,
    },
    /// Its key was used for another request.
    Other,
}

impl Store {
    /// Notes an attempt, and says whether it was told before. One older than [`ATTEMPT_IS_KNOWN_FOR`] makes way.
    pub async fn note_send_attempt(
        &self,
        new: &NewSendAttempt,
        now: Timestamp,
    ) -> Result<SendAttempt, StoreError> {
        on_engine!(self, db => db.note_send_attempt(new, now))
    }

    /// The broker has all messages of the attempt: from now on nothing of it is published again.
    pub async fn send_attempt_accepted(
        &self,
        owner: UserId,
        key: SecretHash,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.send_attempt_accepted(owner, key, now))
    }

    /// Forgets attempts that are older than [`ATTEMPT_IS_KNOWN_FOR`].
    pub async fn remove_old_send_attempts(&self, now: Timestamp) -> Result<u64, StoreError> {
        on_engine!(self, db => db.remove_old_send_attempts(now))
    }
}
