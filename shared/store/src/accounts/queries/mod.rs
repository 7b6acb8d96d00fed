//! The queries of accounts.

use contracts::{OrgId, Timestamp, UserId};
use sqlx::Transaction;

use super::{Database, Db};
use crate::error::failed;
use crate::{ChangeUserError, CreateUserError, NewUser, Role, StoreError, User};

pub(crate) mod rows;

use rows::{UserRow, insert_user, lock_org, name_key, user_columns, write_setting};

impl Database {
    pub(crate) async fn create_user(
        &self,
        new: &NewUser,
        at: Timestamp,
    ) -> Result<User, CreateUserError> {
        let doing = "making a user";
        let mut tx = self.begin(doing).await?;
        let user = insert_user(&mut tx, new, at).await?;
        if user.role == Role::Admin {
            super::setup::void_open(&mut tx, at).await?;
        }
        tx.commit().await.map_err(failed(doing))?;
        Ok(user)
    }

    pub(crate) async fn users(&self, org: OrgId) -> Result<Vec<User>, StoreError> {
        let sql = concat!(
            "SELECT ",
            user_columns!(),
            " FROM users u WHERE u.org = $1 ORDER BY u.name_key"
        );
        let rows = sqlx::query_as::<_, UserRow>(sql).bind(org.to_string());
        let rows = rows.fetch_all(&self.read).await.map_err(failed("reading the users"))?;
        rows.into_iter().map(User::try_from).collect()
    }

    pub(crate) async fn user(&self, org: OrgId, id: UserId) -> Result<Option<User>, StoreError> {
        let sql =
            concat!("SELECT ", user_columns!(), " FROM users u WHERE u.org = $1 AND u.id = $2");
        let row = sqlx::query_as::<_, UserRow>(sql).bind(org.to_string()).bind(id.to_string());
        let row = row.fetch_optional(&self.read).await.map_err(failed("reading a user"))?;
        row.map(User::try_from).transpose()
    }

    pub(crate) async fn user_named(&self, name: &str) -> Result<Option<User>, StoreError> {
        let sql = concat!("SELECT ", user_columns!(), " FROM users u WHERE u.name_key = $1");
        let row = sqlx::query_as::<_, UserRow>(sql).bind(name_key(name));
        let row = row.fetch_optional(&self.read).await.map_err(failed("reading a user"))?;
        row.map(User::try_from).transpose()
    }

    pub(crate) async fn password_hash(&self, user: UserId) -> Result<Option<String>, StoreError> {
        let sql = "SELECT password_hash FROM users WHERE id = $1";
        let hash = sqlx::query_scalar::<_, Option<String>>(sql).bind(user.to_string());
        let hash = hash.fetch_optional(&self.read).await.map_err(failed("reading a password"))?;
        Ok(hash.flatten())
    }

    pub(crate) async fn set_password(
        &self,
        org: OrgId,
        user: UserId,
        hash: Option<&str>,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        let doing = "setting a password";
        let mut tx = self.begin(doing).await?;
        let before = lock_admins(&mut tx, org, at).await?;
        let sql = "UPDATE users SET password_hash = $3 WHERE org = $1 AND id = $2";
        let update = sqlx::query(sql).bind(org.to_string()).bind(user.to_string());
        let done = update.bind(hash.map(str::to_owned)).execute(&mut *tx).await;
        if done.map_err(failed(doing))?.rows_affected() == 0 {
            return Err(ChangeUserError::NoSuchUser);
        }
        before.must_leave_one(&mut tx, org).await?;
        super::sessions::end_all(&mut tx, user).await?;
        write_setting(&mut tx, user, at).await?;
        tx.commit().await.map_err(failed(doing))?;
        Ok(())
    }

    pub(crate) async fn set_role(
        &self,
        org: OrgId,
        user: UserId,
        role: Role,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        let doing = "setting a role";
        let mut tx = self.begin(doing).await?;
        let before = lock_admins(&mut tx, org, at).await?;
        let sql = "UPDATE users SET role = $3 WHERE org = $1 AND id = $2";
        let update = sqlx::query(sql).bind(org.to_string()).bind(user.to_string());
        let done = update.bind(role.as_str()).execute(&mut *tx).await;
        if done.map_err(failed(doing))?.rows_affected() == 0 {
            return Err(ChangeUserError::NoSuchUser);
        }
        before.must_leave_one(&mut tx, org).await?;
        if role == Role::Admin {
            super::setup::void_open(&mut tx, at).await?;
        }
        super::sessions::end_all(&mut tx, user).await?;
        write_setting(&mut tx, user, at).await?;
        tx.commit().await.map_err(failed(doing))?;
        Ok(())
    }

    pub(crate) async fn set_user_enabled(
        &self,
        org: OrgId,
        user: UserId,
        enabled: bool,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        let doing = "enabling or disabling a user";
        let mut tx = self.begin(doing).await?;
        let before = lock_admins(&mut tx, org, at).await?;
        let sql = "UPDATE users SET enabled = $3 WHERE org = $1 AND id = $2";
        let update = sqlx::query(sql).bind(org.to_string()).bind(user.to_string());
        let done = update.bind(enabled).execute(&mut *tx).await;
        if done.map_err(failed(doing))?.rows_affected() == 0 {
            return Err(ChangeUserError::NoSuchUser);
        }
        if !enabled {
            before.must_leave_one(&mut tx, org).await?;
            super::sessions::end_all(&mut tx, user).await?;
        }
        write_setting(&mut tx, user, at).await?;
        tx.commit().await.map_err(failed(doing))?;
        Ok(())
    }

    pub(crate) async fn set_language(
        &self,
        org: OrgId,
        user: UserId,
        language: Option<&str>,
    ) -> Result<(), ChangeUserError> {
        let sql = "UPDATE users SET language = $3 WHERE org = $1 AND id = $2";
        let update = sqlx::query(sql).bind(org.to_string()).bind(user.to_string());
        let done = update.bind(language.map(str::to_owned)).execute(&self.write).await;
        match done.map_err(failed("setting a language"))?.rows_affected() {
            0 => Err(ChangeUserError::NoSuchUser),
            _ => Ok(()),
        }
    }
}

/// How many administrators an organisation has.
#[derive(Debug, Clone, Copy)]
struct Admins {
    /// The administrators who are enabled.
    enabled: i64,
    /// The enabled administrators who can log in, because they have a password.
    with_password: i64,
}

/// Counts the administrators. The counts hold until this transaction changes them: of two administrators who disable
/// each other, the second waits here and then sees what the first one did.
async fn lock_admins(
    tx: &mut Transaction<'static, Db>,
    org: OrgId,
    at: Timestamp,
) -> Result<Admins, StoreError> {
    lock_org(tx, org, at).await?;
    Admins::count(tx, org).await
}

impl Admins {
    async fn count(tx: &mut Transaction<'static, Db>, org: OrgId) -> Result<Self, StoreError> {
        let sql = "SELECT count(*), count(password_hash) FROM users \
                   WHERE org = $1 AND role = 'admin' AND enabled = $2";
        let count = sqlx::query_as::<_, (i64, i64)>(sql).bind(org.to_string()).bind(true);
        let count = count.fetch_one(&mut **tx).await;
        let (enabled, with_password) = count.map_err(failed("counting administrators"))?;
        Ok(Self { enabled, with_password })
    }

    /// Refuses a change that took away the last administrator, or the last one who can log in.
    async fn must_leave_one(
        self,
        tx: &mut Transaction<'static, Db>,
        org: OrgId,
    ) -> Result<(), ChangeUserError> {
        let left = Self::count(tx, org).await?;
        let took_the_last = self.enabled > 0 && left.enabled == 0
            || self.with_password > 0 && left.with_password == 0;
        if took_the_last { Err(ChangeUserError::LastAdmin) } else { Ok(()) }
    }
}
