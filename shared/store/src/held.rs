//! Messages that wait outside the broker, for the service `persistence`.

use contracts::mt::{MtChange, MtRequest, Through};
use contracts::{MessageId, OrgId, Priority, Timestamp, UserId};

use crate::column::{json, parsed, small, time, unreadable};
use crate::engine::on_engine;
use crate::message::request_of;
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

/// The row of such a message, and what was told of it last.
#[derive(sqlx::FromRow)]
pub(crate) struct UnheardRow {
    pub(crate) id: String,
    org: String,
    owner: String,
    round: i64,
    change_json: String,
}

impl TryFrom<UnheardRow> for Unheard {
    type Error = StoreError;

    fn try_from(row: UnheardRow) -> Result<Self, StoreError> {
        let change: MtChange = json("timeline.change_json", &row.change_json)?;
        let MtChange::Sending { through, part, .. } = change else {
            return Err(unreadable("timeline.change_json", change.state().as_str()));
        };
        Ok(Self {
            message: parsed("messages.id", &row.id)?,
            org: parsed("messages.org", &row.org)?,
            owner: parsed("messages.owner", &row.owner)?,
            round: small("messages.round", row.round)?,
            through,
            part,
        })
    }
}

/// What the row of a held message has of it.
#[derive(sqlx::FromRow)]
pub(crate) struct HeldRow {
    pub(crate) id: String,
    priority: String,
    request: String,
    due_round: i64,
    tries: i64,
    ends_at: Option<i64>,
}

impl TryFrom<HeldRow> for Held {
    type Error = StoreError;

    fn try_from(row: HeldRow) -> Result<Self, StoreError> {
        let mut request = request_of(&row.request)?;
        request.round = small("messages.due_round", row.due_round)?;
        request.tries = small("messages.tries", row.tries)?;
        Ok(Self {
            id: parsed("messages.id", &row.id)?,
            priority: parsed("messages.priority", &row.priority)?,
            request,
            ends_at: row.ends_at.map(time),
        })
    }
}
