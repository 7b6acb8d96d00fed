//! How much came and went, SIM by SIM.

use contracts::{SimId, Timestamp};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// What came and went through one SIM in some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// The SIM.
    pub sim: SimId,
    /// Messages received.
    pub received: u64,
    /// Messages that the network took, all of their parts.
    pub sent: u64,
    /// Delivery reports received.
    pub reports: u64,
}

impl Store {
    /// Counts what came and went after `since` and not after `until`, SIM by SIM, for whoever reaches everything in the
    /// organisation.
    pub async fn traffic(
        &self,
        reach: Reach,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Traffic>, StoreError> {
        on_engine!(self, db => db.traffic(reach, since, until))
    }
}
