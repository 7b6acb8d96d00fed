//! SMS-DELIVER, from the service centre to a modem (TS 23.040, 9.2.2.1).

use crate::address::Address;
use crate::coding::{DataCoding, Indication};
use crate::error::{DecodeError, EncodeError};
use crate::octets::Reader;
use crate::pdu::{MTI, RP, Tpdu, UDHI, bit, first_octet};
use crate::scts::Scts;
use crate::udh::{Concat, Udh};
use crate::user_data::{self, Body, UserData};

const MESSAGE_TYPE: u8 = 0b00;
/// A modem treats the reserved type as an SMS-DELIVER (9.2.3.1).
const RESERVED_TYPE: u8 = 0b11;
/// TP-MMS, where 0 says that there are more.
const NO_MORE: u8 = 0x04;
/// TP-LP.
const LOOP_PREVENTION: u8 = 0x08;
/// TP-SRI.
const REPORT: u8 = 0x20;

/// SMS-DELIVER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deliver {
    /// TP-MMS: more messages wait at the service centre.
    pub more: bool,
    /// TP-LP: it was forwarded already and must not be again.
    pub loop_prevention: bool,
    /// TP-SRI: the sender gets a status report.
    pub report: bool,
    /// TP-RP: the answer may go through the same service centre.
    pub reply_path: bool,
    /// TP-OA.
    pub origin: Address,
    /// TP-PID.
    pub protocol_id: u8,
    /// TP-DCS.
    pub coding: DataCoding,
    /// TP-SCTS.
    pub timestamp: Scts,
    /// The header of TP-UD.
    pub udh: Udh,
    /// TP-UD.
    pub data: UserData,
    /// Whether the octets ended before TP-UDL said, so that `data` is only what came. [`decode`](Self::decode)
    /// refuses such octets, [`decode_received`](crate::decode_received) reads them.
    pub cut: bool,
}

/// The fields before TP-UDL.
struct Head {
    first: u8,
    origin: Address,
    protocol_id: u8,
    coding: DataCoding,
    timestamp: Scts,
}

impl Deliver {
    /// From its octets, without the service centre's.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(octets);
        let head = Head::read(&mut reader)?;
        let (udh, data) = user_data::read(&mut reader, head.coding, head.first & UDHI != 0)?;
        Ok(Self::of(head, udh, data))
    }

    /// From octets that may end before TP-UDL says, as modems and networks cut them. What is there is read.
    ///
    /// # Errors
    /// As [`decode`](Self::decode), but for a TP-UD that is too short. Where it is, TP-SCTS must be a time: the octets
    /// may be something else altogether.
    pub(crate) fn decode_cut(octets: &[u8]) -> Result<Self, DecodeError> {
        let error = match Self::decode(octets) {
            Err(error) => error,
            whole => return whole,
        };
        let mut reader = Reader::new(octets);
        let head = Head::read(&mut reader)?;
        if head.timestamp.civil().is_none() {
            return Err(error);
        }
        let (udh, data) = user_data::read_cut(&mut reader, head.coding, head.first & UDHI != 0);
        Ok(Self { cut: true, ..Self::of(head, udh, data) })
    }

    fn of(head: Head, udh: Udh, data: UserData) -> Self {
        let Head { first, origin, protocol_id, coding, timestamp } = head;
        Self {
            more: first & NO_MORE == 0,
            loop_prevention: first & LOOP_PREVENTION != 0,
            report: first & REPORT != 0,
            reply_path: first & RP != 0,
            origin,
            protocol_id,
            coding,
            timestamp,
            udh,
            data,
            cut: false,
        }
    }

    /// Its octets, without the service centre's.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let first = MESSAGE_TYPE
            | bit(NO_MORE, !self.more)
            | bit(LOOP_PREVENTION, self.loop_prevention)
            | bit(REPORT, self.report)
            | bit(UDHI, !self.udh.is_empty())
            | bit(RP, self.reply_path);
        let mut out = vec![first];
        self.origin.write(&mut out, "origin")?;
        out.extend([self.protocol_id, self.coding.0]);
        out.extend(self.timestamp.0);
        user_data::write(&mut out, self.coding, &self.udh, &self.data)?;
        Ok(out)
    }

    /// What waits at another system for the subscriber, as the header and TP-DCS say (9.2.3.24.2; 23.038, 4).
    pub fn waiting(&self) -> Vec<Indication> {
        let by_coding = self.coding.waiting().map(|waiting| Indication { waiting, count: None });
        let by_header = self.udh.waiting();
        // The header has precedence (9.2.3.24.2).
        if by_header.is_empty() { by_coding.into_iter().collect() } else { by_header }
    }

    /// What it says.
    pub const fn body(&self) -> Body<'_> {
        Body { coding: self.coding, udh: &self.udh, data: &self.data }
    }

    /// Which part it is of a concatenated message.
    pub fn concat(&self) -> Option<Concat> {
        self.udh.concat()
    }

    /// Its text, taken alone; none when it is data.
    pub fn text(&self) -> Option<String> {
        self.body().text()
    }
}

impl Head {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let expected = match reader.left().first() {
            Some(first) if first & MTI == RESERVED_TYPE => RESERVED_TYPE,
            _ => MESSAGE_TYPE,
        };
        Ok(Self {
            first: first_octet(reader, expected)?,
            origin: Address::read(reader, "origin")?,
            protocol_id: reader.octet("protocol_id")?,
            coding: DataCoding(reader.octet("coding")?),
            timestamp: Scts(reader.array("timestamp")?),
        })
    }
}

impl Tpdu for Deliver {
    fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(octets)
    }

    fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        self.encode()
    }
}
