//! How the SIMs of a pool share what goes through it.

use std::collections::HashMap;

use contracts::routes::{Pool, Strategy};
use contracts::{PhoneNumber, PoolId, SimId};

use crate::online::Active;
use crate::{Online, Past};

/// What was set for a pool, made ready.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    strategy: Strategy,
    weights: HashMap<SimId, u32>,
}

impl Share {
    pub(crate) fn new(pool: &Pool) -> Self {
        let weights = pool.weights.iter().map(|one| (one.sim, one.weight)).collect();
        Self { strategy: pool.strategy, weights }
    }

    pub(crate) fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// Chooses one of the SIMs that are online and that the account may use; none: the modem that is ready takes the
    /// message.
    pub(crate) fn choose(
        &self,
        pool: &PoolId,
        to: &PhoneNumber,
        online: &Online,
        past: &Past,
        may_use: impl Fn(SimId) -> bool,
    ) -> Option<SimId> {
        let sims = online.pool(pool);
        let begin = match self.strategy {
            Strategy::AsFree | Strategy::Other => return None,
            Strategy::RoundRobin => {
                let count = u64::try_from(sims.len()).ok().filter(|count| *count > 0)?;
                usize::try_from(past.turn(pool) % count).ok()?
            }
            Strategy::Weighted => self.weighted(sims, past.turn(pool))?,
            Strategy::LeastUsed => {
                let used = |one: &Active| {
                    one.sent_today.saturating_add(past.given(one.sim, one.sent_today))
                };
                return first_by(sims, used, may_use);
            }
            Strategy::Sticky => {
                let recipient = hash(to.phone().as_bytes());
                // The highest number wins, so that a SIM which leaves moves nobody but those who had it.
                return first_by(sims, |one| !mixed(one.hash ^ recipient), may_use);
            }
        };
        // The first from there on that the account may use, and that is to have something.
        let turned = sims.iter().skip(begin).chain(sims.iter().take(begin));
        let counts =
            |one: &&Active| self.strategy != Strategy::Weighted || self.weight(one.sim) > 0;
        turned.filter(counts).map(|one| one.sim).find(|sim| may_use(*sim))
    }

    fn weight(&self, sim: SimId) -> u32 {
        self.weights.get(&sim).copied().unwrap_or(1)
    }

    /// Whose turn it is. In any run of turns each has its share, and what is due to one does not come all at once: the turns
    /// are spread over the weights by the golden ratio.
    fn weighted(&self, sims: &[Active], turn: u64) -> Option<usize> {
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        let total: u64 = sims.iter().map(|one| u64::from(self.weight(one.sim))).sum();
        let place = u128::from(turn.wrapping_mul(GOLDEN)) * u128::from(total);
        let mut place = u64::try_from(place >> 64).ok()?;
        sims.iter().position(|one| {
            let weight = u64::from(self.weight(one.sim));
            let is_it = place < weight;
            place = place.saturating_sub(weight);
            is_it
        })
    }
}

/// The SIM with the smallest number that may be used; of several the first.
fn first_by(
    sims: &[Active],
    number: impl Fn(&Active) -> u64,
    may_use: impl Fn(SimId) -> bool,
) -> Option<SimId> {
    let mut best: Option<(u64, SimId)> = None;
    for one in sims {
        let number = number(one);
        // Whether it may be used is asked of those alone that would be better.
        if best.is_none_or(|(least, _)| number < least) && may_use(one.sim) {
            best = Some((number, one.sim));
        }
    }
    best.map(|(_, sim)| sim)
}

/// A number that stands for some bytes, the same in every release and on every host: FNV-1a.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, step)
}

/// A number in which every bit depends on every bit of this one: the end of SplitMix64.
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
