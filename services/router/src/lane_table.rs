//! All lanes, and which of them are to be looked at.
//!
//! Thousands of accounts may have a lane each, and something happens thousands of times a second: so a step of the loop
//! looks at the lanes to which something happened since the step before, and at those whose time has come. What concerns
//! every lane (modems come and go, settings change, the streams were counted) is rare, and said by [`LaneTable::touch_all`].

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use contracts::subject::Target;
use contracts::{Priority, UserId};
use tokio::time::Instant;

use crate::lane::{Lane, LaneKey};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct LaneTable {
    all: HashMap<LaneKey, Lane>,
    /// Those to which something happened.
    touched: HashSet<LaneKey>,
    /// Those with something that can be sent or has to be refused, by account.
    pressing: HashMap<(Priority, Target), HashSet<UserId>>,
    /// Those that are to be looked at by time.
    wakes: BTreeMap<Instant, Vec<LaneKey>>,
    /// When each of them is to be looked at first.
    wake_of: HashMap<LaneKey, Instant>,
}

impl LaneTable {
    /// A lane, as it is.
    pub(crate) fn get(&self, key: &LaneKey) -> Option<&Lane> {
        self.all.get(key)
    }

    /// Whether something is known of a lane.
    pub(crate) fn contains_key(&self, key: &LaneKey) -> bool {
        self.all.contains_key(key)
    }

    /// A lane to which something happens.
    pub(crate) fn get_mut(&mut self, key: &LaneKey) -> Option<&mut Lane> {
        let lane = self.all.get_mut(key)?;
        if !self.touched.contains(key) {
            self.touched.insert(key.clone());
        }
        Some(lane)
    }

    /// A lane to which something happens, and of which nothing may be known yet.
    pub(crate) fn entry(&mut self, key: LaneKey) -> Entry<'_, LaneKey, Lane> {
        self.touch(&key);
        self.all.entry(key)
    }

    /// All lanes; something happens to each.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&LaneKey, &mut Lane)> {
        self.touch_all();
        self.all.iter_mut()
    }

    /// Something happened to a lane.
    pub(crate) fn touch(&mut self, key: &LaneKey) {
        if !self.touched.contains(key) {
            self.touched.insert(key.clone());
        }
    }

    /// Something happened that concerns all lanes.
    pub(crate) fn touch_all(&mut self) {
        self.touched.extend(self.all.keys().cloned());
    }

    /// Something happened that concerns all lanes of an account.
    pub(crate) fn touch_account(&mut self, account: UserId) {
        let of_it = self.all.keys().filter(|key| key.account == account);
        self.touched.extend(of_it.cloned());
    }

    /// Those that are to be looked at now.
    pub(crate) fn take_due(&mut self, now: Instant) -> Vec<LaneKey> {
        while let Some(first) = self.wakes.first_entry()
            && *first.key() <= now
        {
            let at = *first.key();
            for key in first.remove() {
                if self.wake_of.get(&key) == Some(&at) {
                    self.wake_of.remove(&key);
                    self.touched.insert(key);
                }
            }
        }
        self.touched.drain().collect()
    }

    /// One of those, to which nothing happens but what the look does.
    pub(crate) fn looked_at(&mut self, key: &LaneKey) -> Option<&mut Lane> {
        self.all.get_mut(key)
    }

    /// Notes whether there is something to do with what waits in a lane.
    pub(crate) fn set_pressing(&mut self, key: &LaneKey, presses: bool) {
        let of = (key.priority, key.target.clone());
        if presses {
            self.pressing.entry(of).or_default().insert(key.account);
        } else if let Some(accounts) = self.pressing.get_mut(&of) {
            accounts.remove(&key.account);
            if accounts.is_empty() {
                self.pressing.remove(&of);
            }
        }
    }

    /// How many accounts share a target.
    pub(crate) fn sharing(&self, priority: Priority, target: &Target) -> usize {
        self.pressing.get(&(priority, target.clone())).map_or(0, HashSet::len)
    }

    /// Whether there is something to do with what waits anywhere.
    pub(crate) fn is_pressing(&self) -> bool {
        !self.pressing.is_empty()
    }

    /// A look at a lane is over. It is to be looked at again at this time, should nothing happen to it before.
    pub(crate) fn looked(&mut self, key: LaneKey, wake: Option<Instant>) {
        if self.all.get(&key).is_none_or(Lane::is_idle) {
            self.set_pressing(&key, false);
            self.wake_of.remove(&key);
            self.all.remove(&key);
            return;
        }
        let Some(wake) = wake else { return };
        if self.wake_of.get(&key).is_none_or(|known| wake < *known) {
            self.wakes.entry(wake).or_default().push(key.clone());
            self.wake_of.insert(key, wake);
        }
    }

    /// When the next lane is to be looked at by time.
    pub(crate) fn next_wake(&self) -> Option<Instant> {
        self.wakes.first_key_value().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use contracts::PoolId;

    use super::*;

    fn key(account: usize) -> LaneKey {
        LaneKey {
            account: UserId::derived(&account.to_string()),
            priority: Priority::Bulk,
            target: Target::Pool(PoolId::default_pool()),
        }
    }

    #[test]
    fn a_step_looks_at_the_lanes_to_which_something_happened() {
        for accounts in [10, 100, 1_000] {
            let now = Instant::now();
            let mut lanes = LaneTable::default();
            for account in 0..accounts {
                lanes.entry(key(account)).or_default().arriving(1);
            }
            assert_eq!(lanes.take_due(now).len(), accounts);
            assert_eq!(lanes.take_due(now), []);
            lanes.get_mut(&key(3)).unwrap().arriving(1);
            lanes.touch(&key(3));
            lanes.touch(&key(4));
            let due: HashSet<LaneKey> = lanes.take_due(now).into_iter().collect();
            assert_eq!(due, HashSet::from([key(3), key(4)]));
            lanes.touch_all();
            assert_eq!(lanes.take_due(now).len(), accounts);
            lanes.touch_account(UserId::derived("3"));
            assert_eq!(lanes.take_due(now), [key(3)]);
        }
    }

    #[test]
    fn a_lane_is_looked_at_when_its_time_has_come() {
        let now = Instant::now();
        let later = |seconds| now + Duration::from_secs(seconds);
        let mut lanes = LaneTable::default();
        for account in 0..3 {
            lanes.entry(key(account)).or_default().arriving(1);
        }
        lanes.take_due(now);
        lanes.looked(key(0), Some(later(5)));
        lanes.looked(key(1), Some(later(5)));
        lanes.looked(key(0), Some(later(9)));
        lanes.looked(key(1), Some(later(2)));
        lanes.looked(key(2), None);
        assert_eq!(lanes.next_wake(), Some(later(2)));
        assert_eq!(lanes.take_due(later(1)), []);
        assert_eq!(lanes.take_due(later(2)), [key(1)]);
        assert_eq!(lanes.take_due(later(9)), [key(0)]);
        assert_eq!(lanes.next_wake(), None);
    }

    #[test]
    fn what_is_idle_is_forgotten() {
        let now = Instant::now();
        let mut lanes = LaneTable::default();
        lanes.entry(key(0)).or_default().arriving(1);
        lanes.entry(key(1)).or_default().arriving(1);
        lanes.take_due(now);
        for account in 0..2 {
            lanes.set_pressing(&key(account), true);
            lanes.looked(key(account), Some(now));
        }
        assert_eq!(lanes.sharing(Priority::Bulk, &key(0).target), 2);
        lanes.looked_at(&key(0)).unwrap().has_arrived(1, None, false);
        lanes.looked(key(0), Some(now));
        assert_eq!(lanes.sharing(Priority::Bulk, &key(0).target), 1);
        assert!(!lanes.contains_key(&key(0)) && lanes.is_pressing());
        assert_eq!(lanes.take_due(now), [key(1)]);
        lanes.set_pressing(&key(1), false);
        assert!(!lanes.is_pressing());
    }
}
