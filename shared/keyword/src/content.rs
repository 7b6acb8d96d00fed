//! The content of a message, as Kannel shows it to programs.

use contracts::composition;
use contracts::mo::MoReceived;
use contracts::mt::{Body, MtRequest};
use tpdu::{Alphabet, DataCoding};

/// The message's content as Kannel shows it to a program.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// `coding` 0, charset UTF-8.
    Gsm7(String),
    /// `coding` 1: octets.
    Binary(Vec<u8>),
    /// `coding` 2, charset UTF-16BE.
    Ucs2(String),
}

impl Content {
    /// `coding`, as Kannel counts.
    pub const fn coding(&self) -> u8 {
        match self {
            Self::Gsm7(_) => 0,
            Self::Binary(_) => 1,
            Self::Ucs2(_) => 2,
        }
    }

    /// The charset of [`Self::bytes`].
    pub const fn charset(&self) -> &'static str {
        match self {
            Self::Gsm7(_) => "UTF-8",
            Self::Binary(_) => "8-BIT",
            Self::Ucs2(_) => "UTF-16BE",
        }
    }

    /// The whole, in the charset's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Gsm7(text) => text.as_bytes().to_vec(),
            Self::Binary(octets) => octets.clone(),
            Self::Ucs2(text) => utf16be(text),
        }
    }

    /// Of a message that is sent.
    pub fn of_request(request: &MtRequest, body: &Body) -> Self {
        match body {
            Body::Data { data } => Self::Binary(tpdu::from_hex(data).unwrap_or_default()),
            Body::Text { text, .. } => {
                match composition::outline(body, request.udh.as_deref(), &request.options) {
                    Ok(outline) if outline.alphabet == Alphabet::Ucs2 => Self::Ucs2(text.clone()),
                    _ => Self::Gsm7(text.clone()),
                }
            }
        }
    }

    /// Of a message that was received, by the coding of its first part.
    pub fn of_received(message: &MoReceived, coding: Option<DataCoding>) -> Self {
        match (&message.text, &message.data) {
            (Some(text), _) => match coding.map(DataCoding::alphabet) {
                Some(Alphabet::Ucs2) => Self::Ucs2(text.clone()),
                _ => Self::Gsm7(text.clone()),
            },
            (None, data) => {
                let data = data.as_deref().unwrap_or_default();
                Self::Binary(tpdu::from_hex(data).unwrap_or_default())
            }
        }
    }

    /// The words, each in the charset's bytes.
    pub fn words(&self) -> Vec<Vec<u8>> {
        match self {
            Self::Gsm7(text) => text.split_whitespace().map(|w| w.as_bytes().to_vec()).collect(),
            Self::Ucs2(text) => text.split_whitespace().map(utf16be).collect(),
            Self::Binary(octets) => octets
                .split(u8::is_ascii_whitespace)
                .filter(|word| !word.is_empty())
                .map(<[u8]>::to_vec)
                .collect(),
        }
    }

    /// A space between two words, encoded.
    pub const fn gap(&self) -> &'static str {
        match self {
            Self::Gsm7(_) | Self::Binary(_) => "+",
            Self::Ucs2(_) => "%00+",
        }
    }
}

fn utf16be(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

#[cfg(test)]
mod tests {
    use contracts::Languages;
    use contracts::mt::Encoding;

    use super::*;

    fn content(body: &Body) -> Content {
        Content::of_request(&MtRequest::text("888".parse().unwrap(), ""), body)
    }

    #[test]
    fn the_charset_is_that_of_the_parts() {
        let text = |text: &str, encoding| Body::Text { text: text.to_owned(), encoding };
        assert!(matches!(content(&text("hi", Encoding::Auto)), Content::Gsm7(_)));
        assert!(matches!(content(&text("hi", Encoding::Ucs2)), Content::Ucs2(_)));
        assert!(matches!(content(&text("Ж", Encoding::Auto)), Content::Ucs2(_)));
        let data = content(&Body::Data { data: "00FF".to_owned() });
        assert!(data == Content::Binary(vec![0, 0xff]));
        let turkish = text(&"İyi günler! ".repeat(12), Encoding::Auto);
        assert!(matches!(content(&turkish), Content::Ucs2(_)));
        let mut request = MtRequest::text("888".parse().unwrap(), "");
        request.options.languages = Languages::ALL;
        assert!(matches!(Content::of_request(&request, &turkish), Content::Gsm7(_)));
    }
}
