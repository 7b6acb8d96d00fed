//! SMS-SUBMIT, from a modem to the service centre (TS 23.040, 9.2.2.2).

use crate::address::Address;
use crate::coding::DataCoding;
use crate::error::{DecodeError, EncodeError};
use crate::octets::Reader;
use crate::pdu::{RP, Tpdu, UDHI, bit, first_octet};
use crate::scts::Scts;
use crate::udh::{Concat, Udh};
use crate::user_data::{self, Body, UserData};
use crate::validity::Validity;

const MESSAGE_TYPE: u8 = 0b01;
/// TP-RD.
const REJECT_DUPLICATES: u8 = 0x04;
/// TP-SRR.
const REPORT: u8 = 0x20;

/// SMS-SUBMIT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submit {
    /// TP-RD: the service centre refuses what it holds already.
    pub reject_duplicates: bool,
    /// TP-MR; modems put their own in its place.
    pub reference: u8,
    /// TP-DA.
    pub destination: Address,
    /// TP-PID.
    pub protocol_id: u8,
    /// TP-DCS.
    pub coding: DataCoding,
    /// TP-VP; the service centre's default when none.
    pub validity: Option<Validity>,
    /// TP-SRR: a status report is wanted.
    pub report: bool,
    /// TP-RP: the answer goes through this service centre.
    pub reply_path: bool,
    /// The header of TP-UD.
    pub udh: Udh,
    /// TP-UD.
    pub data: UserData,
}

impl Submit {
    /// From its octets, without the service centre's.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(octets);
        let first = first_octet(&mut reader, MESSAGE_TYPE)?;
        let reference = reader.octet("reference")?;
        let destination = Address::read(&mut reader, "destination")?;
        let protocol_id = reader.octet("protocol_id")?;
        let coding = DataCoding(reader.octet("coding")?);
        let validity = match first >> 3 & 0b11 {
            0b00 => None,
            0b01 => Some(Validity::Enhanced(reader.array("validity")?)),
            0b10 => Some(Validity::Relative(reader.octet("validity")?)),
            _ => Some(Validity::Absolute(Scts(reader.array("validity")?))),
        };
        let (udh, data) = user_data::read(&mut reader, coding, first & UDHI != 0)?;
        Ok(Self {
            reject_duplicates: first & REJECT_DUPLICATES != 0,
            reference,
            destination,
            protocol_id,
            coding,
            validity,
            report: first & REPORT != 0,
            reply_path: first & RP != 0,
            udh,
            data,
        })
    }

    /// Its octets, without the service centre's.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let first = MESSAGE_TYPE
            | bit(REJECT_DUPLICATES, self.reject_duplicates)
            | Validity::format(self.validity) << 3
            | bit(REPORT, self.report)
            | bit(UDHI, !self.udh.is_empty())
            | bit(RP, self.reply_path);
        let mut out = vec![first, self.reference];
        self.destination.write(&mut out, "destination")?;
        out.extend([self.protocol_id, self.coding.0]);
        match self.validity {
            None => {}
            Some(Validity::Relative(octet)) => out.push(octet),
            Some(Validity::Absolute(Scts(octets)) | Validity::Enhanced(octets)) => {
                out.extend(octets);
            }
        }
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

impl Tpdu for Submit {
    fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(octets)
    }

    fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        self.encode()
    }
}
