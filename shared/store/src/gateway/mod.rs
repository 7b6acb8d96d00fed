//! What was done to the gateway as a whole, until it is undone.

use std::collections::BTreeSet;

use contracts::config_kv::Gateway;
use contracts::{ModemId, Timestamp, WebhookEvent};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// What is done to the gateway. What else was done to it stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayChange {
    /// What is received from now on is kept, and told to no endpoint and no keyword service.
    Isolate,
    /// These modems are stopped, beside those that were stopped before.
    Suspend(BTreeSet<ModemId>),
    /// The modems that were stopped together run again, and what was received meanwhile is told, in its order.
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

/// Whether an event tells of something that was received, which waits while its organisation is isolated.
pub(crate) const fn is_received(event: WebhookEvent) -> bool {
    matches!(
        event,
        WebhookEvent::SmsReceived | WebhookEvent::CallMissed | WebhookEvent::UssdReceived
    )
}
