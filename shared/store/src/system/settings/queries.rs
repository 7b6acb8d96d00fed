//! The queries of settings.

use contracts::{OrgId, Timestamp};
use serde::Serialize;

use super::{Database, Tx};
use crate::column::{json, to_json};
use crate::error::failed;
use crate::{Setting, StoreError};

const READING: &str = "reading the settings";

/// A row of `settings`.
#[derive(sqlx::FromRow)]
struct SettingRow {
    key: String,
    value_json: String,
    version: i64,
}

impl TryFrom<SettingRow> for Setting {
    type Error = StoreError;

    fn try_from(row: SettingRow) -> Result<Self, StoreError> {
        let mut fields: serde_json::Map<String, serde_json::Value> =
            json("settings.value_json", &row.value_json)?;
        fields.insert("version".to_owned(), row.version.into());
        Ok(Self { key: row.key, value: fields.into(), version: row.version })
    }
}

impl Database {
    pub(crate) async fn unpublished_settings(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        // A list of numbers that opted out may have a hundred thousand, and what is taken from an account or a SIM is not to
        // wait behind them. Of the numbers the newest is the first, for somebody has just asked for it.
        let mut keys = Vec::new();
        for sql in [
            "SELECT key FROM settings WHERE published < version AND key < 'optout.' ORDER BY key LIMIT $1",
            "SELECT key FROM settings WHERE published < version AND key >= 'optout/' ORDER BY key LIMIT $1",
            "SELECT key FROM settings WHERE published < version AND key >= 'optout.' AND key < 'optout/' \
             ORDER BY changed_at DESC LIMIT $1",
        ] {
            let left = i64::from(limit) - i64::try_from(keys.len()).unwrap_or(i64::MAX);
            if left <= 0 {
                break;
            }
            let some = sqlx::query_scalar::<_, String>(sql).bind(left);
            keys.extend(some.fetch_all(&self.read).await.map_err(failed(READING))?);
        }
        Ok(keys)
    }

    pub(crate) async fn setting(&self, key: &str) -> Result<Option<Setting>, StoreError> {
        let sql = "SELECT key, value_json, version FROM settings WHERE key = $1";
        let row = sqlx::query_as::<_, SettingRow>(sql).bind(key.to_owned());
        let row = row.fetch_optional(&self.read).await.map_err(failed(READING))?;
        row.map(Setting::try_from).transpose()
    }

    pub(crate) async fn settings(&self) -> Result<Vec<Setting>, StoreError> {
        let sql = "SELECT key, value_json, version FROM settings ORDER BY key";
        let rows = sqlx::query_as::<_, SettingRow>(sql).fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(Setting::try_from).collect()
    }

    pub(crate) async fn setting_published(
        &self,
        key: &str,
        version: i64,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE settings SET published = $2 WHERE key = $1 AND published < $2";
        let update = sqlx::query(sql).bind(key.to_owned()).bind(version);
        let done = update.execute(&self.write).await;
        done.map(drop).map_err(failed("noting a setting as published"))
    }
}

/// Writes the next version of a setting, within the transaction that changes what the setting says. Until the
/// transaction ends, other changes of the same key wait here.
pub(super) async fn write<T: Serialize>(
    tx: &mut Tx,
    org: OrgId,
    key: &str,
    value: &T,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO settings (key, org, value_json, version, published, changed_at) \
               VALUES ($1, $2, $3, 1, 0, $4) ON CONFLICT (key) DO UPDATE SET \
               value_json = excluded.value_json, version = settings.version + 1, \
               changed_at = excluded.changed_at";
    let upsert = sqlx::query(sql).bind(key.to_owned()).bind(org.to_string());
    let upsert = upsert.bind(to_json("a setting", value)?).bind(at.as_micros());
    upsert.execute(&mut **tx).await.map(drop).map_err(failed("writing a setting"))
}
