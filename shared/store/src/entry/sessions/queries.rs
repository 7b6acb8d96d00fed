//! The queries of sessions.

use std::time::Duration;

use contracts::{Timestamp, UserId};

use super::accounts::rows::{UserRow, user_columns};
use super::{Database, Tx};
use crate::column::{parsed, storable, time};
use crate::error::failed;
use crate::{Acting, NewSession, SecretHash, Session, StoreError, User};

const BEGINNING: &str = "beginning a session";
/// How exact the idle time is.
const USE_IS_NOTED_EACH: Duration = Duration::from_mins(1);

/// A row of `sessions` with the row of the account.
#[derive(sqlx::FromRow)]
struct SessionRow {
    csrf: String,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
    acting_id: Option<String>,
    acting_name: Option<String>,
    #[sqlx(flatten)]
    user: UserRow,
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let acting = row.acting_id.zip(row.acting_name).map(|(id, name)| {
            Ok::<_, StoreError>(Acting { id: parsed("sessions.acting", &id)?, name })
        });
        Ok(Self {
            user: User::try_from(row.user)?,
            acting: acting.transpose()?,
            csrf: row.csrf,
            created_at: time(row.created_at),
            expires_at: time(row.expires_at),
        })
    }
}

impl Database {
    pub(crate) async fn begin_session(
        &self,
        new: &NewSession,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO sessions (token_sha256, org, owner, csrf, created_at, seen_at, \
                   idle_expires_at, expires_at, browser, address, acting) SELECT $1, u.org, u.id, $3, $4, $4, $5, $6, $8, $9, $10 \
                   FROM users u WHERE u.id = $2 AND u.enabled = $7 AND u.role <> 'service'";
        let expires_at = now.plus(new.absolute);
        let insert = sqlx::query(sql)
            .bind(new.token.column())
            .bind(new.user.to_string())
            .bind(new.csrf.clone())
            .bind(now.as_micros())
            .bind(now.plus(new.idle).min(expires_at).as_micros())
            .bind(expires_at.as_micros())
            .bind(true)
            .bind(storable(&new.browser))
            .bind(new.address.map(|address| address.to_string()))
            .bind(new.acting.map(|acting| acting.to_string()));
        let mut tx = self.begin(BEGINNING).await?;
        let done = insert.execute(&mut *tx).await.map_err(failed(BEGINNING))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        if new.acting.is_none() {
            let sql = "UPDATE users SET seen_at = $2 WHERE id = $1";
            let seen = sqlx::query(sql).bind(new.user.to_string()).bind(now.as_micros());
            seen.execute(&mut *tx).await.map_err(failed(BEGINNING))?;
        }
        tx.commit().await.map_err(failed(BEGINNING))?;
        Ok(true)
    }

    pub(crate) async fn session(
        &self,
        token: SecretHash,
        idle: Duration,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let Some(row) = self.good_session(token, now).await? else { return Ok(None) };
        let seen_at = Timestamp::from_micros(row.seen_at);
        let session = Session::try_from(row)?;
        if seen_at <= now.minus(USE_IS_NOTED_EACH) {
            let idle_until = now.plus(idle).min(session.expires_at);
            // Who acts as somebody else makes them seen no more.
            let user = session.acting.as_ref().map_or(session.user.id, |acting| acting.id);
            let what = format!("the use of a session of user {user}");
            self.note(&what, self.note_session(token, user, idle_until, now)).await;
        }
        Ok(Some(session))
    }

    pub(crate) async fn session_user(
        &self,
        token: SecretHash,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let row = self.good_session(token, now).await?;
        row.map(|row| Session::try_from(row).map(|session| session.user)).transpose()
    }

    async fn good_session(
        &self,
        token: SecretHash,
        now: Timestamp,
    ) -> Result<Option<SessionRow>, StoreError> {
        let sql = concat!(
            "SELECT s.csrf, s.created_at, s.seen_at, s.expires_at, a.id AS acting_id, \
             a.name AS acting_name, ",
            user_columns!(),
            " FROM sessions s JOIN users u ON u.id = s.owner LEFT JOIN users a ON a.id = s.acting \
             AND a.enabled = $3 AND a.role = 'admin' WHERE s.token_sha256 = $1 \
             AND (s.acting IS NULL OR a.id IS NOT NULL) \
             AND s.idle_expires_at > $2 AND s.expires_at > $2 AND u.enabled = $3 \
             AND u.role <> 'service'"
        );
        let row = sqlx::query_as::<_, SessionRow>(sql).bind(token.column());
        let row = row.bind(now.as_micros()).bind(true);
        row.fetch_optional(&self.read).await.map_err(failed("reading a session"))
    }

    async fn note_session(
        &self,
        token: SecretHash,
        user: UserId,
        idle_until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE users SET seen_at = $2 WHERE id = $1";
        let seen = sqlx::query(sql).bind(user.to_string()).bind(now.as_micros());
        seen.execute(&self.write).await.map_err(failed("noting when a user was seen"))?;
        let sql = "UPDATE sessions SET seen_at = $2, idle_expires_at = $3 WHERE token_sha256 = $1";
        let update = sqlx::query(sql).bind(token.column()).bind(now.as_micros());
        let update = update.bind(idle_until.as_micros());
        update.execute(&self.write).await.map(drop).map_err(failed("prolonging a session"))
    }

    pub(crate) async fn end_session(
        &self,
        token: SecretHash,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let doing = "ending a session";
        let mut tx = self.begin(doing).await?;
        let sql = "DELETE FROM sessions WHERE token_sha256 = $1 RETURNING owner";
        let ended = sqlx::query_scalar::<_, String>(sql).bind(token.column());
        let owner = ended.fetch_optional(&mut *tx).await.map_err(failed(doing))?;
        let Some(owner) = owner else { return Ok(()) };
        super::accounts::rows::write_setting(&mut tx, parsed("sessions.owner", &owner)?, now)
            .await?;
        tx.commit().await.map_err(failed(doing))
    }

    pub(crate) async fn remove_ended_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        let sql = "DELETE FROM sessions WHERE expires_at <= $1 OR idle_expires_at <= $1";
        let done = sqlx::query(sql).bind(now.as_micros()).execute(&self.write).await;
        let ended = done.map_err(failed("deleting old sessions"))?.rows_affected();
        let sql = "DELETE FROM log_ins WHERE expires_at <= $1";
        let done = sqlx::query(sql).bind(now.as_micros()).execute(&self.write).await;
        done.map_err(failed("deleting old log-ins"))?;
        Ok(ended)
    }
}

/// Ends all sessions of an account, and its log-ins that wait for a code, within the transaction that changes the account.
pub(super) async fn end_all(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    let delete = sqlx::query("DELETE FROM log_ins WHERE account = $1").bind(user.to_string());
    delete.execute(&mut **tx).await.map_err(failed("ending log-ins"))?;
    // Those by which the account acts as others, too.
    let sql = "DELETE FROM sessions WHERE owner = $1 OR acting = $1";
    let delete = sqlx::query(sql).bind(user.to_string());
    delete.execute(&mut **tx).await.map(drop).map_err(failed("ending sessions"))
}
