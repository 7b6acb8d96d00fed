//! What is sent: `content` and `hex-content` are octets, and `coding` says what they mean.

use contracts::mt::{Body, Encoding};
use encoding_rs::{ISO_8859_5, ISO_8859_8, UTF_16BE, WINDOWS_1252};
use tpdu::Shifts;
use tpdu::gsm7;

/// The body of a message. None: there is no such coding, or the octets are not of it.
pub(super) fn body(octets: &[u8], coding: u32) -> Option<Body> {
    let decoded = |encoding: &'static encoding_rs::Encoding| {
        encoding.decode_without_bom_handling_and_without_replacement(octets)
    };
    let (text, encoding) = match coding {
        0 => (default_alphabet(octets)?, Encoding::Auto),
        1 | 3 => (decoded(WINDOWS_1252)?.into_owned(), Encoding::Auto),
        2 | 4 => return Some(Body::Data { data: data_encoding::HEXUPPER.encode(octets) }),
        6 => (decoded(ISO_8859_5)?.into_owned(), Encoding::Auto),
        7 => (decoded(ISO_8859_8)?.into_owned(), Encoding::Auto),
        8 => (decoded(UTF_16BE)?.into_owned(), Encoding::Ucs2),
        _ => return None,
    };
    Some(Body::Text { text, encoding })
}

/// Clients send text in UTF-8, and others octets of GSM 7-bit. The latter have control characters where the former has none:
/// `@` is 0, `$` is 2, and what is escaped begins with 27.
fn default_alphabet(octets: &[u8]) -> Option<String> {
    let is_control = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    if octets.iter().any(is_control) && octets.iter().all(|b| *b < 0x80) {
        return Some(gsm7::decode(octets, Shifts::default()));
    }
    String::from_utf8(octets.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(octets: &[u8], coding: u32) -> Option<String> {
        match body(octets, coding)? {
            Body::Text { text, .. } => Some(text),
            Body::Data { data } => Some(data),
        }
    }

    #[test]
    fn octets_are_what_the_coding_says() {
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(text("Halo $5 caf\u{e9}".as_bytes(), 0), is("Halo $5 caf\u{e9}"));
        assert_eq!(text(b"a\x00b \x02\x1b\x65", 0), is("a@b $\u{20ac}"), "GSM 7-bit");
        assert_eq!(text(b"caf\xe9", 0), None);
        assert_eq!(text(b"caf\xe9", 3), is("caf\u{e9}"));
        assert_eq!(text(b"\x04\x1f\xd8\x3d\xde\x00", 8), is("\u{41f}\u{1f600}"));
        assert_eq!(text(b"\x04", 8), None, "half a character");
        assert_eq!(text(b"\x00\xff", 4), is("00FF"));
        assert_eq!(text(b"\xbf", 6), is("\u{41f}"));
        assert_eq!(text(b"\xe0", 7), is("\u{5d0}"));
        for coding in [5, 9, 13, 14, 15] {
            assert_eq!(text(b"x", coding), None, "{coding}");
        }
    }
}
