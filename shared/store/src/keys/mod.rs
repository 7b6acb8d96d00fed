//! API keys: 256 random bits that are shown once and kept as SHA-256.

use contracts::{KeyId, OrgId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, SecretHash, Store, StoreError};

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
    /// From which addresses and networks the key works, with blanks between them. Empty: from anywhere. The portal reads
    /// them.
    pub allowed: String,
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
    /// From which addresses and networks the key works. Empty: from anywhere.
    pub allowed: String,
    /// When the key expires, if it does.
    pub expires_at: Option<Timestamp>,
}

/// A door at which a password may stand for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// Kannel's `sendsms`.
    Kannel,
    /// playSMS's webservices: what its clients send as `h`.
    PlaySms,
    /// The same, where a name and a password are given a token: the password of before, until another one is set.
    PlaySmsPassword,
}

impl Door {
    /// Returns the name of the door in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kannel => "kannel",
            Self::PlaySms => "playsms",
            Self::PlaySmsPassword => "playsms-password",
        }
    }
}

impl Store {
    /// Keeps a new key for an account in reach, and the hashes of passwords that stand for the key, each at a door. Returns none
    /// when the account has a password at one of them already, of a key that is not revoked.
    pub async fn create_key_with_passwords(
        &self,
        reach: Reach,
        new: &NewKey,
        passwords: &[(Door, String)],
        at: Timestamp,
    ) -> Result<Option<ApiKey>, StoreError> {
        on_engine!(self, db => db.create_key_with_passwords(reach, new, passwords, at))
    }

    /// Keeps a new key for an account in reach.
    pub async fn create_key(
        &self,
        reach: Reach,
        new: &NewKey,
        at: Timestamp,
    ) -> Result<ApiKey, StoreError> {
        on_engine!(self, db => db.create_key(reach, new, at))
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
