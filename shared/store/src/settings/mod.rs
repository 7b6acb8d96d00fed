//! Settings as the broker's bucket `config` is to have them.
//!
//! Whoever changes an account, a SIM or a modem writes its setting in the same transaction, with the next version.
//! Whoever publishes reads the present setting *after* it has read the bucket's entry, and replaces that very entry: so
//! any number of publishers, in any order and however slow, end with the bucket as the database is.

use crate::engine::on_engine;
use crate::{Store, StoreError};

/// One setting, as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// `account.<user id>`, `sim.<sim id>`, `modem.<modem id>`.
    pub key: String,
    /// The value for the bucket: an object, the version in it.
    pub value: serde_json::Value,
    /// Which change of this key it is.
    pub version: i64,
}

impl Store {
    /// The keys whose present version is not known to be published, at most `limit`.
    pub async fn unpublished_settings(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        on_engine!(self, db => db.unpublished_settings(limit))
    }

    /// The setting of a key.
    pub async fn setting(&self, key: &str) -> Result<Option<Setting>, StoreError> {
        on_engine!(self, db => db.setting(key))
    }

    /// All settings, by key.
    pub async fn settings(&self) -> Result<Vec<Setting>, StoreError> {
        on_engine!(self, db => db.settings())
    }

    /// Notes that the bucket has this version of a key.
    pub async fn setting_published(&self, key: &str, version: i64) -> Result<(), StoreError> {
        on_engine!(self, db => db.setting_published(key, version))
    }
}
