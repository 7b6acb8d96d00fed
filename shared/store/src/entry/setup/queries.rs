//! The queries of set-up tokens.

use contracts::{OrgId, Timestamp};

use super::{Database, Tx};
use crate::column::time;
use crate::error::failed;
use crate::{NewUser, Role, SETUP_LINK_LASTS, SecretHash, SetupError, StoreError, User};

const DOING: &str = "setting up";

/// How many set-up links are good at once. A gateway that is started again and again leaves no more.
const OPEN_AT_ONCE: i64 = 10;

impl Database {
    pub(crate) async fn admin_exists(&self) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM users WHERE role = 'admin' AND enabled = $1";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(true).fetch_one(&self.read).await;
        Ok(count.map_err(failed(DOING))? > 0)
    }

    pub(crate) async fn open_setup(
        &self,
        token: SecretHash,
        at: Timestamp,
    ) -> Result<(), SetupError> {
        let mut tx = self.begin(DOING).await?;
        refuse_if_admin(&mut tx).await?;
        let sql = "UPDATE setup_tokens SET void_at = $1 WHERE used_at IS NULL AND void_at IS NULL \
                   AND token_sha256 NOT IN (SELECT token_sha256 FROM setup_tokens \
                   WHERE used_at IS NULL AND void_at IS NULL ORDER BY created_at DESC LIMIT $2)";
        let void = sqlx::query(sql).bind(at.as_micros()).bind(OPEN_AT_ONCE - 1);
        void.execute(&mut *tx).await.map_err(failed(DOING))?;
        insert(&mut tx, token, at).await?;
        tx.commit().await.map_err(failed(DOING))?;
        Ok(())
    }

    pub(crate) async fn renew_setup(
        &self,
        token: SecretHash,
        at: Timestamp,
    ) -> Result<(), SetupError> {
        let mut tx = self.begin(DOING).await?;
        refuse_if_admin(&mut tx).await?;
        void_open(&mut tx, at).await?;
        insert(&mut tx, token, at).await?;
        tx.commit().await.map_err(failed(DOING))?;
        Ok(())
    }

    pub(crate) async fn check_setup(
        &self,
        token: SecretHash,
        now: Timestamp,
    ) -> Result<(), SetupError> {
        let sql = "SELECT used_at, void_at, created_at FROM setup_tokens WHERE token_sha256 = $1";
        let row = sqlx::query_as::<_, (Option<i64>, Option<i64>, i64)>(sql).bind(token.column());
        match row.fetch_optional(&self.read).await.map_err(failed(DOING))? {
            None => Err(SetupError::Unknown),
            Some((None, None, made)) if time(made).plus(SETUP_LINK_LASTS) <= now => {
                Err(SetupError::Expired)
            }
            Some((None, None, _)) => Ok(()),
            Some(_) => Err(SetupError::Spent),
        }
    }

    pub(crate) async fn create_first_admin(
        &self,
        token: SecretHash,
        new: &NewUser,
        at: Timestamp,
    ) -> Result<User, SetupError> {
        self.check_setup(token, at).await?;
        let mut tx = self.begin(DOING).await?;
        let sql = "UPDATE setup_tokens SET used_at = $2 \
                   WHERE token_sha256 = $1 AND used_at IS NULL AND void_at IS NULL";
        let update = sqlx::query(sql).bind(token.column()).bind(at.as_micros());
        // Of two requests that use the token at the same moment, the second waits here and then changes nothing.
        if update.execute(&mut *tx).await.map_err(failed(DOING))?.rows_affected() == 0 {
            return Err(SetupError::Spent);
        }
        refuse_if_admin(&mut tx).await?;
        void_open(&mut tx, at).await?;
        let new = NewUser { role: Role::Admin, ..new.clone() };
        let user =
            super::accounts::rows::insert_user(&mut tx, OrgId::default_org(), &new, at).await?;
        tx.about(&user.id, &user.name);
        tx.commit().await.map_err(failed(DOING))?;
        Ok(user)
    }
}

async fn insert(tx: &mut Tx, token: SecretHash, at: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO setup_tokens (token_sha256, created_at) VALUES ($1, $2)";
    let insert = sqlx::query(sql).bind(token.column()).bind(at.as_micros());
    insert.execute(&mut **tx).await.map(drop).map_err(failed(DOING))
}

async fn refuse_if_admin(tx: &mut Tx) -> Result<(), SetupError> {
    let sql = "SELECT count(*) FROM users WHERE role = 'admin' AND enabled = $1";
    let count = sqlx::query_scalar::<_, i64>(sql).bind(true).fetch_one(&mut **tx).await;
    if count.map_err(failed(DOING))? > 0 { Err(SetupError::AdminExists) } else { Ok(()) }
}

/// Voids the open tokens.
pub(super) async fn void_open(tx: &mut Tx, at: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE setup_tokens SET void_at = $1 WHERE used_at IS NULL AND void_at IS NULL";
    let update = sqlx::query(sql).bind(at.as_micros());
    update.execute(&mut **tx).await.map(drop).map_err(failed("voiding a set-up link"))
}
