//! The queries of what was done to the gateway as a whole. It is a setting and nothing else, so it has no table of its own.

use std::collections::BTreeSet;

use contracts::config_kv::Gateway;
use contracts::{OrgId, Timestamp};
use sqlx::AssertSqlSafe;

use super::accounts::rows::lock_org;
use super::{Database, Tx, dialect};
use crate::column::json;
use crate::error::failed;
use crate::{GatewayChange, Reach, StoreError};

const DOING: &str = "changing the gateway";
const READ: &str = "SELECT value_json FROM settings WHERE key = $1 AND org = $2";

impl Database {
    pub(crate) async fn gateway(&self, reach: Reach) -> Result<Gateway, StoreError> {
        reach.must_be_gateway("reading the gateway")?;
        let setting = sqlx::query_scalar::<_, Option<String>>(READ)
            .bind(key(reach))
            .bind(reach.org.to_string())
            .fetch_optional(&self.read)
            .await;
        of_setting(reach, setting.map_err(failed("reading the gateway"))?.flatten().as_deref())
    }

    pub(crate) async fn change_gateway(
        &self,
        reach: Reach,
        change: &GatewayChange,
        at: Timestamp,
    ) -> Result<Gateway, StoreError> {
        reach.must_be_gateway(DOING)?;
        again!(self.change_gateway_once(reach, change, at))
    }

    async fn change_gateway_once(
        &self,
        reach: Reach,
        change: &GatewayChange,
        at: Timestamp,
    ) -> Result<Gateway, StoreError> {
        let mut tx = self.begin(DOING).await?;
        // From here on whatever else is done to the gateway waits.
        if !lock_org(&mut tx, reach.org, at).await? {
            return Err(StoreError::OutOfReach { doing: DOING });
        }
        let setting = sqlx::query_scalar::<_, Option<String>>(READ)
            .bind(key(reach))
            .bind(reach.org.to_string())
            .fetch_optional(&mut *tx)
            .await;
        let mut now = of_setting(reach, setting.map_err(failed(DOING))?.flatten().as_deref())?;
        let was = now.clone();
        match change {
            GatewayChange::Isolate => now.isolated = true,
            GatewayChange::Suspend(stopped) => {
                now.suspended.get_or_insert_default().extend(stopped.iter().copied());
            }
            GatewayChange::Resume => now = Gateway::unset(reach.org),
        }
        // Whoever keeps something that was received has looked at this row before, and locked it.
        super::settings::write(&mut tx, reach.org, &key(reach), &now, at).await?;
        if *change == GatewayChange::Resume {
            super::lanes::let_go(&mut tx, reach.org, at).await?;
            super::calls::let_go(&mut tx, reach.org).await?;
            super::webhooks::tell(&mut tx, reach.org, at).await?;
        }
        tx.changed(&was, &now);
        tx.commit().await.map_err(failed(DOING))?;
        Ok(now)
    }
}

/// Returns the organisations that are isolated. Until the end of the transaction none of them resumes.
pub(super) async fn isolated(
    tx: &mut Tx,
    doing: &'static str,
) -> Result<BTreeSet<OrgId>, StoreError> {
    let sql = format!(
        "SELECT value_json FROM settings WHERE key >= 'gateway.' AND key < 'gateway/' ORDER BY key {}",
        dialect::LOCKED
    );
    // The text is made of constants of this crate only.
    let all = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch_all(&mut **tx).await;
    let mut isolated = BTreeSet::new();
    for value in all.map_err(failed(doing))? {
        let gateway: Gateway = json("settings.value_json", &value)?;
        if gateway.isolated {
            isolated.insert(gateway.org);
        }
    }
    Ok(isolated)
}

fn of_setting(reach: Reach, value: Option<&str>) -> Result<Gateway, StoreError> {
    match value {
        Some(value) => json("settings.value_json", value),
        None => Ok(Gateway::unset(reach.org)),
    }
}

fn key(reach: Reach) -> String {
    format!("gateway.{}", reach.org)
}
