//! Messages received.

use std::fmt;

use contracts::{Address, MessageId, ModemId, OrgId, PhoneNumber, SimId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Cursor, Page, Scope, Store, StoreError};

/// A received message.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// Its id.
    pub id: MessageId,
    /// Its number, for clients that need an integer.
    pub number: i64,
    /// The organisation its SIM belongs to.
    pub org: OrgId,
    /// The account it belongs to; none: nobody, so it is for administrators and for whom the SIM's settings let read it.
    pub owner: Option<UserId>,
    /// The sender. It is not proof of who sent it.
    pub from: Address,
    /// The SIM's own number, where known.
    pub to: Option<PhoneNumber>,
    /// Its text, when it is text. Anybody can write anything into it.
    pub text: Option<String>,
    /// Its octets in hex, when it is not.
    pub data: Option<String>,
    /// Message class 0 to 3, when it has one.
    pub class: Option<u8>,
    /// Destination and source port, when it is for an application.
    pub ports: Option<(u16, u16)>,
    /// Of how many parts it is.
    pub parts: u8,
    /// The numbers of the parts that never came; 1 is the first.
    pub missing: Vec<u8>,
    /// The SIM.
    pub sim: SimId,
    /// The modem.
    pub modem: ModemId,
    /// When the service centre took it, by its own clock.
    pub smsc_at: Option<Timestamp>,
    /// When its last part came.
    pub received_at: Timestamp,
    /// The PDUs in hex, in order of their parts.
    pub pdus: Vec<String>,
}

/// Names ids, no text.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({}, from {:?}, {} parts)", self.id, self.from, self.parts)
    }
}

impl Received {
    /// Its place in lists.
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.received_at, id: self.id }
    }
}

/// Which received messages are listed; default: all in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// Only those that came to this SIM.
    pub sim: Option<SimId>,
    /// Only those from this sender.
    pub from: Option<Address>,
    /// Only those that came at this time or later.
    pub since: Option<Timestamp>,
}

/// A page of received messages, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxPage {
    /// The messages.
    pub messages: Vec<Received>,
    /// The cursor of the next page; none: this is the last.
    pub next: Option<Cursor>,
}

impl Store {
    /// The received messages in scope, newest first: a user's own, and those that belong to nobody and came to a SIM that
    /// the user may read.
    pub async fn inbox(
        &self,
        scope: Scope,
        filter: &InboxFilter,
        page: Page,
    ) -> Result<InboxPage, StoreError> {
        on_engine!(self, db => db.inbox(scope, filter, page))
    }

    /// One received message in scope.
    pub async fn received(
        &self,
        scope: Scope,
        id: MessageId,
    ) -> Result<Option<Received>, StoreError> {
        on_engine!(self, db => db.received(scope, id))
    }
}
