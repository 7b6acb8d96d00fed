//! Times at which the service `persistence` acts on messages: a hold ends, a message is too late to be sent, or
//! nothing was heard for too long of a message that is with a modem.

use contracts::mt::{MtRequest, Through};
use contracts::{MessageId, OrgId, Priority, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Store, StoreError};

/// A message that is to be requested again or told to be expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueMessage {
    /// The id of the message.
    pub id: MessageId,
    /// The priority of the message.
    pub priority: Priority,
    /// The request as it came first, but with the round that is to be requested now and with the tries so far.
    pub request: MtRequest,
    /// When the message is too late to be sent.
    pub ends_at: Option<Timestamp>,
}

impl DueMessage {
    /// Returns whether the message is too late to be sent at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }
}

impl Store {
    /// Returns when the next held message is due, because its hold ends or because it is too late to be sent. None
    /// when no message is held.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_due())
    }

    /// Returns the held messages of all organisations that are due at `now`, longest due first. A settled message is
    /// never among them. A row that cannot be read is logged and left out.
    pub async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<DueMessage>, StoreError> {
        on_engine!(self, db => db.due(now, limit))
    }

    /// Returns when the next message is too late to be sent, of those that are neither held nor with a modem. None
    /// when none of these has an end.
    pub async fn next_end(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_end())
    }

    /// Returns the messages of all organisations that are too late to be sent at `now` and are neither held nor with
    /// a modem, longest over first. Their requests have the round that the messages are in.
    pub async fn over(&self, now: Timestamp, limit: u32) -> Result<Vec<DueMessage>, StoreError> {
        on_engine!(self, db => db.over(now, limit))
    }

    /// Returns when something was last heard of a message that is with a modem: of the one that is silent for
    /// longest.
    pub async fn next_unheard(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_unheard())
    }

    /// Returns the messages of all organisations that are with a modem and of which nothing was heard since `since`,
    /// longest silent first. A row that cannot be read is logged and left out.
    pub async fn unheard(&self, since: Timestamp, limit: u32) -> Result<Vec<Unheard>, StoreError> {
        on_engine!(self, db => db.unheard(since, limit))
    }

    /// Returns messages of all organisations that were given to the modems of their target, or are tried again, and of
    /// which nothing was heard since `since`, longest silent first: those after `last`, the last of the page before.
    pub async fn silent(
        &self,
        since: Timestamp,
        last: Option<&Silent>,
        limit: u32,
    ) -> Result<Vec<Silent>, StoreError> {
        on_engine!(self, db => db.silent(since, last, limit))
    }

    /// Notes that these messages were told to be expired.
    pub async fn settle_over(&self, over: &[DueMessage]) -> Result<(), StoreError> {
        on_engine!(self, db => db.settle_over(over))
    }

    /// Notes that these messages were requested again or told to be expired, so that they are no longer due.
    pub async fn settle_due(&self, held: &[DueMessage]) -> Result<(), StoreError> {
        on_engine!(self, db => db.settle_due(held))
    }
}

/// A message that modems were to take, and of which nothing was heard for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silent {
    /// The id of the message.
    pub message: MessageId,
    /// The organisation of the message.
    pub org: OrgId,
    /// The account that sends the message.
    pub owner: UserId,
    /// The round that the message is in.
    pub round: u32,
    /// When something was heard of the message last.
    pub heard_at: Timestamp,
}

/// A message that is with a modem and of which nothing was heard for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unheard {
    /// The id of the message.
    pub message: MessageId,
    /// The organisation of the message.
    pub org: OrgId,
    /// The account that sends the message.
    pub owner: UserId,
    /// The round that the message is in.
    pub round: u32,
    /// The modem and the SIM that have the message.
    pub through: Through,
    /// The part that was given to the modem last.
    pub part: u8,
}
