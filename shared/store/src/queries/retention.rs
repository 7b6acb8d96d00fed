//! Deleting what is old.

use contracts::Timestamp;
use sqlx::Transaction;

use super::{Database, Db};
use crate::error::failed;
use crate::{Removed, StoreError};

const DOING: &str = "deleting what is old";

impl Database {
    pub(crate) async fn remove_before(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Removed, StoreError> {
        let mut tx = self.begin(DOING).await?;
        let tx_ref = &mut tx;
        let messages = "DELETE FROM messages WHERE id IN (SELECT id FROM messages \
            WHERE updated_at < $1 AND (phase >= 2 OR request IS NULL) ORDER BY updated_at LIMIT $2)";
        let received = "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox \
            WHERE received_at < $1 ORDER BY received_at LIMIT $2)";
        let reports = "DELETE FROM dlrs WHERE id IN (SELECT id FROM dlrs \
            WHERE received_at < $1 ORDER BY received_at LIMIT $2)";
        let modem_events = "DELETE FROM modem_events WHERE id IN (SELECT id FROM modem_events \
            WHERE at < $1 ORDER BY at LIMIT $2)";
        let removed = Removed {
            messages: delete(tx_ref, messages, before, limit).await?,
            received: delete(tx_ref, received, before, limit).await?,
            reports: delete(tx_ref, reports, before, limit).await?,
            modem_events: delete(tx_ref, modem_events, before, limit).await?,
        };
        tx.commit().await.map_err(failed(DOING))?;
        Ok(removed)
    }
}

async fn delete(
    tx: &mut Transaction<'static, Db>,
    sql: &'static str,
    before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    let delete = sqlx::query(sql).bind(before.as_micros()).bind(i64::from(limit));
    Ok(delete.execute(&mut **tx).await.map_err(failed(DOING))?.rows_affected())
}
