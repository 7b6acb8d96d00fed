//! TP-DCS, the data coding scheme: alphabet, message class, waiting indication (TS 23.038, 4).
//!
//! ```text
//! 00 c m aa cc   general: c compressed, m class meant, aa alphabet, cc class
//! 01 ........    the same, and the message is deleted once read
//! 1000 .. 1011   reserved: read as the default alphabet
//! 1100 s 0 tt    message waiting, text may be discarded; s on or off, tt kind
//! 1101 s 0 tt    message waiting, text is kept
//! 1110 s 0 tt    message waiting, text is kept and is UCS-2
//! 1111 0 a cc    a: octets of data instead of text; cc class
//! ```

/// What the user data is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Alphabet {
    /// GSM 7-bit.
    Gsm7,
    /// Octets without meaning here.
    Data,
    /// UCS-2, in practice UTF-16, most significant octet first.
    Ucs2,
}

/// Where a message is to be shown or kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Flash: shown at once, not kept.
    Class0,
    /// Kept in the phone.
    Class1,
    /// Kept on the SIM.
    Class2,
    /// For the terminal equipment.
    Class3,
}

impl Class {
    /// 0 to 3.
    pub const fn number(self) -> u8 {
        match self {
            Self::Class0 => 0,
            Self::Class1 => 1,
            Self::Class2 => 2,
            Self::Class3 => 3,
        }
    }

    /// From 0 to 3.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Class0),
            1 => Some(Self::Class1),
            2 => Some(Self::Class2),
            3 => Some(Self::Class3),
            _ => None,
        }
    }
}

/// What waits at another system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WaitingKind {
    /// Voice mail.
    Voicemail,
    /// Fax.
    Fax,
    /// E-mail.
    Email,
    /// Something else.
    Other,
}

impl WaitingKind {
    /// From the two lowest bits.
    pub(crate) const fn of_bits(octet: u8) -> Self {
        match octet & 3 {
            0 => Self::Voicemail,
            1 => Self::Fax,
            2 => Self::Email,
            _ => Self::Other,
        }
    }

    /// `voicemail`, `fax`, `email` or `other`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voicemail => "voicemail",
            Self::Fax => "fax",
            Self::Email => "email",
            Self::Other => "other",
        }
    }
}

/// A message waiting indication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Waiting {
    /// Something waits (true) or waits no longer.
    pub active: bool,
    /// What.
    pub kind: WaitingKind,
    /// Whether the text is to be kept after the indication was shown.
    pub keep: bool,
}

/// A message waiting indication, and how many messages wait where the sender counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Indication {
    /// What waits, or waits no longer.
    pub waiting: Waiting,
    /// How many; 255 is 255 or more. TP-DCS alone cannot say it.
    pub count: Option<u8>,
}

/// TP-DCS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DataCoding(pub u8);

impl DataCoding {
    /// Text in GSM 7-bit, no class.
    pub const GSM7: Self = Self(0x00);
    /// Octets of data, no class.
    pub const DATA: Self = Self(0x04);
    /// Text in UCS-2, no class.
    pub const UCS2: Self = Self(0x08);

    /// The general scheme of an alphabet and a class.
    pub const fn new(alphabet: Alphabet, class: Option<Class>) -> Self {
        let alphabet = match alphabet {
            Alphabet::Gsm7 => Self::GSM7.0,
            Alphabet::Data => Self::DATA.0,
            Alphabet::Ucs2 => Self::UCS2.0,
        };
        match class {
            None => Self(alphabet),
            Some(class) => Self(alphabet | 0x10 | class.number()),
        }
    }

    /// Alphabet; what is reserved reads as the default one, as the standard asks.
    pub const fn alphabet(self) -> Alphabet {
        match self.0 >> 4 {
            0x0..=0x7 => match self.0 >> 2 & 3 {
                1 => Alphabet::Data,
                2 => Alphabet::Ucs2,
                _ => Alphabet::Gsm7,
            },
            0xE => Alphabet::Ucs2,
            0xF if self.0 & 0x04 != 0 => Alphabet::Data,
            _ => Alphabet::Gsm7,
        }
    }

    /// Whether the user data is compressed (TS 23.042). Nobody does; it is handed on as octets.
    pub const fn is_compressed(self) -> bool {
        self.0 & 0xA0 == 0x20
    }

    /// Whether the user data is counted in septets.
    pub const fn is_septets(self) -> bool {
        matches!(self.alphabet(), Alphabet::Gsm7) && !self.is_compressed()
    }

    /// Message class, when there is one.
    pub const fn class(self) -> Option<Class> {
        match self.0 >> 4 {
            0x1 | 0x3 | 0x5 | 0x7 | 0xF => Class::from_number(self.0 & 3),
            _ => None,
        }
    }

    /// Message waiting indication, when there is one.
    pub const fn waiting(self) -> Option<Waiting> {
        let keep = match self.0 >> 4 {
            0xC => false,
            0xD | 0xE => true,
            _ => return None,
        };
        Some(Waiting { active: self.0 & 0x08 != 0, kind: WaitingKind::of_bits(self.0), keep })
    }

    /// Whether the message is to be deleted once read.
    pub const fn deletes_itself(self) -> bool {
        self.0 >> 6 == 1
    }
}
