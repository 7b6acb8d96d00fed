//! Received messages.

use contracts::{Address, MessageId, ModemId, PhoneNumber, SimId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The query of `GET /inbox`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListInbox {
    /// Only those that this SIM received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// Only those from this number or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Only those that belong to this user: a name or an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Only those received at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Only those received before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Only those in which all of this is found: words of the text, and parts of the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// At most so many; 50 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Those after `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// The answer to `GET /inbox`, newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Inbox {
    /// Those of this page.
    pub messages: Vec<ReceivedMessage>,
    /// `before` of the next page; none: this is the last.
    pub next: Option<String>,
}

/// A message that was received.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceivedMessage {
    /// Its id.
    pub id: MessageId,
    /// Its number, for clients that need an integer.
    pub number: i64,
    /// Who sent it: a number, or a name.
    pub from: Address,
    /// The number of the SIM, where known.
    pub to: Option<PhoneNumber>,
    /// Its text; none for data.
    pub text: Option<String>,
    /// Its 8-bit data in hex.
    pub data: Option<String>,
    /// Its message class, 0 to 3.
    pub class: Option<u8>,
    /// Destination and source port.
    pub ports: Option<(u16, u16)>,
    /// Of how many parts it is.
    pub parts: u8,
    /// Parts that did not come in time.
    pub missing: Vec<u8>,
    /// The SIM that received it.
    pub sim: SimId,
    /// The modem that received it.
    pub modem: ModemId,
    /// When the service centre got it, by the service centre's clock.
    pub smsc_at: Option<Timestamp>,
    /// When it was received.
    pub received_at: Timestamp,
    /// The end of a part is missing.
    pub cut: bool,
    /// What waits for the subscriber at another system, such as voice mail.
    pub waiting: Vec<WaitingIndication>,
    /// A multimedia message that waits at the network.
    pub mms: Option<Mms>,
    /// Data that is plainly text, as text.
    pub data_text: Option<String>,
    /// The gateway before this one that received it, when it was brought from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_from: Option<String>,
    /// The PDUs of its parts in hex. Only in the answer to `GET /inbox/{id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdus: Option<Vec<String>>,
}

/// Messages that wait for the subscriber at another system (3GPP TS 23.040, 9.2.3.24.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingIndication {
    /// `voicemail`, `fax`, `email`, ….
    pub kind: String,
    /// Whether any wait.
    pub active: bool,
    /// How many, where said.
    pub count: Option<u8>,
}

/// A notification of a multimedia message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mms {
    /// Who sent it, where said.
    pub from: Option<String>,
    /// Its subject, where said.
    pub subject: Option<String>,
    /// Its size in octets, where said.
    pub size: Option<u64>,
    /// Where it is fetched from.
    pub location: String,
    /// Until when it is kept there.
    pub expires_at: Option<Timestamp>,
}
