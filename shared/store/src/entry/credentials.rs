//! Names, passwords and keys, by which somebody comes in.

use contracts::{KeyId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{ApiKey, Door, SecretHash, Store, StoreError, User};

/// The answer to a secret. To the outside, all variants but the first are one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyCheck {
    /// The key is good.
    Valid {
        /// The key.
        key: Box<ApiKey>,
        /// The account that the key belongs to.
        user: Box<User>,
    },
    /// No key has the secret.
    Unknown,
    /// The key was revoked.
    Revoked(KeyId),
    /// The key has expired.
    Expired(KeyId),
    /// The account that the key belongs to is disabled.
    Disabled(KeyId),
}

/// A password that stands for a key at a door.
#[derive(Clone, PartialEq, Eq)]
pub struct DoorPassword {
    /// What the password is checked against, as the portal wrote it.
    pub hash: String,
    /// The hash of the key.
    pub key: SecretHash,
}

/// Leaves out the hashes.
impl std::fmt::Debug for DoorPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DoorPassword")
    }
}

impl Store {
    /// Returns the password that the account of a name in any organisation, letter case aside, has at a door.
    pub async fn door_password(
        &self,
        door: Door,
        name: &str,
    ) -> Result<Option<DoorPassword>, StoreError> {
        on_engine!(self, db => db.door_password(door, name))
    }

    /// Returns the account of a name in any organisation, letter case aside, for logging in.
    pub async fn user_named(&self, name: &str) -> Result<Option<User>, StoreError> {
        on_engine!(self, db => db.user_named(name))
    }

    /// Returns the argon2id of an account's password in PHC form, if the account has a password.
    pub async fn password_hash(&self, user: UserId) -> Result<Option<String>, StoreError> {
        on_engine!(self, db => db.password_hash(user))
    }

    /// Checks a secret and notes the use of the key, at most once a minute. A note that cannot be written is no
    /// error.
    pub async fn check_key(
        &self,
        secret: SecretHash,
        now: Timestamp,
    ) -> Result<KeyCheck, StoreError> {
        on_engine!(self, db => db.check_key(secret, now))
    }

    /// Checks a secret without noting a use, for a request that goes on without being sent anew.
    pub async fn look_at_key(
        &self,
        secret: SecretHash,
        now: Timestamp,
    ) -> Result<KeyCheck, StoreError> {
        on_engine!(self, db => db.look_at_key(secret, now))
    }
}
