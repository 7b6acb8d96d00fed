//! Deleting what is old.

use contracts::Timestamp;
use sqlx::Transaction;

use super::{Database, Db};
use crate::error::failed;
use crate::{Cutoffs, Removed, StoreError};

const DOING: &str = "deleting what is old";

// Rows that only an event made go too: their request never came.
const MESSAGES: &str = "DELETE FROM messages WHERE id IN (SELECT id FROM messages \
    WHERE updated_at < $1 AND (phase >= 2 OR request IS NULL) ORDER BY updated_at LIMIT $2)";
const RECEIVED: &str = "DELETE FROM inbox WHERE id IN (SELECT id FROM inbox \
    WHERE received_at < $1 ORDER BY received_at LIMIT $2)";
const LINES: &str = "DELETE FROM timeline WHERE (message, event_key) IN (SELECT message, event_key \
    FROM timeline WHERE at < $1 ORDER BY at LIMIT $2)";
const REPORTS: &str = "DELETE FROM dlrs WHERE id IN (SELECT id FROM dlrs \
    WHERE received_at < $1 ORDER BY received_at LIMIT $2)";
const MODEM_EVENTS: &str = "DELETE FROM modem_events WHERE id IN (SELECT id FROM modem_events \
    WHERE at < $1 ORDER BY at LIMIT $2)";
const CALLBACKS: &str = "DELETE FROM callbacks WHERE id IN (SELECT id FROM callbacks \
    WHERE next_at IS NULL AND updated_at < $1 ORDER BY updated_at LIMIT $2)";

impl Database {
    pub(crate) async fn remove_old(
        &self,
        cutoffs: &Cutoffs,
        limit: u32,
    ) -> Result<Removed, StoreError> {
        let Cutoffs { messages, timeline, callbacks } = *cutoffs;
        let mut tx = self.begin(DOING).await?;
        let removed = Removed {
            messages: delete(&mut tx, MESSAGES, messages, limit).await?,
            received: delete(&mut tx, RECEIVED, messages, limit).await?,
            lines: delete(&mut tx, LINES, timeline, limit).await?,
            reports: delete(&mut tx, REPORTS, timeline, limit).await?,
            modem_events: delete(&mut tx, MODEM_EVENTS, timeline, limit).await?,
            callbacks: delete(&mut tx, CALLBACKS, callbacks, limit).await?,
        };
        tx.commit().await.map_err(failed(DOING))?;
        Ok(removed)
    }
}

async fn delete(
    tx: &mut Transaction<'static, Db>,
    sql: &'static str,
    before: Option<Timestamp>,
    limit: u32,
) -> Result<u64, StoreError> {
    let Some(before) = before else { return Ok(0) };
    let delete = sqlx::query(sql).bind(before.as_micros()).bind(i64::from(limit));
    Ok(delete.execute(&mut **tx).await.map_err(failed(DOING))?.rows_affected())
}
