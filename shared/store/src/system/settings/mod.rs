//! Settings, as the broker's bucket `config` is to have them.
//!
//! Whoever changes an account, a SIM or a modem writes its setting in the same transaction, with the next version. A
//! publisher reads the present setting *after* it has read the entry of the bucket, and replaces that very entry. So
//! any number of publishers, in any order and however slow, leave the bucket as the database is.

use tokio::sync::watch;

use crate::engine::on_engine;
use crate::{Store, StoreError};

/// One setting, as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The key of the setting: `account.<user id>`, `sim.<sim id>` or `modem.<modem id>`.
    pub key: String,
    /// The value for the bucket, an object that has the version in it.
    pub value: serde_json::Value,
    /// The version, which counts the changes of this key.
    pub version: i64,
}

impl Store {
    /// Returns at most `limit` keys whose present version is not known to be published, those of opt-outs last.
    pub async fn unpublished_settings(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        on_engine!(self, db => db.unpublished_settings(limit))
    }

    /// Returns the setting of a key.
    pub async fn setting(&self, key: &str) -> Result<Option<Setting>, StoreError> {
        on_engine!(self, db => db.setting(key))
    }

    /// Returns all settings, sorted by key.
    pub async fn settings(&self) -> Result<Vec<Setting>, StoreError> {
        on_engine!(self, db => db.settings())
    }

    /// Notes that the bucket has this version of a key.
    pub async fn setting_published(&self, key: &str, version: i64) -> Result<(), StoreError> {
        on_engine!(self, db => db.setting_published(key, version))
    }

    /// Counts the changes of settings that are made through this handle and its clones. Changes by other processes are
    /// found by [`Store::unpublished_settings`].
    pub fn settings_changes(&self) -> watch::Receiver<u64> {
        self.settings_changes.subscribe()
    }

    /// Returns `done`, the result of a change of settings. When the change was made, counts it in
    /// [`Store::settings_changes`].
    pub(crate) fn waking<T, E>(&self, done: Result<T, E>) -> Result<T, E> {
        if done.is_ok() {
            self.settings_changes.send_modify(|count| *count += 1);
        }
        done
    }
}
