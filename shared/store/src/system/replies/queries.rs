//! The queries of replies.

use std::time::Duration;

use contracts::{CallbackId, OrgId, Timestamp, UserId};
use sqlx::AssertSqlSafe;

use super::{Database, Tx, dialect};
use crate::column::{parsed, storable, time};
use crate::error::failed;
use crate::{
    AfterReply, Answered, Cap, ReplyCaps, ReplyText, StoreError, WebhookDelivery, WebhookReply,
};

/// Why a reply is not sent that would be more than the sender may be sent.
const ENOUGH_FOR_SENDER: &str =
    "the sender was sent as many replies as one sender is sent in that time";
/// Why a reply is not sent to a machine.
const TO_A_MACHINE: &str = "the sender answers every reply at once, as a machine does, and is sent nothing back for an hour";
/// Why a reply is not sent that would be more than the account may send.
const ENOUGH_OF_ACCOUNT: &str =
    "the account sent as many replies as an account may send messages in that time";

/// A row of `webhook_replies` with the account of its endpoint.
#[derive(sqlx::FromRow)]
struct ReplyRow {
    id: String,
    org: String,
    webhook: String,
    owner: String,
    sender: String,
    sim: String,
    reply: Option<String>,
}

impl Database {
    pub(crate) async fn take_webhook_replies(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<WebhookReply>, StoreError> {
        let doing = "taking replies";
        let until = now.plus(lease);
        let sql = format!(
            "UPDATE webhook_replies SET next_at = $2 WHERE id IN (SELECT id FROM webhook_replies \
             WHERE next_at IS NOT NULL AND next_at <= $1 ORDER BY next_at LIMIT $3 {}) RETURNING id",
            dialect::SKIP_LOCKED
        );
        let mut tx = self.begin(doing).await?;
        // The text is made of constants of this crate only.
        let ids = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql))
            .bind(now.as_micros())
            .bind(until.as_micros())
            .bind(i64::from(limit));
        let ids = ids.fetch_all(&mut *tx).await.map_err(failed(doing))?;
        let sql = "SELECT r.id, r.org, r.webhook, w.owner, r.sender, r.sim, r.reply \
                   FROM webhook_replies r JOIN webhooks w ON w.id = r.webhook WHERE r.id = $1";
        let mut taken = Vec::with_capacity(ids.len());
        for id in ids {
            let row = sqlx::query_as::<_, ReplyRow>(sql).bind(id);
            let row = row.fetch_optional(&mut *tx).await.map_err(failed(doing))?;
            let Some(row) = row else { continue };
            let id = row.id.clone();
            match reply_of(row, until) {
                Ok(reply) => taken.push(reply),
                // The others go on without it.
                Err(error) => tracing::error!(callback.id = id, "a reply cannot be read: {error}"),
            }
        }
        tx.commit().await.map_err(failed(doing))?;
        Ok(taken)
    }

    pub(crate) async fn keep_webhook_reply(
        &self,
        reply: CallbackId,
        held_until: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE webhook_replies SET next_at = $3 WHERE id = $1 AND next_at = $2";
        let update = sqlx::query(sql).bind(reply.to_string());
        let update = update.bind(held_until.as_micros()).bind(until.as_micros());
        let done = update.execute(&self.write).await;
        Ok(done.map_err(failed("keeping a reply at hand"))?.rows_affected() > 0)
    }

    pub(crate) async fn next_webhook_reply_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(next_at) FROM webhook_replies WHERE next_at IS NOT NULL";
        let next = sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(&self.read).await;
        Ok(next.map_err(failed("reading the next reply"))?.map(time))
    }

    pub(crate) async fn settle_webhook_reply(
        &self,
        reply: CallbackId,
        after: &AfterReply,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, next_at, why) = match after {
            AfterReply::Over(why) => ("done", None, why.as_deref()),
            AfterReply::Retry(next) => ("pending", Some(next.as_micros()), None),
        };
        let sql = "UPDATE webhook_replies SET state = $2, next_at = $3, last_error = $4, \
                   reply = CASE WHEN $2 = 'pending' THEN reply END, updated_at = $5 \
                   WHERE id = $1 AND state = 'pending'";
        let update = sqlx::query(sql)
            .bind(reply.to_string())
            .bind(state)
            .bind(next_at)
            .bind(why.map(storable))
            .bind(at.as_micros());
        let done = update.execute(&self.write).await;
        done.map(drop).map_err(failed("keeping what came of a reply"))
    }
}

/// Keeps what an endpoint answered at a time, and returns what of that is to be sent.
pub(super) async fn keep(
    tx: &mut Tx,
    delivery: &WebhookDelivery,
    answered: &Answered,
    at: Timestamp,
) -> Result<Vec<WebhookReply>, StoreError> {
    let doing = "keeping what an endpoint answered";
    let sql = "SELECT org, owner FROM webhooks WHERE id = $1";
    let row = sqlx::query_as::<_, (String, String)>(sql).bind(delivery.webhook.to_string());
    let row = row.fetch_optional(&mut **tx).await.map_err(failed(doing))?;
    let Some((org, owner)) = row else { return Ok(Vec::new()) };
    let (org, owner) = (parsed("webhooks.org", &org)?, parsed("webhooks.owner", &owner)?);
    let mut kept = Vec::new();
    for (id, reply) in &answered.replies {
        let text = match reply {
            Ok(text) => {
                let sender = storable(&answered.sender.to_string());
                let message = answered.message.to_string();
                let to = (sender.as_str(), Some(message.as_str()));
                let refused = refusal(tx, (org, owner), to, &answered.caps, at).await?;
                refused.map_or(Ok(storable(&text.0)), |why| Err(why.to_owned()))
            }
            Err(why) => Err(why.clone()),
        };
        if add(tx, delivery, answered, org, *id, &text, at).await?
            && let Ok(text) = text
        {
            kept.push(WebhookReply {
                id: *id,
                webhook: delivery.webhook,
                org,
                owner,
                sender: answered.sender.clone(),
                sim: answered.sim,
                text: ReplyText(text),
                held_until: answered.next_at,
            });
        }
    }
    Ok(kept)
}

/// Adds the row of a reply. Returns false when there is one.
async fn add(
    tx: &mut Tx,
    delivery: &WebhookDelivery,
    answered: &Answered,
    org: OrgId,
    id: CallbackId,
    text: &Result<String, String>,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let next_at = answered.next_at.as_micros();
    let sql = "INSERT INTO webhook_replies (id, org, webhook, delivery, message, sender, sim, state, \
               next_at, last_error, reply, replied_at, created_at, updated_at) VALUES ($1, $2, $3, $4, \
               $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) ON CONFLICT (id) DO NOTHING";
    let insert = sqlx::query(sql)
        .bind(id.to_string())
        .bind(org.to_string())
        .bind(delivery.webhook.to_string())
        .bind(delivery.id.to_string())
        .bind(answered.message.to_string())
        .bind(storable(&answered.sender.to_string()))
        .bind(answered.sim.to_string())
        .bind(if text.is_ok() { "pending" } else { "done" })
        .bind(text.is_ok().then_some(next_at))
        .bind(text.as_ref().err().map(|why| storable(why)))
        .bind(text.as_ref().ok().cloned())
        .bind(text.is_ok().then_some(at.as_micros()))
        .bind(at.as_micros());
    let done = insert.execute(&mut **tx).await;
    Ok(done.map_err(failed("keeping a reply"))?.rows_affected() > 0)
}

/// Why a reply to a message of a sender that is wanted at `at` is not sent, if it is not. Without a message, it goes to others
/// than the sender. Until the end of the transaction, nothing is sent back to anybody by others in the organisation, so that
/// replies are counted rightly.
pub(super) async fn refusal(
    tx: &mut Tx,
    (org, owner): (OrgId, UserId),
    (sender, message): (&str, Option<&str>),
    caps: &ReplyCaps,
    at: Timestamp,
) -> Result<Option<&'static str>, StoreError> {
    super::accounts::rows::lock_org(tx, org, at).await?;
    if let Some(message) = message
        && super::loops::is_stopped(tx, (org, owner), (sender, message), caps.machine, at).await?
    {
        return Ok(Some(TO_A_MACHINE));
    }
    let sql = "SELECT (SELECT count(*) FROM service_calls WHERE org = $1 AND sender = $2 AND \
               replied_at > $3) + (SELECT count(*) FROM webhook_replies WHERE org = $1 AND sender = $2 \
               AND replied_at > $3)";
    if count(tx, sql, org, sender, &caps.sender).await? >= i64::from(caps.sender.most) {
        return Ok(Some(ENOUGH_FOR_SENDER));
    }
    let Some(cap) = caps.account.filter(|_| owner != UserId::internal()) else { return Ok(None) };
    // What is sent on to several numbers is as many messages: there is a space between two numbers.
    let sql = "SELECT (SELECT COALESCE(sum(CASE WHEN s.action = 'forward' THEN 1 + length(s.target) - \
               length(replace(s.target, ' ', '')) ELSE 1 END), 0) \
               FROM service_calls c JOIN services s ON s.id = c.service \
               WHERE s.org = $1 AND s.owner = $2 AND c.replied_at > $3) + (SELECT count(*) FROM \
               webhook_replies r JOIN webhooks w ON w.id = r.webhook WHERE w.org = $1 AND w.owner = $2 \
               AND r.replied_at > $3)";
    let sent = count(tx, sql, org, &owner.to_string(), &cap).await?;
    Ok((sent >= i64::from(cap.most)).then_some(ENOUGH_OF_ACCOUNT))
}

async fn count(
    tx: &mut Tx,
    sql: &'static str,
    org: OrgId,
    whose: &str,
    cap: &Cap,
) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar::<_, i64>(sql).bind(org.to_string()).bind(whose.to_owned());
    let count = count.bind(cap.since.as_micros()).fetch_one(&mut **tx).await;
    count.map_err(failed("counting what was sent back"))
}

fn reply_of(row: ReplyRow, held_until: Timestamp) -> Result<WebhookReply, StoreError> {
    Ok(WebhookReply {
        id: parsed("webhook_replies.id", &row.id)?,
        webhook: parsed("webhook_replies.webhook", &row.webhook)?,
        org: parsed("webhook_replies.org", &row.org)?,
        owner: parsed("webhooks.owner", &row.owner)?,
        sender: contracts::Address::from_text(&row.sender),
        sim: parsed("webhook_replies.sim", &row.sim)?,
        text: ReplyText(row.reply.unwrap_or_default()),
        held_until,
    })
}
