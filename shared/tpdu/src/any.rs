//! TPDUs of which it is not known what they are.

use crate::deliver::Deliver;
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::pdu::{MTI, Pdu, Tpdu, decode_prefixed};
use crate::status_report::StatusReport;
use crate::submit::Submit;

/// The TPDUs that are messages or about messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnyTpdu {
    /// SMS-SUBMIT.
    Submit(Submit),
    /// SMS-DELIVER.
    Deliver(Deliver),
    /// SMS-STATUS-REPORT.
    StatusReport(StatusReport),
}

/// One with the service centre before it.
pub type AnyPdu = Pdu<AnyTpdu>;

/// What the service centre sends to a modem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// SMS-DELIVER.
    Deliver(Deliver),
    /// SMS-STATUS-REPORT.
    StatusReport(StatusReport),
}

impl AnyTpdu {
    /// `submit`, `deliver` or `status-report`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Submit(_) => "submit",
            Self::Deliver(_) => "deliver",
            Self::StatusReport(_) => "status-report",
        }
    }
}

impl Tpdu for AnyTpdu {
    /// By TP-MTI, whose values mean different TPDUs in the two directions: 0 is taken for SMS-DELIVER, 1 for
    /// SMS-SUBMIT, 2 for SMS-STATUS-REPORT, and the reserved 3 for SMS-DELIVER.
    fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        match octets.first().map(|first| first & MTI) {
            Some(0b01) => Submit::decode(octets).map(Self::Submit),
            Some(0b10) => StatusReport::decode(octets).map(Self::StatusReport),
            _ => Deliver::decode(octets).map(Self::Deliver),
        }
    }

    fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        match self {
            Self::Submit(submit) => submit.encode(),
            Self::Deliver(deliver) => deliver.encode(),
            Self::StatusReport(report) => report.encode(),
        }
    }
}

impl Tpdu for Received {
    fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        match AnyTpdu::decode(octets)? {
            AnyTpdu::Deliver(deliver) => Ok(Self::Deliver(deliver)),
            AnyTpdu::StatusReport(report) => Ok(Self::StatusReport(report)),
            AnyTpdu::Submit(_) => {
                let kind = DecodeErrorKind::MessageType { found: 0b01, expected: 0b00 };
                Err(DecodeError::new("first_octet", 0, kind))
            }
        }
    }

    fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        match self {
            Self::Deliver(deliver) => deliver.encode(),
            Self::StatusReport(report) => report.encode(),
        }
    }
}

impl AnyTpdu {
    /// As [`decode`](Tpdu::decode), but an SMS-DELIVER may end too early ([`Deliver::cut`]).
    fn decode_cut(octets: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(octets).or_else(|error| match octets.first().map(|first| first & MTI) {
            Some(0b01 | 0b10) => Err(error),
            _ => Deliver::decode_cut(octets).map(Self::Deliver),
        })
    }
}

impl Received {
    fn has_time(&self) -> bool {
        let time = match self {
            Self::Deliver(deliver) => deliver.timestamp,
            Self::StatusReport(report) => report.smsc_time,
        };
        time.civil().is_some()
    }

    fn decode_cut(octets: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(octets).or_else(|error| match AnyTpdu::decode_cut(octets) {
            Ok(AnyTpdu::Deliver(deliver)) => Ok(Self::Deliver(deliver)),
            _ => Err(error),
        })
    }
}

/// A PDU as people paste it, with the service centre's address before it or without. An SMS-DELIVER may be
/// [cut](Deliver::cut).
pub fn decode_any(octets: &[u8], with_smsc: bool) -> Result<AnyPdu, DecodeError> {
    if with_smsc {
        decode_prefixed(octets, AnyTpdu::decode_cut)
    } else {
        AnyTpdu::decode_cut(octets).map(|tpdu| Pdu { smsc: None, tpdu })
    }
}

/// A PDU that a modem gave us (`+CMT`, `+CDS`, `+CMGL`, `+CMGR`), with the length it announced, which should not
/// count the service centre's address.
///
/// Some modems leave that address out, and some count wrongly. When the length is that of all octets there is no
/// address before; else it is tried with the address first, then the other way. What reads neither way as an
/// SMS-STATUS-REPORT or as a whole SMS-DELIVER with a time is read as far as it goes ([`Deliver::cut`]).
pub fn decode_received(
    octets: &[u8],
    announced: Option<usize>,
) -> Result<Pdu<Received>, DecodeError> {
    type Decode = fn(&[u8]) -> Result<Received, DecodeError>;
    let with = |decode: Decode| decode_prefixed(octets, decode);
    let without = |decode: Decode| decode(octets).map(|tpdu| Pdu { smsc: None, tpdu });
    let prefix_second = announced == Some(octets.len());
    let in_turn = |decode: Decode| {
        if prefix_second {
            [without(decode), with(decode)]
        } else {
            [with(decode), without(decode)]
        }
    };
    let [first, second] = in_turn(Received::decode);
    if first.is_ok() {
        return first;
    }
    // Almost any octets read as something in the less likely way: a time among them tells chance from sense.
    match second {
        Ok(pdu) if pdu.tpdu.has_time() => Ok(pdu),
        second => {
            let [cut, cut_second] = in_turn(Received::decode_cut);
            cut.or(cut_second).or(second).or(first)
        }
    }
}
