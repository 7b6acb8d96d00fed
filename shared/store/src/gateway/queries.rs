//! The queries of what was done to the gateway as a whole. It is a setting and nothing else, so it has no table of its own.

use contracts::Timestamp;
use contracts::config_kv::Gateway;

use super::Database;
use super::accounts::rows::lock_org;
use crate::column::json;
use crate::error::failed;
use crate::{GatewayChange, Reach, StoreError};

const DOING: &str = "changing the gateway";
const READ: &str = "SELECT value_json FROM settings WHERE key = $1 AND org = $2";

impl Database {
    pub(crate) async fn gateway(&self, reach: Reach) -> Result<Gateway, StoreError> {
        reach.must_be_everything("reading the gateway")?;
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
        reach.must_be_everything(DOING)?;
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
        match change {
            GatewayChange::Isolate(isolated) => now.isolated = *isolated,
            GatewayChange::Suspend(stopped) => {
                now.suspended.get_or_insert_default().extend(stopped.iter().copied());
            }
            GatewayChange::Resume => now.suspended = None,
        }
        super::settings::write(&mut tx, reach.org, &key(reach), &now, at).await?;
        tx.commit().await.map_err(failed(DOING))?;
        Ok(now)
    }
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
