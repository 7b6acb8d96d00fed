//! When a callback is tried again.

use std::time::Duration;

use contracts::Timestamp;
use rand::RngExt as _;

/// Waits before each further try; after the last the callback is given up.
#[derive(Debug, Clone)]
pub(crate) struct Schedule(Vec<Duration>);

/// A wait is up to this part longer or shorter, so that what failed together is not tried together.
const JITTER: f64 = 0.2;

impl Schedule {
    pub(crate) fn new(waits: Vec<Duration>) -> Self {
        Self(waits)
    }

    /// When to try again after `attempts` tries, the last of them at `now`; `None`: it is given up.
    pub(crate) fn next(&self, attempts: u32, now: Timestamp) -> Option<Timestamp> {
        let factor = rand::rng().random_range(1.0 - JITTER..=1.0 + JITTER);
        self.next_with(attempts, now, factor)
    }

    fn next_with(&self, attempts: u32, now: Timestamp, factor: f64) -> Option<Timestamp> {
        let before = usize::try_from(attempts).unwrap_or(usize::MAX).saturating_sub(1);
        self.0.get(before).map(|wait| now.plus(wait.mul_f64(factor)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_once_then_given_up() {
        let schedule = Schedule::new(vec![Duration::from_secs(10), Duration::from_mins(1)]);
        let now = Timestamp::from_micros(0);
        let after = |seconds| Some(now.plus(Duration::from_secs(seconds)));
        assert_eq!(schedule.next_with(1, now, 1.0), after(10));
        assert_eq!(schedule.next_with(2, now, 1.0), after(60));
        assert_eq!(schedule.next_with(3, now, 1.0), None);
        assert_eq!(Schedule::new(Vec::new()).next(1, now), None);
    }

    #[test]
    fn jitter_is_a_fifth_at_most() {
        let schedule = Schedule::new(vec![Duration::from_secs(10)]);
        let now = Timestamp::from_micros(0);
        for _ in 0..100 {
            let wait = schedule.next(1, now).unwrap().since(now);
            assert!((8.0..=12.0).contains(&wait.as_secs_f64()), "{wait:?}");
        }
    }
}
