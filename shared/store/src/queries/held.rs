//! Held messages.

use contracts::Timestamp;

use super::Database;
use crate::column::time;
use crate::error::failed;
use crate::held::HeldRow;
use crate::{Held, StoreError};

impl Database {
    pub(crate) async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(due_at) FROM messages WHERE due_at IS NOT NULL \
                   AND request IS NOT NULL AND phase < 2";
        let next = sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(&self.read).await;
        Ok(next.map_err(failed("reading the next held message"))?.map(time))
    }

    pub(crate) async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Held>, StoreError> {
        let sql = "SELECT id, priority, request, due_round, tries FROM messages \
                   WHERE due_at IS NOT NULL AND due_at <= $1 AND request IS NOT NULL AND phase < 2 \
                   ORDER BY due_at LIMIT $2";
        let rows = sqlx::query_as::<_, HeldRow>(sql).bind(now.as_micros()).bind(i64::from(limit));
        let rows = rows.fetch_all(&self.read).await.map_err(failed("reading held messages"))?;
        let mut due = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.id.clone();
            match Held::try_from(row) {
                Ok(held) => due.push(held),
                // One row that cannot be read must not keep the others waiting.
                Err(error) => {
                    tracing::error!(message.id = id, "A held message cannot be requested: {error}");
                }
            }
        }
        Ok(due)
    }

    pub(crate) async fn settle_due(&self, held: &[Held]) -> Result<(), StoreError> {
        let doing = "noting held messages as requested";
        let mut tx = self.begin(doing).await?;
        for one in held {
            let sql = "UPDATE messages SET due_at = NULL WHERE id = $1 AND due_round = $2";
            let update = sqlx::query(sql).bind(one.id.to_string());
            let update = update.bind(i64::from(one.request.round));
            update.execute(&mut *tx).await.map_err(failed(doing))?;
        }
        tx.commit().await.map_err(failed(doing))
    }
}
