//! The queries of what keyword services keep of messages.

use contracts::{Address, CallbackId, ServiceId};
use sqlx::QueryBuilder;

use super::conversations::phone_of;
use super::reach::{Rows, push_in_reach};
use super::services::push_one;
use super::{Database, Db, Tx};
use crate::column::{parsed, parsed_if, small, storable, time};
use crate::entries::{MOST_ENTRIES, MOST_OF_BOARD};
use crate::error::failed;
use crate::{Entry, EntryCount, EntryPlace, Keeping, NewEntry, Reach, StoreError};

const READING: &str = "reading what a service keeps";
const KEEPING: &str = "keeping what a service keeps";
const CHANGING: &str = "changing what a service keeps";
const OWNED: Rows = Rows::Owned("s.org", "s.owner");

/// A row of `service_entries`.
#[derive(sqlx::FromRow)]
pub(super) struct EntryRow {
    id: String,
    sender: String,
    session: Option<String>,
    question: i64,
    body: String,
    is_right: Option<bool>,
    hidden: bool,
    at: i64,
}

/// The columns of [`EntryRow`], of the table under the name `e`.
macro_rules! entry_columns {
    () => {
        "e.id, e.sender, e.session, e.question, e.body, e.is_right, e.hidden, e.at"
    };
}
pub(super) use entry_columns;

impl TryFrom<EntryRow> for Entry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("service_entries.id", &row.id)?,
            sender: Address::from_text(&row.sender),
            asking: parsed_if("service_entries.session", row.session.as_deref())?,
            question: small("service_entries.question", row.question)?,
            body: row.body,
            is_right: row.is_right,
            hidden: row.hidden,
            at: time(row.at),
        })
    }
}

impl Database {
    pub(crate) async fn service_entries(
        &self,
        reach: Reach,
        id: ServiceId,
        behind: Option<EntryPlace>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(concat!(
            "SELECT ",
            entry_columns!(),
            " FROM service_entries e JOIN services s ON s.id = e.service WHERE e.service = "
        ));
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        if let Some(EntryPlace { at, id }) = behind {
            sql.push(" AND (e.at, e.id) < (").push_bind(at.as_micros());
            sql.push(", ").push_bind(id.to_string()).push(")");
        }
        sql.push(" ORDER BY e.at DESC, e.id DESC LIMIT ").push_bind(i64::from(limit));
        let rows = sql.build_query_as::<EntryRow>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(Entry::try_from).collect()
    }

    pub(crate) async fn count_service_entries(
        &self,
        reach: Reach,
        id: ServiceId,
    ) -> Result<Vec<EntryCount>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT e.question, count(*), CAST(COALESCE(sum(CASE WHEN e.is_right THEN 1 ELSE 0 END), 0) \
             AS BIGINT) FROM service_entries e JOIN services s ON s.id = e.service WHERE e.service = ",
        );
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" GROUP BY e.question ORDER BY e.question");
        let rows = sql.build_query_as::<(i64, i64, i64)>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed(READING))?.into_iter();
        let counts = rows.map(|(question, all, right)| -> Result<EntryCount, StoreError> {
            let question = small("service_entries.question", question)?;
            Ok(EntryCount { question, all: all.unsigned_abs(), right: right.unsigned_abs() })
        });
        counts.collect()
    }

    pub(crate) async fn hide_service_entry(
        &self,
        reach: Reach,
        id: ServiceId,
        entry: CallbackId,
        hidden: bool,
    ) -> Result<bool, StoreError> {
        let mut sql = QueryBuilder::<Db>::new("UPDATE service_entries SET hidden = ");
        sql.push_bind(hidden).push(" WHERE id = ").push_bind(entry.to_string());
        sql.push(" AND service IN (SELECT s.id FROM services s WHERE ");
        push_one(&mut sql, reach, id);
        sql.push(")");
        let mut tx = self.begin(CHANGING).await?;
        let done = sql.build().execute(&mut *tx).await.map_err(failed(CHANGING))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        tx.commit().await.map_err(failed(CHANGING))?;
        Ok(true)
    }

    pub(crate) async fn clear_service(
        &self,
        reach: Reach,
        id: ServiceId,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin(CHANGING).await?;
        let mut sql = QueryBuilder::<Db>::new("SELECT s.id FROM services s WHERE ");
        push_one(&mut sql, reach, id);
        let known = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        let Some(known) = known.map_err(failed(CHANGING))? else { return Ok(false) };
        for sql in [
            "DELETE FROM service_entries WHERE service = $1",
            "DELETE FROM service_sessions WHERE service = $1",
            "DELETE FROM service_votes WHERE service = $1",
        ] {
            let delete = sqlx::query(sql).bind(known.clone()).execute(&mut *tx).await;
            delete.map_err(failed(CHANGING))?;
        }
        tx.commit().await.map_err(failed(CHANGING))?;
        Ok(true)
    }
}

/// Keeps an entry of a call, once however often the call is made. Returns why it is not kept, if it is not. Whoever else keeps
/// something for the organisation waits: the caller has its lock.
pub(super) async fn keep(
    tx: &mut Tx,
    call: CallbackId,
    asking: Option<CallbackId>,
    new: &NewEntry,
) -> Result<Option<&'static str>, StoreError> {
    match new.keeping {
        Keeping::First if has_answered(tx, call, new).await? => {
            return Ok(Some(
                "the sender answered this question before, and the first answer counts",
            ));
        }
        Keeping::First | Keeping::All => {
            let sql = "SELECT count(*) FROM (SELECT 1 FROM service_entries WHERE service = $1 LIMIT $2) e";
            let count = sqlx::query_scalar::<_, i64>(sql).bind(new.service.to_string());
            let count = count.bind(i64::from(MOST_ENTRIES)).fetch_one(&mut **tx).await;
            if count.map_err(failed(KEEPING))? >= i64::from(MOST_ENTRIES) {
                return Ok(Some("the service keeps as many answers as it may; clear it to go on"));
            }
        }
        Keeping::Last => forget_oldest(tx, new.service).await?,
    }
    let sql = "INSERT INTO service_entries (id, service, session, sender, phone, question, body, is_right, \
               hidden, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING";
    let sender = new.sender.to_string();
    let insert = sqlx::query(sql)
        .bind(call.to_string())
        .bind(new.service.to_string())
        .bind(asking.map(|asking| asking.to_string()))
        .bind(storable(&sender))
        .bind(phone_of(&sender))
        .bind(i64::from(new.question))
        .bind(storable(&new.body))
        .bind(new.is_right)
        .bind(false)
        .bind(new.at.as_micros());
    insert.execute(&mut **tx).await.map_err(failed(KEEPING))?;
    Ok(None)
}

/// Whether the phone answered the question by another call.
async fn has_answered(tx: &mut Tx, call: CallbackId, new: &NewEntry) -> Result<bool, StoreError> {
    let sql = "SELECT sender FROM service_entries WHERE service = $1 AND phone = $2 AND question = $3 \
               AND id <> $4 LIMIT 100";
    let senders = sqlx::query_scalar::<_, String>(sql)
        .bind(new.service.to_string())
        .bind(phone_of(&new.sender.to_string()))
        .bind(i64::from(new.question))
        .bind(call.to_string());
    let senders = senders.fetch_all(&mut **tx).await.map_err(failed(KEEPING))?;
    Ok(senders.iter().any(|sender| Address::from_text(sender).is_same(&new.sender)))
}

/// Makes room for one more text of a board.
async fn forget_oldest(tx: &mut Tx, service: ServiceId) -> Result<(), StoreError> {
    let sql = "SELECT at FROM service_entries WHERE service = $1 ORDER BY at DESC, id DESC \
               LIMIT 1 OFFSET $2";
    let oldest = sqlx::query_scalar::<_, i64>(sql).bind(service.to_string());
    let oldest = oldest.bind(i64::from(MOST_OF_BOARD) - 1).fetch_optional(&mut **tx).await;
    let Some(oldest) = oldest.map_err(failed(KEEPING))? else { return Ok(()) };
    let sql = "DELETE FROM service_entries WHERE service = $1 AND at <= $2";
    let delete = sqlx::query(sql).bind(service.to_string()).bind(oldest);
    delete.execute(&mut **tx).await.map(drop).map_err(failed(KEEPING))
}
