//! What was done to the gateway as a whole, until it is undone.

use contracts::Timestamp;
use contracts::config_kv::Gateway;

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

impl Store {
    /// Returns what was done to the gateway for the organisation, for whoever reaches everything in it.
    pub async fn gateway(&self, reach: Reach) -> Result<Gateway, StoreError> {
        on_engine!(self, db => db.gateway(reach))
    }

    /// Notes what is done to the gateway from now on, for whoever reaches everything in the organisation.
    pub async fn change_gateway(
        &self,
        reach: Reach,
        now: &Gateway,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.waking(on_engine!(self, db => db.change_gateway(reach, now, at)))
    }
}
