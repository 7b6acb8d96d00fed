//! The hash that is kept of a secret, its SHA-256. That is right for 256 random bits (keys, session tokens and set-up
//! tokens) but not for passwords, which a person chose: passwords are kept as argon2id.

use std::fmt;

use contracts::SessionId;
use sha2::{Digest, Sha256};

/// The SHA-256 of a random secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Hashes a secret as it is written down: a whole API key, the value of a cookie, or the last part of a set-up
    /// link.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Returns the id of the session whose cookie has the hash.
    pub const fn session(self) -> SessionId {
        SessionId::of_cookie(self.0)
    }

    /// Reads the hash as the database keeps it.
    pub(crate) fn from_column(text: &str) -> Option<Self> {
        let octets = data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?;
        octets.try_into().ok().map(Self)
    }

    /// Returns the hash as the database keeps it: 64 lower-case hex digits.
    pub(crate) fn column(self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }
}

/// Hides the hash, because a hash in a log invites to search for its secret.
impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}
