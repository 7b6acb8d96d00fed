//! The queries of what was done to the gateway as a whole. It is a setting and nothing else, so it has no table of its own.

use contracts::Timestamp;
use contracts::config_kv::Gateway;

use super::Database;
use crate::column::json;
use crate::error::failed;
use crate::{Reach, StoreError};

const DOING: &str = "changing the gateway";

impl Database {
    pub(crate) async fn gateway(&self, reach: Reach) -> Result<Gateway, StoreError> {
        reach.must_be_everything("reading the gateway")?;
        let sql = "SELECT value_json FROM settings WHERE key = $1 AND org = $2";
        let setting = sqlx::query_scalar::<_, Option<String>>(sql)
            .bind(key(reach))
            .bind(reach.org.to_string())
            .fetch_optional(&self.read)
            .await;
        match setting.map_err(failed("reading the gateway"))?.flatten() {
            Some(value) => json("settings.value_json", &value),
            None => Ok(Gateway::unset(reach.org)),
        }
    }

    pub(crate) async fn change_gateway(
        &self,
        reach: Reach,
        now: &Gateway,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        reach.must_be_everything(DOING)?;
        let mut tx = self.begin(DOING).await?;
        if !super::accounts::rows::lock_org(&mut tx, reach.org, at).await? {
            return Err(StoreError::OutOfReach { doing: DOING });
        }
        let now = Gateway { org: reach.org, ..now.clone() };
        super::settings::write(&mut tx, reach.org, &key(reach), &now, at).await?;
        tx.commit().await.map_err(failed(DOING))
    }
}

fn key(reach: Reach) -> String {
    format!("gateway.{}", reach.org)
}
