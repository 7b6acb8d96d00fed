//! What of the driver has nothing to do with modems: the journal and what stands around it.
//!
//! Whatever carries messages needs this. Modems, SIMs and ports are in [`crate::driver`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bus::{Backoff, Bus, Kv, KvError};
use contracts::mt::{MtChange, MtEvent};
use contracts::{Message, ModemId, Timestamp};

use crate::journal::about::About;
use crate::journal::bucket::Journal;
use crate::journal::entry::Entry;
use crate::journal::in_hand::InHand;
use crate::journal::lease::Holder;
use crate::journal::reclaim::Reclaims;
use crate::receive::reports::{Awaited, Reports};
use crate::receive::spool::Spool;
use crate::receive::waiting::{UncertainParts, Waiting};

/// What is known of messages in one run of a driver.
pub(crate) struct Dispatch {
    /// The broker.
    pub(crate) bus: Bus,
    /// The id of this run, as leases and journal entries name it.
    pub(crate) id: String,
    pub(crate) journal: Journal,
    pub(crate) leases: Kv<Holder>,
    pub(crate) reports: Kv<Vec<Awaited>>,
    pub(crate) reclaims: Reclaims,
    pub(crate) in_hand: InHand,
    /// What was received or answered while the broker was away.
    pub(crate) spool: Arc<Spool>,
    /// What reports may be about, for each modem that was served: see [`Dispatch::waiting_of`].
    pub(crate) waiting: Mutex<HashMap<ModemId, Waiting>>,
}

impl Dispatch {
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

    /// Returns whether the writer of an entry has the lease of the entry's modem, and so is alive.
    pub(crate) async fn is_alive(&self, entry: &Entry) -> Result<bool, KvError> {
        let holder = self.leases.get(&entry.modem.to_string()).await?;
        Ok(holder.is_some_and(|holder| holder.value.driver == entry.driver))
    }

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
