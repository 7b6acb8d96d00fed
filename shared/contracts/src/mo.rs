//! Received messages (MO, mobile originated).

use serde::{Deserialize, Serialize};
use std::fmt;

use crate::{
    Address, EventId, Message, MessageId, ModemId, OrgId, PhoneNumber, SimId, Subject, Timestamp,
    UserId,
};

/// One SMS-DELIVER as it came from a modem: `sms.v1.event.mo.part`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoPart {
    /// Derived from the SIM and the PDU, so the same SMS read twice has one id.
    pub id: EventId,
    /// The organisation the SIM belongs to.
    #[serde(default = "OrgId::default_org")]
    pub org: OrgId,
    /// The modem it came through.
    pub modem: ModemId,
    /// The SIM it was sent to.
    pub sim: SimId,
    /// The SIM's own number, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PhoneNumber>,
    /// The PDU in upper-case hex, with its SMSC prefix.
    pub pdu: String,
    /// When the modem gave it to us.
    pub received_at: Timestamp,
}

impl MoPart {
    /// The id of a PDU that came to a SIM.
    pub fn id_of(sim: SimId, pdu: &str) -> EventId {
        EventId::derived(&format!("{sim}:{pdu}"))
    }
}

impl fmt::Debug for MoPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MoPart({}, {}, {} octets)", self.id, self.sim, self.pdu.len() / 2)
    }
}

impl Message for MoPart {
    fn subject(&self) -> Subject {
        Subject::MoPart
    }

    fn msg_id(&self) -> String {
        self.id.to_string()
    }
}

crate::named! {
    /// What the sender of a message asks for.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Wish in json {
        /// To be sent nothing more.
        Stop = "stop",
        /// To be sent messages again.
        Start = "start",
    } else {
        /// A wish of a later version.
        Other = "other"
    }
}

/// A whole message, put together: `sms.v1.event.mo.received`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoReceived {
    /// Derived from its first part, so putting it together twice gives one message.
    pub id: MessageId,
    /// The organisation the SIM belongs to.
    #[serde(default = "OrgId::default_org")]
    pub org: OrgId,
    /// The account it belongs to; none: nobody, so it is for administrators and for whom the SIM's settings let read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// The modem.
    pub modem: ModemId,
    /// The SIM.
    pub sim: SimId,
    /// The SIM's own number, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<PhoneNumber>,
    /// The sender. It is not proof of who sent it.
    pub from: Address,
    /// Its text, when it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Its octets in hex, when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Message class 0 to 3, when it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<u8>,
    /// Destination and source port, when it is for an application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<(u16, u16)>,
    /// Of how many parts it is.
    pub parts: u8,
    /// The numbers of the parts that never came; 1 is the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<u8>,
    /// The PDUs in hex, in order of their parts.
    pub pdus: Vec<String>,
    /// When the service centre took it, by its own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smsc_at: Option<Timestamp>,
    /// When its last part came.
    pub received_at: Timestamp,
    /// What its sender asks for by the whole text: to be sent nothing more, or to be sent messages again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wish: Option<Wish>,
}

impl fmt::Debug for MoReceived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "MoReceived({}, {}, from {:?}, {} parts)",
            self.id, self.sim, self.from, self.parts
        )
    }
}

impl Message for MoReceived {
    fn subject(&self) -> Subject {
        Subject::MoReceived
    }

    fn msg_id(&self) -> String {
        format!("{}:received:{}", self.id, self.missing.len())
    }
}
