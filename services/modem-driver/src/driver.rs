//! What all lines of one driver share: what is known of messages, the modems' bucket, the settings.

use std::collections::HashMap;
use std::sync::Arc;

use bus::Kv;
use contracts::limits::{Limits, Usage};
use contracts::modem::ModemState;
use contracts::{ModemId, OrgId, PoolId, SimId, config_kv};
use dispatch::Dispatch;
use platform::Clock;
use tokio::sync::watch;

use crate::Settings;
use crate::host::usb::Roots;
use crate::port::notes::Notes;

/// One run of a driver.
pub(crate) struct Driver {
    pub(crate) dispatch: Arc<Dispatch>,
    /// The host's name.
    pub(crate) host: String,
    /// The time of day.
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) roots: Roots,
    pub(crate) modems: Kv<ModemState>,
    /// What SIMs with limits have sent.
    pub(crate) usage: Kv<Usage>,
    /// What people set for single SIMs.
    pub(crate) sims: watch::Receiver<HashMap<SimId, config_kv::Sim>>,
    /// The modems that people enabled or disabled.
    pub(crate) enabled: watch::Receiver<HashMap<ModemId, bool>>,
    pub(crate) notes: Arc<Notes>,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Driver({:?})", self.dispatch)
    }
}

impl Driver {
    /// Returns the pool that a SIM is in; `None` for a SIM that is not for everybody, through which only messages go
    /// out that name the SIM.
    pub(crate) fn pool_of(&self, sim: SimId) -> Option<PoolId> {
        let sims = self.sims.borrow();
        let Some(settings) = sims.get(&sim) else { return Some(PoolId::default_pool()) };
        settings.senders.is_everybody().then(|| settings.pool.clone())
    }

    /// Returns whether a modem is to be used for sending.
    pub(crate) fn is_enabled(&self, modem: ModemId) -> bool {
        self.enabled.borrow().get(&modem).copied().unwrap_or(true)
    }

    /// Returns the limits of a SIM; `None` when it has none.
    pub(crate) fn limits_of(&self, sim: SimId) -> Option<Limits> {
        let sims = self.sims.borrow();
        sims.get(&sim).map(|settings| &settings.limits).filter(|limits| !limits.is_none()).cloned()
    }

    /// Returns the organisation that a SIM belongs to.
    pub(crate) fn org_of(&self, sim: SimId) -> OrgId {
        let sims = self.sims.borrow();
        sims.get(&sim).map_or_else(OrgId::default_org, |settings| settings.org)
    }
}
