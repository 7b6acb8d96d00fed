//! The queries of open sessions.

use std::collections::BTreeSet;

use contracts::{SessionId, Timestamp, UserId};
use serde_json::json;
use sqlx::QueryBuilder;

use super::accounts::rows::write_setting;
use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx};
use crate::column::{parsed, time, unreadable};
use crate::error::failed;
use crate::{OpenSession, Reach, SecretHash, StoreError};

const READING: &str = "reading sessions";
const ENDING: &str = "ending sessions";

/// The sessions of a table.
const OWNED: Rows = Rows::Owned("org", "owner");

/// A row of `sessions`.
#[derive(sqlx::FromRow)]
struct OpenRow {
    token_sha256: String,
    owner: String,
    browser: Option<String>,
    address: Option<String>,
    acting: Option<String>,
    created_at: i64,
    seen_at: i64,
    idle_expires_at: i64,
    expires_at: i64,
}

impl TryFrom<OpenRow> for OpenSession {
    type Error = StoreError;

    fn try_from(row: OpenRow) -> Result<Self, StoreError> {
        let token = SecretHash::from_column(&row.token_sha256);
        Ok(Self {
            id: token.ok_or_else(|| unreadable("sessions.token_sha256", ""))?.session(),
            owner: parsed("sessions.owner", &row.owner)?,
            browser: row.browser.unwrap_or_default(),
            address: row.address,
            acting: row.acting.is_some(),
            created_at: time(row.created_at),
            seen_at: time(row.seen_at),
            expires_at: time(row.idle_expires_at.min(row.expires_at)),
        })
    }
}

impl Database {
    pub(crate) async fn open_sessions(
        &self,
        reach: Reach,
        account: UserId,
        now: Timestamp,
    ) -> Result<Vec<OpenSession>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT token_sha256, owner, browser, address, acting, created_at, seen_at, idle_expires_at, expires_at \
             FROM sessions WHERE owner = ",
        );
        sql.push_bind(account.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" AND idle_expires_at > ").push_bind(now.as_micros());
        sql.push(" AND expires_at > ").push_bind(now.as_micros());
        sql.push(" ORDER BY seen_at DESC, token_sha256 LIMIT 100");
        let rows = sql.build_query_as::<OpenRow>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(OpenSession::try_from).collect()
    }

    pub(crate) async fn end_open_session(
        &self,
        reach: Reach,
        session: SessionId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin(ENDING).await?;
        // The id is the first half of the hash: the letter after all hex digits ends the range.
        let id = session.to_string();
        let first = id.trim_start_matches("ses_").to_owned();
        let mut sql = QueryBuilder::<Db>::new("DELETE FROM sessions WHERE token_sha256 >= ");
        sql.push_bind(first.clone()).push(" AND token_sha256 < ").push_bind(format!("{first}g"));
        sql.push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" RETURNING owner");
        let owner = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        let Some(owner) = owner.map_err(failed(ENDING))? else { return Ok(false) };
        let owner = parsed("sessions.owner", &owner)?;
        tx.changed(&json!({ "session": id }), &json!({}));
        told(&mut tx, owner, at).await?;
        tx.commit().await.map_err(failed(ENDING))?;
        Ok(true)
    }

    pub(crate) async fn end_open_sessions(
        &self,
        reach: Reach,
        account: UserId,
        but: Option<SecretHash>,
        at: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let mut tx = self.begin(ENDING).await?;
        let mut sql = QueryBuilder::<Db>::new("SELECT 1 FROM users u WHERE u.id = ");
        sql.push_bind(account.to_string()).push(" AND ");
        push_in_reach(&mut sql, &Rows::Owned("u.org", "u.id"), reach);
        let found = sql.build().fetch_optional(&mut *tx).await.map_err(failed(ENDING))?;
        if found.is_none() {
            return Ok(None);
        }
        // Those by which the account acts as others, too: whoever took its cookies has these.
        let sql = "DELETE FROM sessions WHERE (owner = $1 OR acting = $1) AND token_sha256 <> $2 \
                   RETURNING owner";
        let but = but.map(SecretHash::column).unwrap_or_default();
        let gone = sqlx::query_scalar::<_, String>(sql).bind(account.to_string()).bind(but);
        let gone = gone.fetch_all(&mut *tx).await.map_err(failed(ENDING))?;
        let ended = u64::try_from(gone.len()).unwrap_or(u64::MAX);
        let sql = "DELETE FROM log_ins WHERE account = $1";
        let done = sqlx::query(sql).bind(account.to_string()).execute(&mut *tx).await;
        done.map_err(failed(ENDING))?;
        tx.changed(&json!({ "sessions": ended }), &json!({}));
        // Whoever is acted as has pages open by such a session, which look at the setting of that account.
        let own = account.to_string();
        let others: BTreeSet<String> = gone.into_iter().filter(|owner| *owner != own).collect();
        for owner in &others {
            write_setting(&mut tx, parsed("sessions.owner", owner)?, at).await?;
        }
        told(&mut tx, account, at).await?;
        tx.commit().await.map_err(failed(ENDING))?;
        Ok(Some(ended))
    }
}

/// Has the entry of the audit log name the account, and whoever watches its setting look again at its sessions.
async fn told(tx: &mut Tx, account: UserId, at: Timestamp) -> Result<(), StoreError> {
    let sql = "SELECT name FROM users WHERE id = $1";
    let name = sqlx::query_scalar::<_, String>(sql).bind(account.to_string());
    let name = name.fetch_optional(&mut **tx).await.map_err(failed(ENDING))?;
    tx.about(&account, &name.unwrap_or_default());
    write_setting(tx, account, at).await
}
