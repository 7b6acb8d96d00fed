//! What is kept of a secret: its SHA-256. Right for 256 random bits (keys, session and set-up tokens),
//! not for passwords, which a person chose: those are kept as argon2id.

use std::fmt;

use sha2::{Digest, Sha256};

/// The SHA-256 of a random secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Of the secret as it is written down: `mk_…`, a cookie's value, the last part of a set-up link.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// As kept: 64 lower-case hex digits.
    pub(crate) fn column(self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }
}

/// Hidden: a hash in a log invites to search for it.
impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}
