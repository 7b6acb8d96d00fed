//! Which SIMs are in modems that are online, and for which pools.

use std::collections::HashMap;

use contracts::subject::Target;
use contracts::{PoolId, SimId};

use crate::share::hash;

/// A SIM in a modem that is online.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Active {
    pub(crate) sim: SimId,
    /// What stands for it where recipients are shared out.
    pub(crate) hash: u64,
    /// How many were sent through it today, as its modem says.
    pub(crate) sent_today: u64,
}

/// Who is online at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Online {
    sims: HashMap<SimId, u64>,
    /// Sorted by SIM, so that every router has one order.
    pools: HashMap<PoolId, Vec<Active>>,
}

impl Online {
    /// Gathers the SIMs in modems that are online, each with its pools and with how many messages were sent through it
    /// today. A SIM that is not for everybody is given without a pool.
    pub fn new(sims: impl IntoIterator<Item = (SimId, Vec<PoolId>, u64)>) -> Self {
        let mut online = Self::default();
        for (sim, pools, sent_today) in sims {
            if online.sims.insert(sim, sent_today).is_some() {
                // Two modems say that they have it; one will do.
                continue;
            }
            let active = Active { sim, hash: hash(sim.uuid().as_bytes()), sent_today };
            for pool in pools {
                online.pools.entry(pool).or_default().push(active);
            }
        }
        for pool in online.pools.values_mut() {
            pool.sort_unstable_by_key(|active| active.sim);
            pool.dedup_by_key(|active| active.sim);
        }
        online
    }

    /// Whether a modem of this target is online.
    pub fn has(&self, target: &Target) -> bool {
        match target {
            Target::Sim(sim) => self.sims.contains_key(sim),
            Target::Pool(pool) => !self.pool(pool).is_empty(),
        }
    }

    /// The SIMs of a pool, sorted.
    pub fn sims_of(&self, pool: &PoolId) -> impl Iterator<Item = SimId> {
        self.pool(pool).iter().map(|active| active.sim)
    }

    pub(crate) fn pool(&self, pool: &PoolId) -> &[Active] {
        self.pools.get(pool).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn sent_today(&self, sim: SimId) -> u64 {
        self.sent_today_if_there(sim).unwrap_or(0)
    }

    /// How many were sent through a SIM today; none: it is not online.
    pub(crate) fn sent_today_if_there(&self, sim: SimId) -> Option<u64> {
        self.sims.get(&sim).copied()
    }
}
