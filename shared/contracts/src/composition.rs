//! A request as SMS-SUBMITs: the one way from what was asked for to what goes out.
//!
//! It is here, and not in the service that sends, because who counts, who admits and who sends must come to the same
//! parts: a message that is shown as one part, admitted as one and then sent as two would cost what nobody agreed to.

use std::time::Duration;

use tpdu::text::{self, TextError};
use tpdu::{
    Address, AddressError, Class, ComposeError, DataCoding, DecodeError, MessageBody, MessageSpec,
    Outline, Ports, Submit, Udh, Validity,
};

use crate::MessageId;
use crate::mt::{Body, Encoding, MtRequest, SendError, SendOptions};

/// Why a request cannot become SMS-SUBMITs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Uncomposable {
    /// The recipient cannot be dialled.
    #[error("the recipient is not a number that can be dialled")]
    Recipient,
    /// The data is not hex.
    #[error("the data is not octets in hex: {0}")]
    Data(DecodeError),
    /// The user data header is not one.
    #[error("the user data header is not one: {0}")]
    Udh(DecodeError),
    /// There is no such message class.
    #[error("there is no message class {0}; use 0 to 3")]
    Class(u8),
    /// The class is a part of the data coding scheme.
    #[error("the message class is a part of the data coding scheme; give class or dcs, not both")]
    ClassAndCoding,
    /// The text cannot be split or encoded.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A field does not fit.
    #[error(transparent)]
    Encode(#[from] tpdu::EncodeError),
}

impl Uncomposable {
    /// A stable name, as in [`SendError::code`].
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Recipient => "recipient",
            Self::Data(_) => "data",
            Self::Udh(_) | Self::Text(TextError::HeaderTooLong { .. } | TextError::AlreadyPart) => {
                "udh"
            }
            Self::Class(_) => "class",
            Self::ClassAndCoding | Self::Text(TextError::Coding { .. }) => "dcs",
            Self::Text(TextError::TooLong { .. }) => "text-too-long",
            Self::Text(TextError::NotInAlphabet(_)) => "text-not-encodable",
            Self::Encode(_) => "not-encodable",
        }
    }
}

impl From<AddressError> for Uncomposable {
    fn from(_: AddressError) -> Self {
        Self::Recipient
    }
}

impl From<ComposeError> for Uncomposable {
    fn from(error: ComposeError) -> Self {
        match error {
            ComposeError::Recipient => Self::Recipient,
            ComposeError::Text(error) => Self::Text(error),
            ComposeError::Encode(error) => Self::Encode(error),
        }
    }
}

/// For the outside, as an English sentence.
impl From<Uncomposable> for SendError {
    fn from(error: Uncomposable) -> Self {
        let words = error.to_string();
        let mut chars = words.chars();
        let first = chars.next().map(char::to_uppercase).into_iter().flatten();
        let text = first.chain(chars).chain(std::iter::once('.')).collect();
        Self { code: error.code().to_owned(), text }
    }
}

/// All parts of the message `id`, at least one.
///
/// The same message always gives the same parts, so a try can go on where another one ended: the reference that
/// holds them together comes from the message's id.
pub fn submits(id: MessageId, request: &MtRequest) -> Result<Vec<Submit>, Uncomposable> {
    let to = Address::number(request.to.as_str())?;
    let mut spec = spec(to, &request.body, request.udh.as_deref(), &request.options)?;
    let [.., high, low] = *id.uuid().as_bytes();
    spec.reference = u16::from_be_bytes([high, low]);
    Ok(tpdu::compose(&spec)?)
}

/// How a message goes out, whoever gets it: its alphabet, its parts, and what was replaced.
pub fn outline(
    body: &Body,
    udh: Option<&str>,
    options: &SendOptions,
) -> Result<Outline, Uncomposable> {
    // Any number will do: the recipient is not in the user data.
    let to = Address::number("0")?;
    Ok(spec(to, body, udh, options)?.outline()?)
}

fn spec(
    to: Address,
    body: &Body,
    udh: Option<&str>,
    options: &SendOptions,
) -> Result<MessageSpec, Uncomposable> {
    let mut spec = match body {
        Body::Text { text, encoding } => MessageSpec {
            body: MessageBody::Text {
                text: text.clone(),
                encoding: encoding_of(*encoding),
                languages: options.languages.iter().collect(),
            },
            ..MessageSpec::text(to, "")
        },
        Body::Data { data } => {
            MessageSpec::data(to, tpdu::from_hex(data).map_err(Uncomposable::Data)?)
        }
    };
    if let Some(number) = options.class {
        spec.class = Some(Class::from_number(number).ok_or(Uncomposable::Class(number))?);
    }
    if let Some(octet) = options.dcs {
        if options.class.is_some() {
            return Err(Uncomposable::ClassAndCoding);
        }
        spec.coding = Some(DataCoding(octet));
    }
    if let Some(udh) = udh {
        let header = tpdu::from_hex(udh).and_then(|octets| Udh::decode(&octets));
        spec.udh = header.map_err(Uncomposable::Udh)?;
    }
    spec.report = !options.no_report;
    spec.validity = options
        .validity_minutes
        .map(|minutes| Validity::at_least(Duration::from_secs(u64::from(minutes) * 60)));
    spec.protocol_id = options.protocol_id.unwrap_or(0);
    spec.reply_path = options.reply_path;
    spec.ports = options.ports.map(|(destination, source)| Ports { destination, source });
    Ok(spec)
}

const fn encoding_of(encoding: Encoding) -> text::Encoding {
    match encoding {
        Encoding::Auto => text::Encoding::Auto,
        Encoding::Gsm7 => text::Encoding::Gsm7,
        Encoding::Smart => text::Encoding::Smart,
        Encoding::Ucs2 => text::Encoding::Ucs2,
    }
}

#[cfg(test)]
mod tests {
    use tpdu::{Alphabet, Language};

    use super::*;
    use crate::language::Languages;

    /// 84 characters: two parts in UCS-2, one in the Turkish tables.
    const TURKISH: &str =
        "Sayın müşterimiz, İstanbul şubemize gönderdiğiniz kargo bugün teslim alınmıştır. Şık";

    fn request(text: &str) -> MtRequest {
        MtRequest::text("+628123456789".parse().unwrap(), text)
    }

    fn composed(request: &MtRequest) -> Vec<Submit> {
        submits(MessageId::derived("1"), request).unwrap()
    }

    fn refused(request: &MtRequest) -> SendError {
        submits(MessageId::derived("1"), request).unwrap_err().into()
    }

    #[test]
    fn the_same_message_gives_the_same_parts() {
        let long = request(&"merpati ".repeat(40));
        let parts = composed(&long);
        assert_eq!(parts.len(), 3);
        assert_eq!(parts, composed(&long));
        let concat = parts[1].concat().unwrap();
        assert_eq!((concat.total, concat.sequence), (3, 2));
    }

    #[test]
    fn options_reach_the_tpdu() {
        let mut flash = request("hi");
        flash.options = SendOptions {
            class: Some(0),
            dcs: None,
            validity_minutes: Some(60),
            no_report: true,
            protocol_id: Some(0x41),
            reply_path: true,
            ports: Some((5000, 0)),
            languages: Languages::NONE,
        };
        let part = composed(&flash).remove(0);
        assert_eq!(part.coding.class().map(Class::number), Some(0));
        assert_eq!(part.validity, Some(Validity::Relative(11)));
        assert_eq!((part.protocol_id, part.reply_path, part.report), (0x41, true, false));
        assert_eq!(part.udh.ports(), Some(Ports { destination: 5000, source: 0 }));
    }

    #[test]
    fn a_coding_asked_for_is_sent_to_the_bit() {
        let mut asked = request("flash");
        asked.options.dcs = Some(0xF0);
        assert_eq!(composed(&asked)[0].coding.0, 0xF0);
        asked.options.dcs = Some(0xE8);
        let part = composed(&asked).remove(0);
        assert_eq!((part.coding.0, part.text().as_deref()), (0xE8, Some("flash")));
        asked.body = Body::Data { data: "027000".to_owned() };
        for octet in [0xF7, 0xE8, 0x24] {
            asked.options.dcs = Some(octet);
            assert_eq!(composed(&asked)[0].coding.0, octet);
        }

        // What would be read as something else is refused.
        asked.options.dcs = Some(0xF3);
        let error = refused(&asked);
        assert_eq!(
            (error.code.as_str(), error.text.as_str()),
            (
                "dcs",
                "The data coding scheme F3 is for text in GSM 7-bit, and the message is octets of data."
            )
        );
        for octet in [0xF7, 0x24, 0x20] {
            let mut text = request("hi");
            text.options.dcs = Some(octet);
            assert_eq!(refused(&text).code, "dcs", "{octet:02X}");
        }
        let mut cyrillic = request("Жук");
        cyrillic.options.dcs = Some(0xF1);
        assert_eq!(refused(&cyrillic).code, "text-not-encodable");
        asked.options.class = Some(1);
        assert_eq!(refused(&asked).code, "dcs");
    }

    #[test]
    fn tables_of_a_language_are_used_when_allowed() {
        let mut turkish = request(TURKISH);
        assert_eq!(composed(&turkish).len(), 2);
        turkish.options.languages = Language::Turkish.into();
        let parts = composed(&turkish);
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].coding.alphabet(), Alphabet::Gsm7);
        assert_eq!(parts[0].text().as_deref(), Some(TURKISH));
        let outline = outline(&turkish.body, None, &turkish.options).unwrap();
        assert_eq!((outline.parts, outline.shifts), (1, parts[0].udh.shifts()));
    }

    #[test]
    fn the_outline_is_of_what_is_sent() {
        let mut smart = request("");
        let text = format!("“merpati” – {}", "a".repeat(60));
        smart.body = Body::Text { text, encoding: Encoding::Smart };
        for udh in [None, Some("06050423F40000")] {
            smart.udh = udh.map(str::to_owned);
            let outline = outline(&smart.body, udh, &smart.options).unwrap();
            assert_eq!(outline.parts, composed(&smart).len());
        }
        let data = Body::Data { data: "AB".repeat(141) };
        let outline = outline(&data, None, &SendOptions::default()).unwrap();
        assert_eq!((outline.alphabet, outline.parts, outline.per_part), (Alphabet::Data, 2, 134));
    }

    #[test]
    fn what_cannot_be_sent_is_said_in_words() {
        let mut bad = request("hi");
        bad.options.class = Some(9);
        let error = refused(&bad);
        assert_eq!(
            (error.code.as_str(), error.text.as_str()),
            ("class", "There is no message class 9; use 0 to 3.")
        );
        let mut bad = request("hi");
        bad.udh = Some("zz".to_owned());
        assert_eq!(refused(&bad).code, "udh");
        let mut odd = request("");
        odd.body = Body::Data { data: "ABC".to_owned() };
        assert_eq!(refused(&odd).code, "data");
        let mut gsm7 = request("");
        gsm7.body = Body::Text { text: "Жук".to_owned(), encoding: Encoding::Gsm7 };
        let error = refused(&gsm7);
        assert_eq!(error.code, "text-not-encodable");
        assert!(error.text.contains('Ж'), "{}", error.text);
    }
}
