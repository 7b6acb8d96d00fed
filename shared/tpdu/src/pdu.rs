//! A TPDU with the service centre's address before it, as `+CMGS`, `+CMT` and the like carry it (TS 27.005, 3.1).

use crate::address::Address;
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::octets::{Reader, from_hex, to_hex};

/// The two bits of TP-MTI.
pub(crate) const MTI: u8 = 0b11;
/// TP-UDHI: user data begins with a header.
pub(crate) const UDHI: u8 = 0x40;
/// TP-RP: reply path.
pub(crate) const RP: u8 = 0x80;

/// A TPDU that can be read and written.
pub trait Tpdu: Sized {
    /// From its octets. What follows its end is passed over: some modems pad.
    fn decode(octets: &[u8]) -> Result<Self, DecodeError>;
    /// Its octets.
    fn encode(&self) -> Result<Vec<u8>, EncodeError>;
}

/// A TPDU and the service centre it goes or came through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu<T> {
    /// The service centre; none is the SIM's own.
    pub smsc: Option<Address>,
    /// What goes through it.
    pub tpdu: T,
}

impl<T: Tpdu> Pdu<T> {
    /// From octets that begin with the service centre's address.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        decode_prefixed(octets, T::decode)
    }

    /// From hexadecimal text that begins with the service centre's address.
    pub fn from_hex(text: &str) -> Result<Self, DecodeError> {
        Self::decode(&from_hex(text)?)
    }

    /// Octets that begin with the service centre's address.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let mut octets = Vec::new();
        Address::write_smsc(self.smsc.as_ref(), &mut octets)?;
        octets.extend(self.tpdu.encode()?);
        Ok(octets)
    }

    /// Hexadecimal text as modems want it, and the length that goes before it (`AT+CMGS=<length>`), which does not
    /// count the service centre's address.
    pub fn to_hex(&self) -> Result<(usize, String), EncodeError> {
        let mut octets = Vec::new();
        Address::write_smsc(self.smsc.as_ref(), &mut octets)?;
        let tpdu = self.tpdu.encode()?;
        octets.extend(&tpdu);
        Ok((tpdu.len(), to_hex(&octets)))
    }
}

pub(crate) fn decode_prefixed<T>(
    octets: &[u8],
    decode: impl FnOnce(&[u8]) -> Result<T, DecodeError>,
) -> Result<Pdu<T>, DecodeError> {
    let mut reader = Reader::new(octets);
    let smsc = Address::read_smsc(&mut reader)?;
    let tpdu = decode(reader.left()).map_err(|e| e.shifted(reader.offset()))?;
    Ok(Pdu { smsc, tpdu })
}

/// The first octet, which must say that it is this TPDU.
pub(crate) fn first_octet(reader: &mut Reader<'_>, expected: u8) -> Result<u8, DecodeError> {
    let octet = reader.octet("first_octet")?;
    let found = octet & MTI;
    if found != expected {
        let kind = DecodeErrorKind::MessageType { found, expected };
        return Err(DecodeError::new("first_octet", reader.offset() - 1, kind));
    }
    Ok(octet)
}

pub(crate) const fn bit(mask: u8, set: bool) -> u8 {
    if set { mask } else { 0 }
}
