//! Whole messages: every SMS-SUBMIT of one, in order.

use std::fmt;

use crate::address::Address;
use crate::coding::{Alphabet, Class, DataCoding};
use crate::error::EncodeError;
use crate::gsm7::{Language, Shifts};
use crate::submit::Submit;
use crate::text::{self, Encoding, MOST_PARTS, Replacement, Room, TextError};
use crate::udh::{Element, Ports, Udh};
use crate::user_data::UserData;
use crate::validity::Validity;

/// What a message says. `Debug` shows only how much it is.
#[derive(Clone, PartialEq, Eq)]
pub enum MessageBody {
    /// Text.
    Text {
        /// The text.
        text: String,
        /// How it becomes octets.
        encoding: Encoding,
        /// Languages whose tables may be used: [`text::Options::languages`].
        languages: Vec<Language>,
    },
    /// Octets of data.
    Data(Vec<u8>),
}

impl fmt::Debug for MessageBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { text, encoding, languages } => {
                write!(f, "Text({} characters, {encoding:?}, {languages:?})", text.chars().count())
            }
            Self::Data(data) => write!(f, "Data({} octets)", data.len()),
        }
    }
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSpec {
    /// Who gets it.
    pub to: Address,
    /// What it says.
    pub body: MessageBody,
    /// Message class; flash is class 0.
    pub class: Option<Class>,
    /// TP-DCS, to the bit, in place of one made of alphabet and class. It must suit the body: a text is written in its
    /// alphabet, and data goes with any that does not count in septets.
    pub coding: Option<DataCoding>,
    /// A status report is wanted, for each part.
    pub report: bool,
    /// How long the service centre tries.
    pub validity: Option<Validity>,
    /// TP-PID.
    pub protocol_id: u8,
    /// The answer goes through this service centre.
    pub reply_path: bool,
    /// The service centre refuses what it holds already.
    pub reject_duplicates: bool,
    /// The application it is for.
    pub ports: Option<Ports>,
    /// Further elements of each part's header.
    pub udh: Udh,
    /// The same for all parts, and for this recipient another one than the last messages had. The low 8 bits are
    /// used, all 16 with [`MessageSpec::wide_reference`].
    pub reference: u16,
    /// References of 16 bits.
    pub wide_reference: bool,
}

/// How a message goes out: what its sender wants to know before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// GSM 7-bit, UCS-2 or data.
    pub alphabet: Alphabet,
    /// The tables of GSM 7-bit.
    pub shifts: Shifts,
    /// Of how many parts it is, at least one.
    pub parts: usize,
    /// Septets, UTF-16 units or octets in all parts.
    pub units: usize,
    /// Units that a part of this message holds, its header taken off.
    pub per_part: usize,
    /// Units that still fit in the last part.
    pub left: usize,
    /// What look-alikes took the place of, each once, in the order they came.
    pub replaced: Vec<Replacement>,
}

/// Why a message cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The recipient is a name or has no digits.
    #[error("the recipient is not a number that can be dialled")]
    Recipient,
    /// It cannot be split.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A field does not fit.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl MessageSpec {
    /// A text, with everything else as is usual: automatic encoding and a status report.
    pub fn text(to: Address, text: impl Into<String>) -> Self {
        let (encoding, languages) = (Encoding::default(), Vec::new());
        Self::new(to, MessageBody::Text { text: text.into(), encoding, languages })
    }

    /// Octets of data, with a status report.
    pub fn data(to: Address, data: Vec<u8>) -> Self {
        Self::new(to, MessageBody::Data(data))
    }

    fn new(to: Address, body: MessageBody) -> Self {
        Self {
            to,
            body,
            class: None,
            coding: None,
            report: true,
            validity: None,
            protocol_id: 0,
            reply_path: false,
            reject_duplicates: false,
            ports: None,
            udh: Udh::NONE,
            reference: 0,
            wide_reference: false,
        }
    }

    /// How many parts it takes.
    pub fn parts(&self) -> Result<usize, TextError> {
        Ok(self.outline()?.parts)
    }

    /// In which alphabet it is, and how it is cut. The recipient does not matter.
    pub fn outline(&self) -> Result<Outline, TextError> {
        Ok(self.split()?.outline)
    }

    fn split(&self) -> Result<Split, TextError> {
        let mut udh = self.udh.clone();
        udh.0.extend(
            self.ports
                .map(|Ports { destination, source }| Element::Ports16 { destination, source }),
        );
        match &self.body {
            MessageBody::Text { text, encoding, languages } => {
                let options = text::Options {
                    encoding: self.encoding(*encoding),
                    languages: languages.clone(),
                    udh,
                    wide_reference: self.wide_reference,
                };
                let plan = text::plan(text, &options)?;
                self.check_coding(plan.alphabet)?;
                let mut udh = options.udh;
                udh.0.extend(plan.shift_elements());
                let shifts =
                    if plan.alphabet == Alphabet::Gsm7 { udh.shifts() } else { Shifts::default() };
                let outline = Outline {
                    alphabet: plan.alphabet,
                    shifts,
                    parts: plan.parts.len(),
                    units: plan.units,
                    per_part: plan.per_part,
                    left: plan.left(),
                    replaced: plan.replaced,
                };
                let parts = plan.parts.into_iter().map(|part| part.data).collect();
                Ok(Split { outline, udh, parts })
            }
            MessageBody::Data(data) => {
                self.check_coding(Alphabet::Data)?;
                split_data(data, udh, self.wide_reference)
            }
        }
    }

    /// Automatic encoding is that of the coding which was asked for.
    fn encoding(&self, asked: Encoding) -> Encoding {
        match (asked, self.coding.map(DataCoding::alphabet)) {
            (Encoding::Auto, Some(Alphabet::Gsm7)) => Encoding::Gsm7,
            (Encoding::Auto, Some(Alphabet::Ucs2)) => Encoding::Ucs2,
            _ => asked,
        }
    }

    /// Whether the coding that was asked for suits a body of that alphabet.
    fn check_coding(&self, alphabet: Alphabet) -> Result<(), TextError> {
        match self.coding {
            Some(coding) if !suits(coding, alphabet) => Err(TextError::Coding { coding, alphabet }),
            _ => Ok(()),
        }
    }
}

/// Data can be what a receiver reads as UCS-2 or as compressed; text is never compressed here.
const fn suits(coding: DataCoding, alphabet: Alphabet) -> bool {
    match alphabet {
        Alphabet::Data => !coding.is_septets(),
        Alphabet::Gsm7 => coding.is_septets(),
        Alphabet::Ucs2 => matches!(coding.alphabet(), Alphabet::Ucs2) && !coding.is_compressed(),
    }
}

/// A message in parts, before they are numbered.
struct Split {
    outline: Outline,
    udh: Udh,
    parts: Vec<UserData>,
}

/// Every SMS-SUBMIT of a message, in order; each can be encoded.
pub fn compose(spec: &MessageSpec) -> Result<Vec<Submit>, ComposeError> {
    if spec.to.is_name() || spec.to.is_empty() {
        return Err(ComposeError::Recipient);
    }
    let Split { outline, udh, parts } = spec.split()?;
    let total = parts.len();
    let mut submits = Vec::with_capacity(total);
    for (n, data) in parts.into_iter().enumerate() {
        let mut elements = Vec::with_capacity(udh.0.len() + 1);
        if total > 1 {
            elements.push(spec.concat(total, n + 1)?);
        }
        elements.extend_from_slice(&udh.0);
        let submit = Submit {
            reject_duplicates: spec.reject_duplicates,
            reference: 0,
            destination: spec.to.clone(),
            protocol_id: spec.protocol_id,
            coding: spec.coding.unwrap_or(DataCoding::new(outline.alphabet, spec.class)),
            validity: spec.validity,
            report: spec.report,
            reply_path: spec.reply_path,
            udh: Udh(elements),
            data,
        };
        submit.encode()?;
        submits.push(submit);
    }
    Ok(submits)
}

impl MessageSpec {
    fn concat(&self, total: usize, sequence: usize) -> Result<Element, TextError> {
        let octet = |n: usize| u8::try_from(n).map_err(|_| TextError::TooLong { parts: total });
        let (reference, total, sequence) = (self.reference, octet(total)?, octet(sequence)?);
        Ok(if self.wide_reference {
            Element::Concat16 { reference, total, sequence }
        } else {
            Element::Concat8 { reference: reference.to_be_bytes()[1], total, sequence }
        })
    }
}

fn split_data(data: &[u8], udh: Udh, wide: bool) -> Result<Split, TextError> {
    let room = Room::new(&udh, wide, Alphabet::Data)?;
    let per_part = if data.len() <= room.alone { room.alone } else { room.among_others? };
    let parts = data.len().div_ceil(per_part).max(1);
    if parts > MOST_PARTS {
        return Err(TextError::TooLong { parts });
    }
    let outline = Outline {
        alphabet: Alphabet::Data,
        shifts: Shifts::default(),
        parts,
        units: data.len(),
        per_part,
        left: parts * per_part - data.len(),
        replaced: Vec::new(),
    };
    let parts = if data.is_empty() {
        vec![UserData::Octets(Vec::new())]
    } else {
        data.chunks(per_part).map(|chunk| UserData::Octets(chunk.to_vec())).collect()
    };
    Ok(Split { outline, udh, parts })
}
