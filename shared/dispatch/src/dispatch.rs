//! What is known of messages in one run, shared by all carriers of that run.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bus::{Backoff, Bus, Kv, KvError};
use contracts::mt::{Given, MtChange, MtEvent};
use contracts::{Message, ModemId};
use platform::Clock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::journal::about::About;
use crate::journal::bucket::Journal;
use crate::journal::entry::Entry;
use crate::journal::in_hand::InHand;
use crate::journal::reclaim::Reclaims;
use crate::lease::{self, Holder, LeaseState};
use crate::outstanding::{Outstanding, UncertainParts};
use crate::reports::{Awaited, Reports};
use crate::spool::{Spool, SpoolState};

/// What is known of messages in one run of a driver, shared by all of its carriers.
pub struct Dispatch {
    /// The broker.
    pub(crate) bus: Bus,
    /// The id of this run, as leases and journal entries name it.
    pub(crate) id: String,
    /// The host's name.
    pub(crate) host: String,
    /// The id of this start of the machine.
    pub(crate) boot: String,
    /// The time of day, by which is decided and which is told.
    pub(crate) clock: Clock,
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

impl std::fmt::Debug for Dispatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dispatch({} on {})", self.id, self.host)
    }
}

impl Dispatch {
    /// Returns the broker.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Returns what is told of the spool, now and whenever that changes.
    pub fn spool(&self) -> watch::Receiver<SpoolState> {
        self.spool.state()
    }

    /// Returns how it stands with the lease of `modem`, and what gains the lease and keeps it until `stop`. `port` is
    /// what the modem is on, where this process has a lock on that which proves that no other one here is at it.
    pub fn lease(
        &self,
        modem: ModemId,
        port: Option<String>,
        stop: CancellationToken,
    ) -> (watch::Receiver<LeaseState>, impl Future<Output = ()> + Send + use<>) {
        let (driver, host, boot) = (self.id.clone(), self.host.clone(), self.boot.clone());
        let holder = Holder { driver, host, boot, port };
        let (state, lease) = watch::channel(LeaseState::Asking);
        (lease, lease::keep(self.leases.clone(), modem, holder, state, stop))
    }

    /// Publishes `message` until the broker has it, however long that takes.
    pub async fn tell<M: Message>(&self, message: &M) {
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
        self.tell_ended(about, change, Vec::new()).await;
    }

    /// Tells of a change of a message, and of the parts that were given to modems before.
    pub(crate) async fn tell_ended(&self, about: About, change: MtChange, given: Vec<Given>) {
        self.tell(&MtEvent { given, ..about.event(self.clock.now(), change) }).await;
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

    /// Begins to serve a modem: reports of what was sent before may come, but no late answers. What is outstanding
    /// of the modem is for its [`Sender`](crate::Sender) and its [`Inbound`](crate::Inbound).
    pub fn serves(&self, modem: ModemId) -> Outstanding {
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
                reports: Arc::new(Reports::new(self.reports.clone(), self.clock)),
                uncertain: UncertainParts::default(),
            })
            .clone()
    }
}
