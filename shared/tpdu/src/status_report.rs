//! SMS-STATUS-REPORT, from the service centre to a modem (TS 23.040, 9.2.2.3).

use crate::address::Address;
use crate::error::{DecodeError, EncodeError};
use crate::octets::Reader;
use crate::parameters::Parameters;
use crate::pdu::{Tpdu, UDHI, bit, first_octet};
use crate::scts::Scts;
use crate::status::Status;

const MESSAGE_TYPE: u8 = 0b10;
/// TP-MMS, where 0 says that there are more.
const NO_MORE: u8 = 0x04;
/// TP-LP.
const LOOP_PREVENTION: u8 = 0x08;
/// TP-SRQ.
const OF_COMMAND: u8 = 0x20;

/// SMS-STATUS-REPORT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusReport {
    /// TP-MMS: more messages wait at the service centre.
    pub more: bool,
    /// TP-LP.
    pub loop_prevention: bool,
    /// TP-SRQ: about an SMS-COMMAND, not about an SMS-SUBMIT.
    pub of_command: bool,
    /// TP-MR, as the modem gave it to the message.
    pub reference: u8,
    /// TP-RA: who the message went to, not always written as it was dialled.
    pub recipient: Address,
    /// TP-SCTS: when the service centre took the message.
    pub smsc_time: Scts,
    /// TP-DT: when the status came about.
    pub discharged: Scts,
    /// TP-ST.
    pub status: Status,
    /// What follows, in new service centres.
    pub parameters: Parameters,
}

impl StatusReport {
    /// From its octets, without the service centre's.
    ///
    /// What follows TP-ST is optional and often wrong in real reports: where it cannot be read there is none.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(octets);
        let first = first_octet(&mut reader, MESSAGE_TYPE)?;
        let reference = reader.octet("reference")?;
        let recipient = Address::read(&mut reader, "recipient")?;
        let smsc_time = Scts(reader.array("smsc_time")?);
        let discharged = Scts(reader.array("discharged")?);
        let status = Status(reader.octet("status")?);
        let parameters = reader
            .octet("parameter_indicator")
            .and_then(|indicator| Parameters::read(&mut reader, indicator, first & UDHI != 0))
            .unwrap_or_default();
        Ok(Self {
            more: first & NO_MORE == 0,
            loop_prevention: first & LOOP_PREVENTION != 0,
            of_command: first & OF_COMMAND != 0,
            reference,
            recipient,
            smsc_time,
            discharged,
            status,
            parameters,
        })
    }

    /// Its octets, without the service centre's.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let first = MESSAGE_TYPE
            | bit(NO_MORE, !self.more)
            | bit(LOOP_PREVENTION, self.loop_prevention)
            | bit(OF_COMMAND, self.of_command)
            | bit(UDHI, self.parameters.has_header());
        let mut out = vec![first, self.reference];
        self.recipient.write(&mut out, "recipient")?;
        out.extend(self.smsc_time.0);
        out.extend(self.discharged.0);
        out.push(self.status.0);
        if !self.parameters.is_empty() {
            out.push(self.parameters.indicator());
            self.parameters.write(&mut out)?;
        }
        Ok(out)
    }
}

impl Tpdu for StatusReport {
    fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(octets)
    }

    fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        self.encode()
    }
}
