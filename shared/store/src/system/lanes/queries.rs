//! The queries of lanes.

use std::collections::BTreeSet;
use std::time::Duration;

use contracts::{DeliveryId, OrgId, Timestamp, UserId, WebhookId};
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::webhooks::rows::{DeliveryRow, WebhookRow, delivery_columns, webhook_columns};
use super::{Database, Db, Tx, dialect};
use crate::column::{parsed, storable};
use crate::error::failed;
use crate::gateway::is_received;
use crate::system::lanes::KEPT;
use crate::webhooks::MOST_PENDING;
use crate::{
    AfterTry, Answered, Listener, Listeners, NewDelivery, Reach, Role, StoreError, Webhook,
    WebhookAttempt, WebhookDelivery, WebhookReply,
};

/// A row of `webhooks` with what its owner may see.
#[derive(sqlx::FromRow)]
struct ListenerRow {
    #[sqlx(flatten)]
    webhook: WebhookRow,
    role: Option<String>,
}

/// A lane that waits, of an account that is not disabled; what follows is "false" and a parenthesis.
macro_rules! waits {
    ($table:literal) => {
        concat!(
            $table,
            ".next_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users u WHERE u.id = ",
            $table,
            ".owner AND u.enabled = "
        )
    };
}

/// An event `d` that its endpoint is told of now: not one that was received while the gateway was isolated.
macro_rules! goes {
    () => {
        "EXISTS (SELECT 1 FROM webhooks w WHERE w.id = d.webhook AND (w.held_after IS NULL \
         OR d.number <= w.held_after OR d.event NOT IN ('sms.received', 'call.missed', 'ussd.received')))"
    };
}

/// How many lanes of the account of `$table` are taken; what is bound is "true" and the present time.
macro_rules! taken_of_account {
    ($table:literal, $yes:literal, $now:literal) => {
        concat!(
            "(SELECT count(*) FROM webhooks o WHERE o.org = ",
            $table,
            ".org AND o.owner = ",
            $table,
            ".owner AND o.taken = ",
            $yes,
            " AND o.next_at > ",
            $now,
            ")"
        )
    };
}

impl TryFrom<ListenerRow> for Listener {
    type Error = StoreError;

    fn try_from(row: ListenerRow) -> Result<Self, StoreError> {
        let webhook = Webhook::try_from(row.webhook)?;
        let reach = reach_of(webhook.org, webhook.owner, row.role.as_deref())?;
        Ok(Self { webhook, reach })
    }
}

/// What an account of this role may see. None: it is the administrator without an account.
pub(super) fn reach_of(org: OrgId, owner: UserId, role: Option<&str>) -> Result<Reach, StoreError> {
    let Some(role) = role else { return Ok(Reach::everything(org)) };
    Ok(parsed::<Role>("users.role", role)?.reach(org, owner))
}

impl Database {
    pub(crate) async fn listeners(
        &self,
        known: Option<i64>,
    ) -> Result<Option<Listeners>, StoreError> {
        let doing = "reading who is told of events";
        // Read first: what changes after that is read, too, and read once more the next time.
        let sql = "SELECT CAST(COALESCE(sum(version), 0) AS BIGINT) FROM settings \
                   WHERE key >= 'webhooks.' AND key < 'webhooks/'";
        let version = sqlx::query_scalar::<_, i64>(sql).fetch_one(&self.read).await;
        let version = version.map_err(failed(doing))?;
        if known == Some(version) {
            return Ok(None);
        }
        let sql = concat!(
            "SELECT ",
            webhook_columns!(),
            ", u.role AS role FROM webhooks w LEFT JOIN users u ON u.id = w.owner AND u.org = w.org \
             WHERE w.disabled_at IS NULL AND (u.enabled = $1 OR w.owner = $2) ORDER BY w.id"
        );
        let rows = sqlx::query_as::<_, ListenerRow>(sql).bind(true);
        let rows = rows.bind(UserId::internal().to_string()).fetch_all(&self.read).await;
        let rows = rows.map_err(failed(doing))?;
        let all = rows.into_iter().map(Listener::try_from).collect::<Result<_, _>>()?;
        Ok(Some(Listeners { version, all }))
    }

    pub(crate) async fn create_deliveries(
        &self,
        new: &[NewDelivery],
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        if new.is_empty() {
            return Ok(0);
        }
        // Endpoints are locked in one order by all, and the order within each of them stays.
        let mut sorted: Vec<&NewDelivery> = new.iter().collect();
        sorted.sort_by_key(|one| one.webhook);
        again!(self.create_sorted(&sorted, at))
    }

    async fn create_sorted(&self, new: &[&NewDelivery], at: Timestamp) -> Result<u64, StoreError> {
        let doing = "keeping events for webhooks";
        let mut tx = self.begin(doing).await?;
        // First of all, as whoever resumes does.
        let isolated = if new.iter().any(|one| is_received(one.event)) {
            super::gateway::isolated(&mut tx, doing).await?
        } else {
            BTreeSet::new()
        };
        let mut created = 0;
        for one in new {
            created += u64::from(add(&mut tx, one, &isolated, at).await?);
        }
        tx.commit().await.map_err(failed(doing))?;
        Ok(created)
    }

    pub(crate) async fn take_lanes(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
        places: u32,
    ) -> Result<Vec<WebhookId>, StoreError> {
        let sql = format!(
            "UPDATE webhooks SET next_at = $2, taken = $4 WHERE id IN (SELECT id FROM webhooks \
             WHERE next_at <= $1 AND id IN (SELECT due.id FROM (SELECT w.id, w.org, w.owner, \
             row_number() OVER (PARTITION BY w.org, w.owner ORDER BY w.next_at, w.id) AS place \
             FROM webhooks w WHERE {} $5) AND w.next_at <= $1) due WHERE due.place <= $6 - {}) \
             ORDER BY next_at LIMIT $3 {}) RETURNING id",
            waits!("w"),
            taken_of_account!("due", "$4", "$1"),
            dialect::SKIP_LOCKED
        );
        // The text is made of constants of this crate only.
        let rows = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql))
            .bind(now.as_micros())
            .bind(now.plus(lease).as_micros())
            .bind(i64::from(limit))
            .bind(true)
            .bind(false)
            .bind(i64::from(places));
        let rows = rows.fetch_all(&self.write).await.map_err(failed("taking webhooks"))?;
        rows.iter().map(|id| parsed("webhooks.id", id)).collect()
    }

    pub(crate) async fn lane(
        &self,
        id: WebhookId,
        held_until: Timestamp,
        limit: u32,
    ) -> Result<Option<(Listener, Vec<WebhookDelivery>)>, StoreError> {
        let doing = "reading what waits for a webhook";
        let sql = concat!(
            "SELECT ",
            webhook_columns!(),
            ", u.role AS role FROM webhooks w LEFT JOIN users u ON u.id = w.owner AND u.org = w.org \
             WHERE w.id = $1 AND w.next_at = $2 AND ",
            waits!("w"),
            "$3)"
        );
        let row = sqlx::query_as::<_, ListenerRow>(sql).bind(id.to_string());
        let row = row.bind(held_until.as_micros()).bind(false).fetch_optional(&self.write).await;
        let Some(row) = row.map_err(failed(doing))? else { return Ok(None) };
        let sql = concat!(
            "SELECT ",
            delivery_columns!(),
            " FROM webhook_deliveries d WHERE d.webhook = $1 AND d.state = 'pending' AND ",
            goes!(),
            " ORDER BY d.number, d.id LIMIT $2"
        );
        let rows = sqlx::query_as::<_, DeliveryRow>(sql).bind(id.to_string());
        let rows = rows.bind(i64::from(limit)).fetch_all(&self.write).await;
        let rows = rows.map_err(failed(doing))?.into_iter().map(WebhookDelivery::try_from);
        Ok(Some((row.try_into()?, rows.collect::<Result<_, _>>()?)))
    }

    pub(crate) async fn keep_lane(
        &self,
        id: WebhookId,
        held_until: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE webhooks SET next_at = $3 WHERE id = $1 AND next_at = $2 AND taken = $4";
        let update = sqlx::query(sql).bind(id.to_string()).bind(held_until.as_micros());
        let update = update.bind(until.as_micros()).bind(true);
        let done = update.execute(&self.write).await.map_err(failed("keeping a webhook's lane"))?;
        Ok(done.rows_affected() > 0)
    }

    pub(crate) async fn release_lane(
        &self,
        id: WebhookId,
        held_until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let doing = "giving a webhook's lane back";
        let mut tx = self.begin(doing).await?;
        if lock_held(&mut tx, id, held_until, doing).await? {
            // Under the lock nothing is added, so what is empty here is empty, whatever was counted.
            let sql = concat!(
                "UPDATE webhooks SET taken = $3, next_at = CASE WHEN l.goes THEN $2 ELSE NULL END, \
                 pending = CASE WHEN l.waits THEN pending ELSE 0 END FROM (SELECT EXISTS (SELECT 1 \
                 FROM webhook_deliveries WHERE webhook = $1 AND state = 'pending') AS waits, \
                 EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook = $1 AND d.state = 'pending' AND ",
                goes!(),
                ") AS goes) l WHERE id = $1"
            );
            let update = sqlx::query(sql).bind(id.to_string()).bind(now.as_micros()).bind(false);
            update.execute(&mut *tx).await.map_err(failed(doing))?;
        }
        tx.commit().await.map_err(failed(doing))
    }

    pub(crate) async fn withdraw_deliveries(
        &self,
        webhook: WebhookId,
        held_until: Timestamp,
        deliveries: &[DeliveryId],
    ) -> Result<bool, StoreError> {
        let doing = "deleting what an account may not see";
        let mut tx = self.begin(doing).await?;
        let is_held = lock_held(&mut tx, webhook, held_until, doing).await?;
        if is_held && !deliveries.is_empty() {
            let mut sql = QueryBuilder::<Db>::new(
                "DELETE FROM webhook_deliveries WHERE state = 'pending' AND webhook = ",
            );
            sql.push_bind(webhook.to_string()).push(" AND id IN (");
            let mut ids = sql.separated(", ");
            for delivery in deliveries {
                ids.push_bind(delivery.to_string());
            }
            sql.push(")");
            let deleted = sql.build().execute(&mut *tx).await.map_err(failed(doing))?;
            wait_less(&mut tx, webhook, deleted.rows_affected(), doing).await?;
        }
        tx.commit().await.map_err(failed(doing))?;
        Ok(is_held)
    }

    pub(crate) async fn settle_delivery(
        &self,
        delivery: &WebhookDelivery,
        held_until: Timestamp,
        attempt: &WebhookAttempt,
        after: &AfterTry,
    ) -> Result<bool, StoreError> {
        again!(self.settle_once(delivery, held_until, attempt, after, None))
            .map(|(is_held, _)| is_held)
    }

    pub(crate) async fn settle_answered(
        &self,
        delivery: &WebhookDelivery,
        held_until: Timestamp,
        attempt: &WebhookAttempt,
        answered: &Answered,
    ) -> Result<(bool, Vec<WebhookReply>), StoreError> {
        let after = AfterTry::Taken;
        again!(self.settle_once(delivery, held_until, attempt, &after, Some(answered)))
    }

    async fn settle_once(
        &self,
        delivery: &WebhookDelivery,
        held_until: Timestamp,
        attempt: &WebhookAttempt,
        after: &AfterTry,
        answered: Option<&Answered>,
    ) -> Result<(bool, Vec<WebhookReply>), StoreError> {
        let doing = "keeping a try of a webhook";
        let mut tx = self.begin(doing).await?;
        let mut replies = Vec::new();
        // The lane first, as everybody does.
        let is_held = lock_held(&mut tx, delivery.webhook, held_until, doing).await?;
        // Who lost the lane may have tried another URL or with another secret than those of now: what failed so is
        // kept as a try, and nothing follows from it.
        let state = match after {
            AfterTry::Taken => "done",
            AfterTry::GivenUp(_) if is_held => "failed",
            AfterTry::GivenUp(_) | AfterTry::Wait(_) | AfterTry::Disable(_) => "pending",
        };
        // What the endpoint took stays taken, even if another try was under way.
        let sql = "UPDATE webhook_deliveries SET state = $2, tries = tries + 1, updated_at = $3 \
                   WHERE id = $1 AND state = 'pending' RETURNING number";
        let update = sqlx::query_scalar::<_, i64>(sql).bind(delivery.id.to_string()).bind(state);
        let update = update.bind(attempt.at.as_micros()).fetch_optional(&mut *tx).await;
        if let Some(number) = update.map_err(failed(doing))? {
            keep_attempt(&mut tx, delivery, attempt).await?;
            let ended = state != "pending";
            let clear = *after == AfterTry::Taken;
            // A test that fails says nothing of what waits.
            let failed_again = is_held && !clear && number > 0;
            let sql = "UPDATE webhooks SET pending = pending - $2, \
                       failures = CASE WHEN $3 = 1 THEN 0 ELSE failures + $4 END WHERE id = $1";
            let update = sqlx::query(sql)
                .bind(delivery.webhook.to_string())
                .bind(i64::from(ended))
                .bind(i64::from(clear))
                .bind(i64::from(failed_again));
            update.execute(&mut *tx).await.map_err(failed(doing))?;
            if let Some(answered) = answered {
                replies = super::replies::keep(&mut tx, delivery, answered, attempt.at).await?;
            }
        }
        let is_held = is_held && end_of_hold(&mut tx, delivery.webhook, attempt.at, after).await?;
        tx.commit().await.map_err(failed(doing))?;
        Ok((is_held, replies))
    }

    pub(crate) async fn next_lane_at(
        &self,
        now: Timestamp,
        places: u32,
    ) -> Result<Option<Timestamp>, StoreError> {
        // The lane that is taken is due again should its taker die.
        let sql = concat!(
            "SELECT min(w.next_at) FROM webhooks w WHERE ",
            waits!("w"),
            "$1) AND (w.taken = $2 OR ",
            taken_of_account!("w", "$2", "$3"),
            " < $4)"
        );
        let next = sqlx::query_scalar::<_, Option<i64>>(sql).bind(false).bind(true);
        let next = next.bind(now.as_micros()).bind(i64::from(places)).fetch_one(&self.read).await;
        Ok(next.map_err(failed("reading the next webhook"))?.map(crate::column::time))
    }

    pub(crate) async fn remove_old_deliveries(
        &self,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<u64, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            // What is replayed meanwhile is told by the state here: PostgreSQL looks at that again, not at the rest.
            "DELETE FROM webhook_deliveries WHERE state <> 'pending' AND id IN (SELECT d.id FROM webhooks w \
             CROSS JOIN webhook_deliveries d WHERE d.webhook = w.id AND d.state <> 'pending' \
             AND d.number > 0 AND d.number <= w.last_number - ",
        );
        sql.push_bind(i64::from(KEPT));
        if let Some(before) = before {
            let old = " UNION ALL SELECT id FROM webhook_deliveries WHERE state <> 'pending' AND updated_at < ";
            sql.push(old).push_bind(before.as_micros());
        }
        sql.push(" LIMIT ").push_bind(i64::from(limit)).push(")");
        let done = sql.build().execute(&self.write).await;
        let done = done.map_err(failed("deleting old events of webhooks"))?.rows_affected();
        let Some(before) = before else { return Ok(done) };
        Ok(done + again!(self.remove_abandoned(before, limit))?)
    }

    /// Deletes what has waited since before a time for an endpoint that is told nothing: of one of them.
    async fn remove_abandoned(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let doing = "deleting what waits for disabled webhooks";
        let mut tx = self.begin(doing).await?;
        let sql = format!(
            "SELECT w.id FROM webhooks w WHERE w.pending > 0 AND (w.disabled_at < $1 OR EXISTS (SELECT 1 \
             FROM users u WHERE u.id = w.owner AND u.enabled = $2)) AND EXISTS (SELECT 1 FROM \
             webhook_deliveries d WHERE d.webhook = w.id AND d.state = 'pending' AND d.updated_at < $1) \
             ORDER BY w.id LIMIT 1 {}",
            dialect::LOCKED
        );
        // The text is made of constants of this crate only.
        let id = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).bind(before.as_micros());
        let id = id.bind(false).fetch_optional(&mut *tx).await.map_err(failed(doing))?;
        let Some(id) = id else { return Ok(0) };
        let sql = "DELETE FROM webhook_deliveries WHERE id IN (SELECT id FROM webhook_deliveries \
                   WHERE webhook = $1 AND state = 'pending' AND updated_at < $2 LIMIT $3)";
        let delete = sqlx::query(sql).bind(id.clone()).bind(before.as_micros());
        let deleted = delete.bind(i64::from(limit)).execute(&mut *tx).await;
        let deleted = deleted.map_err(failed(doing))?.rows_affected();
        wait_less(&mut tx, parsed("webhooks.id", &id)?, deleted, doing).await?;
        tx.commit().await.map_err(failed(doing))?;
        Ok(deleted)
    }
}

/// Counts so many events of an endpoint as waiting no more.
async fn wait_less(
    tx: &mut Tx,
    id: WebhookId,
    count: u64,
    doing: &'static str,
) -> Result<(), StoreError> {
    let sql = "UPDATE webhooks SET pending = CASE WHEN pending > $2 THEN pending - $2 ELSE 0 END \
               WHERE id = $1";
    let update = sqlx::query(sql).bind(id.to_string());
    let update = update.bind(i64::try_from(count).unwrap_or(i64::MAX));
    update.execute(&mut **tx).await.map(drop).map_err(failed(doing))
}

/// Locks an endpoint until the end of the transaction. Returns whether the caller has its lane until `held_until`.
async fn lock_held(
    tx: &mut Tx,
    id: WebhookId,
    held_until: Timestamp,
    doing: &'static str,
) -> Result<bool, StoreError> {
    let sql =
        format!("SELECT next_at FROM webhooks WHERE id = $1 AND taken = $2 {}", dialect::LOCKED);
    // The text is made of constants of this crate only.
    let held = sqlx::query_scalar::<_, Option<i64>>(AssertSqlSafe(sql));
    let held = held.bind(id.to_string()).bind(true).fetch_optional(&mut **tx).await;
    Ok(held.map_err(failed(doing))?.flatten() == Some(held_until.as_micros()))
}

/// Makes the lanes due in which something waits that was received while an organisation was isolated.
pub(super) async fn let_go(tx: &mut Tx, org: OrgId, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE webhooks SET held_after = NULL, next_at = CASE WHEN disabled_at IS NULL \
               AND pending > 0 THEN COALESCE(next_at, $2) ELSE next_at END \
               WHERE org = $1 AND held_after IS NOT NULL";
    let update = sqlx::query(sql).bind(org.to_string()).bind(at.as_micros());
    let done = update.execute(&mut **tx).await;
    done.map(drop).map_err(failed("telling webhooks what waited for them"))
}

/// Adds an event to the end of its lane. Returns false when it is there already, when the endpoint is gone or disabled,
/// and when the lane is full, which is counted. What was received waits there while its organisation is isolated.
async fn add(
    tx: &mut Tx,
    new: &NewDelivery,
    isolated: &BTreeSet<OrgId>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let doing = "keeping an event for a webhook";
    // From here on the row is locked by this transaction, so that whoever gives the lane back sees the event.
    let sql = "UPDATE webhooks SET last_number = last_number + 1 \
               WHERE id = $1 AND disabled_at IS NULL RETURNING last_number, pending, org";
    let row = sqlx::query_as::<_, (i64, i64, String)>(sql).bind(new.webhook.to_string());
    let row = row.fetch_optional(&mut **tx).await.map_err(failed(doing))?;
    let Some((number, pending, org)) = row else { return Ok(false) };
    let is_held = is_received(new.event) && isolated.contains(&parsed("webhooks.org", &org)?);
    let is_full = pending >= i64::from(MOST_PENDING);
    if !is_full {
        let sql = "INSERT INTO webhook_deliveries (id, webhook, number, event, payload, state, tries, \
                   created_at, updated_at, owner, sim) VALUES ($1, $2, $3, $4, $5, 'pending', 0, $6, $6, \
                   $7, $8) ON CONFLICT (id) DO NOTHING";
        let insert = sqlx::query(sql)
            .bind(new.id.to_string())
            .bind(new.webhook.to_string())
            .bind(number)
            .bind(new.event.as_str())
            .bind(storable(&new.payload))
            .bind(at.as_micros())
            .bind(new.owner.map(|owner| owner.to_string()))
            .bind(new.sim.map(|sim| sim.to_string()));
        let done = insert.execute(&mut **tx).await.map_err(failed(doing))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
    }
    let (sql, value) = if is_full {
        ("UPDATE webhooks SET dropped = dropped + 1 WHERE id = $1 AND $2 > 0", at.as_micros())
    } else if is_held {
        let sql = "UPDATE webhooks SET pending = pending + 1, \
                   held_after = COALESCE(held_after, $2) WHERE id = $1";
        (sql, number - 1)
    } else {
        let sql = "UPDATE webhooks SET pending = pending + 1, \
                   next_at = COALESCE(next_at, $2) WHERE id = $1";
        (sql, at.as_micros())
    };
    let update = sqlx::query(sql).bind(new.webhook.to_string()).bind(value);
    update.execute(&mut **tx).await.map_err(failed(doing))?;
    Ok(!is_full)
}

async fn keep_attempt(
    tx: &mut Tx,
    delivery: &WebhookDelivery,
    attempt: &WebhookAttempt,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO webhook_attempts (delivery, at, duration_ms, http_status, error, answer) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (delivery, at) DO NOTHING";
    let insert = sqlx::query(sql)
        .bind(delivery.id.to_string())
        .bind(attempt.at.as_micros())
        .bind(i64::try_from(attempt.duration.as_millis()).unwrap_or(i64::MAX))
        .bind(attempt.http_status.map(i64::from))
        .bind(attempt.error.as_deref().map(storable))
        .bind(attempt.answer.as_deref().map(storable));
    let done = insert.execute(&mut **tx).await;
    done.map(drop).map_err(failed("keeping a try of a webhook"))
}

/// Writes when a lane that the caller has is due, after a try. Returns whether the caller goes on with it.
async fn end_of_hold(
    tx: &mut Tx,
    webhook: WebhookId,
    now: Timestamp,
    after: &AfterTry,
) -> Result<bool, StoreError> {
    let doing = "ending the hold of a webhook";
    let until = match after {
        AfterTry::Taken | AfterTry::GivenUp(None) => return Ok(true),
        AfterTry::GivenUp(Some(until)) | AfterTry::Wait(until) => until,
        AfterTry::Disable(reason) => {
            let sql = "UPDATE webhooks SET next_at = NULL, taken = $2, disabled_at = $3, \
                       disabled_reason = $4 WHERE id = $1 RETURNING org";
            let update = sqlx::query_scalar::<_, String>(sql).bind(webhook.to_string()).bind(false);
            let update = update.bind(now.as_micros()).bind(storable(reason));
            let org = update.fetch_one(&mut **tx).await.map_err(failed(doing))?;
            super::webhooks::tell(tx, parsed("webhooks.org", &org)?, now).await?;
            return Ok(false);
        }
    };
    // A test that came meanwhile does not wait.
    let sql = "UPDATE webhooks SET taken = $2, next_at = CASE WHEN pending = 0 THEN NULL \
               WHEN EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook = webhooks.id \
               AND d.state = 'pending' AND d.number = 0) THEN $3 ELSE $4 END WHERE id = $1";
    let update = sqlx::query(sql).bind(webhook.to_string()).bind(false);
    let update = update.bind(now.as_micros()).bind(until.as_micros());
    update.execute(&mut **tx).await.map(|_| false).map_err(failed(doing))
}
