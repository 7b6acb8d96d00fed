//! Alerts: what is and was wrong with the gateway. Whoever watches it makes and closes them ([`crate::Store::open_alerts`]).

use contracts::alert::Alert;

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// The most alerts that are open at a time.
pub const MOST_OPEN_ALERTS: u32 = 500;

impl Store {
    /// Returns the open alerts of the organisation, newest first, and with `closed` those that are over too, at most `limit`, for
    /// whoever reaches everything in it.
    pub async fn alerts(
        &self,
        reach: Reach,
        closed: bool,
        limit: u32,
    ) -> Result<Vec<Alert>, StoreError> {
        on_engine!(self, db => db.alerts(reach, closed, limit))
    }
}
