//! Messages received.

use std::fmt;

use contracts::{Address, MessageId, ModemId, OrgId, PhoneNumber, SimId, Timestamp, UserId};

use crate::column::{json, parsed, parsed_if, small, small_if, time};
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

/// A row of `inbox`.
#[derive(sqlx::FromRow)]
pub(crate) struct ReceivedRow {
    id: String,
    number: i64,
    org: String,
    owner: Option<String>,
    sender: String,
    recipient: Option<String>,
    body: Option<String>,
    data: Option<String>,
    class: Option<i64>,
    port_to: Option<i64>,
    port_from: Option<i64>,
    parts: i64,
    missing: String,
    sim: String,
    modem: String,
    smsc_at: Option<i64>,
    received_at: i64,
    pdus: String,
}

/// The columns of [`ReceivedRow`].
macro_rules! received_columns {
    () => {
        "id, number, org, owner, sender, recipient, body, data, class, port_to, port_from, parts, \
         missing, sim, modem, smsc_at, received_at, pdus"
    };
}
pub(crate) use received_columns;

impl TryFrom<ReceivedRow> for Received {
    type Error = StoreError;

    fn try_from(row: ReceivedRow) -> Result<Self, StoreError> {
        let ports = match (row.port_to, row.port_from) {
            (Some(to), Some(from)) => {
                Some((small("inbox.port_to", to)?, small("inbox.port_from", from)?))
            }
            _ => None,
        };
        Ok(Self {
            id: parsed("inbox.id", &row.id)?,
            number: row.number,
            org: parsed("inbox.org", &row.org)?,
            owner: parsed_if("inbox.owner", row.owner.as_deref())?,
            from: Address::from_text(&row.sender),
            to: parsed_if("inbox.recipient", row.recipient.as_deref())?,
            text: row.body,
            data: row.data,
            class: small_if("inbox.class", row.class)?,
            ports,
            parts: small("inbox.parts", row.parts)?,
            missing: json("inbox.missing", &row.missing)?,
            sim: parsed("inbox.sim", &row.sim)?,
            modem: parsed("inbox.modem", &row.modem)?,
            smsc_at: row.smsc_at.map(time),
            received_at: time(row.received_at),
            pdus: json("inbox.pdus", &row.pdus)?,
        })
    }
}
