//! The modems as they are now: a copy of the bucket `modems`, kept by a watch, aged (see [`Age`]), with the names that
//! people gave them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::{Bucket, Bus, Change};
use contracts::limits::Closed;
use contracts::modem::{Age, ModemProblem, ModemState, ModemStatus};
use contracts::{ModemId, OrgId, PhoneNumber, PoolId, Priority, SimId, Timestamp};
use platform::{Clock, Shutdown};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::directory::{Changed, Directory};
use crate::live::{Happening, Hub};
use crate::signal_line::SignalLine;

/// Entries are looked at whether they have grown stale when the first of them does, and at least so often.
const LOOK: Duration = Duration::from_secs(5);

/// All modems; clones are the same fleet.
#[derive(Debug, Clone)]
pub(crate) struct Fleet {
    modems: Arc<Mutex<Modems>>,
    directory: Directory,
    known: watch::Receiver<bool>,
}

/// The modems, and which of them hold a SIM and send for a pool: whoever asks about one looks at no other.
#[derive(Debug, Default)]
struct Modems {
    seen: BTreeMap<ModemId, Seen>,
    by_sim: HashMap<SimId, BTreeSet<ModemId>>,
    by_pool: HashMap<PoolId, BTreeSet<ModemId>>,
    signals: HashMap<ModemId, SignalLine>,
}

impl Modems {
    fn put(&mut self, seen: Seen) {
        let id = seen.state.id;
        self.take_out(id);
        self.signals.entry(id).or_default().note(Instant::now(), seen.state.signal_dbm);
        if let Some(sim) = &seen.state.sim {
            self.by_sim.entry(sim.id).or_default().insert(id);
        }
        for pool in &seen.state.pools {
            self.by_pool.entry(pool.clone()).or_default().insert(id);
        }
        self.seen.insert(id, seen);
    }

    fn remove(&mut self, id: ModemId) {
        self.take_out(id);
        self.signals.remove(&id);
    }

    fn take_out(&mut self, id: ModemId) {
        let Some(seen) = self.seen.remove(&id) else { return };
        if let Some(sim) = &seen.state.sim {
            take_out(&mut self.by_sim, &sim.id, id);
        }
        for pool in &seen.state.pools {
            take_out(&mut self.by_pool, pool, id);
        }
    }

    fn with_sim(&self, sim: SimId) -> impl Iterator<Item = &Seen> {
        self.by_sim.get(&sim).into_iter().flatten().filter_map(|id| self.seen.get(id))
    }

    fn of_pool(&self, pool: &PoolId) -> impl Iterator<Item = &Seen> {
        self.by_pool.get(pool).into_iter().flatten().filter_map(|id| self.seen.get(id))
    }
}

fn take_out<K: Eq + Hash>(index: &mut HashMap<K, BTreeSet<ModemId>>, key: &K, id: ModemId) {
    if let Some(modems) = index.get_mut(key) {
        modems.remove(&id);
        if modems.is_empty() {
            index.remove(key);
        }
    }
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
        self.ready().await;
        let now = Instant::now();
        let modems = self.lock();
        let own = modems.seen.values().filter(|seen| self.directory.org_of(&seen.state) == org);
        let mut all: Vec<ModemState> = own.map(|seen| self.shown(seen, now)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        all
    }

    /// The numbers of an organisation's SIMs, as far as they are known.
    pub(crate) async fn numbers(&self, org: OrgId) -> HashMap<SimId, PhoneNumber> {
        let sims = self.of(org).await.into_iter().filter_map(|modem| modem.sim);
        sims.filter_map(|sim| Some((sim.id, sim.number?))).collect()
    }

    /// Waits for the first reading of the bucket, two seconds at most.
    pub(crate) async fn ready(&self) {
        let mut known = self.known.clone();
        let read = known.wait_for(|known| *known);
        // Unread after that time, the broker is away, and what is known is all there is.
        let _ = tokio::time::timeout(Duration::from_secs(2), read).await;
    }

    /// One modem of an organisation.
    pub(crate) async fn modem_of(&self, org: OrgId, id: ModemId) -> Option<ModemState> {
        self.ready().await;
        let modems = self.lock();
        let seen = modems.seen.get(&id)?;
        (self.directory.org_of(&seen.state) == org).then(|| self.shown(seen, Instant::now()))
    }

    /// What a modem is called.
    pub(crate) fn name(&self, id: ModemId) -> Option<String> {
        self.lock().seen.get(&id).map(|seen| self.name_of(seen))
    }

    /// How strong the signal of a modem was in the last hour, as [`SignalLine::values`] says it.
    pub(crate) fn signals(&self, id: ModemId) -> Vec<(u16, Option<i16>)> {
        let modems = self.lock();
        modems.signals.get(&id).map(|line| line.values(Instant::now())).unwrap_or_default()
    }

    /// How many modems of an organisation are online.
    pub(crate) fn count_online(&self, org: OrgId, at: Timestamp) -> usize {
        let now = Instant::now();
        let is_own = |seen: &&Seen| {
            self.is_online(seen, now, at) && self.directory.org_of(&seen.state) == org
        };
        self.lock().seen.values().filter(is_own).count()
    }

    /// The modems as they were when this is called, for whoever says why messages wait.
    pub(crate) async fn at(&self, at: Timestamp) -> FleetAt {
        self.ready().await;
        FleetAt { fleet: self.clone(), at, now: Instant::now() }
    }

    fn lock(&self) -> MutexGuard<'_, Modems> {
        self.modems.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long until the next one grows stale, [`LOOK`] at most.
    fn next_look(&self, now: Instant) -> Duration {
        let modems = self.lock();
        modems
            .seen
            .values()
            .filter(|seen| !seen.told_stale && seen.state.status != ModemStatus::Offline)
            .map(|seen| seen.age.fresh_for(now.into_std()))
            .fold(LOOK, Duration::min)
    }

    /// Those that have grown stale since the last look.
    fn newly_stale(&self, now: Instant) -> Vec<ModemState> {
        let mut modems = self.lock();
        let mut stale = Vec::new();
        for seen in modems.seen.values_mut().filter(|seen| !seen.told_stale) {
            if seen.age.is_stale(now.into_std()) && seen.state.status != ModemStatus::Offline {
                seen.told_stale = true;
                stale.push(self.shown(seen, now));
            }
        }
        stale
    }

    /// The modems that a changed setting is about, as they are shown now.
    fn concerned(&self, changed: &Result<Changed, RecvError>) -> Vec<ModemState> {
        let now = Instant::now();
        let modems = self.lock();
        let shown = |seen: &Seen| self.shown(seen, now);
        match changed {
            Ok(Changed::Modem(id)) => modems.seen.get(id).map(shown).into_iter().collect(),
            Ok(Changed::Sim(id)) => modems.with_sim(*id).map(shown).collect(),
            Ok(Changed::Account(_)) => Vec::new(),
            // It is not known what.
            Err(_) => modems.seen.values().map(shown).collect(),
        }
    }

    /// Whether messages go out by a modem: see [`Fleet::shown`].
    fn is_online(&self, seen: &Seen, now: Instant, at: Timestamp) -> bool {
        seen.state.is_online_at(at)
            && !seen.age.is_stale(now.into_std())
            && self.directory.modem(seen.state.id).is_none_or(|set| set.enabled)
    }

    fn name_of(&self, seen: &Seen) -> String {
        let set = self.directory.modem(seen.state.id).and_then(|set| set.name);
        set.unwrap_or_else(|| seen.state.name.clone())
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

/// What is known of the modems by which messages may go.
pub(crate) trait Ways {
    /// Whether a modem with this SIM is online, else what the modem is called that has the SIM; none: no modem has it.
    fn sim(&self, sim: SimId) -> Option<Result<(), String>>;
    /// Whether a modem of the pool is online.
    fn is_pool_online(&self, pool: &PoolId) -> bool;
    /// Whether any modem is online.
    fn is_any_online(&self) -> bool;
    /// The limit for which a SIM sends nothing of a priority though its modem is online.
    fn closed_sim(&self, sim: SimId, priority: Priority) -> Option<Closed>;
    /// The limit that opens first, where all SIMs of the pool that are online send nothing of a priority because of
    /// one.
    fn closed_pool(&self, pool: &PoolId, priority: Priority) -> Option<Closed>;
}

/// The modems at a moment.
#[derive(Debug)]
pub(crate) struct FleetAt {
    fleet: Fleet,
    at: Timestamp,
    now: Instant,
}

impl FleetAt {
    /// The moment.
    pub(crate) const fn at(&self) -> Timestamp {
        self.at
    }

    fn is_online(&self, seen: &Seen) -> bool {
        self.fleet.is_online(seen, self.now, self.at)
    }

    /// Whether a modem takes what names no SIM: a SIM that is not for everybody is in no pool, and takes only what names
    /// it.
    fn is_for_all(&self, seen: &Seen) -> bool {
        let sim = seen.state.sim.as_ref();
        sim.is_none_or(|sim| self.fleet.directory.is_for_everybody(sim.id))
    }

    /// The limit that opens first, where each of these modems that is online has a SIM that sends nothing for now.
    fn closed<'a>(
        &self,
        modems: impl Iterator<Item = &'a Seen>,
        priority: Priority,
    ) -> Option<Closed> {
        let mut first: Option<Closed> = None;
        for seen in modems.filter(|seen| self.is_online(seen)) {
            let closed = seen.state.closed.as_ref();
            let closed =
                closed.filter(|closed| closed.until > self.at && !closed.lets_through(priority))?;
            if first.as_ref().is_none_or(|first| closed.until < first.until) {
                first = Some(closed.clone());
            }
        }
        first
    }
}

impl Ways for FleetAt {
    fn sim(&self, sim: SimId) -> Option<Result<(), String>> {
        let modems = self.fleet.lock();
        if modems.with_sim(sim).any(|seen| self.is_online(seen)) {
            return Some(Ok(()));
        }
        modems.with_sim(sim).next().map(|seen| Err(self.fleet.name_of(seen)))
    }

    fn is_pool_online(&self, pool: &PoolId) -> bool {
        let modems = self.fleet.lock();
        modems.of_pool(pool).any(|seen| self.is_online(seen) && self.is_for_all(seen))
    }

    fn is_any_online(&self) -> bool {
        self.fleet.lock().seen.values().any(|seen| self.is_online(seen))
    }

    fn closed_sim(&self, sim: SimId, priority: Priority) -> Option<Closed> {
        self.closed(self.fleet.lock().with_sim(sim), priority)
    }

    fn closed_pool(&self, pool: &PoolId, priority: Priority) -> Option<Closed> {
        let modems = self.fleet.lock();
        self.closed(modems.of_pool(pool).filter(|seen| self.is_for_all(seen)), priority)
    }
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
        let mut look_at = Instant::now();
        loop {
            tokio::select! {
                changed = settings.recv() => {
                    for state in self.fleet.concerned(&changed) {
                        self.announce(&mut online, state);
                    }
                }
                change = watch.next() => match change {
                    Change::Put { value, .. } => {
                        let seen = Seen::heard(value.clone(), self.clock.now());
                        let shown = self.fleet.shown(&seen, Instant::now());
                        self.fleet.lock().put(seen);
                        // Only what a person would see is news, not that it was written again.
                        let news = ModemState { seen_at: value.since, ..value };
                        if known.get(&news.id) != Some(&news) {
                            known.insert(news.id, news);
                            self.announce(&mut online, shown);
                        }
                    }
                    Change::Deleted { key } => {
                        if let Ok(id) = key.parse() {
                            self.fleet.lock().remove(id);
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
                // A state that is heard meanwhile stays fresh for longer than it is to the next look.
                () = tokio::time::sleep_until(look_at) => {
                    for state in self.fleet.newly_stale(Instant::now()) {
                        known.remove(&state.id);
                        self.announce(&mut online, state);
                    }
                    let now = Instant::now();
                    look_at = now + self.fleet.next_look(now);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn modem(name: &str, sim: &str, pools: &[&str]) -> Seen {
        let at = Timestamp::from_micros(0);
        let state = json!({
            "id": ModemId::derived(name), "name": name, "port": "", "host": "", "status": "ready",
            "text": "", "manufacturer": "", "model": "", "firmware": "", "roaming": false,
            "sim": { "id": SimId::derived(sim) }, "pools": pools,
            "queue": 0, "sent_today": 0, "failed_today": 0, "since": at, "seen_at": at,
        });
        Seen::heard(serde_json::from_value(state).unwrap(), at)
    }

    fn names<'a>(found: impl Iterator<Item = &'a Seen>) -> BTreeSet<&'a str> {
        found.map(|seen| &*seen.state.name).collect()
    }

    #[test]
    fn a_modem_is_found_by_what_it_has_now() {
        let mut modems = Modems::default();
        modems.put(modem("a", "1", &["x", "y"]));
        modems.put(modem("b", "2", &["y"]));
        let (x, y): (PoolId, PoolId) = ("x".parse().unwrap(), "y".parse().unwrap());
        assert_eq!(names(modems.of_pool(&y)), BTreeSet::from(["a", "b"]));
        // The SIM of the first goes into the second.
        modems.put(modem("a", "3", &["y"]));
        modems.put(modem("b", "1", &["y"]));
        assert_eq!(names(modems.with_sim(SimId::derived("1"))), BTreeSet::from(["b"]));
        assert_eq!(names(modems.with_sim(SimId::derived("2"))), BTreeSet::new());
        assert_eq!(names(modems.of_pool(&x)), BTreeSet::new());
        for name in ["a", "b"] {
            modems.remove(ModemId::derived(name));
        }
        assert!(modems.seen.is_empty() && modems.by_sim.is_empty() && modems.by_pool.is_empty());
        assert!(modems.signals.is_empty());
    }
}
