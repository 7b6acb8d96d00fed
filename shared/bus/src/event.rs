//! Any event of `SMS_EVENT`, told apart by its subject.

use contracts::dlr::Dlr;
use contracts::mo::{MoPart, MoReceived};
use contracts::modem::ModemEvent;
use contracts::mt::MtEvent;

use crate::Payload;

/// An event of any kind: what a reader of all of `SMS_EVENT` gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Something happened to a message that is being sent.
    Mt(MtEvent),
    /// A part of a message was received.
    MoPart(MoPart),
    /// A whole message was received.
    MoReceived(MoReceived),
    /// A delivery report.
    Dlr(Dlr),
    /// Something happened to a modem.
    Modem(ModemEvent),
    /// An event of a later version: acknowledge and pass over.
    Unknown,
}

impl Payload for Event {
    fn decode(subject: &str, payload: &[u8]) -> Result<Self, String> {
        let Some(kind) = subject.strip_prefix("sms.v1.event.") else {
            return Ok(Self::Unknown);
        };
        match kind {
            "mo.part" => Payload::decode(subject, payload).map(Self::MoPart),
            "mo.received" => Payload::decode(subject, payload).map(Self::MoReceived),
            "dlr" => Payload::decode(subject, payload).map(Self::Dlr),
            _ if kind.starts_with("mt.") => Payload::decode(subject, payload).map(Self::Mt),
            _ if kind.starts_with("modem.") => Payload::decode(subject, payload).map(Self::Modem),
            _ => Ok(Self::Unknown),
        }
    }
}
