//! SMS-DELIVER, from the service centre to a modem (TS 23.040, 9.2.2.1).

use crate::address::Address;
use crate::coding::DataCoding;
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
}

impl Deliver {
    /// From its octets, without the service centre's.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(octets);
        let expected = match octets.first() {
            Some(first) if first & MTI == RESERVED_TYPE => RESERVED_TYPE,
            _ => MESSAGE_TYPE,
        };
        let first = first_octet(&mut reader, expected)?;
        let origin = Address::read(&mut reader, "origin")?;
        let protocol_id = reader.octet("protocol_id")?;
        let coding = DataCoding(reader.octet("coding")?);
        let timestamp = Scts(reader.array("timestamp")?);
        let (udh, data) = user_data::read(&mut reader, coding, first & UDHI != 0)?;
        Ok(Self {
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
        })
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

impl Tpdu for Deliver {
    fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(octets)
    }

    fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        self.encode()
    }
}
