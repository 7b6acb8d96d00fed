//! The queries of second factors, and of log-ins that wait for one.

use contracts::{Timestamp, UserId};
use serde_json::json;
use sqlx::QueryBuilder;

use super::accounts::rows::{UserRow, lock_org, user_columns};
use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx};
use crate::column::{parsed, small, time};
use crate::error::failed;
use crate::{
    MOST_RECOVERY_CODES, NewLogIn, Reach, Role, SecondFactor, SecretHash, StoreError, User,
};

const READING: &str = "reading a second factor";
const WRITING: &str = "writing a second factor";
const COMING_IN: &str = "coming in by a second factor";

/// A row of `second_factors`, with how many recovery codes are left.
#[derive(sqlx::FromRow)]
struct FactorRow {
    secret: String,
    confirmed_at: Option<i64>,
    codes: i64,
}

impl Database {
    pub(crate) async fn second_factor(
        &self,
        reach: Reach,
        account: UserId,
    ) -> Result<Option<SecondFactor>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT f.secret, f.confirmed_at, (SELECT count(*) FROM recovery_codes c \
             WHERE c.account = f.account AND c.used_at IS NULL) AS codes \
             FROM second_factors f WHERE f.account = ",
        );
        sql.push_bind(account.to_string()).push(" AND ");
        push_in_reach(&mut sql, &Rows::Owned("f.org", "f.account"), reach);
        let row = sql.build_query_as::<FactorRow>().fetch_optional(&self.read).await;
        let Some(row) = row.map_err(failed(READING))? else { return Ok(None) };
        Ok(Some(SecondFactor {
            secret: row.secret,
            confirmed_at: row.confirmed_at.map(time),
            recovery_codes: small("count(recovery_codes)", row.codes)?,
        }))
    }

    pub(crate) async fn begin_second_factor(
        &self,
        reach: Reach,
        account: UserId,
        secret: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "INSERT INTO second_factors (account, org, secret, step, created_at) SELECT u.id, u.org, ",
        );
        sql.push_bind(secret.to_owned()).push(", 0, ").push_bind(at.as_micros());
        sql.push(" FROM users u WHERE u.id = ").push_bind(account.to_string()).push(" AND ");
        push_in_reach(&mut sql, &Rows::Owned("u.org", "u.id"), reach);
        sql.push(
            " ON CONFLICT (account) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at \
             WHERE second_factors.confirmed_at IS NULL",
        );
        let done = sql.build().execute(&self.write).await.map_err(failed(WRITING))?;
        Ok(done.rows_affected() > 0)
    }

    pub(crate) async fn confirm_second_factor(
        &self,
        reach: Reach,
        account: UserId,
        (secret, step): (&str, i64),
        codes: &[SecretHash],
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin(WRITING).await?;
        let mut sql = QueryBuilder::<Db>::new("UPDATE second_factors SET confirmed_at = ");
        sql.push_bind(at.as_micros()).push(", step = ").push_bind(step);
        sql.push(" WHERE confirmed_at IS NULL AND secret = ").push_bind(secret.to_owned());
        sql.push(" AND account = ").push_bind(account.to_string()).push(" AND ");
        push_in_reach(&mut sql, &Rows::Owned("org", "account"), reach);
        let done = sql.build().execute(&mut *tx).await.map_err(failed(WRITING))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        replace_codes(&mut tx, account, codes).await?;
        about(&mut tx, account).await?;
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(true)
    }

    pub(crate) async fn renew_recovery_codes(
        &self,
        reach: Reach,
        account: UserId,
        codes: &[SecretHash],
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin(WRITING).await?;
        // Its row is locked, so that of two who renew the codes at once one set is left.
        let mut sql =
            QueryBuilder::<Db>::new("UPDATE second_factors SET step = step WHERE account = ");
        sql.push_bind(account.to_string()).push(" AND confirmed_at IS NOT NULL AND ");
        push_in_reach(&mut sql, &Rows::Owned("org", "account"), reach);
        let done = sql.build().execute(&mut *tx).await.map_err(failed(WRITING))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        replace_codes(&mut tx, account, codes).await?;
        about(&mut tx, account).await?;
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(true)
    }

    pub(crate) async fn remove_second_factor(
        &self,
        reach: Reach,
        account: UserId,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin(WRITING).await?;
        let mut sql = QueryBuilder::<Db>::new("SELECT 1 FROM users u WHERE u.id = ");
        sql.push_bind(account.to_string()).push(" AND ");
        push_in_reach(&mut sql, &Rows::Owned("u.org", "u.id"), reach);
        let found = sql.build().fetch_optional(&mut *tx).await.map_err(failed(WRITING))?;
        if found.is_none() {
            return Ok(false);
        }
        let sql = "DELETE FROM second_factors WHERE account = $1";
        let done = sqlx::query(sql).bind(account.to_string()).execute(&mut *tx).await;
        let had_one = done.map_err(failed(WRITING))?.rows_affected() > 0;
        replace_codes(&mut tx, account, &[]).await?;
        tx.changed(&json!({ "second_factor": had_one }), &json!({ "second_factor": false }));
        about(&mut tx, account).await?;
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(true)
    }

    pub(crate) async fn second_factor_roles(&self, reach: Reach) -> Result<Vec<Role>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new("SELECT role FROM second_factor_roles WHERE ");
        push_in_reach(&mut sql, &Rows::Shared("org"), reach);
        sql.push(" ORDER BY role");
        let rows = sql.build_query_scalar::<String>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed(READING))?;
        rows.iter().map(|role| parsed("second_factor_roles.role", role)).collect()
    }

    pub(crate) async fn set_second_factor_roles(
        &self,
        reach: Reach,
        roles: &[Role],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        reach.must_be_everything(WRITING)?;
        let mut tx = self.begin(WRITING).await?;
        lock_org(&mut tx, reach.org, at).await?;
        let org = reach.org.to_string();
        let sql = "SELECT role FROM second_factor_roles WHERE org = $1 ORDER BY role";
        let before = sqlx::query_scalar::<_, String>(sql).bind(org.clone());
        let before = before.fetch_all(&mut *tx).await.map_err(failed(WRITING))?;
        let sql = "DELETE FROM second_factor_roles WHERE org = $1";
        let done = sqlx::query(sql).bind(org.clone()).execute(&mut *tx).await;
        done.map_err(failed(WRITING))?;
        for role in roles {
            let sql = "INSERT INTO second_factor_roles (org, role) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            let insert = sqlx::query(sql).bind(org.clone()).bind(role.as_str());
            insert.execute(&mut *tx).await.map_err(failed(WRITING))?;
        }
        let mut after: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        after.sort_unstable();
        after.dedup();
        tx.changed(&json!({ "totp": before }), &json!({ "totp": after }));
        tx.commit().await.map_err(failed(WRITING))
    }

    pub(crate) async fn begin_log_in(
        &self,
        new: &NewLogIn,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO log_ins (token_sha256, org, account, created_at, expires_at) \
                   SELECT $1, u.org, u.id, $3, $4 FROM users u \
                   WHERE u.id = $2 AND u.enabled = $5 AND u.role <> 'service'";
        let insert = sqlx::query(sql)
            .bind(new.token.column())
            .bind(new.user.to_string())
            .bind(now.as_micros())
            .bind(now.plus(new.lasts).as_micros())
            .bind(true);
        let done = insert.execute(&self.write).await.map_err(failed(COMING_IN))?;
        Ok(done.rows_affected() > 0)
    }

    pub(crate) async fn log_in(
        &self,
        token: SecretHash,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let sql = concat!(
            "SELECT ",
            user_columns!(),
            " FROM log_ins l JOIN users u ON u.id = l.account WHERE l.token_sha256 = $1 \
             AND l.expires_at > $2 AND u.enabled = $3 AND u.role <> 'service'"
        );
        let row = sqlx::query_as::<_, UserRow>(sql).bind(token.column());
        let row = row.bind(now.as_micros()).bind(true).fetch_optional(&self.read).await;
        row.map_err(failed(COMING_IN))?.map(User::try_from).transpose()
    }

    pub(crate) async fn end_log_in(&self, token: SecretHash) -> Result<bool, StoreError> {
        let sql = "DELETE FROM log_ins WHERE token_sha256 = $1";
        let done = sqlx::query(sql).bind(token.column()).execute(&self.write).await;
        Ok(done.map_err(failed(COMING_IN))?.rows_affected() > 0)
    }

    pub(crate) async fn take_code_step(
        &self,
        account: UserId,
        step: i64,
    ) -> Result<bool, StoreError> {
        // Of two who give the same code at the same moment, the second waits here and then changes nothing.
        let sql = "UPDATE second_factors SET step = $2 \
                   WHERE account = $1 AND step < $2 AND confirmed_at IS NOT NULL";
        let update = sqlx::query(sql).bind(account.to_string()).bind(step);
        let done = update.execute(&self.write).await.map_err(failed(COMING_IN))?;
        Ok(done.rows_affected() > 0)
    }

    pub(crate) async fn take_recovery_code(
        &self,
        account: UserId,
        code: SecretHash,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin(COMING_IN).await?;
        let sql = "UPDATE recovery_codes SET used_at = $3 \
                   WHERE account = $1 AND code_sha256 = $2 AND used_at IS NULL";
        let update = sqlx::query(sql).bind(account.to_string()).bind(code.column());
        let done =
            update.bind(at.as_micros()).execute(&mut *tx).await.map_err(failed(COMING_IN))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        about(&mut tx, account).await?;
        tx.commit().await.map_err(failed(COMING_IN))?;
        Ok(true)
    }
}

/// Replaces the recovery codes of an account.
async fn replace_codes(
    tx: &mut Tx,
    account: UserId,
    codes: &[SecretHash],
) -> Result<(), StoreError> {
    let sql = "DELETE FROM recovery_codes WHERE account = $1";
    let done = sqlx::query(sql).bind(account.to_string()).execute(&mut **tx).await;
    done.map_err(failed(WRITING))?;
    for code in codes.iter().take(MOST_RECOVERY_CODES) {
        let sql = "INSERT INTO recovery_codes (account, code_sha256) VALUES ($1, $2)";
        let insert = sqlx::query(sql).bind(account.to_string()).bind(code.column());
        insert.execute(&mut **tx).await.map_err(failed(WRITING))?;
    }
    Ok(())
}

/// Has the entry of the audit log name the account.
async fn about(tx: &mut Tx, account: UserId) -> Result<(), StoreError> {
    let sql = "SELECT name FROM users WHERE id = $1";
    let name = sqlx::query_scalar::<_, String>(sql).bind(account.to_string());
    let name = name.fetch_optional(&mut **tx).await.map_err(failed(READING))?;
    tx.about(&account, &name.unwrap_or_default());
    Ok(())
}
