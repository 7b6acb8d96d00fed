//! TP-UD, what a message says (TS 23.040, 9.2.3.24), and what it means under its data coding scheme.

use std::fmt;

use crate::coding::{Alphabet, DataCoding};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError, EncodeErrorKind, Unit, too_long};
use crate::octets::{MOST_OCTETS, Reader};
use crate::udh::{Concat, Udh};
use crate::{gsm7, septets, ucs2};

/// The most septets of user data in one TPDU.
pub const MOST_SEPTETS: usize = 160;

/// User data without its header. `Debug` shows only how much it is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum UserData {
    /// GSM 7-bit text, one septet an octet, 0 to 127.
    Septets(Vec<u8>),
    /// UCS-2 text, or data.
    Octets(Vec<u8>),
}

impl fmt::Debug for UserData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Septets(septets) => write!(f, "{} septets", septets.len()),
            Self::Octets(octets) => write!(f, "{} octets", octets.len()),
        }
    }
}

/// What a message or a part says. `Debug` shows only how much it is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Content {
    /// Text.
    Text(String),
    /// Octets of data.
    Data(Vec<u8>),
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} characters)", text.chars().count()),
            Self::Data(data) => write!(f, "Data({} octets)", data.len()),
        }
    }
}

/// The fields of any TPDU that say what it says.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    /// TP-DCS.
    pub coding: DataCoding,
    /// The header.
    pub udh: &'a Udh,
    /// What follows it.
    pub data: &'a UserData,
}

impl Body<'_> {
    /// What it says, taken alone.
    pub fn content(self) -> Content {
        join(&[self])
    }

    /// Its text; none when it is data.
    pub fn text(self) -> Option<String> {
        match self.content() {
            Content::Text(text) => Some(text),
            Content::Data(_) => None,
        }
    }

    /// Which part it is of a concatenated message.
    pub fn concat(self) -> Option<Concat> {
        self.udh.concat()
    }

    fn reads_like(self, other: Self) -> bool {
        self.form() == other.form() && self.udh.shifts() == other.udh.shifts()
    }

    fn form(self) -> Form {
        match (self.data, self.coding.alphabet()) {
            (UserData::Septets(_), _) => Form::Gsm7,
            (UserData::Octets(_), Alphabet::Ucs2) if !self.coding.is_compressed() => Form::Ucs2,
            (UserData::Octets(_), _) => Form::Data,
        }
    }

    fn raw(&self) -> &[u8] {
        match self.data {
            UserData::Septets(raw) | UserData::Octets(raw) => raw,
        }
    }
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Form {
    Gsm7,
    Ucs2,
    Data,
}

/// What the parts of one message say together, given in their order.
///
/// Neighbours of one alphabet are joined before they are read, because senders split surrogate pairs and
/// escape sequences between parts. Parts may differ in alphabet. When some are text and some data, the whole is
/// text and the data reads as ISO 8859-1, from which every octet can be got back.
pub fn join(parts: &[Body<'_>]) -> Content {
    let only_data = parts.iter().all(|part| part.form() == Form::Data) && !parts.is_empty();
    if only_data {
        return Content::Data(parts.iter().flat_map(Body::raw).copied().collect());
    }
    let mut text = String::new();
    for run in parts.chunk_by(|a, b| a.reads_like(*b)) {
        let raw: Vec<u8> = run.iter().flat_map(Body::raw).copied().collect();
        match run[0].form() {
            Form::Gsm7 => text.push_str(&gsm7::decode(&raw, run[0].udh.shifts())),
            Form::Ucs2 => text.push_str(&ucs2::decode(&raw)),
            Form::Data => text.extend(raw.into_iter().map(char::from)),
        }
    }
    Content::Text(text)
}

/// Octets of data as text, when they are plainly that: machines send text under TP-DCS 0x04.
///
/// UTF-8, else ISO 8859-1 that is mostly ASCII, without control characters other than tabs and line breaks.
pub fn text_of_data(data: &[u8]) -> Option<String> {
    let printable = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    let text = if let Ok(text) = str::from_utf8(data) {
        text.to_owned()
    } else {
        let ascii = data.iter().filter(|octet| octet.is_ascii()).count();
        (ascii * 4 >= data.len() * 3).then(|| data.iter().copied().map(char::from).collect())?
    };
    (!text.is_empty() && text.chars().all(printable)).then_some(text)
}

/// Septets that a header of so many octets takes, its length octet included.
pub(crate) const fn header_septets(octets: usize) -> usize {
    (octets * 8).div_ceil(7)
}

/// TP-UDL and TP-UD.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    coding: DataCoding,
    with_header: bool,
) -> Result<(Udh, UserData), DecodeError> {
    let at = reader.offset();
    let length = usize::from(reader.octet("user_data.length")?);
    let (most, octets) = if coding.is_septets() {
        (MOST_SEPTETS, (length * 7).div_ceil(8))
    } else {
        (MOST_OCTETS, length)
    };
    if length > most {
        let kind = DecodeErrorKind::Length { found: length, most };
        return Err(DecodeError::new("user_data.length", at, kind));
    }
    let at = reader.offset();
    let octets = reader.take(octets, "user_data")?;
    let mut inner = Reader::at(octets, at);
    let udh =
        if with_header { Udh::read(&mut inner).map_err(|e| e.within("udh"))? } else { Udh::NONE };
    let data = if coding.is_septets() {
        let before = header_septets(inner.offset() - at);
        UserData::Septets(septets::unpack(octets, before * 7, length.saturating_sub(before)))
    } else {
        UserData::Octets(inner.left().to_vec())
    };
    Ok((udh, data))
}

/// What there is of TP-UDL and TP-UD when the octets end too early, or TP-UDL is more than possible. A header that
/// is cut takes the text with it: nobody can tell where the text would begin.
pub(crate) fn read_cut(
    reader: &mut Reader<'_>,
    coding: DataCoding,
    with_header: bool,
) -> (Udh, UserData) {
    let septets = coding.is_septets();
    let most = if septets { MOST_SEPTETS } else { MOST_OCTETS };
    let length = reader.octet("user_data.length").map_or(0, usize::from).min(most);
    let left = reader.left();
    let mut inner = Reader::new(&left[..left.len().min(MOST_OCTETS)]);
    let udh = if with_header { Udh::read(&mut inner) } else { Ok(Udh::NONE) };
    let Ok(udh) = udh else {
        let nothing = Vec::new();
        let data = if septets { UserData::Septets(nothing) } else { UserData::Octets(nothing) };
        return (Udh::NONE, data);
    };
    let header = inner.offset();
    let data = if septets {
        let before = header_septets(header);
        let there = &left[..left.len().min(MOST_OCTETS)];
        UserData::Septets(septets::unpack(there, before * 7, length.saturating_sub(before)))
    } else {
        let mut there = inner.left().to_vec();
        there.truncate(length.saturating_sub(header));
        if coding.alphabet() == Alphabet::Ucs2 {
            there.truncate(there.len() / 2 * 2);
        }
        UserData::Octets(there)
    };
    (udh, data)
}

/// TP-UDL and TP-UD.
pub(crate) fn write(
    out: &mut Vec<u8>,
    coding: DataCoding,
    udh: &Udh,
    data: &UserData,
) -> Result<(), EncodeError> {
    let header = udh.encode()?;
    let (length, most, unit, octets) = match data {
        UserData::Septets(text) if coding.is_septets() => {
            if let Some(&wrong) = text.iter().find(|&&septet| septet > 0x7F) {
                return Err(EncodeError {
                    field: "user_data",
                    kind: EncodeErrorKind::NotASeptet(wrong),
                });
            }
            let before = header_septets(header.len());
            let fill = before * 7 - header.len() * 8;
            (before + text.len(), MOST_SEPTETS, Unit::Septets, septets::pack(text, fill))
        }
        UserData::Octets(octets) if !coding.is_septets() => {
            (header.len() + octets.len(), MOST_OCTETS, Unit::Octets, octets.clone())
        }
        _ => {
            return Err(EncodeError { field: "user_data", kind: EncodeErrorKind::CodingMismatch });
        }
    };
    match u8::try_from(length) {
        Ok(octet) if length <= most => out.push(octet),
        _ => return Err(too_long("user_data", length, most, unit)),
    }
    out.extend(header);
    out.extend(octets);
    Ok(())
}
