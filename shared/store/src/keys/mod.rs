//! API keys: 256 random bits, shown once, kept as SHA-256.

use contracts::{KeyId, OrgId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Scope, SecretHash, Store, StoreError, User};

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// Its organisation.
    pub org: OrgId,
    /// Whose it is.
    pub owner: UserId,
    /// What its owner calls it.
    pub name: String,
    /// The first characters of the secret, by which people know it.
    pub prefix: String,
    /// What it may do, words separated by spaces; the portal knows them.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// A key to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Its organisation.
    pub org: OrgId,
    /// Whose it is.
    pub owner: UserId,
    /// What its owner calls it.
    pub name: String,
    /// The first characters of the secret.
    pub prefix: String,
    /// The hash of the whole secret.
    pub secret: SecretHash,
    /// What it may do.
    pub scopes: String,
    /// Until when it is good.
    pub expires_at: Option<Timestamp>,
}

/// Whether a secret opens the door. All but the first are one answer to the outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyCheck {
    /// It is good, and this is whose.
    Valid {
        /// The key.
        key: Box<ApiKey>,
        /// Its owner.
        user: Box<User>,
    },
    /// There is no such key.
    Unknown,
    /// It was revoked.
    Revoked(KeyId),
    /// Its time is over.
    Expired(KeyId),
    /// Its owner is disabled.
    Disabled(KeyId),
}

impl Store {
    /// Keeps a new key. Its owner must be of its organisation.
    pub async fn create_key(&self, new: &NewKey, at: Timestamp) -> Result<ApiKey, StoreError> {
        on_engine!(self, db => db.create_key(new, at))
    }

    /// Checks a secret, and notes the use at most each minute. That the note cannot be written is no error.
    pub async fn check_key(
        &self,
        secret: SecretHash,
        now: Timestamp,
    ) -> Result<KeyCheck, StoreError> {
        on_engine!(self, db => db.check_key(secret, now))
    }

    /// Checks a secret without noting a use: for what goes on without the program asking anew.
    pub async fn look_at_key(
        &self,
        secret: SecretHash,
        now: Timestamp,
    ) -> Result<KeyCheck, StoreError> {
        on_engine!(self, db => db.look_at_key(secret, now))
    }

    /// The keys in scope, newest first, revoked ones too.
    pub async fn keys(&self, scope: Scope) -> Result<Vec<ApiKey>, StoreError> {
        on_engine!(self, db => db.keys(scope))
    }

    /// Revokes a key in scope; false: there is none, or it was revoked before.
    pub async fn revoke_key(
        &self,
        scope: Scope,
        key: KeyId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.told(on_engine!(self, db => db.revoke_key(scope, key, at)))
    }
}
