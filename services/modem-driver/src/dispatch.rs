//! What of the driver has nothing to do with modems: the journal and what stands around it.
//!
//! Whatever carries messages needs this. Modems, SIMs and ports are in [`crate::driver`].

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
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
use crate::receive::outstanding::{Outstanding, UncertainParts};
use crate::receive::reports::{Awaited, Reports};
use crate::receive::spool::Spool;

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
    /// What reports may be about, for each modem that was served: see [`Dispatch::outstanding_of`].
    pub(crate) outstanding: Mutex<HashMap<ModemId, Outstanding>>,
    /// How many parts were submitted.
    pub(crate) submissions: AtomicU64,
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

    /// Returns a number that no other submission of this run has or had, whichever modem it is to.
    pub(crate) fn number(&self) -> u64 {
        self.submissions.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Begins to serve a modem: reports of what was sent before may come, but no late answers.
    pub(crate) fn serves(&self, modem: ModemId) -> Outstanding {
        let Outstanding { reports, .. } = self.outstanding_of(modem);
        reports.abandoned();
        let served = Outstanding { reports, uncertain: UncertainParts::default() };
        let mut outstanding =
            self.outstanding.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        outstanding.insert(modem, served.clone());
        served
    }

    /// Returns what a delivery report of a modem may be about, as far as this run knows beside the bucket.
    pub(crate) fn outstanding_of(&self, modem: ModemId) -> Outstanding {
        let mut outstanding =
            self.outstanding.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        outstanding
            .entry(modem)
            .or_insert_with(|| Outstanding {
                reports: Arc::new(Reports::new(self.reports.clone())),
                uncertain: UncertainParts::default(),
            })
            .clone()
    }
}
