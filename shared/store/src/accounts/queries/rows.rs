//! The rows of accounts, for all queries and transactions that read or write such rows.

use contracts::config_kv::Account;
use contracts::{OrgId, Timestamp, UserId};
use sqlx::AssertSqlSafe;

use super::super::{Tx, dialect};
use crate::column::{parsed, storable, time};
use crate::error::failed;
use crate::{CreateUserError, NewUser, Role, StoreError, User};

/// A row of `users`, without the hash of the password.
#[derive(sqlx::FromRow)]
pub(crate) struct UserRow {
    #[sqlx(rename = "user_id")]
    id: String,
    #[sqlx(rename = "user_org")]
    org: String,
    #[sqlx(rename = "user_name")]
    name: String,
    #[sqlx(rename = "user_role")]
    role: String,
    #[sqlx(rename = "user_language")]
    language: Option<String>,
    #[sqlx(rename = "user_zone")]
    zone: Option<String>,
    #[sqlx(rename = "user_enabled")]
    enabled: bool,
    #[sqlx(rename = "user_password")]
    password: i64,
    #[sqlx(rename = "user_second_factor")]
    second_factor: i64,
    #[sqlx(rename = "user_seen_at")]
    seen_at: Option<i64>,
    #[sqlx(rename = "user_created_at")]
    created_at: i64,
}

/// The columns of [`UserRow`], of the table under the name `u`.
macro_rules! user_columns {
    () => {
        "u.id AS user_id, u.org AS user_org, u.name AS user_name, u.role AS user_role, \
         u.language AS user_language, u.zone AS user_zone, u.enabled AS user_enabled, \
         CAST(CASE WHEN u.password_hash IS NULL THEN 0 ELSE 1 END AS BIGINT) AS user_password, \
         CAST(CASE WHEN EXISTS (SELECT 1 FROM second_factors sf WHERE sf.account = u.id \
         AND sf.confirmed_at IS NOT NULL) THEN 1 ELSE 0 END AS BIGINT) AS user_second_factor, \
         u.seen_at AS user_seen_at, u.created_at AS user_created_at"
    };
}
pub(crate) use user_columns;

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("users.id", &row.id)?,
            org: parsed("users.org", &row.org)?,
            name: row.name,
            role: parsed("users.role", &row.role)?,
            language: row.language,
            zone: row.zone,
            enabled: row.enabled,
            has_password: row.password == 1,
            second_factor: row.second_factor == 1,
            seen_at: row.seen_at.map(time),
            created_at: time(row.created_at),
        })
    }
}

/// Returns the form in which names are compared.
pub(crate) fn name_key(name: &str) -> String {
    storable(name).trim().to_lowercase()
}

/// Gives a row of `table` another name, unless another row of its owner has that. Returns whether it has the name then.
pub(crate) async fn rename(
    tx: &mut Tx,
    table: &'static str,
    id: &str,
    name: &str,
    doing: &'static str,
) -> Result<bool, StoreError> {
    let sql = format!(
        "UPDATE {table} SET name = $2, name_key = $3 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM {table} o \
         WHERE o.id <> {table}.id AND o.org = {table}.org AND o.owner = {table}.owner AND o.name_key = $3)"
    );
    // The text is made of constants of this crate only.
    let update = sqlx::query(AssertSqlSafe(sql)).bind(id.to_owned());
    let update = update.bind(storable(name)).bind(name_key(name)).execute(&mut **tx).await;
    Ok(update.map_err(failed(doing))?.rows_affected() > 0)
}

/// Inserts an account and writes its setting.
pub(crate) async fn insert_user(
    tx: &mut Tx,
    org: OrgId,
    new: &NewUser,
    at: Timestamp,
) -> Result<User, CreateUserError> {
    let doing = "making a user";
    if !lock_org(tx, org, at).await? {
        return Err(CreateUserError::NoSuchOrg(org));
    }
    let id = UserId::new();
    let name = storable(&new.name).trim().to_owned();
    let sql = "INSERT INTO users (id, org, name, name_key, password_hash, role, language, enabled, \
               created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
               ON CONFLICT (name_key) DO NOTHING";
    let insert = sqlx::query(sql)
        .bind(id.to_string())
        .bind(org.to_string())
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
    write_setting(tx, id, at).await?;
    Ok(User {
        id,
        org,
        name,
        role: new.role,
        language: new.language.clone(),
        zone: None,
        enabled: true,
        has_password: new.password_hash.is_some(),
        second_factor: false,
        seen_at: None,
        created_at: at,
    })
}

/// Locks an organisation until the end of the transaction, so that other changes of its administrators and of its
/// settings wait. Returns false when there is no such organisation. The default organisation is made when it does not
/// exist.
pub(crate) async fn lock_org(tx: &mut Tx, org: OrgId, at: Timestamp) -> Result<bool, StoreError> {
    let doing = "locking an organisation";
    if org == OrgId::default_org() {
        let sql = "INSERT INTO orgs (id, name, created_at) VALUES ($1, $2, $3) \
                   ON CONFLICT (id) DO NOTHING";
        let insert = sqlx::query(sql).bind(org.to_string()).bind("default");
        insert.bind(at.as_micros()).execute(&mut **tx).await.map_err(failed(doing))?;
    }
    let sql = format!("SELECT id FROM orgs WHERE id = $1 {}", dialect::LOCKED);
    // The text is made of constants of this crate only.
    let row = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).bind(org.to_string());
    Ok(row.fetch_optional(&mut **tx).await.map_err(failed(doing))?.is_some())
}

/// Writes the setting of an account as the account is now, with the next version. Whoever watches the setting then
/// looks again at what the sessions and keys of the account may still do.
pub(crate) async fn write_setting(
    tx: &mut Tx,
    user: UserId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "SELECT org, role, enabled FROM users WHERE id = $1";
    let row = sqlx::query_as::<_, (String, String, bool)>(sql).bind(user.to_string());
    let row = row.fetch_optional(&mut **tx).await.map_err(failed("reading a user"))?;
    let Some((org, role, enabled)) = row else { return Ok(()) };
    let org = parsed("users.org", &org)?;
    let admin = parsed::<Role>("users.role", &role)? == Role::Admin;
    let account = Account { org, enabled, admin };
    super::super::settings::write(tx, org, &format!("account.{user}"), &account, at).await
}
