//! The queries of the rules that say which way messages go.

use contracts::routes::Routes;
use contracts::{Timestamp, UserId};
use serde_json::{Map, Value};

use super::Database;
use super::accounts::rows::lock_org;
use crate::column::{json, parsed, small, time, to_json};
use crate::error::failed;
use crate::{ChangeRoutesError, KEPT_ROUTES, Reach, RoutesVersion, StoreError};

const READING: &str = "reading the rules of messages' ways";
const WRITING: &str = "changing the rules of messages' ways";
const NOW: &str = "SELECT value_json, version FROM settings WHERE key = $1 AND org = $2";

/// A row of `route_versions`, without the rules themselves.
type VersionRow = (i64, i64, String, i64);

impl Database {
    pub(crate) async fn routes(&self, reach: Reach) -> Result<(Routes, i64), StoreError> {
        reach.must_be_everything(READING)?;
        let row = sqlx::query_as::<_, (String, i64)>(NOW)
            .bind(key(reach))
            .bind(reach.org.to_string())
            .fetch_optional(&self.read)
            .await;
        match row.map_err(failed(READING))? {
            Some((value, version)) => Ok((json("settings.value_json", &value)?, version)),
            None => Ok((Routes::unset(reach.org), 0)),
        }
    }

    pub(crate) async fn change_routes(
        &self,
        reach: Reach,
        routes: &Routes,
        version: i64,
        account: UserId,
        at: Timestamp,
    ) -> Result<i64, ChangeRoutesError> {
        reach.must_be_everything(WRITING)?;
        let org = reach.org;
        let routes = Routes { org, ..routes.clone() };
        let mut tx = self.begin(WRITING).await?;
        // From here on whoever else changes them waits.
        if !lock_org(&mut tx, org, at).await? {
            return Err(StoreError::OutOfReach { doing: WRITING }.into());
        }
        let now = sqlx::query_as::<_, (String, i64)>(NOW).bind(key(reach)).bind(org.to_string());
        let now = now.fetch_optional(&mut *tx).await.map_err(failed(WRITING))?;
        let (was, now) = match now {
            Some((value, version)) => (json("settings.value_json", &value)?, version),
            None => (Routes::unset(org), 0),
        };
        if now != version {
            return Err(ChangeRoutesError::Changed(now));
        }
        super::settings::write(&mut tx, org, &key(reach), &routes, at).await?;
        let next = now + 1;
        let sql = "INSERT INTO route_versions (org, version, account, rules, value_json, changed_at) \
                   VALUES ($1, $2, $3, $4, $5, $6)";
        let insert = sqlx::query(sql)
            .bind(org.to_string())
            .bind(next)
            .bind(account.to_string())
            .bind(i64::try_from(routes.rules.len()).unwrap_or(i64::MAX))
            .bind(to_json("rules", &routes)?)
            .bind(at.as_micros());
        insert.execute(&mut *tx).await.map_err(failed(WRITING))?;
        let sql = "DELETE FROM route_versions WHERE org = $1 AND version <= $2";
        let delete = sqlx::query(sql).bind(org.to_string()).bind(next - i64::from(KEPT_ROUTES));
        delete.execute(&mut *tx).await.map_err(failed(WRITING))?;
        tx.changed(&shown(&was, now), &shown(&routes, next));
        tx.commit().await.map_err(failed(WRITING))?;
        Ok(next)
    }

    pub(crate) async fn routes_versions(
        &self,
        reach: Reach,
    ) -> Result<Vec<RoutesVersion>, StoreError> {
        reach.must_be_everything(READING)?;
        let sql = "SELECT version, changed_at, account, rules FROM route_versions WHERE org = $1 \
                   ORDER BY version DESC LIMIT $2";
        let rows = sqlx::query_as::<_, VersionRow>(sql)
            .bind(reach.org.to_string())
            .bind(i64::from(KEPT_ROUTES))
            .fetch_all(&self.read)
            .await;
        let version = |(version, at, account, rules): VersionRow| {
            Ok(RoutesVersion {
                version,
                at: time(at),
                account: parsed("route_versions.account", &account)?,
                rules: small("route_versions.rules", rules)?,
            })
        };
        rows.map_err(failed(READING))?.into_iter().map(version).collect()
    }

    pub(crate) async fn routes_of(
        &self,
        reach: Reach,
        version: i64,
    ) -> Result<Option<Routes>, StoreError> {
        reach.must_be_everything(READING)?;
        let sql = "SELECT value_json FROM route_versions WHERE org = $1 AND version = $2";
        let row = sqlx::query_scalar::<_, String>(sql).bind(reach.org.to_string()).bind(version);
        let row = row.fetch_optional(&self.read).await.map_err(failed(READING))?;
        row.map(|value| json("route_versions.value_json", &value)).transpose()
    }
}

/// Rules and pools as the audit log shows them: each by its name, so that only those are told of that were changed.
fn shown(routes: &Routes, version: i64) -> Value {
    let written = |value: serde_json::Result<String>| Value::String(value.unwrap_or_default());
    let rules: Map<String, Value> = routes
        .rules
        .iter()
        .map(|rule| (rule.name.clone(), written(serde_json::to_string(rule))))
        .collect();
    let pools: Map<String, Value> = routes
        .pools
        .iter()
        .map(|pool| (pool.name.to_string(), written(serde_json::to_string(pool))))
        .collect();
    let order: Vec<&str> = routes.rules.iter().map(|rule| rule.name.as_str()).collect();
    serde_json::json!({ "version": version, "order": order, "rules": rules, "pools": pools })
}

fn key(reach: Reach) -> String {
    format!("routes.{}", reach.org)
}
