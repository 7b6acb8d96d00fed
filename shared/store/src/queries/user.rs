//! Accounts.

use contracts::config_kv::Account;
use contracts::{OrgId, Timestamp, UserId};
use sqlx::Transaction;

use super::{Database, Db};
use crate::column::{parsed, storable};
use crate::error::failed;
use crate::user::{UserRow, user_columns};
use crate::{ChangeUserError, CreateUserError, NewUser, Role, StoreError, User};

/// The name as it is compared.
fn name_key(name: &str) -> String {
    storable(name).trim().to_lowercase()
}

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
    ) -> Result<(), ChangeUserError> {
        let doing = "setting a password";
        let mut tx = self.begin(doing).await?;
        let sql = "UPDATE users SET password_hash = $3 WHERE org = $1 AND id = $2";
        let update = sqlx::query(sql).bind(org.to_string()).bind(user.to_string());
        let done = update.bind(hash.map(str::to_owned)).execute(&mut *tx).await;
        if done.map_err(failed(doing))?.rows_affected() == 0 {
            return Err(ChangeUserError::NoSuchUser);
        }
        end_sessions(&mut tx, user).await?;
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
        let sql = "UPDATE users SET enabled = $3 WHERE org = $1 AND id = $2 RETURNING role";
        let update = sqlx::query_scalar::<_, String>(sql).bind(org.to_string());
        let update = update.bind(user.to_string()).bind(enabled);
        let role = update.fetch_optional(&mut *tx).await.map_err(failed(doing))?;
        let Some(role) = role else { return Err(ChangeUserError::NoSuchUser) };
        if !enabled {
            if parsed::<Role>("users.role", &role)? == Role::Admin
                && enabled_admins(&mut tx, org).await? == 0
            {
                return Err(ChangeUserError::LastAdmin);
            }
            end_sessions(&mut tx, user).await?;
        }
        let account = Account { org, enabled };
        super::outbox::insert(&mut tx, org, &format!("account.{user}"), Some(&account), at).await?;
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

/// Inserts an account and its entry of the outbox.
pub(super) async fn insert_user(
    tx: &mut Transaction<'static, Db>,
    new: &NewUser,
    at: Timestamp,
) -> Result<User, CreateUserError> {
    let doing = "making a user";
    let orgs = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM orgs WHERE id = $1");
    let orgs = orgs.bind(new.org.to_string()).fetch_one(&mut **tx).await.map_err(failed(doing))?;
    if orgs == 0 {
        if new.org != OrgId::default_org() {
            return Err(CreateUserError::NoSuchOrg(new.org));
        }
        // The first account makes the organisation there is without asking.
        let sql = "INSERT INTO orgs (id, name, created_at) VALUES ($1, $2, $3) \
                   ON CONFLICT (id) DO NOTHING";
        let insert = sqlx::query(sql).bind(new.org.to_string()).bind("default");
        insert.bind(at.as_micros()).execute(&mut **tx).await.map_err(failed(doing))?;
    }
    let id = UserId::new();
    let name = storable(&new.name).trim().to_owned();
    let sql = "INSERT INTO users (id, org, name, name_key, password_hash, role, language, enabled, \
               created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
               ON CONFLICT (name_key) DO NOTHING";
    let insert = sqlx::query(sql)
        .bind(id.to_string())
        .bind(new.org.to_string())
        .bind(name.clone())
        .bind(name_key(&new.name))
        .bind(new.password_hash.clone())
        .bind(new.role.as_str())
        .bind(new.language.clone())
        .bind(true)
        .bind(at.as_micros());
    if insert.execute(&mut **tx).await.map_err(failed(doing))?.rows_affected() == 0 {
        return Err(CreateUserError::NameTaken(name));
    }
    let account = Account { org: new.org, enabled: true };
    super::outbox::insert(tx, new.org, &format!("account.{id}"), Some(&account), at).await?;
    Ok(User {
        id,
        org: new.org,
        name,
        role: new.role,
        language: new.language.clone(),
        enabled: true,
        has_password: new.password_hash.is_some(),
        created_at: at,
    })
}

/// How many administrators of an organisation may log in.
async fn enabled_admins(tx: &mut Transaction<'static, Db>, org: OrgId) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM users WHERE org = $1 AND role = 'admin' AND enabled = $2";
    let count = sqlx::query_scalar(sql).bind(org.to_string()).bind(true);
    count.fetch_one(&mut **tx).await.map_err(failed("counting administrators"))
}

/// Ends all sessions of an account.
pub(super) async fn end_sessions(
    tx: &mut Transaction<'static, Db>,
    user: UserId,
) -> Result<(), StoreError> {
    let delete = sqlx::query("DELETE FROM sessions WHERE owner = $1").bind(user.to_string());
    delete.execute(&mut **tx).await.map(drop).map_err(failed("ending sessions"))
}
