//! The modems as they are now: a copy of the bucket `modems`, kept by a watch, aged (see [`Age`]), with the names that
//! people gave them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bus::{Bucket, Bus, Change};
use contracts::modem::{Age, ModemProblem, ModemState, ModemStatus};
use contracts::{ModemId, OrgId, Timestamp};
use platform::{Clock, Shutdown};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::directory::{Changed, Directory};
use crate::live::{Happening, Hub};

/// Entries are looked at whether they have grown stale when the first of them does, and at least so often.
const LOOK: Duration = Duration::from_secs(5);

/// All modems; clones are the same fleet.
#[derive(Debug, Clone)]
pub(crate) struct Fleet {
    modems: Arc<Mutex<BTreeMap<ModemId, Seen>>>,
    directory: Directory,
    known: watch::Receiver<bool>,
}

#[derive(Debug, Clone)]
struct Seen {
    state: ModemState,
    age: Age,
    /// It was told to be offline because nobody wrote its state any more.
    told_stale: bool,
}

impl Seen {
    fn heard(state: ModemState, now: Timestamp) -> Self {
        let age = Age::heard(&state, now, Instant::now().into_std());
        Self { state, age, told_stale: false }
    }
}

impl Fleet {
    /// Begins to follow the bucket; ends with `shutdown`.
    pub(crate) fn follow(
        bus: Bus,
        clock: Clock,
        hub: Hub,
        directory: Directory,
        shutdown: &Shutdown,
    ) -> Self {
        let (complete, known) = watch::channel(false);
        let fleet = Self { modems: Arc::default(), directory, known };
        let follower = Follower { fleet: fleet.clone(), bus, clock, hub, complete };
        let soft = shutdown.soft.clone();
        shutdown.spawn(async move {
            tokio::select! {
                () = follower.run() => {}
                () = soft.cancelled() => {}
            }
        });
        fleet
    }

    /// The modems of an organisation by name.
    pub(crate) async fn of(&self, org: OrgId) -> Vec<ModemState> {
        let mut modems = self.all().await;
        modems.retain(|modem| self.directory.org_of(modem) == org);
        modems
    }

    /// Every modem by name, stale ones as offline. Waits for the first reading of the bucket, two seconds at most.
    pub(crate) async fn all(&self) -> Vec<ModemState> {
        let mut known = self.known.clone();
        let read = known.wait_for(|known| *known);
        // Unread after that time, the broker is away, and what is known is all there is.
        let _ = tokio::time::timeout(Duration::from_secs(2), read).await;
        let now = Instant::now();
        let modems = self.modems.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut all: Vec<ModemState> = modems.values().map(|seen| self.shown(seen, now)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        all
    }

    /// One modem.
    pub(crate) async fn modem(&self, id: ModemId) -> Option<ModemState> {
        self.all().await.into_iter().find(|modem| modem.id == id)
    }

    /// One modem of an organisation.
    pub(crate) async fn modem_of(&self, org: OrgId, id: ModemId) -> Option<ModemState> {
        self.modem(id).await.filter(|modem| self.directory.org_of(modem) == org)
    }

    fn put(&self, seen: Seen) {
        let mut modems = self.modems.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        modems.insert(seen.state.id, seen);
    }

    fn remove(&self, id: ModemId) {
        self.modems.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&id);
    }

    /// How long until the next one grows stale, [`LOOK`] at most.
    fn next_look(&self, now: Instant) -> Duration {
        let modems = self.modems.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        modems
            .values()
            .filter(|seen| !seen.told_stale && seen.state.status != ModemStatus::Offline)
            .map(|seen| seen.age.fresh_for(now.into_std()))
            .fold(LOOK, Duration::min)
    }

    /// Those that have grown stale since the last look.
    fn newly_stale(&self, now: Instant) -> Vec<ModemState> {
        let mut modems = self.modems.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut stale = Vec::new();
        for seen in modems.values_mut().filter(|seen| !seen.told_stale) {
            if seen.age.is_stale(now.into_std()) && seen.state.status != ModemStatus::Offline {
                seen.told_stale = true;
                stale.push(self.shown(seen, now));
            }
        }
        stale
    }

    /// A modem's state as people see it: aged, with its name, and whether it is to be used at all.
    fn shown(&self, seen: &Seen, now: Instant) -> ModemState {
        let mut state = aged(seen.state.clone(), seen.age.is_stale(now.into_std()));
        let Some(set) = self.directory.modem(state.id) else { return state };
        if let Some(name) = set.name {
            state.name = name;
        }
        if !set.enabled {
            // It is as somebody wants it, so nothing is wrong with it.
            state.problem = None;
            if state.status == ModemStatus::Offline {
                state.text = format!("Disabled, and offline. {}", state.text);
            } else {
                contracts::modem::DISABLED.clone_into(&mut state.text);
            }
            state.status = ModemStatus::Disabled;
        }
        state
    }
}

/// A state nobody wrote for a while is that of a modem whose host is gone. What is offline has no signal and no network,
/// and says why.
fn aged(mut state: ModemState, is_stale: bool) -> ModemState {
    if is_stale && state.status != ModemStatus::Offline {
        state.status = ModemStatus::Offline;
        state.since = state.seen_at;
        state.text =
            format!("Its host {} has not been heard of since {}.", state.host, state.seen_at);
        state.problem = Some(ModemProblem {
            code: "host-silent".to_owned(),
            text: format!("Its host {} is not heard of any more.", state.host),
            advice: "Start the driver on that host again, or look at the host.".to_owned(),
            at: state.seen_at,
        });
    }
    if state.status == ModemStatus::Offline {
        state.signal_dbm = None;
        state.operator = None;
        state.technology = None;
        state.roaming = false;
        state.queue = 0;
        state.problem.get_or_insert_with(|| ModemProblem {
            code: "modem-gone".to_owned(),
            text: "The modem was unplugged, or its driver was stopped.".to_owned(),
            advice: "Plug it in, or start the driver again. A modem that is gone for good can be forgotten."
                .to_owned(),
            at: state.since,
        });
    }
    state
}

struct Follower {
    fleet: Fleet,
    bus: Bus,
    clock: Clock,
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
        let mut known: BTreeMap<ModemId, ModemState> = BTreeMap::new();
        let mut online = BTreeMap::new();
        let mut settings = self.fleet.directory.changes();
        loop {
            let look = self.fleet.next_look(Instant::now());
            tokio::select! {
                changed = settings.recv() => {
                    let now = Instant::now();
                    let all = self.fleet.modems.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    let concerned = all.values().filter(|seen| match &changed {
                        Ok(Changed::Modem(id)) => seen.state.id == *id,
                        Ok(Changed::Sim(id)) => seen.state.sim.as_ref().is_some_and(|sim| sim.id == *id),
                        Ok(Changed::Account(_)) => false,
                        // It is not known what.
                        Err(_) => true,
                    });
                    for seen in concerned {
                        self.announce(&mut online, self.fleet.shown(seen, now));
                    }
                }
                change = watch.next() => match change {
                    Change::Put { value, .. } => {
                        let seen = Seen::heard(value.clone(), self.clock.now());
                        let shown = self.fleet.shown(&seen, Instant::now());
                        self.fleet.put(seen);
                        // Only what a person would see is news, not that it was written again.
                        let news = ModemState { seen_at: value.since, ..value };
                        if known.get(&news.id) != Some(&news) {
                            known.insert(news.id, news);
                            self.announce(&mut online, shown);
                        }
                    }
                    Change::Deleted { key } => {
                        if let Ok(id) = key.parse() {
                            self.fleet.remove(id);
                            known.remove(&id);
                            self.hub.announce(Happening::ModemGone(id));
                            if online.remove(&id) == Some(true) {
                                self.hub.announce(Happening::ModemsOnline);
                            }
                        }
                    }
                    Change::Complete => {
                        self.complete.send_replace(true);
                    }
                },
                () = tokio::time::sleep(look) => {
                    for state in self.fleet.newly_stale(Instant::now()) {
                        known.remove(&state.id);
                        self.announce(&mut online, state);
                    }
                }
            }
        }
    }

    /// Tells how a modem is now, and that it went online or away; `online` says how it was.
    fn announce(&self, online: &mut BTreeMap<ModemId, bool>, modem: ModemState) {
        let (id, is_online) = (modem.id, modem.status.is_online());
        self.hub.announce(Happening::Modem(Box::new(modem)));
        if online.insert(id, is_online).unwrap_or_default() != is_online {
            self.hub.announce(Happening::ModemsOnline);
        }
    }
}
