//! The queries of the audit log.

use contracts::UserId;
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx, dialect};
use crate::audit::chain::{AuditRow, COLUMNS, Head};
use crate::column::time;
use crate::error::failed;
use crate::{
    ActedAs, AuditAction, AuditEntry, AuditFilter, AuditPlace, NewAuditEntry, Reach, StoreError,
};

const READING: &str = "reading the audit log";
const WRITING: &str = "writing the audit log";

impl Database {
    pub(crate) async fn audit(
        &self,
        reach: Reach,
        filter: &AuditFilter,
        before: Option<AuditPlace>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        reach.must_be_everything(READING)?;
        let mut sql = select(reach);
        let words = [
            (" AND actor = ", filter.actor.as_deref()),
            (" AND action = ", filter.action.map(AuditAction::as_str)),
            (" AND subject = ", filter.subject.as_deref()),
        ];
        for (condition, word) in words {
            if let Some(word) = word {
                sql.push(condition).push_bind(word.to_owned());
            }
        }
        if let Some(since) = filter.since {
            sql.push(" AND at >= ").push_bind(since.as_micros());
        }
        if let Some(until) = filter.until {
            sql.push(" AND at < ").push_bind(until.as_micros());
        }
        if let Some(AuditPlace { at, sequence }) = before {
            sql.push(" AND (at, sequence) < (").push_bind(at.as_micros());
            sql.push(", ").push_bind(sequence).push(")");
        }
        sql.push(" ORDER BY at DESC, sequence DESC LIMIT ").push_bind(i64::from(limit));
        let rows = sql.build_query_as::<AuditRow>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(AuditEntry::try_from).collect()
    }

    pub(crate) async fn acted_as(
        &self,
        reach: Reach,
        account: UserId,
    ) -> Result<Vec<ActedAs>, StoreError> {
        reach.must_own(account, READING)?;
        let sql = "SELECT at, actor_name FROM audit WHERE org = $1 AND subject = $2 AND action = $3 \
                   ORDER BY at DESC, sequence DESC LIMIT 20";
        let rows = sqlx::query_as::<_, (i64, String)>(sql)
            .bind(reach.org.to_string())
            .bind(account.to_string())
            .bind(AuditAction::UserActedAs.as_str())
            .fetch_all(&self.read)
            .await;
        let rows = rows.map_err(failed(READING))?;
        Ok(rows.into_iter().map(|(at, name)| ActedAs { at: time(at), name }).collect())
    }

    /// Returns the last entry of the chain, as the chain's head says.
    pub(crate) async fn audit_head(&self, reach: Reach) -> Result<Head, StoreError> {
        reach.must_be_everything(READING)?;
        let sql = "SELECT sequence, hash FROM audit_heads WHERE org = $1";
        let row = sqlx::query_as::<_, (i64, String)>(sql).bind(reach.org.to_string());
        let row = row.fetch_optional(&self.read).await.map_err(failed(READING))?;
        Ok(row.map_or_else(Head::default, |(sequence, hash)| Head { sequence, hash }))
    }

    /// Returns the rows after an entry in the order of the chain.
    pub(crate) async fn audit_piece(
        &self,
        reach: Reach,
        after: i64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        reach.must_be_everything(READING)?;
        let mut sql = select(reach);
        sql.push(" AND sequence > ").push_bind(after);
        sql.push(" ORDER BY sequence LIMIT ").push_bind(i64::from(limit));
        let rows = sql.build_query_as::<AuditRow>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))
    }

    pub(crate) async fn append_audit(&self) -> Result<(), StoreError> {
        again!(self.append_once())
    }

    /// What is committed has the entry of this handle, and nothing else.
    async fn append_once(&self) -> Result<(), StoreError> {
        self.begin(WRITING).await?.commit().await.map_err(failed(WRITING))
    }
}

/// Selects the entries in reach. More conditions may follow.
fn select(reach: Reach) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::new("SELECT ");
    sql.push(COLUMNS).push(" FROM audit WHERE ");
    push_in_reach(&mut sql, &Rows::Shared("org"), reach);
    sql
}

/// Appends an entry to the chain of its organisation. From here to the end of the transaction whoever else appends to it waits, so
/// this is the last that a transaction does.
pub(super) async fn append(tx: &mut Tx, entry: &NewAuditEntry) -> Result<(), sqlx::Error> {
    let org = entry.org().to_string();
    let sql = "INSERT INTO audit_heads (org, sequence, hash) VALUES ($1, 0, '') \
               ON CONFLICT (org) DO NOTHING";
    sqlx::query(sql).bind(org.clone()).execute(&mut **tx).await?;
    let sql = format!("SELECT sequence, hash FROM audit_heads WHERE org = $1 {}", dialect::LOCKED);
    // The text is made of constants of this crate only.
    let head = sqlx::query_as::<_, (i64, String)>(AssertSqlSafe(sql)).bind(org.clone());
    let (last, previous) = head.fetch_one(&mut **tx).await?;
    let row = entry.row(last + 1, previous);
    let sql = "INSERT INTO audit (org, sequence, at, actor_kind, actor, actor_name, actor_key, door, address, \
               action, subject, subject_name, before_json, after_json, previous, hash) VALUES ($1, $2, $3, \
               $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    let insert = sqlx::query(sql)
        .bind(row.org)
        .bind(row.sequence)
        .bind(row.at)
        .bind(row.actor_kind)
        .bind(row.actor)
        .bind(row.actor_name)
        .bind(row.actor_key)
        .bind(row.door)
        .bind(row.address)
        .bind(row.action)
        .bind(row.subject)
        .bind(row.subject_name)
        .bind(row.before_json)
        .bind(row.after_json)
        .bind(row.previous)
        .bind(row.hash.clone());
    insert.execute(&mut **tx).await?;
    let sql = "UPDATE audit_heads SET sequence = $2, hash = $3 WHERE org = $1";
    let update = sqlx::query(sql).bind(org).bind(row.sequence).bind(row.hash);
    update.execute(&mut **tx).await.map(drop)
}
