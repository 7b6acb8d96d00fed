//! The queries of the ends of batches.

use std::collections::{BTreeMap, HashMap};

use contracts::batch::{BatchFinished, StateCount};
use contracts::{BatchId, MtState, Timestamp};
use sqlx::QueryBuilder;

use super::{Database, Db, Tx};
use crate::column::{parsed, small, time};
use crate::error::failed;
use crate::statement::{LIST, pieces};
use crate::{StoreError, StoredRequest};

const DOING: &str = "counting the messages of batches";

/// A row of `batches` that ended.
#[derive(sqlx::FromRow)]
struct FinishedRow {
    id: String,
    org: String,
    owner: String,
    size: i64,
    finished_at: i64,
}

/// How many messages of a batch came, and how many of them are settled.
#[derive(Debug, Clone, Copy, Default)]
struct Came {
    requested: i64,
    settled: i64,
}

impl Database {
    pub(crate) async fn finished_batches(
        &self,
        limit: u32,
    ) -> Result<Vec<BatchFinished>, StoreError> {
        let doing = "reading which batches came to an end";
        let sql = "SELECT id, org, owner, size, finished_at FROM batches \
                   WHERE finished_at IS NOT NULL AND NOT told ORDER BY finished_at, id LIMIT $1";
        let rows = sqlx::query_as::<_, FinishedRow>(sql).bind(i64::from(limit));
        let rows = rows.fetch_all(&self.read).await.map_err(failed(doing))?;
        let mut finished = Vec::with_capacity(rows.len());
        for row in rows {
            let sql = "SELECT state, COUNT(*) FROM messages WHERE batch = $1 \
                       GROUP BY state ORDER BY state";
            let counts = sqlx::query_as::<_, (String, i64)>(sql).bind(row.id.clone());
            let counts = counts.fetch_all(&self.read).await.map_err(failed(doing))?;
            let mut states = Vec::with_capacity(counts.len());
            for (state, count) in counts {
                let state = MtState::from_name(&state);
                states.push(StateCount { state, count: small("count(messages)", count)? });
            }
            finished.push(BatchFinished {
                batch: parsed("batches.id", &row.id)?,
                org: parsed("batches.org", &row.org)?,
                owner: parsed("batches.owner", &row.owner)?,
                at: time(row.finished_at),
                messages: small("batches.size", row.size)?,
                states,
            });
        }
        Ok(finished)
    }

    pub(crate) async fn batches_told(&self, batches: &[BatchId]) -> Result<(), StoreError> {
        for batch in batches {
            let sql = "UPDATE batches SET told = $2 WHERE id = $1";
            let update = sqlx::query(sql).bind(batch.to_string()).bind(true);
            let done = update.execute(&self.write).await;
            done.map_err(failed("noting that the end of a batch was told"))?;
        }
        Ok(())
    }
}

/// Counts requests that came now and for the first time, those of them that `settled` names as sent or ended. Returns
/// whether a batch came to its end.
pub(super) async fn requested<'a>(
    tx: &mut Tx,
    new: impl Iterator<Item = (&'a StoredRequest, bool)>,
) -> Result<bool, StoreError> {
    let mut came: BTreeMap<String, (Came, &StoredRequest)> = BTreeMap::new();
    for (request, is_settled) in new {
        let Some(batch) = request.request.batch else { continue };
        if request.request.batch_size.is_none() {
            continue;
        }
        let (count, _) = came.entry(batch.to_string()).or_insert((Came::default(), request));
        count.requested += 1;
        count.settled += i64::from(is_settled);
    }
    let mut finished = false;
    for (batch, (Came { requested, settled }, request)) in came {
        let size = i64::from(request.request.batch_size.unwrap_or_default());
        let sql = "INSERT INTO batches (id, org, owner, size, requested, settled, told, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET \
                   requested = batches.requested + excluded.requested, \
                   settled = batches.settled + excluded.settled, updated_at = excluded.updated_at";
        let upsert = sqlx::query(sql)
            .bind(batch.clone())
            .bind(request.request.org.to_string())
            .bind(request.request.owner.to_string())
            .bind(size)
            .bind(requested)
            .bind(settled)
            .bind(false)
            .bind(request.created_at.as_micros());
        upsert.execute(&mut **tx).await.map_err(failed(DOING))?;
        finished |= end(tx, &batch, request.created_at).await?;
    }
    Ok(finished)
}

/// Which of these messages, whose rows are locked, are of a batch and neither sent nor ended yet.
pub(super) async fn unsettled(tx: &mut Tx, ids: &[String]) -> Result<Vec<String>, StoreError> {
    let mut unsettled = Vec::new();
    for some in pieces(ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT id FROM messages WHERE batch IS NOT NULL AND phase < 2 AND id IN (",
        );
        super::projection::push_list(&mut sql, some);
        sql.push(")");
        let rows = sql.build_query_scalar::<String>().fetch_all(&mut **tx).await;
        unsettled.extend(rows.map_err(failed(DOING))?);
    }
    Ok(unsettled)
}

/// Counts those of the messages, which were not settled before this transaction, that are now. Returns whether a batch came
/// to its end.
pub(super) async fn settled(
    tx: &mut Tx,
    unsettled: &[String],
    at: Timestamp,
) -> Result<bool, StoreError> {
    let mut counts: HashMap<String, i64> = HashMap::new();
    for some in pieces(unsettled, LIST) {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT batch, COUNT(*) FROM messages WHERE batch IS NOT NULL AND phase >= 2 AND id IN (",
        );
        super::projection::push_list(&mut sql, some);
        sql.push(") GROUP BY batch");
        let rows = sql.build_query_as::<(String, i64)>().fetch_all(&mut **tx).await;
        for (batch, count) in rows.map_err(failed(DOING))? {
            *counts.entry(batch).or_default() += count;
        }
    }
    // In one order by all, so that no two transactions wait for each other.
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable();
    let mut finished = false;
    for (batch, count) in counts {
        let sql = "UPDATE batches SET settled = settled + $2, updated_at = $3 WHERE id = $1";
        let update = sqlx::query(sql).bind(batch.clone()).bind(count).bind(at.as_micros());
        update.execute(&mut **tx).await.map_err(failed(DOING))?;
        finished |= end(tx, &batch, at).await?;
    }
    Ok(finished)
}

/// Has the batches of a broadcast be as large as what came of them, for no more comes. Those that are settled come to their end.
pub(super) async fn cut(tx: &mut Tx, broadcast: &str, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE batches SET size = requested, updated_at = $2 WHERE finished_at IS NULL \
               AND size > requested AND id IN (SELECT batch FROM broadcast_batches \
               WHERE broadcast = $1) RETURNING id";
    let cut = sqlx::query_scalar::<_, String>(sql).bind(broadcast.to_owned());
    let cut = cut.bind(at.as_micros()).fetch_all(&mut **tx).await;
    for batch in cut.map_err(failed(DOING))? {
        end(tx, &batch, at).await?;
    }
    Ok(())
}

/// Notes that a batch came to its end, if it did now.
async fn end(tx: &mut Tx, batch: &str, at: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE batches SET finished_at = $2 WHERE id = $1 AND finished_at IS NULL \
               AND requested >= size AND settled >= size";
    let update = sqlx::query(sql).bind(batch.to_owned()).bind(at.as_micros());
    let done = update.execute(&mut **tx).await.map_err(failed(DOING))?;
    Ok(done.rows_affected() > 0)
}
