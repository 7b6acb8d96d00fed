//! Which modems are online for which target, from the live states in the bucket `modems`.
//!
//! Every SIM that is in no other pool is in the default one, unless its settings say that it is not for everybody: then
//! it is in none. A state is believed for
//! [`contracts::modem::STATE_IS_STALE_AFTER`], for a watch never says that an entry's writer died: see [`Age`].

use std::collections::HashMap;
use std::time::Instant;

use contracts::modem::{Age, ModemState};
use contracts::subject::Target;
use contracts::{ModemId, PoolId, Priority, SimId, Timestamp};

use crate::room::Online;
use crate::ways::SimsOnline;

/// The modems that were heard of.
#[derive(Debug, Default)]
pub(crate) struct Pools {
    modems: HashMap<ModemId, (Age, ModemState)>,
}

impl Pools {
    /// A state was written, and is heard at this moment by both clocks. Says whether the modem may now be online or away, or
    /// there for other targets.
    pub(crate) fn put(&mut self, state: ModemState, now: Timestamp, heard_at: Instant) -> bool {
        let says = |state: &ModemState| {
            let sim = state.sim.as_ref().map(|sim| sim.id);
            let closed = (state.closed.clone(), state.closed_to_new.clone());
            (state.status.is_online(), sim, state.pools.clone(), closed)
        };
        let new = says(&state);
        let before = self.modems.insert(state.id, (Age::heard(&state, now, heard_at), state));
        before.is_none_or(|(age, state)| age.is_stale(heard_at) || says(&state) != new)
    }

    /// A state was deleted.
    pub(crate) fn remove(&mut self, modem: ModemId) {
        self.modems.remove(&modem);
    }

    /// How many modems of each target are online at `now`; a target without any is not in it. A modem whose SIM has
    /// reached one of its limits is as good as away. `is_in_pools` says of a SIM whether it takes messages that do not
    /// name it.
    pub(crate) fn online(
        &self,
        now: Instant,
        is_in_pools: impl Fn(SimId) -> bool,
    ) -> HashMap<Target, Online> {
        let mut online: HashMap<Target, Online> = HashMap::new();
        for modem in self.active(now) {
            let all = takes(modem, Priority::Bulk);
            let passwords = takes(modem, Priority::Otp);
            if !passwords {
                continue;
            }
            for target in targets(modem, &is_in_pools) {
                let of_it = online.entry(target).or_default();
                of_it.all += u32::from(all);
                of_it.passwords += u32::from(passwords);
            }
        }
        online
    }

    /// The same for rules: which SIMs those are, with how many were sent through each today. No strategy chooses a SIM that
    /// sends to nobody new, for who was counted there is known to its driver alone.
    pub(crate) fn sims_online(
        &self,
        now: Instant,
        is_in_pools: impl Fn(SimId) -> bool,
    ) -> SimsOnline {
        let of = |priority| {
            let is_open = |modem: &&ModemState| modem.closed_to_new.is_none();
            let able = self.active(now).filter(|modem| takes(modem, priority)).filter(is_open);
            routing::Online::new(able.filter_map(|modem| {
                let sim = modem.sim.as_ref()?.id;
                Some((sim, pools(modem, &is_in_pools), modem.sent_today))
            }))
        };
        SimsOnline { all: of(Priority::Bulk), passwords: of(Priority::Otp) }
    }

    /// The modems that are online.
    fn active(&self, now: Instant) -> impl Iterator<Item = &ModemState> {
        self.modems.values().filter_map(move |(age, modem)| {
            (modem.status.is_online() && !age.is_stale(now)).then_some(modem)
        })
    }
}

/// Whether a modem takes messages of a priority, as far as the limits of its SIM go.
fn takes(modem: &ModemState, priority: Priority) -> bool {
    modem.closed.as_ref().is_none_or(|closed| closed.lets_through(priority))
}

/// What the driver of this modem pulls from, if its SIM is for everybody.
pub(crate) fn all_targets(modem: &ModemState) -> Vec<Target> {
    targets(modem, |_| true)
}

/// What the driver of this modem pulls from.
fn targets(modem: &ModemState, is_in_pools: impl Fn(SimId) -> bool) -> Vec<Target> {
    let Some(sim) = &modem.sim else { return Vec::new() };
    let mut targets: Vec<Target> =
        pools(modem, is_in_pools).into_iter().map(Target::Pool).collect();
    targets.push(Target::Sim(sim.id));
    targets
}

/// The pools that a modem with a SIM sends for.
fn pools(modem: &ModemState, is_in_pools: impl Fn(SimId) -> bool) -> Vec<PoolId> {
    match (&modem.sim, modem.pools.as_slice()) {
        (None, _) => Vec::new(),
        (Some(sim), _) if !is_in_pools(sim.id) => Vec::new(),
        (Some(_), []) => vec![PoolId::default_pool()],
        (Some(_), pools) => pools.to_vec(),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "time is an argument here, and any time will do")]
mod tests {
    use std::time::Duration;

    use contracts::limits::{Closed, Limit};
    use contracts::modem::{ModemStatus, SimState};

    use super::*;

    /// When the states below were written.
    fn began() -> Timestamp {
        Timestamp::from_micros(7_200_000_000)
    }

    fn modem(name: &str, status: ModemStatus, pools: &[&str]) -> ModemState {
        let now = began();
        ModemState {
            id: ModemId::derived(name),
            name: name.to_owned(),
            port: format!("/dev/{name}"),
            host: "h".to_owned(),
            status,
            text: String::new(),
            manufacturer: String::new(),
            model: String::new(),
            firmware: String::new(),
            imei: None,
            sim: Some(SimState {
                id: SimId::derived(name),
                iccid: None,
                imsi: None,
                number: None,
                smsc: None,
            }),
            operator: None,
            technology: None,
            roaming: false,
            signal_dbm: None,
            pools: pools.iter().map(|pool| pool.parse().unwrap()).collect(),
            problem: None,
            queue: 0,
            sent_today: 0,
            failed_today: 0,
            balance: None,
            spool: None,
            closed: None,
            closed_to_new: None,
            low: None,
            since: now,
            seen_at: now,
        }
    }

    fn pool(name: &str) -> Target {
        Target::Pool(name.parse().unwrap())
    }

    #[test]
    fn a_sim_in_no_pool_is_in_the_default_one() {
        let (mut pools, now) = (Pools::default(), Instant::now());
        pools.put(modem("a", ModemStatus::Ready, &[]), began(), now);
        pools.put(modem("b", ModemStatus::Sending, &["default"]), began(), now);
        pools.put(modem("c", ModemStatus::Ready, &["vip"]), began(), now);
        pools.put(modem("d", ModemStatus::Searching, &["vip"]), began(), now);
        let online = pools.online(now, |_| true);
        assert_eq!(online[&pool("default")].all, 2);
        assert_eq!(online[&pool("vip")].all, 1);
        assert_eq!(online[&Target::Sim(SimId::derived("c"))].all, 1);
        assert!(!online.contains_key(&Target::Sim(SimId::derived("d"))));
    }

    #[test]
    fn a_sim_that_is_not_for_everybody_is_in_no_pool() {
        let (mut pools, now) = (Pools::default(), Instant::now());
        pools.put(modem("a", ModemStatus::Ready, &["default"]), began(), now);
        pools.put(modem("b", ModemStatus::Ready, &[]), began(), now);
        let own = SimId::derived("a");
        let sims = pools.sims_online(now, |sim| sim != own);
        let of_default: Vec<SimId> = sims.all.sims_of(&PoolId::default_pool()).collect();
        assert_eq!(of_default, [SimId::derived("b")]);
        assert!(sims.all.has(&Target::Sim(own)) && sims.passwords.has(&Target::Sim(own)));
        let online = pools.online(now, |sim| sim != own);
        assert_eq!(online[&pool("default")].all, 1);
        assert_eq!(online[&Target::Sim(own)].all, 1);
    }

    #[test]
    fn a_sim_that_sends_to_nobody_new_is_chosen_by_no_strategy() {
        let (mut pools, now) = (Pools::default(), Instant::now());
        let closed = Closed {
            limit: Limit::Recipients,
            most: Some(2),
            until: began().plus(Duration::from_hours(1)),
            passwords: false,
        };
        let full = ModemState {
            closed_to_new: Some(closed),
            ..modem("a", ModemStatus::Ready, &["default"])
        };
        pools.put(modem("b", ModemStatus::Ready, &["default"]), began(), now);
        assert!(pools.put(full.clone(), began(), now));
        assert!(!pools.put(full, began(), now), "nothing is new");
        let sims = pools.sims_online(now, |_| true);
        let of_default: Vec<SimId> = sims.all.sims_of(&PoolId::default_pool()).collect();
        assert_eq!(of_default, [SimId::derived("b")]);
        let online = pools.online(now, |_| true);
        assert_eq!(online[&pool("default")].all, 2, "it sends to those that it had");
        assert_eq!(online[&Target::Sim(SimId::derived("a"))].all, 1);
    }

    #[test]
    fn a_sim_that_has_reached_a_limit_is_as_good_as_away() {
        let (mut pools, now) = (Pools::default(), Instant::now());
        let closed = |name, limit, passwords| {
            let closed = Closed { limit, most: None, until: began(), passwords };
            ModemState { closed: Some(closed), ..modem(name, ModemStatus::Ready, &[]) }
        };
        assert!(pools.put(modem("a", ModemStatus::Ready, &[]), began(), now));
        assert!(pools.put(closed("b", Limit::Hour, false), began(), now));
        let quiet = closed("c", Limit::Quiet, true);
        assert!(pools.put(quiet.clone(), began(), now));
        assert!(!pools.put(quiet, began(), now), "nothing new");
        let online = pools.online(now, |_| true);
        assert_eq!(online[&pool("default")], Online { all: 1, passwords: 2 });
        assert!(!online.contains_key(&Target::Sim(SimId::derived("b"))));
        let sims = pools.sims_online(now, |_| true);
        let has = |online: &routing::Online, name| online.has(&Target::Sim(SimId::derived(name)));
        assert!(has(&sims.all, "a") && !has(&sims.all, "b") && !has(&sims.all, "c"));
        assert!(has(&sims.passwords, "c") && !has(&sims.passwords, "b"));
        let quiet = online[&Target::Sim(SimId::derived("c"))];
        assert_eq!((quiet.of(Priority::Otp), quiet.of(Priority::Normal)), (1, 0));
        assert!(pools.put(modem("b", ModemStatus::Ready, &[]), began(), now), "it opened");
        assert_eq!(pools.online(now, |_| true)[&pool("default")].all, 2);
    }

    #[test]
    fn the_dead_and_the_gone_are_not_online() {
        let online = |pools: &Pools, at| pools.online(at, |_| true);
        let (mut pools, now) = (Pools::default(), Instant::now());
        pools.put(modem("a", ModemStatus::Ready, &[]), began(), now);
        assert!(online(&pools, now + Duration::from_secs(31)).is_empty());
        pools.remove(ModemId::derived("a"));
        assert!(online(&pools, now).is_empty());
        let mut without = modem("b", ModemStatus::Ready, &[]);
        without.sim = None;
        pools.put(without, began(), now);
        assert!(online(&pools, now).is_empty());
    }

    #[test]
    fn a_clock_that_jumps_takes_nobody_away_and_keeps_no_dead_one() {
        let now = Instant::now();
        let hour = Duration::from_hours(1);
        let later = |seconds| now + Duration::from_secs(seconds);
        // Set back by an hour after the driver wrote, and set forward: what counts is how long ago it was heard.
        for clock in [began().minus(hour), began()] {
            let mut pools = Pools::default();
            pools.put(modem("a", ModemStatus::Ready, &[]), clock, now);
            assert_eq!(pools.online(later(29), |_| true)[&pool("default")].all, 1);
            assert!(pools.online(later(31), |_| true).is_empty(), "{clock}");
        }
        // What was written an hour ago is old when it is heard.
        let mut pools = Pools::default();
        pools.put(modem("a", ModemStatus::Ready, &[]), began().plus(hour), now);
        assert!(pools.online(now, |_| true).is_empty());
    }
}
