//! The queries of what happened to modems.

use contracts::Timestamp;
use contracts::modem::ModemEvent;
use sqlx::QueryBuilder;

use super::reach::{Rows, push_in_reach};
use super::{Database, Db};
use crate::column::{json, parsed, parsed_if, time, to_json};
use crate::error::failed;
use crate::{Reach, StoreError};

/// A row of `modem_events`: id, kind, modem, SIM, text, time.
type EventRow = (String, String, String, Option<String>, String, i64);

impl Database {
    pub(crate) async fn modem_events(
        &self,
        reach: Reach,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<ModemEvent>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT id, kind, modem, sim, event_text, at FROM modem_events WHERE ",
        );
        push_in_reach(&mut sql, &Rows::Shared("org"), reach);
        if let Some(since) = since {
            sql.push(" AND at >= ").push_bind(since.as_micros());
        }
        if let Some(until) = until {
            sql.push(" AND at < ").push_bind(until.as_micros());
        }
        sql.push(" AND kind NOT IN ('missed_call', 'ussd') ORDER BY at DESC, id DESC LIMIT ");
        sql.push_bind(i64::from(limit));
        let rows = sql.build_query_as::<EventRow>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed("reading what happened to modems"))?;
        rows.into_iter().map(event).collect()
    }
}

fn event((id, kind, modem, sim, text, at): EventRow) -> Result<ModemEvent, StoreError> {
    Ok(ModemEvent {
        id: parsed("modem_events.id", &id)?,
        kind: json("modem_events.kind", &to_json("a kind", &kind)?)?,
        modem: parsed("modem_events.modem", &modem)?,
        sim: parsed_if("modem_events.sim", sim.as_deref())?,
        text,
        from: None,
        at: time(at),
    })
}
