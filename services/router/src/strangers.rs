//! Lanes of an account or a target that nobody here knows: there may be only so many of them at a time.
//!
//! A service on the broker may name any account, any pool and any SIM in a request, and whoever has a key any pool.
//! Most often that is right: the SIM is not plugged in yet, or the pool has no modem yet. But each such lane costs the
//! router memory and the broker a consumer, so a program that counts up through names would cost both without a bound.
//! A lane beyond [`AT_MOST`] is refused in words. Lanes of known accounts and targets are bounded by what an
//! administrator and the modems have made, and are not counted.
//!
//! A lane in which nothing waits any more is forgotten, and its consumer is removed from the broker. Nothing is lost by
//! that: the items are in the stream, and the consumer is made again when one is fetched.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use contracts::modem::ModemState;
use contracts::mt::SendError;
use contracts::subject::Target;
use contracts::{PoolId, UserId};

use crate::admission::refusal;
use crate::lane::LaneKey;
use crate::pools::all_targets;
use crate::settings::Settings;

/// Lanes that nobody knows, at most.
pub(crate) const AT_MOST: usize = 1_000;

/// See the module. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct Strangers {
    settings: Settings,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    /// What modems were seen with.
    targets: HashSet<Target>,
    /// The lanes that nobody knows; whether something was stored there since the last count began.
    lanes: HashMap<LaneKey, bool>,
}

impl Seen {
    fn knows(&self, lane: &LaneKey, settings: &Settings) -> bool {
        let is_known_target = match &lane.target {
            Target::Pool(pool) if *pool == PoolId::default_pool() => true,
            target => self.targets.contains(target) || settings.knows_target(target),
        };
        let is_known_account =
            lane.account == UserId::internal() || settings.knows_account(lane.account);
        is_known_target && is_known_account
    }
}

impl Strangers {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, seen: Arc::default() }
    }

    /// A modem's state was written.
    pub(crate) fn modem(&self, state: &ModemState) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.targets.extend(all_targets(state));
    }

    /// Whether an item may be stored for this lane.
    pub(crate) fn admit(&self, lane: &LaneKey) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.knows(lane, &self.settings) {
            return true;
        }
        let is_free = seen.lanes.len() < AT_MOST;
        match seen.lanes.get_mut(lane) {
            Some(used) => *used = true,
            None if is_free => {
                seen.lanes.insert(lane.clone(), true);
            }
            None => return false,
        }
        true
    }

    /// The broker has a consumer for this lane, or items.
    pub(crate) fn stands(&self, lane: LaneKey) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.knows(&lane, &self.settings) {
            seen.lanes.entry(lane).or_insert(false);
        }
    }

    /// Forgets the lanes in which nothing waits, and says which: their consumers may be removed.
    pub(crate) fn forget_idle(&self, waits: impl Fn(&LaneKey) -> bool) -> Vec<LaneKey> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lanes = std::mem::take(&mut seen.lanes);
        lanes.retain(|lane, _| !seen.knows(lane, &self.settings));
        let idle: Vec<LaneKey> = lanes
            .iter_mut()
            .filter_map(|(lane, used)| {
                (!std::mem::take(used) && !waits(lane)).then(|| lane.clone())
            })
            .collect();
        for lane in &idle {
            lanes.remove(lane);
        }
        seen.lanes = lanes;
        idle
    }
}

/// What is said of an item for an account or a target that nobody knows, when there are too many of them.
pub(crate) fn too_many_unknown() -> SendError {
    let text = format!(
        "Messages for {AT_MOST} accounts, pools and SIMs that this gateway does not know wait already. Name a SIM or a pool \
         that a modem has had, or wait until those are sent, expired or cancelled."
    );
    refusal("too-many-unknown", text)
}

#[cfg(test)]
mod tests {
    use contracts::config_kv::{Account, Sim};
    use contracts::{OrgId, Priority, SimId};

    use super::*;

    fn lane(account: UserId, target: Target) -> LaneKey {
        LaneKey { account, priority: Priority::Normal, target }
    }

    fn sim(n: usize) -> Target {
        Target::Sim(SimId::derived(&n.to_string()))
    }

    #[test]
    fn what_is_known_is_not_counted_and_what_is_not_is_bounded() {
        let settings = Settings::default();
        let strangers = Strangers::new(settings.clone());
        let own = |n| lane(UserId::internal(), sim(n));
        for n in 0..AT_MOST {
            assert!(strangers.admit(&own(n)));
        }
        assert!(!strangers.admit(&own(AT_MOST)), "one too many");
        assert!(strangers.admit(&own(0)), "one that is there already");
        let default = Target::Pool(PoolId::default_pool());
        assert!(strangers.admit(&lane(UserId::internal(), default.clone())));
        let stranger = UserId::derived("stranger");
        assert!(!strangers.admit(&lane(stranger, default.clone())), "an account is bounded, too");

        let account = Account { org: OrgId::default_org(), enabled: true, admin: false };
        settings.put(&format!("account.{stranger}"), &account);
        assert!(strangers.admit(&lane(stranger, default)));
        let Target::Sim(known) = sim(AT_MOST) else { panic!() };
        settings.put(&format!("sim.{known}"), &Sim::unset(OrgId::default_org()));
        assert!(strangers.admit(&own(AT_MOST)));
    }

    #[test]
    fn a_lane_is_forgotten_when_nothing_waits_in_it() {
        let strangers = Strangers::new(Settings::default());
        let (one, two) = (lane(UserId::internal(), sim(1)), lane(UserId::internal(), sim(2)));
        assert!(strangers.admit(&one));
        strangers.stands(two.clone());
        // What was stored a moment ago may not be counted yet.
        assert_eq!(strangers.forget_idle(|_| false), [two]);
        assert_eq!(strangers.forget_idle(|lane| *lane == one), []);
        assert_eq!(strangers.forget_idle(|_| false), [one]);
    }
}
