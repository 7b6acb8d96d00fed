//! What is asked of the broker, and what is given to the modems: places in turn, more items, and what has lost its leave or
//! its time.

use std::collections::HashMap;

use contracts::Priority;
use contracts::subject::Target;
use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::Release;
use super::verdict::Verdict;
use crate::errand::{dispatch, fetch, foremost, give_back};
use crate::lane::{FETCH_AT_MOST, Lane, LaneKey};

impl Release {
    /// Gives free places to the accounts in turn.
    pub(super) fn release(&mut self, priority: Priority) {
        let Some(turns) = self.turns.get(&priority) else { return };
        let now = self.clock.now();
        let targets: Vec<Target> =
            turns.targets().filter(|target| self.room.is_online(target)).cloned().collect();
        for target in targets {
            for _ in 0..self.room.free(&target, priority, now) {
                let next = self.turns.get_mut(&priority).and_then(|turns| turns.next(&target));
                let Some((account, delivery)) = next else { break };
                let lane = LaneKey { account, priority, target: target.clone() };
                let (message, round) = (delivery.value.id, delivery.value.request.round);
                match self.verdict(&delivery.value, now) {
                    Verdict::Go => {}
                    verdict => {
                        self.turn_away(delivery, verdict, now);
                        continue;
                    }
                }
                self.recent.insert(message, round, Instant::now());
                self.releasing.insert(message);
                self.room.released(message, target.clone(), priority);
                self.beside.push(dispatch(self.bus.clone(), lane, delivery, now).boxed());
            }
        }
    }

    /// Asks for more items of the lanes that have some, when a modem could soon send them or they have to be refused.
    pub(super) fn fetch(&mut self) {
        let (room, settings) = (&self.room, &self.settings);
        let now = Instant::now();
        for (key, lane) in self.lanes.iter_mut().filter(|(_, lane)| lane.has_backlog()) {
            if settings.refuses(key.account, &key.target)
                && let Some(count) = lane.fetch(0, FETCH_AT_MOST, now)
            {
                self.beside.push(fetch(self.bus.clone(), key.clone(), count).boxed());
            }
        }
        let mut sharing: HashMap<(Priority, Target), usize> = HashMap::new();
        let fetchable =
            |key: &LaneKey, lane: &Lane| lane.has_backlog() && room.is_online(&key.target);
        for (key, _) in self.lanes.iter().filter(|(key, lane)| fetchable(key, lane)) {
            *sharing.entry((key.priority, key.target.clone())).or_insert(0) += 1;
        }
        for (key, lane) in self.lanes.iter_mut().filter(|(key, lane)| fetchable(key, lane)) {
            // As much as all modems of a target should have is at hand, shared by the accounts that have something,
            // so that a place that becomes free is filled at once.
            let lanes = sharing.get(&(key.priority, key.target.clone())).copied().unwrap_or(1);
            let wanted = usize::try_from(room.wanted(&key.target)).unwrap_or(usize::MAX);
            let turns = self.turns.get(&key.priority);
            let ready = turns.map_or(0, |turns| turns.count(&key.target, key.account));
            if let Some(count) = lane.fetch(ready, wanted.div_ceil(lanes), now) {
                self.beside.push(fetch(self.bus.clone(), key.clone(), count).boxed());
            }
        }
    }

    /// What is at hand and may not go out any more is told so, and does not wait for room.
    pub(super) fn refuse_at_hand(&mut self) {
        if !self.is_certain() {
            return;
        }
        let (settings, now) = (&self.settings, self.clock.now());
        let refused: Vec<_> = self
            .turns
            .values_mut()
            .flat_map(|turns| turns.take_if(|account, target| settings.refuses(account, target)))
            .collect();
        for delivery in refused {
            // Given back if the settings were changed back in this moment.
            let verdict = self.verdict(&delivery.value, now);
            self.turn_away(delivery, verdict, now);
        }
    }

    /// What is at hand for a target whose last modem went away waits in the stream again.
    pub(super) fn give_back_for_offline(&mut self) {
        for (priority, turns) in &mut self.turns {
            let offline = turns.targets().filter(|target| !self.room.is_online(target));
            for target in offline.cloned().collect::<Vec<_>>() {
                for delivery in turns.take(&target) {
                    let lane = LaneKey::of(&delivery.value);
                    debug_assert_eq!((lane.priority, &lane.target), (*priority, &target));
                    self.beside.push(give_back(lane, delivery, None).boxed());
                }
            }
        }
    }

    /// Looks at the lanes without a modem of which an item may be over.
    pub(super) fn watch_ends(&mut self) {
        let now = self.clock.now();
        for (key, lane) in &mut self.lanes {
            let due = lane.has_backlog() && lane.ends_at().is_some_and(|end| end <= now);
            if due && !self.room.is_online(&key.target) {
                // Until the look is over.
                lane.set_ends_at(None);
                self.beside.push(foremost(self.bus.clone(), key.clone()).boxed());
            }
        }
    }
}
