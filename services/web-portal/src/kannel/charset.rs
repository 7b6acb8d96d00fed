//! From octets and a charset name to text.
//!
//! Kannel hands names to iconv; ours are the labels of the WHATWG encoding standard and the names iconv
//! has for UTF-16. WHATWG reads `utf-16` as little endian, iconv and every SMS client as big endian.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};

/// Why octets are no text in a charset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CharsetError {
    /// Nobody knows that name.
    #[error("the charset is not known")]
    Unknown,
    /// The octets cannot be read in it.
    #[error("the octets are not in that charset")]
    Malformed,
}

/// The text of `octets` in the charset called `name`, without replacing anything.
pub(crate) fn decode(octets: &[u8], name: &str) -> Result<String, CharsetError> {
    let encoding = by_name(name).ok_or(CharsetError::Unknown)?;
    let octets = without_mark(octets, encoding);
    encoding
        .decode_without_bom_handling_and_without_replacement(octets)
        .map(std::borrow::Cow::into_owned)
        .ok_or(CharsetError::Malformed)
}

fn by_name(name: &str) -> Option<&'static Encoding> {
    match name.trim().to_ascii_uppercase().as_str() {
        "UTF-16" | "UTF16" | "UTF-16BE" | "UTF16BE" | "UCS-2" | "UCS2" | "UCS-2BE"
        | "ISO-10646-UCS-2" => Some(UTF_16BE),
        "UTF-16LE" | "UTF16LE" | "UCS-2LE" => Some(UTF_16LE),
        other => Encoding::for_label(other.as_bytes()),
    }
}

/// A byte order mark is no character of the text.
fn without_mark<'a>(octets: &'a [u8], encoding: &'static Encoding) -> &'a [u8] {
    match Encoding::for_bom(octets) {
        Some((marked, length)) if marked == encoding => &octets[length..],
        _ => octets,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_iconv_are_known() {
        assert_eq!(decode(b"\x04\x1f\x04\x40", "UTF-16BE").as_deref(), Ok("Пр"));
        assert_eq!(decode(b"\x04\x1f", "ucs-2").as_deref(), Ok("П"));
        assert_eq!(decode(b"\xfe\xff\x04\x1f", "UTF-16").as_deref(), Ok("П"));
        assert_eq!(decode(b"caf\xe9", "ISO-8859-1").as_deref(), Ok("café"));
        assert_eq!(decode("halo €".as_bytes(), "utf-8").as_deref(), Ok("halo €"));
    }

    #[test]
    fn nothing_is_replaced() {
        assert_eq!(decode(b"caf\xe9", "UTF-8"), Err(CharsetError::Malformed));
        assert_eq!(decode(b"\x04", "UTF-16BE"), Err(CharsetError::Malformed));
        assert_eq!(decode(b"\xd8\x3d", "UTF-16BE"), Err(CharsetError::Malformed));
        assert_eq!(decode(b"x", "klingon"), Err(CharsetError::Unknown));
    }
}
