//! API keys: `mrp_` and 8 letters by which people and scanners know it, `_`, and 256 random bits.
//!
//! A key is shown once. What is kept is its SHA-256: a slow hash protects guessable secrets, and 256
//! random bits are none.

use std::fmt;

use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use store::SecretHash;

/// What every key starts with.
const MARK: &str = "mrp_";
const PREFIX_LENGTH: usize = 8;
const SECRET_LENGTH: usize = 43;

/// A key as its holder sends it. Its `Debug` shows only the prefix.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct KeySecret(String);

impl KeySecret {
    /// A new one.
    pub(crate) fn new() -> Self {
        let prefix: [u8; 5] = rand::random();
        let secret: [u8; 32] = rand::random();
        let prefix = BASE32_NOPAD.encode(&prefix).to_ascii_lowercase();
        Self(format!("{MARK}{prefix}_{}", BASE64URL_NOPAD.encode(&secret)))
    }

    /// A key, when `text` has the form of one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (prefix, secret) = text.strip_prefix(MARK)?.split_at_checked(PREFIX_LENGTH)?;
        let secret = secret.strip_prefix('_')?;
        let fits = prefix.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            && secret.len() == SECRET_LENGTH
            && secret.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        fits.then(|| Self(text.to_owned()))
    }

    /// The whole key: to be shown to its holder, once.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// What may be shown for ever: `mrp_abcdefgh`.
    pub(crate) fn prefix(&self) -> &str {
        &self.0[..MARK.len() + PREFIX_LENGTH]
    }

    /// What is kept.
    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash::of(&self.0)
    }
}

/// 256 random bits in 43 characters that may stand in a URL or a cookie.
pub(crate) fn random_secret() -> String {
    let secret: [u8; 32] = rand::random();
    BASE64URL_NOPAD.encode(&secret)
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySecret({}…)", self.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_one() {
        let key = KeySecret::new();
        assert_eq!(KeySecret::parse(key.reveal()), Some(key.clone()));
        assert_ne!(KeySecret::new(), key);
        assert!(!format!("{key:?}").contains(&key.reveal()[14..]));
    }

    #[test]
    fn other_texts_are_none() {
        for text in ["", "mrp_", "mrp_abcdefgh_", "secret", "mrp_é", "mrp_abcdefghé"] {
            assert_eq!(KeySecret::parse(text), None, "{text}");
        }
    }
}
