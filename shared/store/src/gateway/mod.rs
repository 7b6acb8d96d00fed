//! What was done to the gateway as a whole, until it is undone.

use std::collections::BTreeSet;

use contracts::config_kv::Gateway;
use contracts::{ModemId, Timestamp};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// What is done to the gateway. What else was done to it stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayChange {
    /// New messages are taken no longer, or again.
    Isolate(bool),
    /// These modems are stopped, beside those that were stopped before.
    Suspend(BTreeSet<ModemId>),
    /// The modems that were stopped together run again.
    Resume,
}

impl Store {
    /// Returns what was done to the gateway for the organisation, for whoever reaches everything in it.
    pub async fn gateway(&self, reach: Reach) -> Result<Gateway, StoreError> {
        on_engine!(self, db => db.gateway(reach))
    }

    /// Notes what is done to the gateway, and returns all that is done to it then, for whoever reaches everything in the
    /// organisation.
    pub async fn change_gateway(
        &self,
        reach: Reach,
        change: &GatewayChange,
        at: Timestamp,
    ) -> Result<Gateway, StoreError> {
        self.waking(on_engine!(self, db => db.change_gateway(reach, change, at)))
    }
}
