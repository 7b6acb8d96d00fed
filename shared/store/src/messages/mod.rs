//! Messages to be sent: what people and programs read of them.

use std::fmt;

use contracts::dlr::DlrOutcome;
use contracts::mt::{Body, DlrCallback, Gate, MtChange, MtRequest, SendError};
use contracts::{
    MessageId, ModemId, MtState, OrgId, PhoneNumber, Priority, SimId, Timestamp, UserId,
};

use crate::engine::on_engine;
use crate::{Cursor, Page, Scope, Store, StoreError};

pub(crate) mod names;

/// A message, as in a list.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its number, for clients that need an integer.
    pub number: i64,
    /// Its organisation.
    pub org: OrgId,
    /// Its account.
    pub owner: UserId,
    /// The recipient.
    pub to: PhoneNumber,
    /// What is sent.
    pub body: Body,
    /// How urgent it is.
    pub priority: Priority,
    /// Where it is on its way.
    pub state: MtState,
    /// How often it was held and requested again.
    pub round: u32,
    /// Of how many parts it is; known once admitted.
    pub parts: Option<u8>,
    /// The modem it went or goes through.
    pub modem: Option<ModemId>,
    /// The SIM it went or goes through.
    pub sim: Option<SimId>,
    /// What went wrong last, until it was sent.
    pub error: Option<SendError>,
    /// Why it is held, while it is.
    pub gate: Option<Gate>,
    /// Until when it waits, while it is held or deferred.
    pub held_until: Option<Timestamp>,
    /// How often a modem tried.
    pub tries: u32,
    /// Where to tell what happened.
    pub dlr: Option<DlrCallback>,
    /// Its request as it came first, while it has neither ended nor been sent.
    pub pending: Option<Box<MtRequest>>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When the state last changed.
    pub updated_at: Timestamp,
}

/// Names ids and state, no number and no text.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}, {}, to {:?})", self.id, self.state, self.to)
    }
}

impl Message {
    /// Its place in lists.
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
    /// Its parts, as far as the network took them or reported on them.
    pub parts: Vec<Part>,
    /// What happened, oldest first. That it was accepted is `message.created_at`, not a line here.
    pub timeline: Vec<TimelineEntry>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// 1 is the first.
    pub part: u8,
    /// TP-MR.
    pub reference: Option<u8>,
    /// The modem it went through.
    pub modem: Option<ModemId>,
    /// The SIM it went through.
    pub sim: Option<SimId>,
    /// When the network took it.
    pub sent_at: Option<Timestamp>,
    /// The best report on it so far.
    pub report: Option<PartReport>,
}

/// What a delivery report says of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartReport {
    /// TP-ST.
    pub status: u8,
    /// What TP-ST means.
    pub outcome: DlrOutcome,
    /// TP-ST in words.
    pub text: String,
    /// TP-DT.
    pub discharged_at: Timestamp,
    /// When the report came.
    pub at: Timestamp,
}

/// A line of a message's timeline. `change`'s `Display` is its English sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When it happened.
    pub at: Timestamp,
    /// The round it happened in.
    pub round: u32,
    /// The sequence of its event in the stream.
    pub sequence: u64,
    /// What happened.
    pub change: MtChange,
}

/// Which messages are listed; default: all in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Only those in one of these states; empty: in any.
    pub states: Vec<MtState>,
    /// Only those to this number, as it was written when accepted.
    pub to: Option<PhoneNumber>,
    /// Only those accepted at this time or later.
    pub since: Option<Timestamp>,
}

/// A page of messages, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<Message>,
    /// The cursor of the next page; none: this is the last.
    pub next: Option<Cursor>,
}

impl Store {
    /// The messages in scope, newest first.
    pub async fn messages(
        &self,
        scope: Scope,
        filter: &MessageFilter,
        page: Page,
    ) -> Result<MessagePage, StoreError> {
        on_engine!(self, db => db.messages(scope, filter, page))
    }

    /// One message in scope.
    pub async fn message(
        &self,
        scope: Scope,
        id: MessageId,
    ) -> Result<Option<Message>, StoreError> {
        on_engine!(self, db => db.message(scope, id))
    }

    /// One message in scope with request, parts and timeline.
    pub async fn message_detail(
        &self,
        scope: Scope,
        id: MessageId,
    ) -> Result<Option<MessageDetail>, StoreError> {
        on_engine!(self, db => db.message_detail(scope, id))
    }
}
