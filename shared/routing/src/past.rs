//! What was decided before, as far as later decisions depend on it.

use std::collections::HashMap;

use contracts::{PoolId, SimId};

use crate::{Chosen, Online};

/// Kept by whoever decides, and told of each decision. A new one begins anew, which is no harm: turns begin anywhere, and how
/// many were sent is told by the modems.
#[derive(Debug, Default)]
pub struct Past {
    turns: HashMap<PoolId, u64>,
    given: HashMap<SimId, Given>,
}

/// What was given to a SIM and not sent yet when its modem was heard last.
#[derive(Debug, Clone, Copy)]
struct Given {
    told: u64,
    count: u64,
}

impl Given {
    /// What is left of it when the modem says that so many were sent. Fewer than before: another day has begun.
    fn left(self, sent_today: u64) -> u64 {
        match sent_today.checked_sub(self.told) {
            Some(sent) => self.count.saturating_sub(sent),
            None => 0,
        }
    }
}

impl Past {
    /// Notes a decision.
    pub fn note(&mut self, chosen: &Chosen, online: &Online) {
        let Some(sim) = chosen.sim() else { return };
        match &chosen.shared {
            Some(pool) => match self.turns.get_mut(pool) {
                Some(turn) => *turn = turn.wrapping_add(1),
                None => drop(self.turns.insert(pool.clone(), 1)),
            },
            None if chosen.of_team => {}
            None => return,
        }
        let sent_today = online.sent_today(sim);
        let left = self.given.get(&sim).map_or(0, |given| given.left(sent_today));
        self.given.insert(sim, Given { told: sent_today, count: left + 1 });
    }

    /// Notes that a message which a SIM was chosen for does not go out through it after all: it was cancelled, say.
    pub fn take_back(&mut self, sim: SimId) {
        if let Some(given) = self.given.get_mut(&sim) {
            given.count = given.count.saturating_sub(1);
        }
    }

    /// How many decisions of this pool there were.
    pub(crate) fn turn(&self, pool: &PoolId) -> u64 {
        self.turns.get(pool).copied().unwrap_or(0)
    }

    /// How many messages wait for a SIM, as far as they were given to it here.
    pub(crate) fn given(&self, sim: SimId, sent_today: u64) -> u64 {
        self.given.get(&sim).map_or(0, |given| given.left(sent_today))
    }
}
