//! The queries of API keys.

use std::time::Duration;

use contracts::{KeyId, Timestamp, UserId};
use serde_json::json;
use sqlx::QueryBuilder;

use super::accounts::rows::{UserRow, name_key, user_columns};
use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx};
use crate::column::{parsed, storable, time};
use crate::error::failed;
use crate::{ApiKey, Door, DoorPassword, KeyCheck, NewKey, Reach, SecretHash, StoreError, User};

/// How exact `last_used_at` is.
const USE_IS_NOTED_EACH: Duration = Duration::from_mins(1);

/// A row of `api_keys`.
#[derive(sqlx::FromRow)]
struct KeyRow {
    id: String,
    org: String,
    owner: String,
    name: String,
    prefix: String,
    scopes: String,
    allowed: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

/// A row of `api_keys` with the row of the owner.
#[derive(sqlx::FromRow)]
struct KeyAndUserRow {
    #[sqlx(flatten)]
    key: KeyRow,
    #[sqlx(flatten)]
    user: UserRow,
}

/// The columns of [`KeyRow`], of the table under the name `k`.
macro_rules! key_columns {
    () => {
        "k.id, k.org, k.owner, k.name, k.prefix, k.scopes, k.allowed, k.created_at, k.expires_at, \
         k.last_used_at, k.revoked_at"
    };
}

const MAKING: &str = "making a key";

const SELECT_BY_SECRET: &str = concat!(
    "SELECT ",
    key_columns!(),
    ", ",
    user_columns!(),
    " FROM api_keys k JOIN users u ON u.id = k.owner AND u.org = k.org \
     WHERE k.secret_sha256 = $1"
);

impl TryFrom<KeyRow> for ApiKey {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("api_keys.id", &row.id)?,
            org: parsed("api_keys.org", &row.org)?,
            owner: parsed("api_keys.owner", &row.owner)?,
            name: row.name,
            prefix: row.prefix,
            scopes: row.scopes,
            allowed: row.allowed.unwrap_or_default(),
            created_at: time(row.created_at),
            expires_at: row.expires_at.map(time),
            last_used_at: row.last_used_at.map(time),
            revoked_at: row.revoked_at.map(time),
        })
    }
}

impl Database {
    pub(crate) async fn create_key(
        &self,
        reach: Reach,
        new: &NewKey,
        at: Timestamp,
    ) -> Result<ApiKey, StoreError> {
        let mut tx = self.begin(MAKING).await?;
        let key = insert_key(&mut tx, reach, new, at).await?;
        tx.about(&key.id, &key.name);
        tx.commit().await.map_err(failed(MAKING))?;
        Ok(key)
    }

    pub(crate) async fn create_key_with_passwords(
        &self,
        reach: Reach,
        new: &NewKey,
        passwords: &[(Door, String)],
        at: Timestamp,
    ) -> Result<Option<ApiKey>, StoreError> {
        let mut tx = self.begin(MAKING).await?;
        let key = insert_key(&mut tx, reach, new, at).await?;
        for (door, password_hash) in passwords {
            let sql = "INSERT INTO door_passwords (door, owner, password_hash, key, created_at) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (door, owner) DO UPDATE SET \
                   password_hash = excluded.password_hash, key = excluded.key, created_at = excluded.created_at \
                   WHERE EXISTS (SELECT 1 FROM api_keys k WHERE k.id = door_passwords.key AND k.revoked_at IS NOT NULL)";
            let upsert = sqlx::query(sql)
                .bind(door.as_str())
                .bind(key.owner.to_string())
                .bind(password_hash.clone())
                .bind(key.id.to_string())
                .bind(at.as_micros());
            let done = upsert.execute(&mut *tx).await.map_err(failed(MAKING))?;
            if done.rows_affected() == 0 {
                // The key goes with the transaction.
                return Ok(None);
            }
        }
        tx.about(&key.id, &key.name);
        tx.commit().await.map_err(failed(MAKING))?;
        Ok(Some(key))
    }

    pub(crate) async fn door_password(
        &self,
        door: Door,
        name: &str,
    ) -> Result<Option<DoorPassword>, StoreError> {
        let sql = "SELECT p.password_hash, k.secret_sha256 FROM door_passwords p \
                   JOIN users u ON u.id = p.owner JOIN api_keys k ON k.id = p.key \
                   WHERE p.door = $1 AND u.name_key = $2";
        let row = sqlx::query_as::<_, (String, String)>(sql).bind(door.as_str());
        let row = row.bind(name_key(name)).fetch_optional(&self.read).await;
        let Some((hash, key)) = row.map_err(failed("checking a password"))? else {
            return Ok(None);
        };
        let unreadable = || crate::column::unreadable("api_keys.secret_sha256", "");
        let key = SecretHash::from_column(&key).ok_or_else(unreadable)?;
        Ok(Some(DoorPassword { hash, key }))
    }

    pub(crate) async fn check_key(
        &self,
        secret: SecretHash,
        now: Timestamp,
    ) -> Result<KeyCheck, StoreError> {
        let check = self.look_at_key(secret, now).await?;
        let KeyCheck::Valid { key, .. } = &check else { return Ok(check) };
        let note_again = now.minus(USE_IS_NOTED_EACH);
        if key.last_used_at.is_none_or(|at| at <= note_again) {
            let what = format!("the use of key {}", key.id);
            self.note(&what, self.note_use(key.id, now, note_again)).await;
        }
        Ok(check)
    }

    pub(crate) async fn look_at_key(
        &self,
        secret: SecretHash,
        now: Timestamp,
    ) -> Result<KeyCheck, StoreError> {
        let row = sqlx::query_as::<_, KeyAndUserRow>(SELECT_BY_SECRET).bind(secret.column());
        let row = row.fetch_optional(&self.read).await.map_err(failed("checking a key"))?;
        let Some(row) = row else { return Ok(KeyCheck::Unknown) };
        let (key, user) = (ApiKey::try_from(row.key)?, User::try_from(row.user)?);
        if key.revoked_at.is_some() {
            return Ok(KeyCheck::Revoked(key.id));
        }
        if key.expires_at.is_some_and(|at| at <= now) {
            return Ok(KeyCheck::Expired(key.id));
        }
        if !user.enabled {
            return Ok(KeyCheck::Disabled(key.id));
        }
        Ok(KeyCheck::Valid { key: Box::new(key), user: Box::new(user) })
    }

    async fn note_use(
        &self,
        key: KeyId,
        now: Timestamp,
        note_again: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE api_keys SET last_used_at = $2 \
                   WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)";
        let update = sqlx::query(sql).bind(key.to_string()).bind(now.as_micros());
        let update = update.bind(note_again.as_micros());
        update.execute(&self.write).await.map(drop).map_err(failed("noting the use of a key"))
    }

    pub(crate) async fn keys(&self, reach: Reach) -> Result<Vec<ApiKey>, StoreError> {
        let mut sql =
            QueryBuilder::<Db>::new(concat!("SELECT ", key_columns!(), " FROM api_keys k WHERE "));
        push_in_reach(&mut sql, &Rows::Owned("k.org", "k.owner"), reach);
        sql.push(" ORDER BY k.created_at DESC, k.id DESC");
        let rows = sql.build_query_as::<KeyRow>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed("reading the keys"))?;
        rows.into_iter().map(ApiKey::try_from).collect()
    }

    pub(crate) async fn revoke_key(
        &self,
        reach: Reach,
        key: KeyId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let doing = "revoking a key";
        let mut tx = self.begin(doing).await?;
        let mut sql = QueryBuilder::<Db>::new("UPDATE api_keys SET revoked_at = ");
        sql.push_bind(at.as_micros()).push(" WHERE revoked_at IS NULL AND id = ");
        sql.push_bind(key.to_string()).push(" AND ");
        push_in_reach(&mut sql, &Rows::Owned("org", "owner"), reach);
        sql.push(" RETURNING owner, name, prefix");
        let row = sql.build_query_as::<(String, String, String)>().fetch_optional(&mut *tx).await;
        let Some((owner, name, prefix)) = row.map_err(failed(doing))? else { return Ok(false) };
        tx.about(&key, &name);
        tx.changed(&json!({ "owner": owner, "prefix": prefix }), &json!({}));
        super::accounts::rows::write_setting(&mut tx, parsed("api_keys.owner", &owner)?, at)
            .await?;
        tx.commit().await.map_err(failed(doing))?;
        Ok(true)
    }
}

/// Inserts a key for an account in reach.
async fn insert_key(
    connection: &mut <Db as sqlx::Database>::Connection,
    reach: Reach,
    new: &NewKey,
    at: Timestamp,
) -> Result<ApiKey, StoreError> {
    let id = KeyId::new();
    let name = storable(&new.name);
    let mut sql = QueryBuilder::<Db>::new(
        "INSERT INTO api_keys (id, org, owner, name, prefix, secret_sha256, scopes, allowed, \
         created_at, expires_at) SELECT ",
    );
    sql.push_bind(id.to_string()).push(", u.org, u.id, ").push_bind(name.clone());
    sql.push(", ").push_bind(new.prefix.clone()).push(", ").push_bind(new.secret.column());
    sql.push(", ").push_bind(new.scopes.clone()).push(", ").push_bind(new.allowed.clone());
    sql.push(", ").push_bind(at.as_micros());
    sql.push(", ").push_bind(new.expires_at.map(Timestamp::as_micros));
    sql.push(" FROM users u WHERE u.id = ").push_bind(new.owner.to_string()).push(" AND ");
    push_in_reach(&mut sql, &Rows::Owned("u.org", "u.id"), reach);
    let done = sql.build().execute(&mut *connection).await.map_err(failed(MAKING))?;
    if done.rows_affected() == 0 {
        return Err(StoreError::OutOfReach { doing: MAKING });
    }
    Ok(ApiKey {
        id,
        org: reach.org,
        owner: new.owner,
        name,
        prefix: new.prefix.clone(),
        scopes: new.scopes.clone(),
        allowed: new.allowed.clone(),
        created_at: at,
        expires_at: new.expires_at,
        last_used_at: None,
        revoked_at: None,
    })
}

/// Removes the password that an account had before this gateway, once it is given another one.
pub(super) async fn forget_old_password(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    let sql = "DELETE FROM door_passwords WHERE door = $1 AND owner = $2";
    let delete = sqlx::query(sql).bind(Door::PlaySmsPassword.as_str()).bind(user.to_string());
    delete.execute(&mut **tx).await.map(drop).map_err(failed("forgetting a password"))
}
