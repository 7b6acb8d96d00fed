//! API keys: 256 random bits that are shown once and kept as SHA-256.

use contracts::{KeyId, OrgId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, SecretHash, Store, StoreError, User};

/// An API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The id of the key.
    pub id: KeyId,
    /// The organisation of the key.
    pub org: OrgId,
    /// The account that the key belongs to.
    pub owner: UserId,
    /// What the owner calls the key.
    pub name: String,
    /// The first characters of the secret, by which people recognise the key.
    pub prefix: String,
    /// What the key may do, as words separated by spaces. The portal knows the words.
    pub scopes: String,
    /// When the key was made.
    pub created_at: Timestamp,
    /// When the key expires, if it does.
    pub expires_at: Option<Timestamp>,
    /// When the key was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When the key was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

/// An API key to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The organisation of the key.
    pub org: OrgId,
    /// The account that the key belongs to.
    pub owner: UserId,
    /// What the owner calls the key.
    pub name: String,
    /// The first characters of the secret.
    pub prefix: String,
    /// The hash of the whole secret.
    pub secret: SecretHash,
    /// What the key may do.
    pub scopes: String,
    /// When the key expires, if it does.
    pub expires_at: Option<Timestamp>,
}

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

impl Store {
    /// Keeps a new key. The owner of the key must belong to the key's organisation.
    pub async fn create_key(&self, new: &NewKey, at: Timestamp) -> Result<ApiKey, StoreError> {
        on_engine!(self, db => db.create_key(new, at))
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

    /// Returns the keys in reach, newest first. Revoked keys are among them.
    pub async fn keys(&self, reach: Reach) -> Result<Vec<ApiKey>, StoreError> {
        on_engine!(self, db => db.keys(reach))
    }

    /// Revokes a key in reach. Returns false when there is no such key or when it was revoked before.
    pub async fn revoke_key(
        &self,
        reach: Reach,
        key: KeyId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.waking(on_engine!(self, db => db.revoke_key(reach, key, at)))
    }
}
