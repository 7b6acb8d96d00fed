//! The queries of retention.

use contracts::Timestamp;
use sqlx::{AssertSqlSafe, Transaction};

use super::{Database, Db, dialect};
use crate::error::failed;
use crate::{Cutoffs, Removed, StoreError};

const DOING: &str = "deleting what is old";

// A row that only an event made is deleted too, because its request never came.
const MESSAGES: (&str, &str) = (
    "messages WHERE id IN (SELECT id FROM messages",
    "updated_at < $1 AND (phase >= 2 OR request IS NULL) ORDER BY updated_at",
);
const RECEIVED: (&str, &str) =
    ("inbox WHERE id IN (SELECT id FROM inbox", "received_at < $1 ORDER BY received_at");
const LINES: (&str, &str) = (
    "timeline WHERE (message, event_key) IN (SELECT message, event_key FROM timeline",
    "at < $1 ORDER BY at",
);
const REPORTS: (&str, &str) =
    ("dlrs WHERE id IN (SELECT id FROM dlrs", "received_at < $1 ORDER BY received_at");
const MODEM_EVENTS: (&str, &str) =
    ("modem_events WHERE id IN (SELECT id FROM modem_events", "at < $1 ORDER BY at");
const CALLBACKS: (&str, &str) = (
    "callbacks WHERE id IN (SELECT id FROM callbacks",
    "next_at IS NULL AND updated_at < $1 ORDER BY updated_at",
);

impl Database {
    pub(crate) async fn remove_old(
        &self,
        cutoffs: &Cutoffs,
        limit: u32,
    ) -> Result<Removed, StoreError> {
        again!(self.remove_once(cutoffs, limit))
    }

    async fn remove_once(&self, cutoffs: &Cutoffs, limit: u32) -> Result<Removed, StoreError> {
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
    (rows, which): (&str, &str),
    before: Option<Timestamp>,
    limit: u32,
) -> Result<u64, StoreError> {
    let Some(before) = before else { return Ok(0) };
    // A row that somebody writes to is not too old, and the deletion waits for nobody.
    let skip = dialect::SKIP_LOCKED;
    let sql = format!("DELETE FROM {rows} WHERE {which} LIMIT $2 {skip})");
    // The text is made of constants of this crate only.
    let delete = sqlx::query(AssertSqlSafe(sql)).bind(before.as_micros()).bind(i64::from(limit));
    Ok(delete.execute(&mut **tx).await.map_err(failed(DOING))?.rows_affected())
}
