//! The queries of what accounts may send.

use contracts::config_kv::LimitedAccount;
use contracts::limits::AccountLimits;
use contracts::{OrgId, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::accounts::rows::lock_org;
use super::reach::{Rows, push_in_reach};
use super::{Database, Db};
use crate::column::{json, parsed};
use crate::error::failed;
use crate::{ChangeUserError, LOCAL, Reach, StoreError};

const READING: &str = "reading the limits of accounts";
const WRITING: &str = "changing the limits of an account";

impl Database {
    pub(crate) async fn account_limits(
        &self,
        reach: Reach,
        user: UserId,
    ) -> Result<Option<AccountLimits>, StoreError> {
        if user == UserId::internal() {
            return self.local_limits(reach).await;
        }
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT s.value_json FROM users u LEFT JOIN settings s ON s.key = ",
        );
        sql.push_bind(LimitedAccount::key(user)).push(" AND s.org = u.org WHERE u.id = ");
        sql.push_bind(user.to_string()).push(" AND ");
        push_in_reach(&mut sql, &Rows::Owned("u.org", "u.id"), reach);
        let row = sql.build_query_scalar::<Option<String>>().fetch_optional(&self.read).await;
        match row.map_err(failed(READING))? {
            None => Ok(None),
            Some(None) => Ok(Some(AccountLimits::default())),
            Some(Some(value)) => limits(&value).map(Some),
        }
    }

    pub(crate) async fn limited_accounts(
        &self,
        reach: Reach,
    ) -> Result<Vec<(UserId, String, AccountLimits)>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT u.id, u.name, s.value_json FROM users u JOIN settings s \
             ON s.key = 'limits.' || u.id AND s.org = u.org WHERE ",
        );
        push_in_reach(&mut sql, &Rows::Owned("u.org", "u.id"), reach);
        sql.push(" ORDER BY u.name_key");
        let rows =
            sql.build_query_as::<(String, String, Option<String>)>().fetch_all(&self.read).await;
        let mut accounts = Vec::new();
        for (id, name, value) in rows.map_err(failed(READING))? {
            let limits = value.as_deref().map(limits).transpose()?.unwrap_or_default();
            if !limits.is_unset() {
                accounts.push((parsed("users.id", &id)?, name, limits));
            }
        }
        let local = self.local_limits(reach).await?.filter(|limits| !limits.is_unset());
        accounts.extend(local.map(|limits| (UserId::internal(), LOCAL.to_owned(), limits)));
        Ok(accounts)
    }

    /// Returns the limits of the account without a row, for whoever reaches everything in the default organisation.
    async fn local_limits(&self, reach: Reach) -> Result<Option<AccountLimits>, StoreError> {
        if !is_local(UserId::internal(), reach) {
            return Ok(None);
        }
        let sql = "SELECT value_json FROM settings WHERE key = $1 AND org = $2";
        let row = sqlx::query_scalar::<_, String>(sql)
            .bind(LimitedAccount::key(UserId::internal()))
            .bind(reach.org.to_string())
            .fetch_optional(&self.read)
            .await;
        let value = row.map_err(failed(READING))?;
        value.as_deref().map_or(Ok(Some(AccountLimits::default())), |value| limits(value).map(Some))
    }

    pub(crate) async fn change_account_limits(
        &self,
        reach: Reach,
        user: UserId,
        limits: &AccountLimits,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        reach.must_be_everything(WRITING)?;
        let org = reach.org;
        let mut tx = self.begin(WRITING).await?;
        lock_org(&mut tx, org, at).await?;
        let sql = "SELECT count(*) FROM users WHERE id = $1 AND org = $2";
        let own = sqlx::query_scalar::<_, i64>(sql).bind(user.to_string()).bind(org.to_string());
        let own = own.fetch_one(&mut *tx).await.map_err(failed(WRITING))?;
        if own == 0 && !is_local(user, reach) {
            return Err(ChangeUserError::NoSuchUser);
        }
        let setting = LimitedAccount { org, limits: limits.clone() };
        super::settings::write(&mut tx, org, &LimitedAccount::key(user), &setting, at).await?;
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(())
    }
}

/// Whether this is the account without a row, for whoever reaches everything in its organisation.
fn is_local(user: UserId, reach: Reach) -> bool {
    user == UserId::internal() && reach.org == OrgId::default_org() && reach.account().is_none()
}

fn limits(value: &str) -> Result<AccountLimits, StoreError> {
    let setting: LimitedAccount = json("settings.value_json", value)?;
    Ok(setting.limits)
}
