//! What happened to modems.

use contracts::Timestamp;
use contracts::modem::ModemEvent;

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

impl Store {
    /// Returns what happened to the modems of the organisation from `since` on and before `until`, newest first, at most
    /// `limit` events. What came to a SIM, such as a call, is not among them: who may read it is another question.
    pub async fn modem_events(
        &self,
        reach: Reach,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<ModemEvent>, StoreError> {
        on_engine!(self, db => db.modem_events(reach, since, until, limit))
    }
}
