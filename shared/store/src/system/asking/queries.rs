//! The queries of whom keyword services ask something.

use std::time::Duration;

use contracts::mo::MoReceived;
use contracts::{CallbackId, MessageId, OrgId, PhoneNumber, ServiceId, SimId, Timestamp};

use super::{Database, Tx};
use crate::column::{parsed, small, storable, time};
use crate::error::failed;
use crate::search;
use crate::system::asking::{MOST_ASKINGS, MOST_CODES, MOST_PINS, MOST_PINS_OF_SERVICE};
use crate::{Answering, Asking, NewAsking, StoreError, TakenBy};

const READING: &str = "reading whom a service asks";
const ASKING: &str = "keeping whom a service asks";
const TRYING: &str = "keeping that a PIN was tried";
/// For how long it is known whom a service asked.
const KNOWN_FOR: Duration = Duration::from_hours(24 * 7);
/// In which time wrong PINs are counted.
const PINS_WITHIN: Duration = Duration::from_hours(1);

/// A row of `service_sessions`.
#[derive(sqlx::FromRow)]
struct AskingRow {
    id: String,
    service: String,
    sender: String,
    question: i64,
    code: Option<String>,
    body: Option<String>,
    expires_at: i64,
}

impl TryFrom<AskingRow> for Asking {
    type Error = StoreError;

    fn try_from(row: AskingRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("service_sessions.id", &row.id)?,
            service: parsed("service_sessions.service", &row.service)?,
            sender: parsed("service_sessions.sender", &row.sender)?,
            question: small("service_sessions.question", row.question)?,
            code: row.code,
            body: row.body,
            expires_at: time(row.expires_at),
        })
    }
}

impl Database {
    pub(crate) async fn asking(
        &self,
        org: OrgId,
        sim: SimId,
        sender: &PhoneNumber,
        now: Timestamp,
    ) -> Result<Option<(TakenBy, Asking)>, StoreError> {
        let sql = "SELECT id, service, sender, question, code, body, expires_at FROM service_sessions \
                   WHERE org = $1 AND phone = $2 AND sim = $3 AND is_open AND expires_at > $4";
        let row = sqlx::query_as::<_, AskingRow>(sql)
            .bind(org.to_string())
            .bind(sender.phone().to_owned())
            .bind(sim.to_string())
            .bind(now.as_micros());
        let row = row.fetch_optional(&self.read).await.map_err(failed(READING))?;
        let Some(asking) = row.map(Asking::try_from).transpose()? else { return Ok(None) };
        if !asking.sender.is_same_phone(sender) {
            return Ok(None);
        }
        let taker = self.taker(org, asking.service).await?;
        Ok(taker.map(|taker| (taker, asking)))
    }

    pub(crate) async fn is_asking(&self, call: CallbackId) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM service_sessions WHERE id = $1";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(call.to_string());
        Ok(count.fetch_one(&self.read).await.map_err(failed(READING))? > 0)
    }

    pub(crate) async fn try_pin(
        &self,
        call: CallbackId,
        service: ServiceId,
        sender: &PhoneNumber,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        again!(self.try_pin_once(call, service, sender, at))
    }

    async fn try_pin_once(
        &self,
        call: CallbackId,
        service: ServiceId,
        sender: &PhoneNumber,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin(TRYING).await?;
        let org = sqlx::query_scalar::<_, String>("SELECT org FROM services WHERE id = $1");
        let org = org.bind(service.to_string()).fetch_optional(&mut *tx).await;
        let Some(org) = org.map_err(failed(TRYING))? else { return Ok(false) };
        // From here on another try waits, so they are counted rightly.
        super::accounts::rows::lock_org(&mut tx, parsed("services.org", &org)?, at).await?;
        let since = at.minus(PINS_WITHIN).as_micros();
        let sql = "DELETE FROM service_pin_tries WHERE service = $1 AND tried_at < $2";
        let delete = sqlx::query(sql).bind(service.to_string()).bind(since);
        delete.execute(&mut *tx).await.map_err(failed(TRYING))?;
        let sql = "SELECT phone FROM service_pin_tries WHERE service = $1 AND id <> $2";
        let tried = sqlx::query_scalar::<_, String>(sql).bind(service.to_string());
        let tried = tried.bind(call.to_string()).fetch_all(&mut *tx).await;
        let tried = tried.map_err(failed(TRYING))?;
        let of_phone = tried.iter().filter(|phone| *phone == sender.phone()).count();
        let is_full = |count: usize, most: u32| u32::try_from(count).is_ok_and(|n| n >= most);
        if is_full(tried.len(), MOST_PINS_OF_SERVICE) || is_full(of_phone, MOST_PINS) {
            return Ok(false);
        }
        let sql = "INSERT INTO service_pin_tries (id, service, phone, tried_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (id) DO NOTHING";
        let insert = sqlx::query(sql)
            .bind(call.to_string())
            .bind(service.to_string())
            .bind(sender.phone().to_owned())
            .bind(at.as_micros());
        insert.execute(&mut *tx).await.map_err(failed(TRYING))?;
        tx.commit().await.map_err(failed(TRYING))?;
        Ok(true)
    }

    pub(crate) async fn right_pin(&self, call: CallbackId) -> Result<(), StoreError> {
        let sql = "DELETE FROM service_pin_tries WHERE id = $1";
        let done = sqlx::query(sql).bind(call.to_string()).execute(&self.write).await;
        done.map(drop).map_err(failed(TRYING))
    }

    pub(crate) async fn strike_received(
        &self,
        org: OrgId,
        message: MessageId,
        text: &str,
    ) -> Result<bool, StoreError> {
        let doing = "striking a PIN";
        let sql = "SELECT sender FROM inbox WHERE id = $1 AND org = $2";
        let sender = sqlx::query_scalar::<_, String>(sql).bind(message.to_string());
        let sender = sender.bind(org.to_string()).fetch_optional(&self.read).await;
        let Some(sender) = sender.map_err(failed(doing))? else { return Ok(false) };
        // Without PDUs it is not written anew when a part of it comes late.
        let sql = "UPDATE inbox SET body = $2, pdus = '[]', words = $3 WHERE id = $1";
        let update = sqlx::query(sql)
            .bind(message.to_string())
            .bind(storable(text))
            .bind(search::of_message(Some(text), &sender));
        let done = update.execute(&self.write).await.map_err(failed(doing))?;
        Ok(done.rows_affected() > 0)
    }

    pub(crate) async fn take_copies(
        &self,
        service: ServiceId,
        message: &MoReceived,
        copies: &[MessageId],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let doing = "keeping the copies of a message";
        let mut tx = self.begin(doing).await?;
        for copy in copies {
            let sql = "INSERT INTO service_calls (id, org, service, message, sender, state, attempts, \
                       created_at, updated_at) SELECT $1, s.org, s.id, $3, $4, 'done', 0, $5, $5 \
                       FROM services s WHERE s.id = $2 ON CONFLICT (id) DO NOTHING";
            let insert = sqlx::query(sql)
                .bind(CallbackId::of_received(*copy).to_string())
                .bind(service.to_string())
                .bind(copy.to_string())
                .bind(storable(&message.from.to_string()))
                .bind(at.as_micros());
            insert.execute(&mut *tx).await.map_err(failed(doing))?;
        }
        tx.commit().await.map_err(failed(doing))
    }
}

/// Begins to ask a phone something, in place of whatever it was asked before. Returns why it is not asked, if it is not. Whoever
/// else asks somebody of the organisation waits: the caller has its lock.
pub(super) async fn ask(
    tx: &mut Tx,
    (call, org): (CallbackId, OrgId),
    new: &NewAsking,
    at: Timestamp,
) -> Result<Option<&'static str>, StoreError> {
    let service = new.service.to_string();
    let sql = "DELETE FROM service_sessions WHERE service = $1 AND started_at < $2 \
               AND (NOT is_open OR expires_at < $3)";
    let delete = sqlx::query(sql).bind(service.clone()).bind(at.minus(KNOWN_FOR).as_micros());
    delete.bind(at.as_micros()).execute(&mut **tx).await.map_err(failed(ASKING))?;
    let sql = "SELECT count(*) FROM (SELECT 1 FROM service_sessions WHERE service = $1 LIMIT $2) q";
    let count = sqlx::query_scalar::<_, i64>(sql).bind(service.clone());
    let count = count.bind(i64::from(MOST_ASKINGS)).fetch_one(&mut **tx).await;
    if count.map_err(failed(ASKING))? >= i64::from(MOST_ASKINGS) {
        return Ok(Some("the service asks as many phones as it may"));
    }
    let phone = new.sender.phone().to_owned();
    let sql = "UPDATE service_sessions SET is_open = $4 \
               WHERE org = $1 AND phone = $2 AND sim = $3 AND is_open";
    let update = sqlx::query(sql).bind(org.to_string()).bind(phone.clone());
    let update = update.bind(new.sim.to_string()).bind(false);
    update.execute(&mut **tx).await.map_err(failed(ASKING))?;
    let sql = "INSERT INTO service_sessions (id, org, service, sim, sender, phone, question, code, body, \
               tries, is_open, started_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, 0, $9, $10, $11) ON CONFLICT (id) DO NOTHING";
    let insert = sqlx::query(sql)
        .bind(call.to_string())
        .bind(org.to_string())
        .bind(service)
        .bind(new.sim.to_string())
        .bind(new.sender.to_string())
        .bind(phone)
        .bind(new.code.clone())
        .bind(new.body.as_deref().map(storable))
        .bind(true)
        .bind(at.as_micros())
        .bind(new.expires_at.as_micros());
    insert.execute(&mut **tx).await.map_err(failed(ASKING))?;
    Ok(None)
}

/// Goes on to the next question, or ends. Returns false when another answer was first.
pub(super) async fn go_on(tx: &mut Tx, answering: &Answering) -> Result<bool, StoreError> {
    let sql = "UPDATE service_sessions SET question = question + 1, is_open = $3, expires_at = $4 \
               WHERE id = $1 AND question = $2 AND is_open";
    let update = sqlx::query(sql)
        .bind(answering.asking.to_string())
        .bind(i64::from(answering.entry.question))
        .bind(!answering.is_last)
        .bind(answering.expires_at.as_micros());
    let done = update.execute(&mut **tx).await.map_err(failed(ASKING))?;
    Ok(done.rows_affected() > 0)
}

/// Ends the asking. Returns false when it was over.
pub(super) async fn end(tx: &mut Tx, asking: CallbackId) -> Result<bool, StoreError> {
    let sql = "UPDATE service_sessions SET is_open = $2 WHERE id = $1 AND is_open";
    let update = sqlx::query(sql).bind(asking.to_string()).bind(false);
    let done = update.execute(&mut **tx).await.map_err(failed(ASKING))?;
    Ok(done.rows_affected() > 0)
}

/// Counts a wrong code, the last of which ends the asking.
pub(super) async fn count_wrong_code(tx: &mut Tx, asking: CallbackId) -> Result<(), StoreError> {
    let sql = "UPDATE service_sessions SET tries = tries + 1, is_open = (tries + 1 < $2) \
               WHERE id = $1 AND is_open";
    let update = sqlx::query(sql).bind(asking.to_string()).bind(i64::from(MOST_CODES));
    update.execute(&mut **tx).await.map(drop).map_err(failed(ASKING))
}
