//! The user data header (TS 23.040, 9.2.3.24).
//!
//! ```text
//! header  = length element*          length in octets, itself not counted
//! element = identifier length data
//! ```

use crate::address::Address;
use crate::coding::{Indication, Waiting, WaitingKind};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError, Unit, too_long};
use crate::gsm7::{Language, Shifts};
use crate::octets::{MOST_OCTETS, Reader};

/// The identifier of a special SMS message indication.
const SPECIAL_INDICATION: u8 = 0x01;

/// That of enhanced voice mail information.
const ENHANCED_VOICE_MAIL: u8 = 0x23;

/// One information element.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Element {
    /// 0x00: part of a concatenated message, reference of 8 bits.
    Concat8 {
        /// The same in all parts.
        reference: u8,
        /// Parts in all.
        total: u8,
        /// Which part; 1 is the first.
        sequence: u8,
    },
    /// 0x08: part of a concatenated message, reference of 16 bits.
    Concat16 {
        /// The same in all parts.
        reference: u16,
        /// Parts in all.
        total: u8,
        /// Which part; 1 is the first.
        sequence: u8,
    },
    /// 0x04: for an application, ports of 8 bits.
    Ports8 {
        /// To.
        destination: u8,
        /// From.
        source: u8,
    },
    /// 0x05: for an application, ports of 16 bits.
    Ports16 {
        /// To.
        destination: u16,
        /// From.
        source: u16,
    },
    /// 0x24: the language of the extension.
    SingleShift(Language),
    /// 0x25: the language of the alphabet.
    LockingShift(Language),
    /// Any other, or one of these whose data is not what it should be.
    Other {
        /// Its identifier.
        id: u8,
        /// Its data.
        data: Vec<u8>,
    },
}

/// Which part of a concatenated message a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Concat {
    /// The same in all parts.
    pub reference: u16,
    /// Whether the reference has 16 bits: a message is only whole with parts of one width.
    pub wide: bool,
    /// Parts in all, at least 1.
    pub total: u8,
    /// Which part, 1 to `total`.
    pub sequence: u8,
}

/// Application ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ports {
    /// To.
    pub destination: u16,
    /// From.
    pub source: u16,
}

/// A user data header; none is sent when it has no elements.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Udh(pub Vec<Element>);

impl Udh {
    /// No header.
    pub const NONE: Self = Self(Vec::new());

    /// From the octets of a header, its length octet first, as programs give it to be sent: nothing in it may
    /// be wrong. No octets are no header.
    pub fn decode(octets: &[u8]) -> Result<Self, DecodeError> {
        if octets.is_empty() {
            return Ok(Self::NONE);
        }
        if octets.len() > MOST_OCTETS {
            let kind = DecodeErrorKind::Length { found: octets.len(), most: MOST_OCTETS };
            return Err(DecodeError::new("udh.length", 0, kind));
        }
        let mut reader = Reader::new(octets);
        let mut header = Self::header(&mut reader).map_err(|e| e.within("udh"))?;
        if !reader.left().is_empty() {
            let kind = DecodeErrorKind::Trailing { octets: reader.left().len() };
            return Err(DecodeError::new("udh.length", 0, kind));
        }
        Self::elements(&mut header).map_err(|e| e.within("udh"))
    }

    /// The octets of the header, its length octet first; nothing when it has no elements.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        if self.0.is_empty() {
            return Ok(Vec::new());
        }
        let mut octets = vec![0];
        for element in &self.0 {
            element.write(&mut octets)?;
        }
        let length = octets.len() - 1;
        octets[0] = u8::try_from(length).ok().filter(|&length| length < 140).ok_or(too_long(
            "udh",
            length,
            139,
            Unit::Octets,
        ))?;
        Ok(octets)
    }

    /// Octets it takes, its length octet included.
    pub fn size(&self) -> usize {
        if self.0.is_empty() { 0 } else { 1 + self.0.iter().map(Element::size).sum::<usize>() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Which part this is; none when it is alone or what the header says is impossible.
    ///
    /// Of an element that comes twice the last counts, as the standard asks, here and below.
    pub fn concat(&self) -> Option<Concat> {
        self.0.iter().rev().find_map(|element| {
            let concat = match *element {
                Element::Concat8 { reference, total, sequence } => {
                    Concat { reference: reference.into(), wide: false, total, sequence }
                }
                Element::Concat16 { reference, total, sequence } => {
                    Concat { reference, wide: true, total, sequence }
                }
                _ => return None,
            };
            (1..=concat.total).contains(&concat.sequence).then_some(concat)
        })
    }

    /// The application it is for.
    pub fn ports(&self) -> Option<Ports> {
        self.0.iter().rev().find_map(|element| match *element {
            Element::Ports8 { destination, source } => {
                Some(Ports { destination: destination.into(), source: source.into() })
            }
            Element::Ports16 { destination, source } => Some(Ports { destination, source }),
            _ => None,
        })
    }

    /// What waits at another system: each "special SMS message indication", 0x01 (9.2.3.24.2), and "enhanced voice mail
    /// information", 0x23 (9.2.3.24.13), which goes before the voice mail of the others.
    ///
    /// ```text
    /// 0x01 data = s...tttt count            s: the text is kept; tttt: kind
    /// 0x23 data = ...s...d address count *  d: voice mails were deleted; address: of the mailbox, as TP-OA
    /// ```
    pub fn waiting(&self) -> Vec<Indication> {
        let enhanced = self.0.iter().rev().find_map(enhanced_voice_mail);
        let special = self.0.iter().filter_map(|element| match element {
            Element::Other { id: SPECIAL_INDICATION, data } => match data[..] {
                [about, count] => {
                    Some(indication(WaitingKind::of_bits(about), about & 0x80 != 0, count))
                }
                _ => None,
            },
            _ => None,
        });
        let is_said =
            |one: &Indication| enhanced.is_none() || one.waiting.kind != WaitingKind::Voicemail;
        enhanced.into_iter().chain(special.filter(is_said)).collect()
    }

    /// The tables its text is in.
    pub fn shifts(&self) -> Shifts {
        let mut shifts = Shifts::default();
        for element in &self.0 {
            match *element {
                Element::LockingShift(language) => shifts.locking = Some(language),
                Element::SingleShift(language) => shifts.single = Some(language),
                _ => {}
            }
        }
        shifts
    }

    /// The header at the beginning of user data.
    ///
    /// When its elements do not fill it exactly, the whole header is to be ignored, says the standard: the text behind
    /// it is not lost.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self::elements(&mut Self::header(reader)?).unwrap_or_default())
    }

    fn header<'a>(reader: &mut Reader<'a>) -> Result<Reader<'a>, DecodeError> {
        let length = reader.octet("length")?;
        let at = reader.offset();
        Ok(Reader::at(reader.take(usize::from(length), "length")?, at))
    }

    fn elements(header: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut elements = Vec::new();
        while !header.left().is_empty() {
            elements.push(Element::read(header).map_err(|e| e.within("element"))?);
        }
        Ok(Self(elements))
    }
}

impl Element {
    /// Its identifier.
    pub const fn id(&self) -> u8 {
        match self {
            Self::Concat8 { .. } => 0x00,
            Self::Ports8 { .. } => 0x04,
            Self::Ports16 { .. } => 0x05,
            Self::Concat16 { .. } => 0x08,
            Self::SingleShift(_) => 0x24,
            Self::LockingShift(_) => 0x25,
            Self::Other { id, .. } => *id,
        }
    }

    /// Its data.
    pub fn data(&self) -> Vec<u8> {
        match self {
            Self::Concat8 { reference, total, sequence } => vec![*reference, *total, *sequence],
            Self::Concat16 { reference, total, sequence } => {
                let [high, low] = reference.to_be_bytes();
                vec![high, low, *total, *sequence]
            }
            Self::Ports8 { destination, source } => vec![*destination, *source],
            Self::Ports16 { destination, source } => {
                [destination.to_be_bytes(), source.to_be_bytes()].concat()
            }
            Self::SingleShift(language) | Self::LockingShift(language) => vec![language.code()],
            Self::Other { data, .. } => data.clone(),
        }
    }

    /// Octets it takes.
    pub const fn size(&self) -> usize {
        2 + match self {
            Self::SingleShift(_) | Self::LockingShift(_) => 1,
            Self::Ports8 { .. } => 2,
            Self::Concat8 { .. } => 3,
            Self::Concat16 { .. } | Self::Ports16 { .. } => 4,
            Self::Other { data, .. } => data.len(),
        }
    }

    /// From identifier and data.
    pub fn new(id: u8, data: &[u8]) -> Self {
        let wide = |high, low| u16::from_be_bytes([high, low]);
        match (id, data) {
            (0x00, &[reference, total, sequence]) => Self::Concat8 { reference, total, sequence },
            (0x08, &[high, low, total, sequence]) => {
                Self::Concat16 { reference: wide(high, low), total, sequence }
            }
            (0x04, &[destination, source]) => Self::Ports8 { destination, source },
            (0x05, &[a, b, c, d]) => Self::Ports16 { destination: wide(a, b), source: wide(c, d) },
            (0x24 | 0x25, &[code]) => match (Language::from_code(code), id) {
                (Some(language), 0x24) => Self::SingleShift(language),
                (Some(language), _) => Self::LockingShift(language),
                (None, _) => Self::Other { id, data: vec![code] },
            },
            _ => Self::Other { id, data: data.to_vec() },
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let id = reader.octet("identifier")?;
        let length = reader.octet("length")?;
        Ok(Self::new(id, reader.take(usize::from(length), "data")?))
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let data = self.data();
        let length = u8::try_from(data.len())
            .map_err(|_| too_long("udh.element", data.len(), 137, Unit::Octets))?;
        out.extend([self.id(), length]);
        out.extend(data);
        Ok(())
    }
}

fn indication(kind: WaitingKind, keep: bool, count: u8) -> Indication {
    Indication { waiting: Waiting { active: count > 0, kind, keep }, count: Some(count) }
}

/// A notification and a confirmation that voice mails were deleted begin alike, and both count those that are left.
fn enhanced_voice_mail(element: &Element) -> Option<Indication> {
    let Element::Other { id: ENHANCED_VOICE_MAIL, data } = element else { return None };
    let mut reader = Reader::new(data);
    let about = reader.octet("enhanced_voice_mail").ok()?;
    Address::read(&mut reader, "mailbox").ok()?;
    let count = reader.octet("voice_messages").ok()?;
    Some(indication(WaitingKind::Voicemail, about & 0x10 != 0, count))
}
