//! The queries of what people set for single modems.

use contracts::config_kv::Modem;
use contracts::{ModemId, Timestamp};

use super::Database;
use crate::column::storable;
use crate::error::failed;
use crate::{ModemChange, ModemError, Reach, StoreError};

const DOING: &str = "changing a modem's settings";

impl Database {
    pub(crate) async fn modem(
        &self,
        reach: Reach,
        id: ModemId,
    ) -> Result<Option<Modem>, StoreError> {
        let doing = "reading a modem's settings";
        reach.must_be_gateway(doing)?;
        let sql = "SELECT name, enabled FROM modems WHERE id = $1 AND org = $2";
        let row = sqlx::query_as::<_, (Option<String>, bool)>(sql)
            .bind(id.to_string())
            .bind(reach.org.to_string())
            .fetch_optional(&self.read)
            .await;
        let row = row.map_err(failed(doing))?;
        Ok(row.map(|(name, enabled)| Modem { org: reach.org, name, enabled }))
    }

    pub(crate) async fn change_modem(
        &self,
        reach: Reach,
        id: ModemId,
        change: &ModemChange,
        at: Timestamp,
    ) -> Result<Modem, ModemError> {
        reach.must_be_gateway(DOING)?;
        let org = reach.org;
        let mut tx = self.begin(DOING).await?;
        super::accounts::rows::lock_org(&mut tx, org, at).await?;
        let sql = "INSERT INTO modems (id, org, name, enabled, changed_at) \
                   VALUES ($1, $2, NULL, $3, $4) ON CONFLICT (id) DO UPDATE SET \
                   changed_at = excluded.changed_at WHERE modems.org = excluded.org \
                   RETURNING name, enabled";
        let upsert = sqlx::query_as::<_, (Option<String>, bool)>(sql)
            .bind(id.to_string())
            .bind(org.to_string())
            .bind(true)
            .bind(at.as_micros());
        let before = upsert.fetch_optional(&mut *tx).await.map_err(failed(DOING))?;
        let Some((name, enabled)) = before else { return Err(ModemError::Elsewhere) };
        let was = Modem { org, name: name.clone(), enabled };
        let name = match &change.name {
            None => name,
            Some(name) if name.is_empty() => None,
            Some(name) => Some(storable(name)),
        };
        let now = Modem { org, name, enabled: change.enabled.unwrap_or(enabled) };
        if let Some(name) = &now.name {
            let sql = "SELECT count(*) FROM modems WHERE org = $1 AND id <> $2 AND name = $3";
            let others = sqlx::query_scalar::<_, i64>(sql).bind(org.to_string());
            let others = others.bind(id.to_string()).bind(name.clone());
            if others.fetch_one(&mut *tx).await.map_err(failed(DOING))? > 0 {
                return Err(ModemError::NameTaken(name.clone()));
            }
        }
        let sql = "UPDATE modems SET name = $2, enabled = $3 WHERE id = $1";
        let update = sqlx::query(sql).bind(id.to_string()).bind(now.name.clone());
        update.bind(now.enabled).execute(&mut *tx).await.map_err(failed(DOING))?;
        super::settings::write(&mut tx, org, &format!("modem.{id}"), &now, at).await?;
        tx.about(&id, now.name.as_deref().unwrap_or_default());
        tx.changed(&was, &now);
        tx.commit().await.map_err(failed(DOING))?;
        Ok(now)
    }
}
