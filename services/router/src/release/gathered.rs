//! What was admitted and has to wait is gathered for a moment, and goes to `SMS_WAIT` together.

use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::Release;
use crate::errand::wait;
use crate::heard::Admitted;
use crate::lane::LaneKey;

/// For how long requests that have to wait are gathered, so that they are stored, told of and acknowledged together. What
/// waits for its turn does not wait longer for it.
const GATHER: Duration = Duration::from_millis(5);
/// Requests of one lane that are stored together at most.
const AT_MOST: usize = 256;

/// What was admitted in a moment, the first item of each for one lane.
pub(super) struct Gathered {
    admitted: Vec<Admitted>,
    until: Instant,
}

impl Gathered {
    fn new() -> Self {
        Self { admitted: Vec::new(), until: Instant::now() + GATHER }
    }

    /// When it is stored at the latest.
    pub(super) fn until(&self) -> Instant {
        self.until
    }
}

impl Release {
    /// Gathers what was admitted and has to wait; `lane` is that of its first item.
    pub(super) fn gather(&mut self, lane: LaneKey, admitted: Admitted) {
        for item in &admitted.items {
            self.lanes.entry(LaneKey::of(item)).or_default().arriving(1);
        }
        self.gathered.entry(lane).or_insert_with(Gathered::new).admitted.push(admitted);
    }

    /// Has stored in `SMS_WAIT` what was gathered for long enough, or is enough.
    pub(super) fn store_gathered(&mut self, now: Instant) {
        self.store_gathered_if(|gathered| {
            gathered.until <= now || gathered.admitted.len() >= AT_MOST
        });
    }

    /// Has all of it stored.
    pub(super) fn store_all_gathered(&mut self) {
        self.store_gathered_if(|_| true);
    }

    fn store_gathered_if(&mut self, is_ready: impl Fn(&Gathered) -> bool) {
        let at = self.clock.now();
        for (_, gathered) in self.gathered.extract_if(|_, gathered| is_ready(gathered)) {
            self.beside.push(wait(self.bus.clone(), gathered.admitted, at).boxed());
        }
    }
}
