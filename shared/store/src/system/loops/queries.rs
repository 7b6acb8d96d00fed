//! The queries of conversations that were stopped.

use std::time::Duration;

use contracts::{Address, OrgId, Timestamp, UserId};

use super::{Database, Tx};
use crate::column::{parsed, small, time};
use crate::error::failed;
use crate::{Cap, LOOP_REST, StoppedLoop, StoreError};

const STOPPING: &str = "stopping a conversation of two machines";
/// For how long it is known that a conversation was stopped.
const KNOWN_FOR: Duration = Duration::from_hours(24 * 30);

/// A row of `reply_loops`.
#[derive(sqlx::FromRow)]
struct LoopRow {
    org: String,
    owner: String,
    sender: String,
    replies: i64,
    stopped_at: i64,
    stopped_until: i64,
}

impl TryFrom<LoopRow> for StoppedLoop {
    type Error = StoreError;

    fn try_from(row: LoopRow) -> Result<Self, StoreError> {
        Ok(Self {
            org: parsed("reply_loops.org", &row.org)?,
            owner: parsed("reply_loops.owner", &row.owner)?,
            sender: Address::from_text(&row.sender),
            replies: small("reply_loops.replies", row.replies)?,
            stopped_at: time(row.stopped_at),
            until: time(row.stopped_until),
        })
    }
}

impl Database {
    pub(crate) async fn untold_loops(&self, limit: u32) -> Result<Vec<StoppedLoop>, StoreError> {
        let sql = "SELECT org, owner, sender, replies, stopped_at, stopped_until FROM reply_loops \
                   WHERE NOT told ORDER BY stopped_at LIMIT $1";
        let rows = sqlx::query_as::<_, LoopRow>(sql).bind(i64::from(limit));
        let rows = rows.fetch_all(&self.read).await;
        let rows = rows.map_err(failed("reading which conversations were stopped"))?;
        rows.into_iter().map(StoppedLoop::try_from).collect()
    }

    pub(crate) async fn stopped_loops(
        &self,
        org: OrgId,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let sql = "SELECT count(*) FROM reply_loops WHERE org = $1 AND stopped_until > $2";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(org.to_string()).bind(now.as_micros());
        let count = count.fetch_one(&self.read).await;
        let count = count.map_err(failed("counting the conversations that are stopped"))?;
        small("reply_loops", count)
    }

    pub(crate) async fn loop_told(&self, stopped: &StoppedLoop) -> Result<(), StoreError> {
        // One that was stopped again meanwhile is told again.
        let sql =
            "UPDATE reply_loops SET told = $4 WHERE org = $1 AND sender = $2 AND stopped_at = $3";
        let update = sqlx::query(sql)
            .bind(stopped.org.to_string())
            .bind(stopped.sender.to_string())
            .bind(stopped.stopped_at.as_micros())
            .bind(true);
        let done = update.execute(&self.write).await;
        done.map(drop).map_err(failed("keeping that a stopped conversation was told"))
    }
}

/// Returns whether nothing is sent back to the sender of a message, because the sender answers as a machine does. Until the
/// end of the transaction nobody else in the organisation may be looking: the caller has its lock.
pub(super) async fn is_stopped(
    tx: &mut Tx,
    (org, owner): (OrgId, UserId),
    (sender, message): (&str, &str),
    cap: Cap,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT stopped_until FROM reply_loops WHERE org = $1 AND sender = $2";
    let until = sqlx::query_scalar::<_, i64>(sql).bind(org.to_string()).bind(sender.to_owned());
    let until = until.fetch_optional(&mut **tx).await.map_err(failed(STOPPING))?;
    if until.is_some_and(|until| until > at.as_micros()) {
        return Ok(true);
    }
    // What is sent on to others goes to nobody who would answer it here, but for the question for a code. Several texts for one
    // message are one reply.
    let sql = "SELECT (SELECT count(*) FROM service_calls c JOIN services s ON s.id = c.service \
               WHERE c.org = $1 AND c.sender = $2 AND c.replied_at > $3 AND c.message <> $4 \
               AND (s.action NOT IN ('forward', 'to-group') \
               OR EXISTS (SELECT 1 FROM service_sessions q WHERE q.id = c.id))) + (SELECT count(DISTINCT message) FROM webhook_replies \
               WHERE org = $1 AND sender = $2 AND replied_at > $3 AND message <> $4)";
    let answered = sqlx::query_scalar::<_, i64>(sql)
        .bind(org.to_string())
        .bind(sender.to_owned())
        .bind(cap.since.as_micros())
        .bind(message.to_owned());
    let answered = answered.fetch_one(&mut **tx).await.map_err(failed(STOPPING))?;
    if answered < i64::from(cap.most) {
        return Ok(false);
    }
    let sql = "DELETE FROM reply_loops WHERE org = $1 AND stopped_at < $2";
    let delete = sqlx::query(sql).bind(org.to_string()).bind(at.minus(KNOWN_FOR).as_micros());
    delete.execute(&mut **tx).await.map_err(failed(STOPPING))?;
    let sql = "INSERT INTO reply_loops (org, sender, owner, replies, stopped_at, stopped_until, told) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org, sender) DO UPDATE \
               SET owner = excluded.owner, replies = excluded.replies, stopped_at = excluded.stopped_at, \
               stopped_until = excluded.stopped_until, told = excluded.told";
    let insert = sqlx::query(sql)
        .bind(org.to_string())
        .bind(sender.to_owned())
        .bind(owner.to_string())
        .bind(answered)
        .bind(at.as_micros())
        .bind(at.plus(LOOP_REST).as_micros())
        .bind(false);
    insert.execute(&mut **tx).await.map_err(failed(STOPPING))?;
    Ok(true)
}
