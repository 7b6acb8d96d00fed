//! The inbox, which has the messages received.

use std::fmt;
use std::ops::RangeInclusive;

use contracts::{Address, MessageId, ModemId, OrgId, PhoneNumber, SimId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Cursor, Page, Reach, Search, Store, StoreError};

/// A received message.
#[derive(Clone, PartialEq, Eq)]
pub struct Received {
    /// The id of the message.
    pub id: MessageId,
    /// The number of the message, for clients that need an integer.
    pub number: i64,
    /// The organisation that the SIM belongs to.
    pub org: OrgId,
    /// The account that the message belongs to. A message without an account is for administrators and for the
    /// accounts that the settings of the SIM let read it.
    pub owner: Option<UserId>,
    /// The sender as the network names it, which proves nothing about who sent the message.
    pub from: Address,
    /// The number of the SIM, where it is known.
    pub to: Option<PhoneNumber>,
    /// The text, when the message is a text. Anybody can write anything into it.
    pub text: Option<String>,
    /// The octets in hex, when the message is no text.
    pub data: Option<String>,
    /// The message class from 0 to 3, when the message has one.
    pub class: Option<u8>,
    /// The destination port and the source port, when the message is for an application.
    pub ports: Option<(u16, u16)>,
    /// The number of parts of the message.
    pub parts: u8,
    /// The numbers of the parts that never came; the first part is 1.
    pub missing: Vec<u8>,
    /// The SIM that the message came to.
    pub sim: SimId,
    /// The modem that the message came through.
    pub modem: ModemId,
    /// When the service centre took the message, by the clock of the service centre.
    pub smsc_at: Option<Timestamp>,
    /// When the last part came.
    pub received_at: Timestamp,
    /// The PDUs in hex, in the order of the parts.
    pub pdus: Vec<String>,
    /// The gateway that the message was brought from, if it was. That one received it.
    pub imported_from: Option<String>,
}

/// Shows the id and the sender's `Debug`, no text.
impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Received({}, from {:?}, {} parts)", self.id, self.from, self.parts)
    }
}

impl Received {
    /// Returns the place of the message in lists.
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.received_at, id: self.id }
    }
}

/// Which received messages a list has. The default is all messages in reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// The list has only messages that came to this SIM.
    pub sim: Option<SimId>,
    /// The list has only messages that belong to this account.
    pub owner: Option<UserId>,
    /// The list has only messages from this sender.
    pub from: Option<Address>,
    /// The list has only messages that came at this time or later.
    pub since: Option<Timestamp>,
    /// The list has only messages that came before this time.
    pub until: Option<Timestamp>,
    /// The list has only messages whose numbers are among these.
    pub numbers: Option<RangeInclusive<i64>>,
    /// The list has only messages in whose text or sender this is found.
    pub search: Option<Search>,
}

/// A page of received messages, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxPage {
    /// The messages.
    pub messages: Vec<Received>,
    /// The place at which the next page begins. None when this page is the last.
    pub next: Option<Cursor>,
}

impl Store {
    /// Returns a page of the received messages in reach, newest first. A user's reach has the user's own messages,
    /// and those that belong to nobody and came to a SIM which the user may read.
    pub async fn inbox(
        &self,
        reach: Reach,
        filter: &InboxFilter,
        page: Page,
    ) -> Result<InboxPage, StoreError> {
        on_engine!(self, db => db.inbox(reach, filter, page))
    }

    /// Returns one received message in reach.
    pub async fn received(
        &self,
        reach: Reach,
        id: MessageId,
    ) -> Result<Option<Received>, StoreError> {
        on_engine!(self, db => db.received(reach, id))
    }
}
