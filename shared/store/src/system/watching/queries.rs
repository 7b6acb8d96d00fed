//! The queries of who watches the gateway.

use std::time::Duration;

use contracts::{AlertId, EventId, MtState, OrgId, Timestamp};
use sqlx::AssertSqlSafe;

use super::alerts::{AlertRow, COLUMNS};
use super::{Database, dialect};
use crate::column::{parsed_if, storable, time};
use crate::error::failed;
use crate::{KEPT_ALERTS, LastEnds, NewAlert, OldestWaiting, StoreError, Stuck, UntoldAlert};

const LOOKING: &str = "looking how messages fare";
const OPENING: &str = "opening alerts";
const CLOSING: &str = "closing alerts";
const NOTING: &str = "noting that alerts were told";
const TELLING: &str = "reading what is to be told";

/// The states of messages that wait and that nothing holds for a time.
const WAITS: [MtState; 4] =
    [MtState::Accepted, MtState::Admitted, MtState::Released, MtState::Deferred];
/// How many messages of a state are looked at.
const OLDEST: i64 = 1_000;
/// How many messages are looked at for each that counts.
const AMONG: i64 = 10;
/// In how long the SMS are counted.
const DAY: Duration = Duration::from_hours(24);

const WAITING: &str = "SELECT COALESCE(priority, 'normal'), \
                       min(CASE WHEN round > 0 THEN updated_at ELSE created_at END) \
                       FROM (SELECT priority, round, created_at, updated_at FROM messages \
                       WHERE org = $1 AND state = $2 ORDER BY created_at, id LIMIT $3) AS waiting \
                       GROUP BY 1 ORDER BY 1";
const OVERDUE: &str = "SELECT min(due_at) FROM (SELECT org, state, due_at FROM messages \
                       WHERE due_at IS NOT NULL AND due_at < $2 ORDER BY due_at LIMIT $3) AS due \
                       WHERE org = $1 AND state = 'held'";
const SENDING: &str = "SELECT min(updated_at) FROM (SELECT org, updated_at FROM messages \
                       WHERE state = 'sending' ORDER BY updated_at LIMIT $2) AS sending WHERE org = $1";
const UNCERTAIN: &str = "SELECT min(updated_at) FROM (SELECT updated_at FROM messages WHERE org = $1 \
                         AND state = 'uncertain' AND created_at > $2 \
                         ORDER BY created_at, id LIMIT $3) AS uncertain";
// The condition is that of the index of what ended.
const ENDED: &str = "SELECT org, state FROM messages \
                     WHERE (phase >= 2 OR request IS NULL) AND updated_at > $1 \
                     ORDER BY updated_at DESC LIMIT $2";
const SMS: &str = "SELECT count(DISTINCT together) FROM alerts \
                   WHERE org = $1 AND opened_at > $2 AND together IS NOT NULL";
const OPEN: &str = "INSERT INTO alerts (id, org, kind, subject, name, alert_text, advice, together, \
                    opened_at, opening_told, closing_told) \
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) \
                    ON CONFLICT (org, kind, subject) WHERE closed_at IS NULL DO NOTHING";
const FORGET: &str = "DELETE FROM alerts WHERE closed_at IS NOT NULL AND opening_told AND closing_told \
                      AND id NOT IN (SELECT id FROM alerts WHERE closed_at IS NOT NULL \
                      ORDER BY closed_at DESC, id DESC LIMIT $1)";

/// A row of `alerts` of which something is to be told.
#[derive(sqlx::FromRow)]
struct UntoldRow {
    #[sqlx(flatten)]
    alert: AlertRow,
    opening_told: bool,
    together: Option<String>,
}

impl TryFrom<UntoldRow> for UntoldAlert {
    type Error = StoreError;

    fn try_from(row: UntoldRow) -> Result<Self, StoreError> {
        Ok(Self {
            alert: row.alert.try_into()?,
            opening: !row.opening_told,
            together: parsed_if("alerts.together", row.together.as_deref())?,
        })
    }
}

impl Database {
    pub(crate) async fn oldest_waiting(&self, org: OrgId) -> Result<OldestWaiting, StoreError> {
        let mut oldest = OldestWaiting::default();
        for state in WAITS {
            let rows = sqlx::query_as::<_, (String, i64)>(WAITING)
                .bind(org.to_string())
                .bind(state.as_str())
                .bind(OLDEST);
            for (priority, at) in rows.fetch_all(&self.read).await.map_err(failed(LOOKING))? {
                let known = if priority == "bulk" { &mut oldest.bulk } else { &mut oldest.usual };
                let at = time(at);
                *known = Some(known.map_or(at, |known| known.min(at)));
            }
        }
        // Along an index that has no bulk in it. That the state is written out shows the planner that it may be used.
        let along = dialect::along("messages_urgent");
        for state in WAITS {
            let sql = format!(
                "SELECT min(CASE WHEN round > 0 THEN updated_at ELSE created_at END) \
                 FROM (SELECT round, created_at, updated_at FROM messages{along} \
                 WHERE org = $1 AND state = '{state}' AND priority <> 'bulk' \
                 ORDER BY created_at, id LIMIT $2) AS waiting"
            );
            // The text is made of constants of this crate only.
            let row = sqlx::query_scalar::<_, Option<i64>>(AssertSqlSafe(sql));
            let row = row.bind(org.to_string()).bind(OLDEST);
            let at = row.fetch_one(&self.read).await.map_err(failed(LOOKING))?.map(time);
            oldest.usual = earlier(oldest.usual, at);
        }
        Ok(oldest)
    }

    pub(crate) async fn stuck(&self, org: OrgId, now: Timestamp) -> Result<Stuck, StoreError> {
        let org = org.to_string();
        let overdue = sqlx::query_scalar::<_, Option<i64>>(OVERDUE)
            .bind(org.clone())
            .bind(now.as_micros())
            .bind(OLDEST);
        let sending = sqlx::query_scalar::<_, Option<i64>>(SENDING).bind(org.clone()).bind(OLDEST);
        let uncertain = sqlx::query_scalar::<_, Option<i64>>(UNCERTAIN)
            .bind(org)
            .bind(now.minus(DAY).as_micros())
            .bind(OLDEST);
        Ok(Stuck {
            overdue: overdue.fetch_one(&self.read).await.map_err(failed(LOOKING))?.map(time),
            sending: sending.fetch_one(&self.read).await.map_err(failed(LOOKING))?.map(time),
            uncertain: uncertain.fetch_one(&self.read).await.map_err(failed(LOOKING))?.map(time),
        })
    }

    pub(crate) async fn last_ends(
        &self,
        org: OrgId,
        since: Timestamp,
        limit: u32,
    ) -> Result<LastEnds, StoreError> {
        let rows = sqlx::query_as::<_, (String, String)>(ENDED)
            .bind(since.as_micros())
            .bind(i64::from(limit) * AMONG);
        let rows = rows.fetch_all(&self.read).await.map_err(failed(LOOKING))?;
        let org = org.to_string();
        let mut ends = LastEnds::default();
        for (of, state) in rows {
            let has_failed = match MtState::from_name(&state) {
                MtState::Sent | MtState::Delivered => false,
                MtState::Failed | MtState::Undelivered | MtState::Expired => true,
                _ => continue,
            };
            if of != org {
                continue;
            }
            ends.ended += 1;
            ends.failed += u32::from(has_failed);
            if ends.ended >= limit {
                break;
            }
        }
        Ok(ends)
    }

    pub(crate) async fn open_alerts(
        &self,
        org: OrgId,
        new: &[NewAlert],
        sms: u32,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        if new.is_empty() {
            return Ok(0);
        }
        again!(self.write_opened(org, new, sms, now))
    }

    async fn write_opened(
        &self,
        org: OrgId,
        new: &[NewAlert],
        sms: u32,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin(OPENING).await?;
        let sent = sqlx::query_scalar::<_, i64>(SMS)
            .bind(org.to_string())
            .bind(now.minus(DAY).as_micros());
        let sent = sent.fetch_one(&mut *tx).await.map_err(failed(OPENING))?;
        let together = (sent < i64::from(sms)).then(|| EventId::new().to_string());
        // One order of rows, so that two who open the same alerts take turns.
        let mut new: Vec<&NewAlert> = new.iter().collect();
        new.sort_by(|one, other| (one.kind, &one.subject).cmp(&(other.kind, &other.subject)));
        let mut opened = 0;
        for alert in new {
            let insert = sqlx::query(OPEN)
                .bind(AlertId::new().to_string())
                .bind(org.to_string())
                .bind(alert.kind.as_str())
                .bind(storable(&alert.subject))
                .bind(storable(&alert.name))
                .bind(storable(&alert.text))
                .bind(storable(&alert.advice))
                .bind(together.clone())
                .bind(now.as_micros())
                .bind(false);
            let done = insert.execute(&mut *tx).await.map_err(failed(OPENING))?;
            opened += done.rows_affected();
        }
        tx.commit().await.map_err(failed(OPENING))?;
        Ok(opened)
    }

    pub(crate) async fn close_alerts(
        &self,
        ids: &[AlertId],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        if ids.is_empty() {
            return Ok(0);
        }
        again!(self.write_closed(ids, now))
    }

    async fn write_closed(&self, ids: &[AlertId], now: Timestamp) -> Result<u64, StoreError> {
        let mut ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        ids.sort();
        let mut tx = self.begin(CLOSING).await?;
        let mut closed = 0;
        for id in ids {
            let sql = "UPDATE alerts SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL";
            let update = sqlx::query(sql).bind(id).bind(now.as_micros());
            let done = update.execute(&mut *tx).await.map_err(failed(CLOSING))?;
            closed += done.rows_affected();
        }
        let forget = sqlx::query(FORGET).bind(i64::from(KEPT_ALERTS));
        forget.execute(&mut *tx).await.map_err(failed(CLOSING))?;
        tx.commit().await.map_err(failed(CLOSING))?;
        Ok(closed)
    }

    pub(crate) async fn untold_alerts(&self, limit: u32) -> Result<Vec<UntoldAlert>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS}, opening_told, together FROM alerts \
             WHERE NOT opening_told OR closed_at IS NOT NULL AND NOT closing_told \
             ORDER BY opened_at, id LIMIT $1"
        );
        // The text is made of constants of this crate only.
        let rows = sqlx::query_as::<_, UntoldRow>(AssertSqlSafe(sql)).bind(i64::from(limit));
        let rows = rows.fetch_all(&self.read).await.map_err(failed(TELLING))?;
        rows.into_iter().map(UntoldAlert::try_from).collect()
    }

    pub(crate) async fn alerts_told(&self, told: &[UntoldAlert]) -> Result<(), StoreError> {
        again!(self.write_told(told))
    }

    async fn write_told(&self, told: &[UntoldAlert]) -> Result<(), StoreError> {
        let mut tx = self.begin(NOTING).await?;
        let mut told: Vec<_> = told.iter().map(|one| &one.alert).collect();
        told.sort_by_cached_key(|alert| alert.id.to_string());
        for alert in told {
            let sql = "UPDATE alerts SET opening_told = $2, \
                       closing_told = CASE WHEN $3 THEN $2 ELSE closing_told END WHERE id = $1";
            let update = sqlx::query(sql)
                .bind(alert.id.to_string())
                .bind(true)
                .bind(alert.closed_at.is_some());
            update.execute(&mut *tx).await.map_err(failed(NOTING))?;
        }
        tx.commit().await.map_err(failed(NOTING))
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}
