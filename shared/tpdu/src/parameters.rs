//! TP-PI and the fields it announces at the end of reports (TS 23.040, 9.2.3.27).

use crate::coding::DataCoding;
use crate::error::{DecodeError, EncodeError};
use crate::octets::Reader;
use crate::udh::Udh;
use crate::user_data::{self, UserData};

const PROTOCOL_ID: u8 = 0x01;
const CODING: u8 = 0x02;
const USER_DATA: u8 = 0x04;
const EXTENDED: u8 = 0x80;

/// Fields that a report may have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parameters {
    /// TP-PID.
    pub protocol_id: Option<u8>,
    /// TP-DCS; the default alphabet when there is user data without one.
    pub coding: Option<DataCoding>,
    /// TP-UD and its header.
    pub user_data: Option<(Udh, UserData)>,
}

impl Parameters {
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.protocol_id.is_none() && self.coding.is_none() && self.user_data.is_none()
    }

    /// Whether the user data has a header, which the first octet of the TPDU says.
    pub(crate) fn has_header(&self) -> bool {
        self.user_data.as_ref().is_some_and(|(udh, _)| !udh.is_empty())
    }

    /// What follows TP-PI.
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        indicator: u8,
        with_header: bool,
    ) -> Result<Self, DecodeError> {
        let mut last = indicator;
        while last & EXTENDED != 0 {
            last = reader.octet("parameter_indicator")?;
        }
        let mut parameters = Self::default();
        if indicator & PROTOCOL_ID != 0 {
            parameters.protocol_id = Some(reader.octet("protocol_id")?);
        }
        if indicator & CODING != 0 {
            parameters.coding = Some(DataCoding(reader.octet("coding")?));
        }
        if indicator & USER_DATA != 0 {
            let coding = parameters.coding.unwrap_or_default();
            parameters.user_data = Some(user_data::read(reader, coding, with_header)?);
        }
        Ok(parameters)
    }

    pub(crate) const fn indicator(&self) -> u8 {
        (if self.protocol_id.is_some() { PROTOCOL_ID } else { 0 })
            | (if self.coding.is_some() { CODING } else { 0 })
            | (if self.user_data.is_some() { USER_DATA } else { 0 })
    }

    /// What follows TP-PI.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend(self.protocol_id);
        out.extend(self.coding.map(|coding| coding.0));
        if let Some((udh, data)) = &self.user_data {
            user_data::write(out, self.coding.unwrap_or_default(), udh, data)?;
        }
        Ok(())
    }
}
