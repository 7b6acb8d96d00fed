//! Secrets made by us: API keys, session ids, passwords of the private broker.

use data_encoding::BASE64URL_NOPAD;

/// A new secret of 256 random bits: 43 characters of `A–Z a–z 0–9 - _`.
pub fn random_token() -> String {
    BASE64URL_NOPAD.encode(&rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_differ() {
        let (a, b) = (random_token(), random_token());
        assert_ne!(a, b);
        assert_eq!(a.len(), 43);
        assert!(a.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_'));
    }
}
