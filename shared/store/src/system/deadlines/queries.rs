//! The queries of deadlines.

use std::collections::BTreeSet;

use contracts::mt::MtChange;
use contracts::{MessageId, Timestamp};

use super::Database;
use crate::column::{json, parsed, small, time, unreadable};
use crate::error::failed;
use crate::messages::names::request_of;
use crate::{DueMessage, Silent, StoreError, Unheard};

/// The condition that a message is over at its end: nothing of the message is with a modem and the message is not
/// held, because the end of a held message is in `due_at`. The index `messages_ends` has the same condition.
macro_rules! over {
    () => {
        "phase < 2 AND request IS NOT NULL AND state <> 'sending' \
         AND state <> 'uncertain' AND (state <> 'held' OR due_at IS NULL)"
    };
}

/// A row of `messages` that is with a modem, with the change that was told of it last.
#[derive(sqlx::FromRow)]
struct UnheardRow {
    id: String,
    org: String,
    owner: String,
    round: i64,
    change_json: String,
}

impl TryFrom<UnheardRow> for Unheard {
    type Error = StoreError;

    fn try_from(row: UnheardRow) -> Result<Self, StoreError> {
        let change: MtChange = json("timeline.change_json", &row.change_json)?;
        let MtChange::Sending { through, part, .. } = change else {
            return Err(unreadable("timeline.change_json", change.state().as_str()));
        };
        Ok(Self {
            message: parsed("messages.id", &row.id)?,
            org: parsed("messages.org", &row.org)?,
            owner: parsed("messages.owner", &row.owner)?,
            round: small("messages.round", row.round)?,
            through,
            part,
        })
    }
}

/// A row of `messages` that modems were to take.
#[derive(sqlx::FromRow)]
struct SilentRow {
    id: String,
    org: String,
    owner: String,
    round: i64,
    updated_at: i64,
}

impl TryFrom<SilentRow> for Silent {
    type Error = StoreError;

    fn try_from(row: SilentRow) -> Result<Self, StoreError> {
        Ok(Self {
            message: parsed("messages.id", &row.id)?,
            org: parsed("messages.org", &row.org)?,
            owner: parsed("messages.owner", &row.owner)?,
            round: small("messages.round", row.round)?,
            heard_at: time(row.updated_at),
        })
    }
}

/// A row of `messages` that is due or over.
#[derive(sqlx::FromRow)]
struct DueRow {
    id: String,
    priority: String,
    request: String,
    due_round: i64,
    tries: i64,
    ends_at: Option<i64>,
    paid: i64,
    /// Whether it was given to modems before.
    counted: i64,
}

impl TryFrom<DueRow> for DueMessage {
    type Error = StoreError;

    fn try_from(row: DueRow) -> Result<Self, StoreError> {
        let mut request = request_of(&row.request)?;
        request.round = small("messages.due_round", row.due_round)?;
        request.tries = small("messages.tries", row.tries)?;
        request.paid = row.paid == 1;
        request.counted = row.counted == 1;
        Ok(Self {
            id: parsed("messages.id", &row.id)?,
            priority: parsed("messages.priority", &row.priority)?,
            request,
            ends_at: row.ends_at.map(time),
        })
    }
}

/// Reads rows. A row that cannot be read is logged, so that it does not keep the others waiting.
fn readable<Row, T: TryFrom<Row, Error = StoreError>>(
    rows: Vec<Row>,
    id: fn(&Row) -> &String,
) -> Vec<T> {
    let read = rows.into_iter().filter_map(|row| {
        let id = id(&row).clone();
        let read = T::try_from(row);
        read.inspect_err(|error| {
            tracing::error!(message.id = id, "a waiting message cannot be read: {error}");
        })
        .ok()
    });
    read.collect()
}

impl Database {
    pub(crate) async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(due_at) FROM messages WHERE due_at IS NOT NULL \
                   AND request IS NOT NULL AND phase < 2";
        let next = sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(&self.read).await;
        Ok(next.map_err(failed("reading the next held message"))?.map(time))
    }

    pub(crate) async fn due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<DueMessage>, StoreError> {
        let sql = "SELECT id, priority, request, due_round, tries, ends_at, \
                   CAST(CASE WHEN cost IS NULL THEN 0 ELSE 1 END AS BIGINT) AS paid, \
                   CAST(CASE WHEN EXISTS (SELECT 1 FROM timeline t WHERE t.message = messages.id \
                   AND t.event_key LIKE messages.id || ':released:%') THEN 1 ELSE 0 END AS BIGINT) \
                   AS counted FROM messages \
                   WHERE due_at IS NOT NULL AND due_at <= $1 AND request IS NOT NULL AND phase < 2 \
                   ORDER BY due_at LIMIT $2";
        let rows = sqlx::query_as::<_, DueRow>(sql).bind(now.as_micros()).bind(i64::from(limit));
        let rows = rows.fetch_all(&self.read).await.map_err(failed("reading held messages"))?;
        Ok(readable(rows, |row| &row.id))
    }

    pub(crate) async fn next_end(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql =
            concat!("SELECT min(ends_at) FROM messages WHERE ends_at IS NOT NULL AND ", over!());
        let next = sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(&self.read).await;
        Ok(next.map_err(failed("reading the next message that is over"))?.map(time))
    }

    pub(crate) async fn over(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<DueMessage>, StoreError> {
        let sql = concat!(
            "SELECT id, priority, request, round AS due_round, tries, ends_at, \
             CAST(CASE WHEN cost IS NULL THEN 0 ELSE 1 END AS BIGINT) AS paid, \
             CAST(0 AS BIGINT) AS counted FROM messages \
             WHERE ends_at <= $1 AND ",
            over!(),
            " ORDER BY ends_at LIMIT $2"
        );
        let rows = sqlx::query_as::<_, DueRow>(sql).bind(now.as_micros()).bind(i64::from(limit));
        let rows = rows.fetch_all(&self.read).await.map_err(failed("reading what is over"))?;
        Ok(readable(rows, |row| &row.id))
    }

    pub(crate) async fn next_unheard(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(updated_at) FROM messages WHERE state = 'sending'";
        let next = sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(&self.read).await;
        Ok(next.map_err(failed("reading the next message with a modem"))?.map(time))
    }

    pub(crate) async fn unheard(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Unheard>, StoreError> {
        let sql = "SELECT m.id, m.org, m.owner, m.round, t.change_json FROM messages m \
                   JOIN timeline t ON t.message = m.id AND t.stream_seq = m.state_seq \
                   WHERE m.state = 'sending' AND m.updated_at <= $1 ORDER BY m.updated_at LIMIT $2";
        let rows = sqlx::query_as::<_, UnheardRow>(sql).bind(since.as_micros());
        let rows = rows.bind(i64::from(limit)).fetch_all(&self.read).await;
        let rows = rows.map_err(failed("reading messages with a modem"))?;
        Ok(readable(rows, |row| &row.id))
    }

    pub(crate) async fn silent(
        &self,
        since: Timestamp,
        last: Option<&Silent>,
        limit: u32,
    ) -> Result<Vec<Silent>, StoreError> {
        let (heard_at, id) = last.map_or((i64::MIN, String::new()), |last| {
            (last.heard_at.as_micros(), last.message.to_string())
        });
        let sql = "SELECT id, org, owner, round, updated_at FROM messages \
                   WHERE (state = 'released' OR state = 'deferred') AND request IS NOT NULL \
                   AND updated_at <= $1 AND (updated_at > $2 OR (updated_at = $2 AND id > $3)) \
                   ORDER BY updated_at, id LIMIT $4";
        let rows = sqlx::query_as::<_, SilentRow>(sql).bind(since.as_micros()).bind(heard_at);
        let rows = rows.bind(id).bind(i64::from(limit)).fetch_all(&self.read).await;
        let rows = rows.map_err(failed("reading messages that modems were to take"))?;
        Ok(readable(rows, |row| &row.id))
    }

    pub(crate) async fn settle_over(&self, over: &[DueMessage]) -> Result<(), StoreError> {
        again!(self.write_over(over))
    }

    async fn write_over(&self, over: &[DueMessage]) -> Result<(), StoreError> {
        let doing = "noting messages as told to be over";
        let ids: BTreeSet<MessageId> = over.iter().map(|one| one.id).collect();
        let mut tx = self.begin(doing).await?;
        for id in ids {
            let sql = "UPDATE messages SET ends_at = NULL WHERE id = $1";
            let update = sqlx::query(sql).bind(id.to_string());
            update.execute(&mut *tx).await.map_err(failed(doing))?;
        }
        tx.commit().await.map_err(failed(doing))
    }

    pub(crate) async fn settle_due(&self, held: &[DueMessage]) -> Result<(), StoreError> {
        again!(self.write_settled_due(held))
    }

    async fn write_settled_due(&self, held: &[DueMessage]) -> Result<(), StoreError> {
        let doing = "noting held messages as requested";
        let mut held: Vec<&DueMessage> = held.iter().collect();
        // The rows are locked by id, as all writers to `messages` lock them.
        held.sort_by_key(|one| one.id);
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
