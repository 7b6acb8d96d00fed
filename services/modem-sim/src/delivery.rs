//! What goes to modems: texts, messages and reports as PDUs of the network's service centre.

use jiff::Timestamp;
use tpdu::{
    Address, AddressError, ComposeError, DecodeError, Deliver, EncodeError, Scts, StatusReport,
    Submit, Tpdu,
};

use crate::identity;
use crate::machine::{Incoming, IncomingKind};

/// The zone of the service centre's clock: Jakarta, in minutes.
const ZONE: i16 = 7 * 60;

/// Why something could not be sent to a modem.
#[derive(Debug, thiserror::Error)]
pub enum InjectError {
    /// No such modem.
    #[error("there is no modem{0}")]
    NoModem(usize),
    /// The sender.
    #[error("'{from}' cannot be a sender")]
    From {
        /// As it was given.
        from: String,
        /// Why.
        #[source]
        source: AddressError,
    },
    /// The network's own number.
    #[error("the service centre has no number")]
    Centre(#[source] AddressError),
    /// The text.
    #[error("the text cannot be sent")]
    Text(#[source] ComposeError),
    /// The TPDU.
    #[error("the TPDU cannot be written")]
    Encode(#[source] EncodeError),
    /// The PDU.
    #[error("the PDU cannot be read")]
    Decode(#[source] DecodeError),
}

pub(crate) fn centre() -> Result<Address, AddressError> {
    Address::number(identity::SMSC)
}

/// A recipient in international form: in Indonesia `0812…` is `+62812…`, and `00` begins any country's.
pub(crate) fn international(address: &Address) -> String {
    let text = address.to_string();
    if address.is_international() || address.is_name() {
        text
    } else if let Some(abroad) = text.strip_prefix("00") {
        format!("+{abroad}")
    } else if let Some(national) = text.strip_prefix('0') {
        format!("+62{national}")
    } else if text.starts_with("62") {
        format!("+{text}")
    } else {
        text
    }
}

/// The time of day of the network, which is the system's.
#[expect(clippy::disallowed_methods, reason = "the simulated network is outside the gateway")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// What the service centre's clock shows.
pub(crate) fn clock() -> Scts {
    Scts::from_timestamp(now().as_second(), ZONE).unwrap_or_default()
}

pub(crate) fn address(text: &str) -> Result<Address, InjectError> {
    let address = if text.starts_with('+') || text.bytes().all(|b| b.is_ascii_digit()) {
        Address::number(text)
    } else {
        Address::name(text)
    };
    address.map_err(|source| InjectError::From { from: text.into(), source })
}

/// What the recipient gets of a message.
pub(crate) fn deliver_of(submit: Submit, origin: Address) -> Deliver {
    Deliver {
        more: false,
        loop_prevention: false,
        report: false,
        reply_path: submit.reply_path,
        origin,
        protocol_id: submit.protocol_id,
        coding: submit.coding,
        timestamp: clock(),
        udh: submit.udh,
        data: submit.data,
        cut: false,
    }
}

pub(crate) fn incoming(deliver: &Deliver) -> Result<Incoming, EncodeError> {
    let class = deliver.coding.class().map(tpdu::Class::number);
    with_centre(deliver, IncomingKind::Message { class })
}

pub(crate) fn report_incoming(report: &StatusReport) -> Result<Incoming, EncodeError> {
    with_centre(report, IncomingKind::Report { reference: report.reference })
}

pub(crate) fn with_centre<T: Tpdu + Clone>(
    tpdu: &T,
    kind: IncomingKind,
) -> Result<Incoming, EncodeError> {
    let smsc = centre().ok();
    let pdu = tpdu::Pdu { smsc, tpdu: tpdu.clone() }.encode()?;
    let length = pdu.len() - 1 - usize::from(pdu[0]);
    Ok(Incoming { kind, pdu, length })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn national_numbers_are_found() {
        for dialled in ["+6281200000001", "081200000001", "006281200000001", "6281200000001"] {
            let address = Address::number(dialled).unwrap();
            assert_eq!(international(&address), "+6281200000001");
        }
        assert_eq!(international(&Address::number("777").unwrap()), "777");
    }
}
