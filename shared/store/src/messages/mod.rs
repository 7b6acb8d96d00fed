//! Messages to be sent, as people and programs read them.

use std::collections::HashMap;
use std::fmt;
use std::ops::RangeInclusive;

use contracts::dlr::DlrOutcome;
use contracts::mt::{Body, DlrCallback, Gate, MtChange, MtRequest, SendError};
use contracts::subject::Target;
use contracts::{
    Amount, BatchId, MessageId, ModemId, MtState, OrgId, PhoneNumber, Priority, SimId, Timestamp,
    UserId,
};

use crate::engine::on_engine;
use crate::{Cursor, Page, Reach, Search, Store, StoreError};

pub(crate) mod names;

/// A message, as a list shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The id of the message.
    pub id: MessageId,
    /// The number of the message, for clients that need an integer.
    pub number: i64,
    /// The organisation of the message.
    pub org: OrgId,
    /// The account that sends the message.
    pub owner: UserId,
    /// The batch that the message belongs to.
    pub batch: Option<BatchId>,
    /// The recipient.
    pub to: PhoneNumber,
    /// The content, text or data.
    pub body: Body,
    /// How urgent the message is.
    pub priority: Priority,
    /// How far the message is on its way.
    pub state: MtState,
    /// How often the message was held and requested again.
    pub round: u32,
    /// The number of parts, which is known once the message is admitted.
    pub parts: Option<u8>,
    /// The modem that the message went or goes through.
    pub modem: Option<ModemId>,
    /// The SIM that the message went or goes through.
    pub sim: Option<SimId>,
    /// Which modems the message was admitted for at last, unless they are those of the default pool.
    pub target: Option<Target>,
    /// The last error, until the message is sent.
    pub error: Option<SendError>,
    /// Why the message is held, while it is.
    pub gate: Option<Gate>,
    /// Until when the message waits, while it is held or deferred.
    pub held_until: Option<Timestamp>,
    /// How often a modem tried to send the message.
    pub tries: u32,
    /// The URL that is told what happens to the message, if there is one.
    pub dlr: Option<DlrCallback>,
    /// The request as it came first, while the message has neither ended nor been sent.
    pub pending: Option<Box<MtRequest>>,
    /// What the account was charged for the message, zero when that was refunded. None: it cost nothing, or was not charged yet.
    pub cost: Option<Amount>,
    /// The gateway that the message was brought from, if it was. That one sent it, or did not.
    pub imported_from: Option<String>,
    /// When the message was accepted.
    pub created_at: Timestamp,
    /// When the state last changed.
    pub updated_at: Timestamp,
}

/// Shows ids and the state, no number and no text.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}, {}, to {:?})", self.id, self.state, self.to)
    }
}

impl Message {
    /// Returns the place of the message in lists.
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.created_at, id: self.id }
    }
}

/// A message with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDetail {
    /// The message.
    pub message: Message,
    /// The request as it came first.
    pub request: MtRequest,
    /// The parts, as far as the network took them or reported on them.
    pub parts: Vec<Part>,
    /// What happened to the message, oldest first. That the message was accepted is no line here but
    /// `message.created_at`.
    pub timeline: Vec<TimelineEntry>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The number of the part; the first is 1.
    pub part: u8,
    /// TP-MR, the reference by which the network's reports name the part.
    pub reference: Option<u8>,
    /// The modem that the part went through.
    pub modem: Option<ModemId>,
    /// The SIM that the part went through.
    pub sim: Option<SimId>,
    /// When the network took the part.
    pub sent_at: Option<Timestamp>,
    /// The best report on the part so far.
    pub report: Option<PartReport>,
}

/// What a delivery report says of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartReport {
    /// TP-ST, the status.
    pub status: u8,
    /// The meaning of TP-ST.
    pub outcome: DlrOutcome,
    /// TP-ST in words.
    pub text: String,
    /// TP-DT, the time at which the service centre settled the part.
    pub discharged_at: Timestamp,
    /// When the report came.
    pub at: Timestamp,
}

/// A line of a message's timeline. The `Display` of `change` is an English sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When the change happened.
    pub at: Timestamp,
    /// The round in which the change happened.
    pub round: u32,
    /// The sequence that the event has in the stream.
    pub sequence: u64,
    /// The change.
    pub change: MtChange,
}

/// Which messages a list has. The default is all messages in reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// The list has only messages in one of these states. An empty list of states stands for all.
    pub states: Vec<MtState>,
    /// The list has only messages to this number, as it was dialled when the message was accepted.
    pub to: Option<PhoneNumber>,
    /// The list has only messages that went or go through this SIM.
    pub sim: Option<SimId>,
    /// The list has only messages that this account sends.
    pub owner: Option<UserId>,
    /// The list has only messages of this batch.
    pub batch: Option<BatchId>,
    /// The list has only messages that were accepted at this time or later.
    pub since: Option<Timestamp>,
    /// The list has only messages that were accepted before this time.
    pub until: Option<Timestamp>,
    /// The list has only messages whose numbers are among these.
    pub numbers: Option<RangeInclusive<i64>>,
    /// The list has only messages in whose text or recipient this is found.
    pub search: Option<Search>,
}

/// A page of messages, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<Message>,
    /// The place at which the next page begins. None when this page is the last.
    pub next: Option<Cursor>,
}

impl Store {
    /// Returns a page of the messages in reach, newest first.
    pub async fn messages(
        &self,
        reach: Reach,
        filter: &MessageFilter,
        page: Page,
    ) -> Result<MessagePage, StoreError> {
        on_engine!(self, db => db.messages(reach, filter, page))
    }

    /// Returns one message in reach.
    pub async fn message(
        &self,
        reach: Reach,
        id: MessageId,
    ) -> Result<Option<Message>, StoreError> {
        on_engine!(self, db => db.message(reach, id))
    }

    /// Returns the states of those of these messages that exist and are in reach.
    pub async fn message_states(
        &self,
        reach: Reach,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, MtState>, StoreError> {
        on_engine!(self, db => db.message_states(reach, ids))
    }

    /// Returns how many messages in reach a batch has in each state. There is no batch of which nothing is returned.
    pub async fn batch(
        &self,
        reach: Reach,
        batch: BatchId,
    ) -> Result<Vec<(MtState, u64)>, StoreError> {
        on_engine!(self, db => db.batch(reach, batch))
    }

    /// Returns one message in reach with its request, its parts and its timeline.
    pub async fn message_detail(
        &self,
        reach: Reach,
        id: MessageId,
    ) -> Result<Option<MessageDetail>, StoreError> {
        on_engine!(self, db => db.message_detail(reach, id))
    }
}
