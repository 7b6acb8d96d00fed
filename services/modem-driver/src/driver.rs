//! What all lines of one driver share: the broker, the buckets, the settings.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::{Bus, Kv, KvError};
use contracts::modem::ModemState;
use contracts::mt::{MtChange, MtEvent};
use contracts::{Message, MessageId, ModemId, OrgId, PoolId, SimId, Timestamp, UserId, config_kv};
use tokio::sync::{mpsc, watch};

use crate::Settings;
use crate::journal::Journal;
use crate::lease::Holder;
use crate::notes::Notes;
use crate::publishing::Waiting;
use crate::reports::Awaited;
use crate::spool::Spool;
use crate::sweep;
use crate::usb::Roots;

/// One run of a driver.
pub(crate) struct Driver {
    /// The broker.
    pub(crate) bus: Bus,
    /// Which run of which driver: in leases and journal entries.
    pub(crate) id: String,
    /// The host's name.
    pub(crate) host: String,
    /// Which start of this machine.
    pub(crate) boot: String,
    pub(crate) settings: Settings,
    pub(crate) roots: Roots,
    pub(crate) journal: Journal,
    pub(crate) leases: Kv<Holder>,
    pub(crate) modems: Kv<ModemState>,
    pub(crate) reports: Kv<Vec<Awaited>>,
    /// What people set for single SIMs.
    pub(crate) sims: watch::Receiver<HashMap<SimId, config_kv::Sim>>,
    /// Which modems people enabled or disabled.
    pub(crate) enabled: watch::Receiver<HashMap<ModemId, bool>>,
    /// Asks for a look at the journal.
    pub(crate) sweeps: mpsc::UnboundedSender<sweep::Ask>,
    pub(crate) in_hand: InHand,
    pub(crate) notes: Arc<Notes>,
    /// What modems handed over while the broker was away.
    pub(crate) spool: Arc<Spool>,
    /// Of each modem that was served: see [`Driver::waiting_of`].
    pub(crate) waiting: Mutex<HashMap<ModemId, Waiting>>,
}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Driver({} on {})", self.id, self.host)
    }
}

impl Driver {
    /// Publishes until the broker has it. Ends only with the task.
    pub(crate) async fn tell<M: Message>(&self, message: &M) {
        let mut wait = Duration::from_millis(100);
        loop {
            match self.bus.publish(message).await {
                Ok(_) => return,
                Err(error) => tracing::warn!("an event waits for the broker: {error}"),
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(5));
        }
    }

    /// Tells of a change of a message.
    pub(crate) async fn tell_change(&self, about: About, change: MtChange) {
        let About { message, org, owner, round } = about;
        self.tell(&MtEvent { message, org, owner, at: Timestamp::now(), round, change }).await;
    }

    /// The pool a SIM is in; none: the SIM is not for everybody, so only messages that name it go out through it.
    pub(crate) fn pool_of(&self, sim: SimId) -> Option<PoolId> {
        let sims = self.sims.borrow();
        let Some(settings) = sims.get(&sim) else { return Some(PoolId::default_pool()) };
        settings.senders.is_everybody().then(|| settings.pool.clone())
    }

    /// Whether a modem is to be used for sending.
    pub(crate) fn is_enabled(&self, modem: ModemId) -> bool {
        self.enabled.borrow().get(&modem).copied().unwrap_or(true)
    }

    /// The organisation a SIM belongs to.
    pub(crate) fn org_of(&self, sim: SimId) -> OrgId {
        let sims = self.sims.borrow();
        sims.get(&sim).map_or_else(OrgId::default_org, |settings| settings.org)
    }

    /// Whether the writer of an entry has a lease of its modem, and so is alive.
    pub(crate) async fn is_alive(&self, entry: &crate::journal::Entry) -> Result<bool, KvError> {
        let holder = self.leases.get(&entry.modem.to_string()).await?;
        Ok(holder.is_some_and(|holder| holder.value.driver == entry.driver))
    }
}

/// Whose message it is, for events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct About {
    pub(crate) message: MessageId,
    pub(crate) org: OrgId,
    pub(crate) owner: UserId,
    pub(crate) round: u32,
}

/// How long a late answer or a report waits for the end of the message that it is about.
const SETTLED_WITHIN: Duration = Duration::from_mins(1);

/// The messages this driver is working on or settling: the sweep leaves them alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct InHand(watch::Sender<HashSet<MessageId>>);

/// A message is in hand until this is dropped.
#[derive(Debug)]
pub(crate) struct Holding {
    all: InHand,
    message: MessageId,
}

impl InHand {
    /// Takes it in hand; none when it already is.
    pub(crate) fn take(&self, message: MessageId) -> Option<Holding> {
        let new = self.0.send_if_modified(|messages| messages.insert(message));
        new.then(|| Holding { all: self.clone(), message })
    }

    pub(crate) fn has(&self, message: MessageId) -> bool {
        self.0.borrow().contains(&message)
    }

    /// Returns when it is not, or was for so long that what is known of it cannot wait.
    pub(crate) async fn settled(&self, message: MessageId) {
        let mut messages = self.0.subscribe();
        let free = messages.wait_for(|messages| !messages.contains(&message));
        // The sender lives as long as we do.
        let _ = tokio::time::timeout(SETTLED_WITHIN, free).await;
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.all.0.send_if_modified(|messages| messages.remove(&self.message));
    }
}
