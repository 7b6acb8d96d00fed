//! The outbox.

use contracts::{OrgId, Timestamp};
use serde::Serialize;
use sqlx::Transaction;

use super::{Database, Db};
use crate::column::{json, to_json};
use crate::error::failed;
use crate::{OutboxEntry, StoreError};

impl Database {
    pub(crate) async fn outbox(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        let sql = "SELECT seq, key, value_json FROM outbox WHERE published_at IS NULL \
                   ORDER BY seq LIMIT $1";
        let rows = sqlx::query_as::<_, (i64, String, Option<String>)>(sql).bind(i64::from(limit));
        let rows = rows.fetch_all(&self.read).await.map_err(failed("reading the outbox"))?;
        rows.into_iter()
            .map(|(sequence, key, value)| {
                let value = value.map(|text| json("outbox.value_json", &text)).transpose()?;
                Ok(OutboxEntry { sequence, key, value })
            })
            .collect()
    }

    pub(crate) async fn outbox_published(
        &self,
        sequences: &[i64],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let doing = "marking the outbox";
        let mut tx = self.begin(doing).await?;
        for sequence in sequences {
            let sql = "UPDATE outbox SET published_at = $2 WHERE seq = $1";
            let update = sqlx::query(sql).bind(*sequence).bind(at.as_micros());
            update.execute(&mut *tx).await.map_err(failed(doing))?;
        }
        tx.commit().await.map_err(failed(doing))
    }

    pub(crate) async fn config_values(
        &self,
    ) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
        let sql = "SELECT o.key, o.value_json FROM outbox o WHERE o.value_json IS NOT NULL \
                   AND o.seq = (SELECT max(l.seq) FROM outbox l WHERE l.key = o.key) ORDER BY o.key";
        let rows = sqlx::query_as::<_, (String, String)>(sql).fetch_all(&self.read).await;
        let rows = rows.map_err(failed("reading the settings"))?;
        rows.into_iter().map(|(key, value)| Ok((key, json("outbox.value_json", &value)?))).collect()
    }
}

/// Adds a change, inside the transaction of whoever makes it.
pub(super) async fn insert<T: Serialize>(
    tx: &mut Transaction<'static, Db>,
    org: OrgId,
    key: &str,
    value: Option<&T>,
    at: Timestamp,
) -> Result<(), StoreError> {
    let value = value.map(|value| to_json("a setting", value)).transpose()?;
    let sql = "INSERT INTO outbox (org, key, value_json, created_at) VALUES ($1, $2, $3, $4)";
    let insert = sqlx::query(sql).bind(org.to_string()).bind(key.to_owned()).bind(value);
    let insert = insert.bind(at.as_micros());
    insert.execute(&mut **tx).await.map(drop).map_err(failed("writing the outbox"))
}
