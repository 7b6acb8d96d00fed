//! Addresses: who an SMS goes to or comes from, and the service centre between (TS 23.040, 9.1.2.5; TS 24.011, 8.2.5).
//!
//! ```text
//! address        = length type value       length in semi-octets of value that count
//! service centre = length type value       length in octets, type included
//! type           = 1 ton(3 bits) npi(4 bits)
//! ```

use std::fmt;

use crate::error::{DecodeError, DecodeErrorKind, EncodeError, Unit, too_long};
use crate::gsm7::{self, NotInAlphabet, Shifts};
use crate::octets::Reader;
use crate::septets;

/// The most semi-octets an address has when we write it; what others write may have more.
const MOST_DIGITS: usize = 20;
/// The most octets a service centre address can have.
const MOST_SMSC_OCTETS: u8 = 12;

const DIGITS: [char; 15] =
    ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'a', 'b', 'c'];
const FILL: u8 = 0x0F;

/// Type of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeOfNumber {
    /// 0: the network decides; also used for short codes and national numbers.
    Unknown,
    /// 1: with country code.
    International,
    /// 2: without country code.
    National,
    /// 3: of the network's own services.
    NetworkSpecific,
    /// 4: a short code.
    Subscriber,
    /// 5: a name in the GSM 7-bit alphabet.
    Alphanumeric,
    /// 6: an abbreviated number.
    Abbreviated,
    /// 7: reserved.
    Reserved,
}

/// The octet before an address's digits: type of number and numbering plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TypeOfAddress(u8);

impl TypeOfAddress {
    /// International number, telephone numbering plan.
    pub const INTERNATIONAL: Self = Self(0x91);
    /// Unknown type, telephone numbering plan.
    pub const UNKNOWN: Self = Self(0x81);
    /// National number, telephone numbering plan.
    pub const NATIONAL: Self = Self(0xA1);
    /// A name.
    pub const ALPHANUMERIC: Self = Self(0xD0);

    /// From its octet. Bit 7 is always 1; some senders forget it.
    pub const fn from_octet(octet: u8) -> Self {
        Self(octet | 0x80)
    }

    /// Its octet.
    pub const fn octet(self) -> u8 {
        self.0
    }

    /// Type of number.
    pub const fn ton(self) -> TypeOfNumber {
        match self.0 >> 4 & 7 {
            0 => TypeOfNumber::Unknown,
            1 => TypeOfNumber::International,
            2 => TypeOfNumber::National,
            3 => TypeOfNumber::NetworkSpecific,
            4 => TypeOfNumber::Subscriber,
            5 => TypeOfNumber::Alphanumeric,
            6 => TypeOfNumber::Abbreviated,
            _ => TypeOfNumber::Reserved,
        }
    }

    /// Numbering plan: 1 is the telephone network's (E.164).
    pub const fn plan(self) -> u8 {
        self.0 & 0x0F
    }
}

/// A number or a name, with its type.
///
/// `Display` writes a `+` before an international number. `Debug` hides all but the ends, so that a
/// number does not reach a log by `{:?}`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    kind: TypeOfAddress,
    value: String,
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing in it.
    #[error("the address is empty")]
    Empty,
    /// Neither a digit nor one of `* # a b c`.
    #[error("{0:?} is no digit of an address")]
    Digit(char),
    /// More digits than fit.
    #[error("the address has {0} digits; at most {MOST_DIGITS} fit")]
    TooLong(usize),
    /// A name with characters outside the GSM 7-bit alphabet.
    #[error("names are written in the GSM 7-bit alphabet: {0}")]
    NotInAlphabet(#[source] NotInAlphabet),
    /// A name of more than eleven characters.
    #[error("the name takes {0} septets; at most 11 fit")]
    NameTooLong(usize),
}

impl Address {
    /// A number as it is dialled: international after `+`, else of unknown type.
    ///
    /// Digits are `0-9 * # a b c`; nothing is passed over, so parse what people write before.
    pub fn number(text: &str) -> Result<Self, AddressError> {
        match text.strip_prefix('+') {
            Some(digits) => Self::with_type(TypeOfAddress::INTERNATIONAL, digits),
            None => Self::with_type(TypeOfAddress::UNKNOWN, text),
        }
    }

    /// A name of at most eleven septets, as a sender.
    pub fn name(text: &str) -> Result<Self, AddressError> {
        Self::with_type(TypeOfAddress::ALPHANUMERIC, text)
    }

    /// Any digits, or a name, with any type.
    pub fn with_type(kind: TypeOfAddress, value: &str) -> Result<Self, AddressError> {
        if value.is_empty() {
            return Err(AddressError::Empty);
        }
        if kind.ton() == TypeOfNumber::Alphanumeric {
            let septets =
                gsm7::encode(value, Shifts::default()).map_err(AddressError::NotInAlphabet)?;
            if septets.len() > 11 {
                return Err(AddressError::NameTooLong(septets.len()));
            }
            Ok(Self { kind, value: value.to_owned() })
        } else {
            if let Some(c) = value.chars().find(|&c| digit_of(c).is_none()) {
                return Err(AddressError::Digit(c));
            }
            if value.len() > MOST_DIGITS {
                return Err(AddressError::TooLong(value.len()));
            }
            Ok(Self { kind, value: value.to_ascii_lowercase() })
        }
    }

    /// Type of number and numbering plan.
    pub const fn kind(&self) -> TypeOfAddress {
        self.kind
    }

    /// The digits without `+`, or the name.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether it is a name, which cannot be answered.
    pub fn is_name(&self) -> bool {
        self.kind.ton() == TypeOfNumber::Alphanumeric
    }

    /// Whether it is written with `+`.
    pub fn is_international(&self) -> bool {
        self.kind.ton() == TypeOfNumber::International
    }

    /// Whether there are no digits: some networks hide the sender so.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// For logs: all but the first and last three characters hidden.
    pub fn masked(&self) -> String {
        let text: Vec<char> = self.to_string().chars().collect();
        let shown = if text.len() > 6 { 3 } else { 0 };
        let hidden = shown..text.len() - shown;
        text.iter().enumerate().map(|(i, &c)| if hidden.contains(&i) { '*' } else { c }).collect()
    }

    pub(crate) fn read(reader: &mut Reader<'_>, field: &str) -> Result<Self, DecodeError> {
        Self::read_parts(reader).map_err(|e| e.within(field))
    }

    fn read_parts(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let length = usize::from(reader.octet("length")?);
        let kind = TypeOfAddress::from_octet(reader.octet("type")?);
        let octets = reader.take(length.div_ceil(2), "digits")?;
        let value = if kind.ton() == TypeOfNumber::Alphanumeric {
            name_of(octets, length)
        } else {
            digits(octets, length)
        };
        Ok(Self { kind, value })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>, field: &'static str) -> Result<(), EncodeError> {
        let (length, octets) = if self.is_name() {
            // Only names of the alphabet are made, here and by reading.
            let septets = gsm7::encode(&self.value, Shifts::default()).unwrap_or_default();
            ((septets.len() * 7).div_ceil(4), septets::pack(&septets, 0))
        } else {
            (self.value.len(), pack_digits(&self.value))
        };
        match u8::try_from(length) {
            Ok(semi_octets) if length <= MOST_DIGITS => out.push(semi_octets),
            _ => return Err(too_long(field, length, MOST_DIGITS, Unit::Digits)),
        }
        out.push(self.kind.octet());
        out.extend(octets);
        Ok(())
    }

    /// The service centre's address before a TPDU; none when its length is 0.
    pub(crate) fn read_smsc(reader: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        let at = reader.offset();
        let length = reader.octet("smsc.length")?;
        if length == 0 {
            return Ok(None);
        }
        if length > MOST_SMSC_OCTETS {
            let most = usize::from(MOST_SMSC_OCTETS);
            let kind = DecodeErrorKind::Length { found: usize::from(length), most };
            return Err(DecodeError::new("smsc.length", at, kind));
        }
        let kind = TypeOfAddress::from_octet(reader.octet("smsc.type")?);
        let octets = reader.take(usize::from(length) - 1, "smsc.digits")?;
        Ok(Some(Self { kind, value: digits(octets, octets.len() * 2) }))
    }

    pub(crate) fn write_smsc(smsc: Option<&Self>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let Some(smsc) = smsc else {
            out.push(0);
            return Ok(());
        };
        let octets = pack_digits(&smsc.value);
        match u8::try_from(octets.len() + 1) {
            Ok(length) if length <= MOST_SMSC_OCTETS => out.push(length),
            _ => return Err(too_long("smsc", smsc.value.len(), 22, Unit::Digits)),
        }
        out.push(smsc.kind.octet());
        out.extend(octets);
        Ok(())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_international() {
            f.write_str("+")?;
        }
        f.write_str(&self.value)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:#04x})", self.masked(), self.kind.octet())
    }
}

impl std::str::FromStr for Address {
    type Err = AddressError;

    /// As [`Address::number`].
    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::number(text)
    }
}

fn digit_of(c: char) -> Option<u8> {
    DIGITS.iter().position(|&d| d == c.to_ascii_lowercase()).and_then(|i| u8::try_from(i).ok())
}

/// Swapped semi-octets as digits. A fill digit stands for nothing wherever it is: some senders count
/// it in an odd number's length.
fn digits(octets: &[u8], semi_octets: usize) -> String {
    octets
        .iter()
        .flat_map(|octet| [octet & 0x0F, octet >> 4])
        .take(semi_octets)
        .filter_map(|digit| DIGITS.get(usize::from(digit)))
        .collect()
}

fn pack_digits(value: &str) -> Vec<u8> {
    let digits: Vec<u8> = value.chars().filter_map(digit_of).collect();
    digits.chunks(2).map(|pair| pair[0] | pair.get(1).unwrap_or(&FILL) << 4).collect()
}

/// A name in as many septets as its semi-octets hold.
///
/// Seven characters take seven octets less seven bits; senders that count whole octets give such a name an eighth
/// septet of zeros, which reads as `@`. No name is eight characters and ends so: the `@` is dropped.
fn name_of(octets: &[u8], semi_octets: usize) -> String {
    let mut name =
        gsm7::decode(&septets::unpack(octets, 0, semi_octets * 4 / 7), Shifts::default());
    let septets = gsm7::encode(&name, Shifts::default()).map_or(0, |septets| septets.len());
    if septets.is_multiple_of(8) && name.ends_with('@') {
        name.pop();
    }
    name
}
