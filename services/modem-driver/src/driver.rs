//! What all lines of one driver share: the broker, the buckets, the settings.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bus::{Backoff, Bus, Kv, KvError};
use contracts::modem::ModemState;
use contracts::mt::{MtChange, MtEvent};
use contracts::{Message, ModemId, OrgId, PoolId, SimId, Timestamp, config_kv};
use tokio::sync::watch;

use crate::Settings;
use crate::host::usb::Roots;
use crate::journal::about::About;
use crate::journal::bucket::Journal;
use crate::journal::in_hand::InHand;
use crate::journal::lease::Holder;
use crate::journal::reclaim::Reclaims;
use crate::port::notes::Notes;
use crate::receive::reports::{Awaited, Reports};
use crate::receive::spool::Spool;
use crate::receive::waiting::{UncertainParts, Waiting};

/// One run of a driver.
pub(crate) struct Driver {
    /// The broker.
    pub(crate) bus: Bus,
    /// The id of this run, as leases and journal entries name it.
    pub(crate) id: String,
    /// The host's name.
    pub(crate) host: String,
    /// The id of this start of the machine.
    pub(crate) boot: String,
    pub(crate) settings: Settings,
    pub(crate) roots: Roots,
    pub(crate) journal: Journal,
    pub(crate) leases: Kv<Holder>,
    pub(crate) modems: Kv<ModemState>,
    pub(crate) reports: Kv<Vec<Awaited>>,
    /// What people set for single SIMs.
    pub(crate) sims: watch::Receiver<HashMap<SimId, config_kv::Sim>>,
    /// The modems that people enabled or disabled.
    pub(crate) enabled: watch::Receiver<HashMap<ModemId, bool>>,
    pub(crate) reclaims: Reclaims,
    pub(crate) in_hand: InHand,
    pub(crate) notes: Arc<Notes>,
    /// What modems handed over while the broker was away.
    pub(crate) spool: Arc<Spool>,
    /// What reports may be about, for each modem that was served: see [`Driver::waiting_of`].
    pub(crate) waiting: Mutex<HashMap<ModemId, Waiting>>,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Driver({} on {})", self.id, self.host)
    }
}

impl Driver {
    /// Publishes `message` until the broker has it, however long that takes.
    pub(crate) async fn tell<M: Message>(&self, message: &M) {
        let mut pauses = Backoff::of_millis(100, 5_000);
        loop {
            match self.bus.publish(message).await {
                Ok(_) => return,
                Err(error) => tracing::warn!("an event waits for the broker: {error}"),
            }
            pauses.wait().await;
        }
    }

    /// Tells of a change of a message.
    pub(crate) async fn tell_change(&self, about: About, change: MtChange) {
        let About { message, org, owner, round } = about;
        self.tell(&MtEvent { message, org, owner, at: Timestamp::now(), round, change }).await;
    }

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

    /// Returns the organisation that a SIM belongs to.
    pub(crate) fn org_of(&self, sim: SimId) -> OrgId {
        let sims = self.sims.borrow();
        sims.get(&sim).map_or_else(OrgId::default_org, |settings| settings.org)
    }

    /// Returns whether the writer of an entry has the lease of the entry's modem, and so is alive.
    pub(crate) async fn is_alive(
        &self,
        entry: &crate::journal::entry::Entry,
    ) -> Result<bool, KvError> {
        let holder = self.leases.get(&entry.modem.to_string()).await?;
        Ok(holder.is_some_and(|holder| holder.value.driver == entry.driver))
    }
}

impl Driver {
    /// Begins to serve a modem: reports of what was sent before may come, but no late answers.
    pub(crate) fn serves(&self, modem: ModemId) -> Waiting {
        let Waiting { reports, .. } = self.waiting_of(modem);
        reports.abandoned();
        let served = Waiting { reports, uncertain: UncertainParts::default() };
        let mut waiting = self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        waiting.insert(modem, served.clone());
        served
    }

    /// Returns what a delivery report of a modem may be about, as far as this run knows beside the bucket.
    pub(crate) fn waiting_of(&self, modem: ModemId) -> Waiting {
        let mut waiting = self.waiting.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        waiting
            .entry(modem)
            .or_insert_with(|| Waiting {
                reports: Arc::new(Reports::new(self.reports.clone())),
                uncertain: UncertainParts::default(),
            })
            .clone()
    }
}
