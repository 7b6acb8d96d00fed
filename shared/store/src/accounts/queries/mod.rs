//! The queries of accounts.

use contracts::{OrgId, Timestamp, UserId};
use serde_json::{Value, json};
use sqlx::QueryBuilder;

use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx};
use crate::error::failed;
use crate::{ChangeUserError, CreateUserError, NewUser, Reach, Role, StoreError, User};

pub(crate) mod rows;

use rows::{UserRow, insert_user, lock_org, name_key, user_columns, write_setting};

impl Database {
    pub(crate) async fn create_user(
        &self,
        reach: Reach,
        new: &NewUser,
        at: Timestamp,
    ) -> Result<User, CreateUserError> {
        let doing = "making a user";
        reach.must_be_everything(doing)?;
        let mut tx = self.begin(doing).await?;
        let user = insert_user(&mut tx, reach.org, new, at).await?;
        if user.role == Role::Admin {
            super::setup::void_open(&mut tx, at).await?;
        }
        tx.about(&user.id, &user.name);
        tx.commit().await.map_err(failed(doing))?;
        Ok(user)
    }

    pub(crate) async fn users(&self, reach: Reach) -> Result<Vec<User>, StoreError> {
        let mut sql = select_in_reach(reach);
        sql.push(" ORDER BY u.name_key");
        let rows = sql.build_query_as::<UserRow>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed("reading the users"))?;
        rows.into_iter().map(User::try_from).collect()
    }

    pub(crate) async fn user(&self, reach: Reach, id: UserId) -> Result<Option<User>, StoreError> {
        let mut sql = select_in_reach(reach);
        sql.push(" AND u.id = ").push_bind(id.to_string());
        self.user_of(sql).await
    }

    pub(crate) async fn find_user(
        &self,
        reach: Reach,
        name: &str,
    ) -> Result<Option<User>, StoreError> {
        let mut sql = select_in_reach(reach);
        sql.push(" AND u.name_key = ").push_bind(name_key(name));
        self.user_of(sql).await
    }

    async fn user_of(&self, mut sql: QueryBuilder<Db>) -> Result<Option<User>, StoreError> {
        let row = sql.build_query_as::<UserRow>().fetch_optional(&self.read).await;
        row.map_err(failed("reading a user"))?.map(User::try_from).transpose()
    }

    pub(crate) async fn user_name(
        &self,
        reach: Reach,
        id: UserId,
    ) -> Result<Option<String>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new("SELECT name FROM users WHERE id = ");
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &Rows::Shared("org"), reach);
        let name = sql.build_query_scalar().fetch_optional(&self.read).await;
        name.map_err(failed("reading a user's name"))
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
        reach: Reach,
        user: UserId,
        hash: Option<&str>,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        let doing = "setting a password";
        let mut tx = self.begin(doing).await?;
        let before = lock_admins(&mut tx, reach.org, at).await?;
        let was = shown(&mut tx, user).await?;
        let mut sql = QueryBuilder::new("UPDATE users SET password_hash = ");
        sql.push_bind(hash.map(str::to_owned));
        update_in_reach(&mut tx, sql, reach, user, doing).await?;
        before.must_leave_one(&mut tx, reach.org).await?;
        super::keys::forget_old_password(&mut tx, user).await?;
        super::sessions::end_all(&mut tx, user).await?;
        super::links::void_of_account(&mut tx, user, at).await?;
        write_setting(&mut tx, user, at).await?;
        tell(&mut tx, user, &was).await?;
        tx.commit().await.map_err(failed(doing))?;
        Ok(())
    }

    pub(crate) async fn set_role(
        &self,
        reach: Reach,
        user: UserId,
        role: Role,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        let doing = "setting a role";
        reach.must_be_everything(doing)?;
        let mut tx = self.begin(doing).await?;
        let before = lock_admins(&mut tx, reach.org, at).await?;
        let was = shown(&mut tx, user).await?;
        let mut sql = QueryBuilder::new("UPDATE users SET role = ");
        sql.push_bind(role.as_str());
        update_in_reach(&mut tx, sql, reach, user, doing).await?;
        before.must_leave_one(&mut tx, reach.org).await?;
        if role == Role::Admin {
            super::setup::void_open(&mut tx, at).await?;
        }
        if matches!(role, Role::ReadOnly | Role::Service) {
            // It answers nobody any more.
            super::conversations::leave_to_nobody(&mut tx, reach.org, user).await?;
        }
        super::links::void_of_maker(&mut tx, user, at).await?;
        super::sessions::end_all(&mut tx, user).await?;
        write_setting(&mut tx, user, at).await?;
        super::webhooks::tell_of_owner(&mut tx, reach.org, user, at).await?;
        tell(&mut tx, user, &was).await?;
        tx.commit().await.map_err(failed(doing))?;
        Ok(())
    }

    pub(crate) async fn set_user_enabled(
        &self,
        reach: Reach,
        user: UserId,
        enabled: bool,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        let doing = "enabling or disabling a user";
        reach.must_be_everything(doing)?;
        let mut tx = self.begin(doing).await?;
        let before = lock_admins(&mut tx, reach.org, at).await?;
        let was = shown(&mut tx, user).await?;
        let mut sql = QueryBuilder::new("UPDATE users SET enabled = ");
        sql.push_bind(enabled);
        update_in_reach(&mut tx, sql, reach, user, doing).await?;
        if !enabled {
            before.must_leave_one(&mut tx, reach.org).await?;
            super::links::void_of_account(&mut tx, user, at).await?;
            super::links::void_of_maker(&mut tx, user, at).await?;
            super::sessions::end_all(&mut tx, user).await?;
            super::conversations::leave_to_nobody(&mut tx, reach.org, user).await?;
        }
        write_setting(&mut tx, user, at).await?;
        super::webhooks::tell_of_owner(&mut tx, reach.org, user, at).await?;
        tell(&mut tx, user, &was).await?;
        tx.commit().await.map_err(failed(doing))?;
        Ok(())
    }

    pub(crate) async fn set_language(
        &self,
        reach: Reach,
        user: UserId,
        language: Option<&str>,
    ) -> Result<(), ChangeUserError> {
        let doing = "setting a language";
        let mut tx = self.begin(doing).await?;
        let mut sql = QueryBuilder::new("UPDATE users SET language = ");
        sql.push_bind(language.map(str::to_owned));
        update_in_reach(&mut tx, sql, reach, user, doing).await?;
        tx.commit().await.map_err(failed(doing))?;
        Ok(())
    }

    pub(crate) async fn set_zone(
        &self,
        reach: Reach,
        user: UserId,
        zone: Option<&str>,
    ) -> Result<(), ChangeUserError> {
        let doing = "setting a time zone";
        let mut tx = self.begin(doing).await?;
        let mut sql = QueryBuilder::new("UPDATE users SET zone = ");
        sql.push_bind(zone.map(str::to_owned));
        update_in_reach(&mut tx, sql, reach, user, doing).await?;
        tx.commit().await.map_err(failed(doing))?;
        Ok(())
    }
}

/// Selects the accounts in reach. More conditions may follow.
fn select_in_reach(reach: Reach) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::new(concat!("SELECT ", user_columns!(), " FROM users u WHERE "));
    push_in_reach(&mut sql, &Rows::Owned("u.org", "u.id"), reach);
    sql
}

/// Reads an account as the audit log shows it; `null`: there is none.
async fn shown(tx: &mut Tx, user: UserId) -> Result<Value, StoreError> {
    let sql = "SELECT name, role, enabled, CAST(CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END AS BIGINT) \
               FROM users WHERE id = $1";
    let row = sqlx::query_as::<_, (String, String, bool, i64)>(sql).bind(user.to_string());
    let row = row.fetch_optional(&mut **tx).await.map_err(failed("reading a user"))?;
    Ok(row.map_or(Value::Null, |(name, role, enabled, password)| {
        json!({ "name": name, "role": role, "enabled": enabled, "has_password": password == 1 })
    }))
}

/// Has the entry of the audit log tell how an account is, which was so before.
async fn tell(tx: &mut Tx, user: UserId, was: &Value) -> Result<(), StoreError> {
    let now = shown(tx, user).await?;
    tx.about(&user, now["name"].as_str().unwrap_or_default());
    tx.changed(was, &now);
    Ok(())
}

/// Changes an account in reach by `sql`, an `UPDATE` without its condition.
async fn update_in_reach(
    tx: &mut Tx,
    mut sql: QueryBuilder<Db>,
    reach: Reach,
    user: UserId,
    doing: &'static str,
) -> Result<(), ChangeUserError> {
    sql.push(" WHERE id = ").push_bind(user.to_string()).push(" AND ");
    push_in_reach(&mut sql, &Rows::Owned("org", "id"), reach);
    match sql.build().execute(&mut **tx).await.map_err(failed(doing))?.rows_affected() {
        0 => Err(ChangeUserError::NoSuchUser),
        _ => Ok(()),
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
async fn lock_admins(tx: &mut Tx, org: OrgId, at: Timestamp) -> Result<Admins, StoreError> {
    lock_org(tx, org, at).await?;
    Admins::count(tx, org).await
}

impl Admins {
    async fn count(tx: &mut Tx, org: OrgId) -> Result<Self, StoreError> {
        let sql = "SELECT count(*), count(password_hash) FROM users \
                   WHERE org = $1 AND role = 'admin' AND enabled = $2";
        let count = sqlx::query_as::<_, (i64, i64)>(sql).bind(org.to_string()).bind(true);
        let count = count.fetch_one(&mut **tx).await;
        let (enabled, with_password) = count.map_err(failed("counting administrators"))?;
        Ok(Self { enabled, with_password })
    }

    /// Refuses a change that took away the last administrator, or the last one who can log in.
    async fn must_leave_one(self, tx: &mut Tx, org: OrgId) -> Result<(), ChangeUserError> {
        let left = Self::count(tx, org).await?;
        let took_the_last = self.enabled > 0 && left.enabled == 0
            || self.with_password > 0 && left.with_password == 0;
        if took_the_last { Err(ChangeUserError::LastAdmin) } else { Ok(()) }
    }
}
