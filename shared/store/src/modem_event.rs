//! What happened to modems.

use contracts::modem::ModemEvent;
use contracts::{ModemId, OrgId, Timestamp};

use crate::column::{json, parsed, parsed_if, time};
use crate::engine::on_engine;
use crate::{Store, StoreError};

/// Which modem events are listed, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModemEventPage {
    /// Only this modem's.
    pub modem: Option<ModemId>,
    /// Only those before this time.
    pub before: Option<Timestamp>,
    /// How many at most; drawn to 1..=1000.
    pub limit: u32,
}

impl Store {
    /// What happened to the modems of an organisation, newest first.
    pub async fn modem_events(
        &self,
        org: OrgId,
        page: ModemEventPage,
    ) -> Result<Vec<ModemEvent>, StoreError> {
        on_engine!(self, db => db.modem_events(org, page))
    }
}

/// A row of `modem_events`.
#[derive(sqlx::FromRow)]
pub(crate) struct ModemEventRow {
    id: String,
    kind: String,
    modem: String,
    sim: Option<String>,
    event_text: String,
    caller: Option<String>,
    at: i64,
}

impl TryFrom<ModemEventRow> for ModemEvent {
    type Error = StoreError;

    fn try_from(row: ModemEventRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("modem_events.id", &row.id)?,
            kind: json("modem_events.kind", &format!("\"{}\"", row.kind))?,
            modem: parsed("modem_events.modem", &row.modem)?,
            sim: parsed_if("modem_events.sim", row.sim.as_deref())?,
            text: row.event_text,
            from: parsed_if("modem_events.caller", row.caller.as_deref())?,
            at: time(row.at),
        })
    }
}
