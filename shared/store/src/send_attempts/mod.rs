//! Attempts to send under an `Idempotency-Key`. An attempt that is repeated within a day counts as one.

use std::time::Duration;

use contracts::{Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, SecretHash, Store, StoreError};

/// How long an attempt is recognised.
pub const ATTEMPT_IS_KNOWN_FOR: Duration = Duration::from_hours(24);

/// An attempt to send, as a client makes it.
#[derive(Debug, Clone)]
pub struct NewSendAttempt {
    /// The account that sends. Two accounts may use the same key.
    pub owner: UserId,
    /// The `Idempotency-Key`, of which only a hash is kept.
    pub key: SecretHash,
    /// The hash of the whole request. Two requests that differ in anything are two requests.
    pub fingerprint: SecretHash,
    /// The seed of the ids of the messages, for the case that the attempt is the first of its key.
    pub seed: String,
}

/// How an attempt compares to those that were made before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendAttempt {
    /// The attempt is the first of its key.
    First,
    /// The attempt was made before.
    Again {
        /// The seed of the ids of the messages.
        seed: String,
        /// Whether the broker is known to have all messages of the attempt.
        accepted: bool,
    },
    /// The key was used for another request.
    Other,
}

impl Store {
    /// Notes an attempt of an account in reach and returns whether it was made before. An attempt that is older than
    /// [`ATTEMPT_IS_KNOWN_FOR`] is replaced.
    pub async fn note_send_attempt(
        &self,
        reach: Reach,
        new: &NewSendAttempt,
        now: Timestamp,
    ) -> Result<SendAttempt, StoreError> {
        on_engine!(self, db => db.note_send_attempt(reach, new, now))
    }

    /// Notes that the broker has all messages of an attempt in reach, so that none of them is published again.
    pub async fn send_attempt_accepted(
        &self,
        reach: Reach,
        owner: UserId,
        key: SecretHash,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.send_attempt_accepted(reach, owner, key, now))
    }
}
