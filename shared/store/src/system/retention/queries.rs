//! The queries of retention.

use contracts::Timestamp;
use sqlx::AssertSqlSafe;

use super::{Database, dialect};
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
const SERVICE_CALLS: (&str, &str) = (
    "service_calls WHERE id IN (SELECT id FROM service_calls",
    // One that waits for the gateway to resume is due at no time yet.
    "next_at IS NULL AND state <> 'pending' AND updated_at < $1 ORDER BY updated_at",
);
const BATCHES: (&str, &str) = (
    "batches WHERE id IN (SELECT id FROM batches",
    "finished_at IS NOT NULL AND updated_at < $1 ORDER BY updated_at",
);
const WEBHOOK_REPLIES: (&str, &str) = (
    "webhook_replies WHERE id IN (SELECT id FROM webhook_replies",
    "next_at IS NULL AND updated_at < $1 ORDER BY updated_at",
);

// A message that is held for longer than others are kept, or was sent long after it was asked for, keeps its place in the list.
const THREADS: (&str, &str) = (
    "threads WHERE (org, scope, phone, number) IN (SELECT org, scope, phone, number FROM threads",
    "at < $1 AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.id = threads.id) \
     AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.id = threads.id) ORDER BY at",
);
const THREAD_READS: (&str, &str) = (
    "thread_reads WHERE (org, account, phone) IN (SELECT org, account, phone FROM thread_reads",
    "read_at < $1 ORDER BY read_at",
);
const THREAD_NOTES: (&str, &str) =
    ("thread_notes WHERE id IN (SELECT id FROM thread_notes", "at < $1 ORDER BY at");

/// What is kept of conversations: the table, its key, when a row was touched, and which rows are looked at.
type Kept = (&'static str, &'static str, &'static str, &'static str);

// Who is blocked stays blocked.
const THREAD_MARKS: Kept = (
    "thread_marks",
    "org, phone, number",
    "updated_at",
    "updated_at < $1 AND blocked_at IS NULL ORDER BY updated_at",
);
const THREAD_MUTES: Kept = ("thread_mutes", "org, account, phone", "at", "at < $1 ORDER BY at");

// Whole days of 86,400,000,000 microseconds, so that hours and their day go together.
const TALLIES: (&str, &str) = (
    "tallies WHERE (org, grain, hour, owner, sim, priority, state, error) IN \
     (SELECT org, grain, hour, owner, sim, priority, state, error FROM tallies",
    "hour < $1 / 86400000000 * 24 ORDER BY hour",
);
const TALLY_TIMES: (&str, &str) = (
    "tally_times WHERE (org, grain, hour, owner, sim, priority, step, bin) IN \
     (SELECT org, grain, hour, owner, sim, priority, step, bin FROM tally_times",
    "hour < $1 / 86400000000 * 24 ORDER BY hour",
);
const TALLY_RECEIVED: (&str, &str) = (
    "tally_received WHERE (org, grain, hour, owner, sim) IN \
     (SELECT org, grain, hour, owner, sim FROM tally_received",
    "hour < $1 / 86400000000 * 24 ORDER BY hour",
);

impl Database {
    pub(crate) async fn remove_old(
        &self,
        cutoffs: &Cutoffs,
        limit: u32,
    ) -> Result<Removed, StoreError> {
        let Cutoffs { messages, timeline, callbacks, tallies } = *cutoffs;
        Ok(Removed {
            messages: self.delete(MESSAGES, messages, limit).await?,
            batches: self.delete(BATCHES, messages, limit).await?,
            broadcasts: self.remove_old_broadcast(messages, limit).await?,
            received: self.delete(RECEIVED, messages, limit).await?,
            threads: self.delete(THREADS, messages, limit).await?
                + self.delete(THREAD_READS, messages, limit).await?
                + self.delete_kept(THREAD_MARKS, messages, limit).await?
                + self.delete_kept(THREAD_MUTES, messages, limit).await?
                + self.delete(THREAD_NOTES, messages, limit).await?,
            lines: self.delete(LINES, timeline, limit).await?,
            reports: self.delete(REPORTS, timeline, limit).await?,
            modem_events: self.delete(MODEM_EVENTS, timeline, limit).await?,
            callbacks: self.delete(CALLBACKS, callbacks, limit).await?
                + self.delete(SERVICE_CALLS, callbacks, limit).await?
                + self.delete(WEBHOOK_REPLIES, callbacks, limit).await?,
            tallies: self.delete(TALLIES, tallies, limit).await?
                + self.delete(TALLY_TIMES, tallies, limit).await?
                + self.delete(TALLY_RECEIVED, tallies, limit).await?,
        })
    }

    /// Deletes rows of the audience of the broadcast that is over for longest, and the broadcast after the last of them.
    async fn remove_old_broadcast(
        &self,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let Some(before) = before else { return Ok(0) };
        let sql = "SELECT id FROM broadcasts WHERE finished_at IS NOT NULL AND finished_at < $1 \
                   ORDER BY finished_at LIMIT 1";
        let oldest = sqlx::query_scalar::<_, String>(sql).bind(before.as_micros());
        let oldest = oldest.fetch_optional(&self.read).await.map_err(failed(DOING))?;
        let Some(id) = oldest else { return Ok(0) };
        for table in ["broadcast_recipients", "broadcast_numbers"] {
            let sql = format!(
                "DELETE FROM {table} WHERE broadcast = $1 AND place IN (SELECT place FROM {table} \
                 WHERE broadcast = $1 ORDER BY place LIMIT $2)"
            );
            // The text is made of constants of this crate only.
            let delete = sqlx::query(AssertSqlSafe(sql)).bind(id.clone()).bind(i64::from(limit));
            let done = delete.execute(&self.write).await.map_err(failed(DOING))?;
            if done.rows_affected() > 0 {
                return Ok(done.rows_affected());
            }
        }
        let delete = sqlx::query("DELETE FROM broadcasts WHERE id = $1").bind(id);
        let done = delete.execute(&self.write).await.map_err(failed(DOING))?;
        Ok(done.rows_affected())
    }

    /// Deletes what is kept of conversations whose last message is gone. What is kept of others counts as touched when their last
    /// message came: each time only the rows that were touched before all others are looked at.
    async fn delete_kept(
        &self,
        kept: Kept,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let Some(before) = before else { return Ok(0) };
        again!(self.delete_kept_once(kept, before, limit))
    }

    async fn delete_kept_once(
        &self,
        (table, key, time, which): Kept,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let skip = dialect::SKIP_LOCKED;
        let oldest =
            format!("({key}) IN (SELECT {key} FROM {table} WHERE {which} LIMIT $2 {skip})");
        let threads = format!(
            "FROM threads WHERE threads.org = {table}.org AND threads.phone = {table}.phone"
        );
        // One whose last message is as old, because it is held, comes after those that were not looked at yet.
        let touched = format!(
            "SELECT CASE WHEN max(threads.at) > $1 THEN max(threads.at) ELSE $1 END {threads}"
        );
        let mut tx = self.begin(DOING).await?;
        let sql = format!("DELETE FROM {table} WHERE {oldest} AND NOT EXISTS (SELECT 1 {threads})");
        // The texts are made of constants of this crate only.
        let delete = sqlx::query(AssertSqlSafe(sql));
        let delete = delete.bind(before.as_micros()).bind(i64::from(limit));
        let done = delete.execute(&mut *tx).await.map_err(failed(DOING))?;
        let sql = format!(
            "UPDATE {table} SET {time} = ({touched}) WHERE {oldest} AND EXISTS (SELECT 1 {threads})"
        );
        let touch = sqlx::query(AssertSqlSafe(sql));
        let touch = touch.bind(before.as_micros()).bind(i64::from(limit));
        touch.execute(&mut *tx).await.map_err(failed(DOING))?;
        tx.commit().await.map_err(failed(DOING))?;
        Ok(done.rows_affected())
    }

    /// Deletes rows of one kind in a transaction of its own, so that whoever else writes waits for one kind at most.
    async fn delete(
        &self,
        kind: (&str, &str),
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let Some(before) = before else { return Ok(0) };
        again!(self.delete_once(kind, before, limit))
    }

    async fn delete_once(
        &self,
        (rows, which): (&str, &str),
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError> {
        // A row that somebody writes to is not too old, and the deletion waits for nobody.
        let skip = dialect::SKIP_LOCKED;
        let sql = format!("DELETE FROM {rows} WHERE {which} LIMIT $2 {skip})");
        let mut tx = self.begin(DOING).await?;
        // The text is made of constants of this crate only.
        let delete = sqlx::query(AssertSqlSafe(sql));
        let delete = delete.bind(before.as_micros()).bind(i64::from(limit));
        let done = delete.execute(&mut *tx).await.map_err(failed(DOING))?;
        tx.commit().await.map_err(failed(DOING))?;
        Ok(done.rows_affected())
    }
}
