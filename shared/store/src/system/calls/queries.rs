//! The queries of the calls of keyword services.

use std::time::Duration;

use contracts::{CallbackId, OrgId, ServiceId, Timestamp, UserId};
use sqlx::AssertSqlSafe;

use super::lanes::reach_of;
use super::services::{ServiceRow, service_columns};
use super::{Database, Tx, dialect};
use crate::column::{json, parsed, small, storable, time, to_json};
use crate::error::failed;
use crate::{
    AfterCall, AfterReply, CallAttempt, NewServiceCall, ReplyCaps, Service, ServiceCall,
    ServiceDeed, StoreError, TakenBy,
};

/// The keyword of what takes what no other service takes.
const DEFAULT: &str = "default";
/// The most services that are asked whether they take a message.
const MOST_ASKED: i64 = 1_000;

/// A row of `services` with what its owner may see.
#[derive(sqlx::FromRow)]
struct TakenByRow {
    #[sqlx(flatten)]
    service: ServiceRow,
    role: Option<String>,
    /// 1: the service takes what no other takes.
    takes_rest: i64,
}

impl TryFrom<TakenByRow> for TakenBy {
    type Error = StoreError;

    fn try_from(row: TakenByRow) -> Result<Self, StoreError> {
        let service = Service::try_from(row.service)?;
        let reach = reach_of(service.org, service.owner, row.role.as_deref())?;
        Ok(Self { service, reach })
    }
}

/// A row of `service_calls` with its service.
#[derive(sqlx::FromRow)]
struct CallRow {
    id: String,
    message_json: Option<String>,
    reply: Option<String>,
    attempts: i64,
    #[sqlx(flatten)]
    service: ServiceRow,
}

impl Database {
    pub(crate) async fn services_for(
        &self,
        org: OrgId,
        keyword: &str,
    ) -> Result<Vec<TakenBy>, StoreError> {
        let doing = "reading which service takes a message";
        let sql = concat!(
            "SELECT ",
            service_columns!(),
            ", u.role AS role, CAST(CASE WHEN k.keyword = $3 THEN 1 ELSE 0 END AS BIGINT) AS takes_rest \
             FROM service_keywords k \
             JOIN services s ON s.id = k.service LEFT JOIN users u ON u.id = s.owner AND u.org = s.org \
             WHERE k.org = $1 AND k.keyword IN ($2, $3) AND (u.enabled = $4 OR s.owner = $5) \
             ORDER BY CASE WHEN k.keyword = $3 THEN 1 ELSE 0 END, s.created_at, s.id LIMIT $6"
        );
        let rows = sqlx::query_as::<_, TakenByRow>(sql)
            .bind(org.to_string())
            .bind(storable(keyword))
            .bind(DEFAULT)
            .bind(true)
            .bind(UserId::internal().to_string())
            .bind(MOST_ASKED);
        let rows = rows.fetch_all(&self.read).await.map_err(failed(doing))?;
        let sql = concat!(
            "SELECT ",
            service_columns!(),
            ", u.role AS role, CAST(0 AS BIGINT) AS takes_rest FROM services s \
             LEFT JOIN users u ON u.id = s.owner AND u.org = s.org \
             WHERE s.org = $1 AND s.pattern IS NOT NULL AND (u.enabled = $2 OR s.owner = $3) \
             ORDER BY s.place, s.created_at, s.id LIMIT $4"
        );
        let patterns = sqlx::query_as::<_, TakenByRow>(sql)
            .bind(org.to_string())
            .bind(true)
            .bind(UserId::internal().to_string())
            .bind(MOST_ASKED);
        let patterns = patterns.fetch_all(&self.read).await.map_err(failed(doing))?;
        let (rest, words): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.takes_rest == 1);
        words.into_iter().chain(patterns).chain(rest).map(TakenBy::try_from).collect()
    }

    /// Returns a service of an enabled account, which takes what the phone writes that it asks something.
    pub(super) async fn taker(
        &self,
        org: OrgId,
        service: ServiceId,
    ) -> Result<Option<TakenBy>, StoreError> {
        let sql = concat!(
            "SELECT ",
            service_columns!(),
            ", u.role AS role, CAST(0 AS BIGINT) AS takes_rest FROM services s \
             LEFT JOIN users u ON u.id = s.owner AND u.org = s.org \
             WHERE s.id = $1 AND s.org = $2 AND (u.enabled = $3 OR s.owner = $4)"
        );
        let row = sqlx::query_as::<_, TakenByRow>(sql)
            .bind(service.to_string())
            .bind(org.to_string())
            .bind(true)
            .bind(UserId::internal().to_string());
        let row = row.fetch_optional(&self.read).await;
        let row = row.map_err(failed("reading which service asks a phone"))?;
        row.map(TakenBy::try_from).transpose()
    }

    pub(crate) async fn create_service_call(
        &self,
        new: &NewServiceCall,
        at: Timestamp,
    ) -> Result<Option<CallbackId>, StoreError> {
        let doing = "keeping the call of a service";
        let id = CallbackId::of_received(new.message.id);
        let mut tx = self.begin(doing).await?;
        let isolated = super::gateway::isolated(&mut tx, doing).await?;
        let next_at = Some(new.next_at).filter(|_| !isolated.contains(&new.message.org));
        // A service that was removed meanwhile is called no more.
        let sql = "INSERT INTO service_calls (id, org, service, message, sender, message_json, state, \
                   next_at, attempts, created_at, updated_at) \
                   SELECT $1, s.org, s.id, $3, $4, $5, 'pending', $6, 0, $7, $7 FROM services s \
                   WHERE s.id = $2 ON CONFLICT (id) DO NOTHING";
        let insert = sqlx::query(sql)
            .bind(id.to_string())
            .bind(new.service.to_string())
            .bind(new.message.id.to_string())
            .bind(storable(&new.message.from.to_string()))
            .bind(to_json("a received message", &new.message)?)
            .bind(next_at.map(Timestamp::as_micros))
            .bind(at.as_micros());
        let done = insert.execute(&mut *tx).await.map_err(failed(doing))?;
        tx.commit().await.map_err(failed(doing))?;
        Ok((done.rows_affected() > 0 && next_at.is_some()).then_some(id))
    }

    pub(crate) async fn take_service_calls(
        &self,
        now: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<ServiceCall>, StoreError> {
        let doing = "taking the calls of services";
        let until = now.plus(lease);
        let sql = format!(
            "UPDATE service_calls SET next_at = $2 WHERE id IN (SELECT id FROM service_calls \
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
        let sql = concat!(
            "SELECT c.id, c.message_json, c.reply, c.attempts, ",
            service_columns!(),
            " FROM service_calls c JOIN services s ON s.id = c.service WHERE c.id = $1"
        );
        let mut taken = Vec::with_capacity(ids.len());
        for id in ids {
            let row = sqlx::query_as::<_, CallRow>(sql).bind(id);
            let row = row.fetch_optional(&mut *tx).await.map_err(failed(doing))?;
            let Some(row) = row.filter(|row| row.message_json.is_some()) else { continue };
            let id = row.id.clone();
            match call_of(row, until) {
                Ok(call) => taken.push(call),
                // The others go on without it.
                Err(error) => {
                    tracing::error!(
                        callback.id = id,
                        "the call of a service cannot be read: {error}"
                    );
                }
            }
        }
        tx.commit().await.map_err(failed(doing))?;
        taken.sort_by_key(|call| call.message.received_at);
        Ok(taken)
    }

    pub(crate) async fn keep_service_call(
        &self,
        call: CallbackId,
        held_until: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE service_calls SET next_at = $3 WHERE id = $1 AND next_at = $2";
        let update = sqlx::query(sql).bind(call.to_string());
        let update = update.bind(held_until.as_micros()).bind(until.as_micros());
        let done = update.execute(&self.write).await;
        Ok(done.map_err(failed("keeping the call of a service at hand"))?.rows_affected() > 0)
    }

    pub(crate) async fn next_service_call_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(next_at) FROM service_calls WHERE next_at IS NOT NULL";
        let next = sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(&self.read).await;
        Ok(next.map_err(failed("reading the next call of a service"))?.map(time))
    }

    pub(crate) async fn settle_service_call(
        &self,
        call: CallbackId,
        attempt: Option<&CallAttempt>,
        after: &AfterCall,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        again!(self.settle_call_once(call, (attempt, None), after, at))
    }

    pub(crate) async fn settle_deed(
        &self,
        call: CallbackId,
        deed: &ServiceDeed,
        after: &AfterCall,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        again!(self.settle_call_once(call, (None, Some(deed)), after, at))
    }

    async fn settle_call_once(
        &self,
        call: CallbackId,
        (attempt, deed): (Option<&CallAttempt>, Option<&ServiceDeed>),
        after: &AfterCall,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let doing = "keeping what came of the call of a service";
        let mut tx = self.begin(doing).await?;
        let asks = matches!(deed, Some(ServiceDeed::Ask(_)));
        let refused = match after {
            AfterCall::Reply { caps, .. } => refusal(&mut tx, call, asks, caps, at).await?,
            _ => None,
        };
        // Who is not sent a question is not asked it.
        let is_unasked = refused.is_some() && asks;
        let not_done = match deed.filter(|_| !is_unasked) {
            Some(deed) => match do_deed(&mut tx, call, deed, at).await? {
                Done::Yes => None,
                Done::Not(why) => Some(why),
                // The rest is undone, and the call is due again.
                Done::Later => return Ok(false),
            },
            None => None,
        };
        let (state, next_at, error, reply) = match after {
            _ if not_done.is_some() => ("done", None, not_done, None),
            AfterCall::Reply { .. } if refused.is_some() => ("done", None, refused, None),
            AfterCall::Reply { text, next_at, .. } => {
                ("pending", Some(next_at.as_micros()), None, Some(storable(text)))
            }
            AfterCall::Done(why) => ("done", None, why.as_deref(), None),
            AfterCall::Retry(next) => ("pending", Some(next.as_micros()), None, None),
            AfterCall::GiveUp => ("failed", None, None, None),
        };
        let error = error.or(attempt.and_then(|attempt| attempt.error.as_deref())).map(storable);
        // What is over stays so, and a reply that is known stays the same and to be sent, even if another copy was under way.
        let sql = "UPDATE service_calls SET state = $2, next_at = $3, attempts = attempts + $4, \
                   http_status = COALESCE($5, http_status), last_error = $6, \
                   replied_at = CASE WHEN $7 IS NULL THEN replied_at ELSE $8 END, \
                   reply = CASE WHEN $2 = 'pending' THEN $7 END, \
                   message_json = CASE WHEN $2 = 'pending' THEN message_json END, updated_at = $8 \
                   WHERE id = $1 AND state = 'pending' AND reply IS NULL";
        let update = sqlx::query(sql)
            .bind(call.to_string())
            .bind(state)
            .bind(next_at)
            .bind(i64::from(attempt.is_some()))
            .bind(attempt.and_then(|attempt| attempt.http_status).map(i64::from))
            .bind(error)
            .bind(reply.clone())
            .bind(at.as_micros());
        let done = update.execute(&mut *tx).await.map_err(failed(doing))?;
        if done.rows_affected() == 0 {
            // Another copy was first, and what that one did stands: the rest is undone.
            return Ok(false);
        }
        tx.commit().await.map_err(failed(doing))?;
        Ok(reply.is_some())
    }

    pub(crate) async fn settle_service_reply(
        &self,
        call: CallbackId,
        after: &AfterReply,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, next_at, why) = match after {
            AfterReply::Over(why) => ("done", None, why.as_deref()),
            AfterReply::Retry(next) => ("pending", Some(next.as_micros()), None),
        };
        let sql = "UPDATE service_calls SET state = $2, next_at = $3, last_error = $4, \
                   reply = CASE WHEN $2 = 'pending' THEN reply END, \
                   message_json = CASE WHEN $2 = 'pending' THEN message_json END, updated_at = $5 \
                   WHERE id = $1 AND state = 'pending' AND reply IS NOT NULL";
        let update = sqlx::query(sql)
            .bind(call.to_string())
            .bind(state)
            .bind(next_at)
            .bind(why.map(storable))
            .bind(at.as_micros());
        let done = update.execute(&self.write).await;
        done.map(drop).map_err(failed("keeping what came of the reply of a service"))
    }
}

/// Makes the calls due that waited while an organisation was isolated, in the order in which they came.
pub(super) async fn let_go(tx: &mut Tx, org: OrgId) -> Result<(), StoreError> {
    let sql = "UPDATE service_calls SET next_at = created_at \
               WHERE org = $1 AND state = 'pending' AND next_at IS NULL";
    let done = sqlx::query(sql).bind(org.to_string()).execute(&mut **tx).await;
    done.map(drop).map_err(failed("calling services for what waited"))
}

fn call_of(row: CallRow, held_until: Timestamp) -> Result<ServiceCall, StoreError> {
    Ok(ServiceCall {
        id: parsed("service_calls.id", &row.id)?,
        service: row.service.try_into()?,
        message: json("service_calls.message_json", &row.message_json.unwrap_or_default())?,
        reply: row.reply,
        held_until,
        attempts: small("service_calls.attempts", row.attempts)?,
    })
}

/// Whether a deed was done.
enum Done {
    Yes,
    /// It is not, for this reason.
    Not(&'static str),
    /// Another call was first, after which it is another one.
    Later,
}

impl From<Option<&'static str>> for Done {
    fn from(why: Option<&'static str>) -> Self {
        why.map_or(Self::Yes, Self::Not)
    }
}

/// Does what a call does with the rows of its account. Whoever else does so in the organisation waits until it is done.
async fn do_deed(
    tx: &mut Tx,
    call: CallbackId,
    deed: &ServiceDeed,
    at: Timestamp,
) -> Result<Done, StoreError> {
    let doing = "reading whose the call of a service is";
    let org = sqlx::query_scalar::<_, String>("SELECT org FROM service_calls WHERE id = $1");
    let org = org.bind(call.to_string()).fetch_optional(&mut **tx).await.map_err(failed(doing))?;
    let Some(org) = org else { return Ok(Done::Not("the service is gone")) };
    let org: OrgId = parsed("service_calls.org", &org)?;
    super::accounts::rows::lock_org(tx, org, at).await?;
    Ok(match deed {
        ServiceDeed::Join(joining) => super::groups::join(tx, joining, at).await?.into(),
        ServiceDeed::Vote(vote) => {
            super::votes::cast(tx, vote).await?;
            Done::Yes
        }
        ServiceDeed::Keep(entry) => super::entries::keep(tx, call, None, entry).await?.into(),
        ServiceDeed::Ask(new) => super::asking::ask(tx, (call, org), new, at).await?.into(),
        ServiceDeed::Answer(answering) => {
            if !super::asking::go_on(tx, answering).await? {
                return Ok(Done::Later);
            }
            let asking = Some(answering.asking);
            super::entries::keep(tx, call, asking, &answering.entry).await?.into()
        }
        ServiceDeed::End(asking) => {
            let ended = super::asking::end(tx, *asking).await?;
            if ended { Done::Yes } else { Done::Not("what the sender was asked is over") }
        }
        ServiceDeed::WrongCode(asking) => {
            super::asking::count_wrong_code(tx, *asking).await?;
            Done::Yes
        }
    })
}

/// Why the reply of a call, which asks the sender something or not, is not sent, if it is not.
async fn refusal(
    tx: &mut Tx,
    call: CallbackId,
    asks: bool,
    caps: &ReplyCaps,
    at: Timestamp,
) -> Result<Option<&'static str>, StoreError> {
    let sql = "SELECT c.org, s.owner, c.sender, c.message, s.action FROM service_calls c \
               JOIN services s ON s.id = c.service WHERE c.id = $1";
    let row = sqlx::query_as::<_, (String, String, String, String, String)>(sql);
    let row = row.bind(call.to_string());
    let row = row.fetch_optional(&mut **tx).await;
    let row = row.map_err(failed("reading whose the call of a service is"))?;
    let Some((org, owner, sender, message, action)) = row else { return Ok(None) };
    let (org, owner) = (parsed("service_calls.org", &org)?, parsed("services.owner", &owner)?);
    // What is sent on does not go to the sender, but for the question whether it may be.
    let goes_on = !asks && ["forward", "to-group"].contains(&action.as_str());
    let message = Some(message.as_str()).filter(|_| !goes_on);
    super::replies::refusal(tx, (org, owner), (sender.as_str(), message), caps, at).await
}
