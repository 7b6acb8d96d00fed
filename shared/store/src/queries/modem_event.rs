//! Modem events, read.

use contracts::OrgId;
use contracts::modem::ModemEvent;
use sqlx::QueryBuilder;

use super::{Database, Db};
use crate::error::failed;
use crate::modem_event::ModemEventRow;
use crate::{ModemEventPage, StoreError};

impl Database {
    pub(crate) async fn modem_events(
        &self,
        org: OrgId,
        page: ModemEventPage,
    ) -> Result<Vec<ModemEvent>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT id, kind, modem, sim, event_text, caller, at FROM modem_events WHERE org = ",
        );
        sql.push_bind(org.to_string());
        if let Some(modem) = page.modem {
            sql.push(" AND modem = ").push_bind(modem.to_string());
        }
        if let Some(before) = page.before {
            sql.push(" AND at < ").push_bind(before.as_micros());
        }
        sql.push(" ORDER BY at DESC, id DESC LIMIT ");
        sql.push_bind(i64::from(page.limit.clamp(1, 1000)));
        let rows = sql.build_query_as::<ModemEventRow>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed("reading modem events"))?;
        rows.into_iter().map(ModemEvent::try_from).collect()
    }
}
