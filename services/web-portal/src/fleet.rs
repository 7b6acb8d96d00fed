//! The modems as they are now: a copy of the bucket `modems`, kept by a watch, aged by `seen_at`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::{Bucket, Bus, Change};
use contracts::modem::{ModemState, ModemStatus};
use contracts::{ModemId, SimId, Timestamp};
use platform::Shutdown;
use tokio::sync::watch;

use crate::live::{Happening, Hub};

/// How often entries are looked at whether they have grown stale.
const LOOK: Duration = Duration::from_secs(5);

/// All modems; clones are the same fleet.
#[derive(Debug, Clone)]
pub(crate) struct Fleet {
    modems: Arc<Mutex<BTreeMap<ModemId, Seen>>>,
    known: watch::Receiver<bool>,
}

#[derive(Debug, Clone)]
struct Seen {
    state: ModemState,
    /// It was told to be offline because nobody wrote its state any more.
    told_stale: bool,
}

impl Fleet {
    /// Begins to follow the bucket; ends with `shutdown`.
    pub(crate) fn follow(bus: Bus, hub: Hub, shutdown: &Shutdown) -> Self {
        let (complete, known) = watch::channel(false);
        let fleet = Self { modems: Arc::default(), known };
        let follower = Follower { fleet: fleet.clone(), bus, hub, complete };
        let soft = shutdown.soft.clone();
        shutdown.spawn(async move {
            tokio::select! {
                () = follower.run() => {}
                () = soft.cancelled() => {}
            }
        });
        fleet
    }

    /// Every modem by name, stale ones as offline. Waits for the first reading of the bucket, two seconds at most.
    pub(crate) async fn all(&self) -> Vec<ModemState> {
        let mut known = self.known.clone();
        let read = known.wait_for(|known| *known);
        // Unread after that time, the broker is away, and what is known is all there is.
        let _ = tokio::time::timeout(Duration::from_secs(2), read).await;
        let now = Timestamp::now();
        let modems = self.modems.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut all: Vec<ModemState> =
            modems.values().map(|seen| aged(seen.state.clone(), now)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        all
    }

    /// One modem.
    pub(crate) async fn modem(&self, id: ModemId) -> Option<ModemState> {
        self.all().await.into_iter().find(|modem| modem.id == id)
    }

    /// Whether a message for this SIM, or for any, could go out now.
    pub(crate) async fn is_online(&self, sim: Option<SimId>) -> bool {
        let now = Timestamp::now();
        self.all().await.iter().any(|modem| {
            modem.is_online_at(now)
                && sim.is_none_or(|wanted| modem.sim.as_ref().is_some_and(|sim| sim.id == wanted))
        })
    }

    fn put(&self, state: ModemState) {
        let mut modems = self.modems.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        modems.insert(state.id, Seen { state, told_stale: false });
    }

    fn remove(&self, id: ModemId) {
        self.modems.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&id);
    }

    /// Those that have grown stale since the last look.
    fn newly_stale(&self, now: Timestamp) -> Vec<ModemState> {
        let mut modems = self.modems.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut stale = Vec::new();
        for seen in modems.values_mut().filter(|seen| !seen.told_stale) {
            let state = aged(seen.state.clone(), now);
            if state.status != seen.state.status {
                seen.told_stale = true;
                stale.push(state);
            }
        }
        stale
    }
}

/// A state nobody wrote for a while is that of a modem whose host is gone.
fn aged(mut state: ModemState, now: Timestamp) -> ModemState {
    let stale = now.since(state.seen_at) >= contracts::modem::STATE_IS_STALE_AFTER;
    if stale && state.status != ModemStatus::Offline {
        state.status = ModemStatus::Offline;
        state.text =
            format!("Its host {} has not been heard of since {}.", state.host, state.seen_at);
        state.since = state.seen_at;
    }
    state
}

struct Follower {
    fleet: Fleet,
    bus: Bus,
    hub: Hub,
    complete: watch::Sender<bool>,
}

impl Follower {
    async fn run(self) {
        loop {
            let opened = match self.bus.kv::<ModemState>(Bucket::Modems).await {
                Ok(modems) => modems.watch().await,
                Err(error) => Err(error),
            };
            match opened {
                Ok(watch) => self.read(watch).await,
                Err(error) => {
                    tracing::warn!(%error, "the modems' states cannot be read yet");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    async fn read(&self, mut watch: bus::Watch<ModemState>) {
        let mut look = tokio::time::interval(LOOK);
        let mut told = BTreeMap::new();
        loop {
            tokio::select! {
                change = watch.next() => match change {
                    Change::Put { value, .. } => {
                        self.fleet.put(value.clone());
                        // Only what a person would see is news, not that it was written again.
                        let shown = ModemState { seen_at: value.since, ..value };
                        if told.get(&shown.id) != Some(&shown) {
                            told.insert(shown.id, shown.clone());
                            self.hub.tell(Happening::Modem(Box::new(shown)));
                        }
                    }
                    Change::Deleted { key } => {
                        if let Ok(id) = key.parse() {
                            self.fleet.remove(id);
                            told.remove(&id);
                            self.hub.tell(Happening::ModemGone(id));
                        }
                    }
                    Change::Complete => {
                        self.complete.send_replace(true);
                    }
                },
                _ = look.tick() => {
                    for state in self.fleet.newly_stale(Timestamp::now()) {
                        told.remove(&state.id);
                        self.hub.tell(Happening::Modem(Box::new(state)));
                    }
                }
            }
        }
    }
}
