//! The two acknowledgements (TS 23.040, 9.2.2.1a and 9.2.2.2a): SMS-DELIVER-REPORT, which a modem sends for an
//! SMS-DELIVER (`AT+CNMA`), and SMS-SUBMIT-REPORT, which the service centre sends for an SMS-SUBMIT.
//!
//! Both exist in two forms: within RP-ERROR they have TP-FCS, within RP-ACK they have none. The octets alone do not
//! say which; but TP-FCS is never below 0x80, and TP-PI, which comes in its place, always is as long as nobody
//! uses its extension. That decides.

use crate::error::{DecodeError, EncodeError};
use crate::octets::Reader;
use crate::parameters::Parameters;
use crate::pdu::{Tpdu, UDHI, bit, first_octet};
use crate::scts::Scts;

const DELIVER_REPORT: u8 = 0b00;
const SUBMIT_REPORT: u8 = 0b01;

/// SMS-DELIVER-REPORT.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeliverReport {
    /// TP-FCS, 0x80 to 0xFF; none when the message was taken.
    pub failure: Option<u8>,
    /// What follows.
    pub parameters: Parameters,
}

/// SMS-SUBMIT-REPORT.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubmitReport {
    /// TP-FCS, 0x80 to 0xFF; none when the message was taken.
    pub failure: Option<u8>,
    /// TP-SCTS: when the service centre took it.
    pub timestamp: Scts,
    /// What follows.
    pub parameters: Parameters,
}

impl DeliverReport {
    /// From its octets.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(octets);
        let first = first_octet(&mut reader, DELIVER_REPORT)?;
        let (failure, indicator) = failure_and_indicator(&mut reader)?;
        let parameters = Parameters::read(&mut reader, indicator, first & UDHI != 0)?;
        Ok(Self { failure, parameters })
    }

    /// Its octets.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let mut out = vec![DELIVER_REPORT | bit(UDHI, self.parameters.has_header())];
        out.extend(self.failure.map(|cause| cause | 0x80));
        out.push(self.parameters.indicator());
        self.parameters.write(&mut out)?;
        Ok(out)
    }
}

impl SubmitReport {
    /// From its octets.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(octets);
        let first = first_octet(&mut reader, SUBMIT_REPORT)?;
        let (failure, indicator) = failure_and_indicator(&mut reader)?;
        let timestamp = Scts(reader.array("timestamp")?);
        let parameters = Parameters::read(&mut reader, indicator, first & UDHI != 0)?;
        Ok(Self { failure, timestamp, parameters })
    }

    /// Its octets.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let mut out = vec![SUBMIT_REPORT | bit(UDHI, self.parameters.has_header())];
        out.extend(self.failure.map(|cause| cause | 0x80));
        out.push(self.parameters.indicator());
        out.extend(self.timestamp.0);
        self.parameters.write(&mut out)?;
        Ok(out)
    }
}

fn failure_and_indicator(reader: &mut Reader<'_>) -> Result<(Option<u8>, u8), DecodeError> {
    let octet = reader.octet("failure_cause")?;
    if octet < 0x80 {
        return Ok((None, octet));
    }
    Ok((Some(octet), reader.octet("parameter_indicator")?))
}

impl Tpdu for DeliverReport {
    fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(octets)
    }

    fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        self.encode()
    }
}

impl Tpdu for SubmitReport {
    fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        Self::decode(octets)
    }

    fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        self.encode()
    }
}
