//! Messages that wait outside the broker, for the service `persistence`.

use contracts::mt::{MtRequest, Through};
use contracts::{MessageId, OrgId, Priority, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Store, StoreError};

/// A held message whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: MessageId,
    /// Its priority.
    pub priority: Priority,
    /// Its request as it came first, but with the round to be requested now and the tries so far.
    pub request: MtRequest,
    /// When it is too late to be sent.
    pub ends_at: Option<Timestamp>,
}

impl Held {
    /// Too late to be sent at `now`.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }
}

impl Store {
    /// When the next held message is due: its hold ends, or its time is over. None: none is held.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_due())
    }

    /// The held messages due at `now`, of all organisations, longest due first. A settled message is
    /// never among them; a row that cannot be read is logged and left out.
    pub async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Held>, StoreError> {
        on_engine!(self, db => db.due(now, limit))
    }

    /// When the next message is over that is neither held nor with a modem. None: there is none with an end.
    pub async fn next_end(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_end())
    }

    /// The messages whose time was over at `now` and that are neither held nor with a modem, of all organisations,
    /// longest over first. Their requests have the round they are in.
    pub async fn over(&self, now: Timestamp, limit: u32) -> Result<Vec<Held>, StoreError> {
        on_engine!(self, db => db.over(now, limit))
    }

    /// When something was last heard of the message of which nothing was heard for longest, of all that are with a modem.
    pub async fn next_unheard(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_unheard())
    }

    /// The messages that are with a modem and of which nothing was heard since `since`, of all organisations, longest
    /// silent first. A row that cannot be read is logged and left out.
    pub async fn unheard(&self, since: Timestamp, limit: u32) -> Result<Vec<Unheard>, StoreError> {
        on_engine!(self, db => db.unheard(since, limit))
    }

    /// Notes that these were told to be expired.
    pub async fn settle_over(&self, over: &[Held]) -> Result<(), StoreError> {
        on_engine!(self, db => db.settle_over(over))
    }

    /// Notes that these were requested again or told to be expired, so they are not due any more.
    pub async fn settle_due(&self, held: &[Held]) -> Result<(), StoreError> {
        on_engine!(self, db => db.settle_due(held))
    }
}

/// A message that is with a modem, and of which nothing was heard for long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unheard {
    /// Its id.
    pub message: MessageId,
    /// Its organisation.
    pub org: OrgId,
    /// Its account.
    pub owner: UserId,
    /// The round it is in.
    pub round: u32,
    /// Where it is.
    pub through: Through,
    /// The part that was given to the modem last.
    pub part: u8,
}
