//! Reading octets field by field, and octets as hexadecimal text.

use crate::error::{DecodeError, DecodeErrorKind};

/// The most octets of user data in one TPDU.
pub const MOST_OCTETS: usize = 140;

/// What is left to read, and where it began.
pub(crate) struct Reader<'a> {
    left: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self::at(octets, 0)
    }

    /// A reader of a field's octets, which began at `offset` of the whole.
    pub(crate) const fn at(octets: &'a [u8], offset: usize) -> Self {
        Self { left: octets, offset }
    }

    pub(crate) const fn offset(&self) -> usize {
        self.offset
    }

    pub(crate) const fn left(&self) -> &'a [u8] {
        self.left
    }

    pub(crate) fn octet(&mut self, field: &str) -> Result<u8, DecodeError> {
        let [octet] = self.array(field)?;
        Ok(octet)
    }

    pub(crate) fn array<const N: usize>(&mut self, field: &str) -> Result<[u8; N], DecodeError> {
        let Some((head, tail)) = self.left.split_first_chunk::<N>() else {
            return Err(self.truncated(field, N));
        };
        self.left = tail;
        self.offset += N;
        Ok(*head)
    }

    pub(crate) fn take(&mut self, count: usize, field: &str) -> Result<&'a [u8], DecodeError> {
        let Some((head, tail)) = self.left.split_at_checked(count) else {
            return Err(self.truncated(field, count));
        };
        self.left = tail;
        self.offset += count;
        Ok(head)
    }

    fn truncated(&self, field: &str, needed: usize) -> DecodeError {
        let kind = DecodeErrorKind::Truncated { needed, left: self.left.len() };
        DecodeError::new(field, self.offset, kind)
    }
}

/// Octets from hexadecimal text in either case; white space around and between octets is passed over.
pub fn from_hex(text: &str) -> Result<Vec<u8>, DecodeError> {
    let mut octets = Vec::with_capacity(text.len() / 2);
    let mut high = None;
    for c in text.chars().filter(|c| !c.is_ascii_whitespace()) {
        let fail = |kind| DecodeError::new("hex", octets.len(), kind);
        let Some(digit) = c.to_digit(16).and_then(|d| u8::try_from(d).ok()) else {
            return Err(fail(DecodeErrorKind::NotHex(c)));
        };
        match high.take() {
            None => high = Some(digit),
            Some(h) => octets.push(h << 4 | digit),
        }
    }
    if high.is_some() {
        return Err(DecodeError::new("hex", octets.len(), DecodeErrorKind::HalfOctet));
    }
    Ok(octets)
}

/// Upper-case hexadecimal text, as modems want it.
pub fn to_hex(octets: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value)]);
    let mut text = String::with_capacity(octets.len() * 2);
    text.extend(octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 15)]));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_both_ways() {
        assert_eq!(from_hex(" 0aFF\r\n").unwrap(), [0x0A, 0xFF]);
        assert_eq!(to_hex(&[0x0A, 0xFF]), "0AFF");
        assert_eq!(from_hex("0aF").unwrap_err().kind, DecodeErrorKind::HalfOctet);
        let error = from_hex("0a0x").unwrap_err();
        assert_eq!((error.offset, error.kind), (1, DecodeErrorKind::NotHex('x')));
    }
}
