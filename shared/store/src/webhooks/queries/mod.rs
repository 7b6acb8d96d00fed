//! The queries of endpoints and their log.

use std::collections::HashMap;

use contracts::config_kv::Webhooks;
use contracts::{DeliveryId, OrgId, Timestamp, UserId, WebhookId};
use serde_json::json;
use sqlx::QueryBuilder;

use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx, dialect};
use crate::column::storable;
use crate::error::failed;
use crate::webhooks::{LogPlace, MOST_PENDING, MOST_REPLAYED, MOST_WEBHOOKS};
use crate::{
    CreateWebhookError, LoggedDelivery, LoggedReply, NewWebhook, Reach, Replay, StoreError,
    Webhook, WebhookChange, WebhookDelivery, WebhookFilter, WebhookSecret,
};

pub(super) mod rows;

use rows::{
    AttemptRow, DeliveryRow, ReplyRow, TEST, WebhookRow, delivery_columns, event_words,
    webhook_columns,
};

const READING: &str = "reading webhooks";
const WRITING: &str = "changing a webhook";
const OWNED: Rows = Rows::Owned("w.org", "w.owner");

impl Database {
    pub(crate) async fn create_webhook(
        &self,
        reach: Reach,
        new: &NewWebhook,
        at: Timestamp,
    ) -> Result<Webhook, CreateWebhookError> {
        let doing = "making a webhook";
        reach.must_own(new.owner, doing)?;
        let mut tx = self.begin(doing).await?;
        // From here on another webhook of the organisation waits, so they are counted rightly.
        super::accounts::rows::lock_org(&mut tx, reach.org, at).await?;
        if new.owner != UserId::internal() {
            let sql = "SELECT count(*) FROM users WHERE id = $1 AND org = $2";
            let known = sqlx::query_scalar::<_, i64>(sql).bind(new.owner.to_string());
            let known = known.bind(reach.org.to_string()).fetch_one(&mut *tx).await;
            if known.map_err(failed(doing))? == 0 {
                return Err(StoreError::OutOfReach { doing }.into());
            }
        }
        let sql = "SELECT count(*) FROM webhooks WHERE org = $1 AND owner = $2";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
        let count = count.bind(new.owner.to_string()).fetch_one(&mut *tx).await;
        if count.map_err(failed(doing))? >= i64::from(MOST_WEBHOOKS) {
            return Err(CreateWebhookError::TooMany);
        }
        let webhook = Webhook {
            id: WebhookId::new(),
            org: reach.org,
            owner: new.owner,
            url: storable(&new.url),
            events: new.events.clone(),
            filter: storable_filter(&new.filter),
            raw_pdu: new.raw_pdu,
            form: new.form,
            reply_with_body: new.reply_with_body,
            max_messages: new.max_messages,
            secret: new.secret.clone(),
            old_secret: None,
            disabled: None,
            next_at: None,
            failures: 0,
            pending: 0,
            dropped: 0,
            created_at: at,
        };
        let sql = "INSERT INTO webhooks (id, org, owner, url, events, sim, sender, keyword, raw_pdu, \
                   secret, taken, failures, pending, dropped, last_number, created_at, form, \
                   reply_with_body, max_messages) VALUES ($1, $2, \
                   $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0, 0, $12, $13, $14, $15)";
        let insert = sqlx::query(sql)
            .bind(webhook.id.to_string())
            .bind(webhook.org.to_string())
            .bind(webhook.owner.to_string())
            .bind(webhook.url.clone())
            .bind(event_words(&webhook.events))
            .bind(webhook.filter.sim.map(|sim| sim.to_string()))
            .bind(webhook.filter.sender.clone())
            .bind(webhook.filter.keyword.clone())
            .bind(webhook.raw_pdu)
            .bind(webhook.secret.reveal().to_owned())
            .bind(false)
            .bind(at.as_micros())
            .bind(webhook.form.word())
            .bind(webhook.reply_with_body)
            .bind(i64::from(webhook.max_messages));
        insert.execute(&mut *tx).await.map_err(failed(doing))?;
        tell(&mut tx, reach.org, at).await?;
        tx.about(&webhook.id, "");
        tx.commit().await.map_err(failed(doing))?;
        Ok(webhook)
    }

    pub(crate) async fn webhooks(&self, reach: Reach) -> Result<Vec<Webhook>, StoreError> {
        let mut sql = select();
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" ORDER BY w.created_at DESC, w.id DESC");
        let rows = sql.build_query_as::<WebhookRow>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(Webhook::try_from).collect()
    }

    pub(crate) async fn webhook(
        &self,
        reach: Reach,
        id: WebhookId,
    ) -> Result<Option<Webhook>, StoreError> {
        let mut sql = select();
        push_one(&mut sql, reach, id);
        let row = sql.build_query_as::<WebhookRow>().fetch_optional(&self.read).await;
        row.map_err(failed(READING))?.map(Webhook::try_from).transpose()
    }

    pub(crate) async fn change_webhook(
        &self,
        reach: Reach,
        id: WebhookId,
        change: &WebhookChange,
        at: Timestamp,
    ) -> Result<Option<Webhook>, StoreError> {
        let mut tx = self.begin(WRITING).await?;
        if !lock(&mut tx, reach, id).await? {
            return Ok(None);
        }
        if let Some(url) = &change.url {
            // Nobody has the lane from here on, and what became of tries of the URL before says nothing of this one.
            let sql = "UPDATE webhooks SET url = $2, failures = 0, taken = $3 \
                       WHERE id = $1 AND url <> $2";
            let update = sqlx::query(sql).bind(id.to_string()).bind(storable(url)).bind(false);
            update.execute(&mut *tx).await.map_err(failed(WRITING))?;
        }
        let mut sql = QueryBuilder::<Db>::new("UPDATE webhooks SET ");
        let mut set = sql.separated(", ");
        if let Some(events) = &change.events {
            set.push("events = ").push_bind_unseparated(event_words(events));
        }
        if let Some(filter) = &change.filter {
            let filter = storable_filter(filter);
            set.push("sim = ").push_bind_unseparated(filter.sim.map(|sim| sim.to_string()));
            set.push("sender = ").push_bind_unseparated(filter.sender);
            set.push("keyword = ").push_bind_unseparated(filter.keyword);
        }
        if let Some(raw_pdu) = change.raw_pdu {
            set.push("raw_pdu = ").push_bind_unseparated(raw_pdu);
        }
        if let Some(reply_with_body) = change.reply_with_body {
            set.push("reply_with_body = ").push_bind_unseparated(reply_with_body);
        }
        if let Some(max_messages) = change.max_messages {
            set.push("max_messages = ").push_bind_unseparated(i64::from(max_messages));
        }
        match change.enabled {
            Some(true) => {
                set.push("failures = CASE WHEN disabled_at IS NULL THEN failures ELSE 0 END");
                set.push("disabled_at = NULL").push("disabled_reason = NULL");
            }
            Some(false) => {
                set.push("disabled_at = COALESCE(disabled_at, ");
                set.push_bind_unseparated(at.as_micros()).push_unseparated(")");
            }
            None => {}
        }
        set.push("created_at = created_at");
        sql.push(" WHERE id = ").push_bind(id.to_string());
        sql.build().execute(&mut *tx).await.map_err(failed(WRITING))?;
        wake(&mut tx, id, at).await?;
        tell(&mut tx, reach.org, at).await?;
        tx.commit().await.map_err(failed(WRITING))?;
        self.webhook(reach, id).await
    }

    pub(crate) async fn rotate_webhook(
        &self,
        reach: Reach,
        id: WebhookId,
        secret: &WebhookSecret,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<Option<Webhook>, StoreError> {
        let mut tx = self.begin(WRITING).await?;
        if !lock(&mut tx, reach, id).await? {
            return Ok(None);
        }
        // Nobody has the lane from here on, so what follows a try with the secret before is not written.
        let sql = "UPDATE webhooks SET old_secret = secret, old_secret_until = $2, secret = $3, \
                   taken = $4 WHERE id = $1";
        let update = sqlx::query(sql).bind(id.to_string()).bind(until.as_micros());
        let update = update.bind(secret.reveal().to_owned()).bind(false);
        update.execute(&mut *tx).await.map_err(failed(WRITING))?;
        wake(&mut tx, id, at).await?;
        tell(&mut tx, reach.org, at).await?;
        tx.commit().await.map_err(failed(WRITING))?;
        self.webhook(reach, id).await
    }

    pub(crate) async fn remove_webhook(
        &self,
        reach: Reach,
        id: WebhookId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin(WRITING).await?;
        if !lock(&mut tx, reach, id).await? {
            return Ok(false);
        }
        let delete = sqlx::query("DELETE FROM webhooks WHERE id = $1").bind(id.to_string());
        delete.execute(&mut *tx).await.map_err(failed(WRITING))?;
        tell(&mut tx, reach.org, at).await?;
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(true)
    }

    pub(crate) async fn test_webhook(
        &self,
        reach: Reach,
        id: WebhookId,
        test: DeliveryId,
        payload: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let doing = "testing a webhook";
        let mut tx = self.begin(doing).await?;
        if !lock(&mut tx, reach, id).await? {
            return Ok(false);
        }
        let sql = "UPDATE webhooks SET pending = pending + 1 WHERE id = $1 AND disabled_at IS NULL";
        let update = sqlx::query(sql).bind(id.to_string()).execute(&mut *tx).await;
        if update.map_err(failed(doing))?.rows_affected() == 0 {
            return Ok(false);
        }
        let sql = "SELECT count(*) FROM webhook_deliveries WHERE webhook = $1 AND number = 0 \
                   AND state = 'pending'";
        let waiting = sqlx::query_scalar::<_, i64>(sql).bind(id.to_string());
        if waiting.fetch_one(&mut *tx).await.map_err(failed(doing))? > 0 {
            return Err(StoreError::TestWaits);
        }
        let sql = "INSERT INTO webhook_deliveries (id, webhook, number, event, payload, state, tries, \
                   created_at, updated_at) VALUES ($1, $2, 0, $3, $4, 'pending', 0, $5, $5)";
        let insert = sqlx::query(sql)
            .bind(test.to_string())
            .bind(id.to_string())
            .bind(TEST)
            .bind(payload.to_owned())
            .bind(at.as_micros());
        insert.execute(&mut *tx).await.map_err(failed(doing))?;
        wake(&mut tx, id, at).await?;
        tell(&mut tx, reach.org, at).await?;
        tx.commit().await.map_err(failed(doing))?;
        Ok(true)
    }

    pub(crate) async fn webhook_log(
        &self,
        reach: Reach,
        id: WebhookId,
        before: Option<LogPlace>,
        limit: u32,
    ) -> Result<Vec<LoggedDelivery>, StoreError> {
        if self.webhook(reach, id).await?.is_none() {
            return Ok(Vec::new());
        }
        let mut sql = QueryBuilder::<Db>::new(concat!(
            "SELECT ",
            delivery_columns!(),
            " FROM webhook_deliveries WHERE webhook = "
        ));
        sql.push_bind(id.to_string());
        if let Some((at, id)) = before {
            sql.push(" AND (created_at, id) < (").push_bind(at.as_micros());
            sql.push(", ").push_bind(id.to_string()).push(")");
        }
        sql.push(" ORDER BY created_at DESC, id DESC LIMIT ").push_bind(i64::from(limit));
        self.logged(sql).await
    }

    pub(crate) async fn webhook_delivery(
        &self,
        reach: Reach,
        id: WebhookId,
        delivery: DeliveryId,
    ) -> Result<Option<LoggedDelivery>, StoreError> {
        if self.webhook(reach, id).await?.is_none() {
            return Ok(None);
        }
        let mut sql = QueryBuilder::<Db>::new(concat!(
            "SELECT ",
            delivery_columns!(),
            " FROM webhook_deliveries WHERE webhook = "
        ));
        sql.push_bind(id.to_string()).push(" AND id = ").push_bind(delivery.to_string());
        Ok(self.logged(sql).await?.pop())
    }

    /// Reads what `sql` selects, with its tries.
    async fn logged(&self, mut sql: QueryBuilder<Db>) -> Result<Vec<LoggedDelivery>, StoreError> {
        let doing = "reading the log of a webhook";
        let rows = sql.build_query_as::<DeliveryRow>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed(doing))?;
        let deliveries = rows.into_iter().map(WebhookDelivery::try_from);
        let deliveries = deliveries.collect::<Result<Vec<_>, _>>()?;
        if deliveries.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT delivery, at, duration_ms, http_status, error, answer FROM webhook_attempts \
             WHERE delivery IN (",
        );
        let mut ids = sql.separated(", ");
        for delivery in &deliveries {
            ids.push_bind(delivery.id.to_string());
        }
        sql.push(") ORDER BY at");
        let rows = sql.build_query_as::<AttemptRow>().fetch_all(&self.read).await;
        let mut attempts: HashMap<String, Vec<_>> = HashMap::new();
        for row in rows.map_err(failed(doing))? {
            let delivery = row.delivery.clone();
            attempts.entry(delivery).or_default().push(row.try_into()?);
        }
        let mut replies = self.replies(&deliveries).await?;
        let logged = deliveries.into_iter().map(|delivery| {
            let id = delivery.id.to_string();
            LoggedDelivery {
                attempts: attempts.remove(&id).unwrap_or_default(),
                replies: replies.remove(&id).unwrap_or_default(),
                delivery,
            }
        });
        Ok(logged.collect())
    }

    /// Reads what was sent back, by the ids of what it answers.
    async fn replies(
        &self,
        deliveries: &[WebhookDelivery],
    ) -> Result<HashMap<String, Vec<LoggedReply>>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT delivery, id, state, last_error, replied_at FROM webhook_replies \
             WHERE delivery IN (",
        );
        let mut ids = sql.separated(", ");
        for delivery in deliveries {
            ids.push_bind(delivery.id.to_string());
        }
        sql.push(") ORDER BY created_at, id");
        let rows = sql.build_query_as::<ReplyRow>().fetch_all(&self.read).await;
        let mut replies: HashMap<String, Vec<_>> = HashMap::new();
        for row in rows.map_err(failed("reading what was sent back"))? {
            let delivery = row.delivery.clone();
            replies.entry(delivery).or_default().push(row.try_into()?);
        }
        Ok(replies)
    }

    pub(crate) async fn replay_webhook(
        &self,
        reach: Reach,
        id: WebhookId,
        which: Replay,
        at: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let doing = "sending events again";
        let mut tx = self.begin(doing).await?;
        if !lock(&mut tx, reach, id).await? {
            return Ok(None);
        }
        let sql = "SELECT pending FROM webhooks WHERE id = $1";
        let pending = sqlx::query_scalar::<_, i64>(sql).bind(id.to_string());
        let pending = pending.fetch_one(&mut *tx).await.map_err(failed(doing))?;
        let room = i64::from(MOST_PENDING) - pending;
        if room <= 0 {
            return Err(StoreError::LaneFull);
        }
        let mut sql = QueryBuilder::<Db>::new(
            "UPDATE webhook_deliveries SET state = 'pending', tries = 0, updated_at = ",
        );
        sql.push_bind(at.as_micros());
        sql.push(" WHERE id IN (SELECT id FROM webhook_deliveries WHERE webhook = ");
        sql.push_bind(id.to_string());
        match which {
            Replay::One(delivery) => {
                sql.push(" AND state <> 'pending' AND id = ").push_bind(delivery.to_string());
            }
            Replay::Range { since, until, all } => {
                // Tests are not sent again with the rest.
                sql.push(" AND number > 0 AND created_at >= ").push_bind(since.as_micros());
                sql.push(" AND created_at < ").push_bind(until.as_micros());
                sql.push(if all { " AND state <> 'pending'" } else { " AND state = 'failed'" });
            }
        }
        sql.push(" ORDER BY number LIMIT ").push_bind(room.min(i64::from(MOST_REPLAYED)));
        sql.push(")");
        let again = sql.build().execute(&mut *tx).await.map_err(failed(doing))?.rows_affected();
        let sql = "UPDATE webhooks SET pending = pending + $2 WHERE id = $1";
        let update = sqlx::query(sql).bind(id.to_string());
        let update = update.bind(i64::try_from(again).unwrap_or(i64::MAX));
        update.execute(&mut *tx).await.map_err(failed(doing))?;
        wake(&mut tx, id, at).await?;
        tell(&mut tx, reach.org, at).await?;
        tx.changed(&json!({}), &json!({ "events": again }));
        tx.commit().await.map_err(failed(doing))?;
        Ok(Some(again))
    }
}

fn select() -> QueryBuilder<Db> {
    QueryBuilder::new(concat!("SELECT ", webhook_columns!(), " FROM webhooks w WHERE "))
}

fn push_one(sql: &mut QueryBuilder<Db>, reach: Reach, id: WebhookId) {
    sql.push("w.id = ").push_bind(id.to_string()).push(" AND ");
    push_in_reach(sql, &OWNED, reach);
}

fn storable_filter(filter: &WebhookFilter) -> WebhookFilter {
    WebhookFilter {
        sim: filter.sim,
        sender: filter.sender.as_deref().map(storable),
        keyword: filter.keyword.as_deref().map(storable),
    }
}

/// Locks an endpoint in reach until the end of the transaction. Returns false when there is none.
async fn lock(tx: &mut Tx, reach: Reach, id: WebhookId) -> Result<bool, StoreError> {
    let mut sql = QueryBuilder::<Db>::new("SELECT w.id FROM webhooks w WHERE ");
    push_one(&mut sql, reach, id);
    sql.push(" ").push(dialect::LOCKED);
    let row = sql.build_query_scalar::<String>().fetch_optional(&mut **tx).await;
    Ok(row.map_err(failed(WRITING))?.is_some())
}

/// Makes a lane due at once when something waits in it, unless a copy of the service has it; a disabled one waits.
async fn wake(tx: &mut Tx, id: WebhookId, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE webhooks SET next_at = CASE WHEN disabled_at IS NOT NULL OR pending = 0 \
               THEN NULL WHEN taken = $3 THEN next_at ELSE $2 END, \
               taken = CASE WHEN disabled_at IS NULL AND pending > 0 THEN taken ELSE $4 END WHERE id = $1";
    let update = sqlx::query(sql).bind(id.to_string()).bind(at.as_micros());
    let update = update.bind(true).bind(false);
    update.execute(&mut **tx).await.map(drop).map_err(failed(WRITING))
}

/// Tells the service `webhooks` to look, wherever it runs, and that who is told of events may have changed.
pub(super) async fn tell(tx: &mut Tx, org: OrgId, at: Timestamp) -> Result<(), StoreError> {
    let key = format!("webhooks.{org}");
    super::settings::write(tx, org, &key, &Webhooks { org }, at).await
}

/// Tells the service `webhooks` that what an account may see has changed, if the account has endpoints.
pub(super) async fn tell_of_owner(
    tx: &mut Tx,
    org: OrgId,
    owner: UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "SELECT count(*) FROM webhooks WHERE org = $1 AND owner = $2";
    let count = sqlx::query_scalar::<_, i64>(sql).bind(org.to_string()).bind(owner.to_string());
    match count.fetch_one(&mut **tx).await.map_err(failed(WRITING))? {
        0 => Ok(()),
        _ => tell(tx, org, at).await,
    }
}
