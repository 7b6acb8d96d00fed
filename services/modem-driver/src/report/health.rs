//! Whether a modem does its work: the share of tries that failed through its own fault, over a window.
//!
//! A message that no modem could send says nothing about this one, so only failures of different
//! messages count. A sick modem leaves the pool, rests, is given one message to try, and comes back
//! when that goes out; each relapse makes the rest twice as long.

use std::collections::VecDeque;
use std::time::Duration;

use contracts::MessageId;
use tokio::time::Instant;

/// What is remembered.
const WINDOW: Duration = Duration::from_mins(10);
const MOST: usize = 20;
/// Fewer outcomes than this say nothing.
const FEWEST: usize = 5;
const FIRST_REST: Duration = Duration::from_secs(30);
const LONGEST_REST: Duration = Duration::from_mins(15);

/// The recent outcomes of one modem.
#[derive(Debug)]
pub(crate) struct Health {
    outcomes: VecDeque<(Instant, MessageId, bool)>,
    condition: Condition,
    rest: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Well,
    Resting {
        until: Instant,
    },
    /// Rested; the next outcome decides.
    Tried,
}

impl Health {
    pub(crate) fn new() -> Self {
        Self { outcomes: VecDeque::new(), condition: Condition::Well, rest: FIRST_REST }
    }

    /// Returns whether the modem may be given a message at `now`.
    pub(crate) fn may_send(&self, now: Instant) -> bool {
        match self.condition {
            Condition::Well | Condition::Tried => true,
            Condition::Resting { until } => now >= until,
        }
    }

    /// Returns whether the modem is out of the pool, or on trial.
    pub(crate) fn is_degraded(&self) -> bool {
        self.condition != Condition::Well
    }

    /// Returns when the modem's rest is over.
    pub(crate) fn rests_until(&self) -> Option<Instant> {
        match self.condition {
            Condition::Resting { until } => Some(until),
            Condition::Well | Condition::Tried => None,
        }
    }

    /// Notes that the modem is being given a message, which decides where it was to be tried.
    pub(crate) fn trying(&mut self, now: Instant) {
        if matches!(self.condition, Condition::Resting { until } if now >= until) {
            self.condition = Condition::Tried;
        }
    }

    /// Notes that a try ended, `well` unless it failed through the modem's or the network's fault.
    ///
    /// Returns whether the condition changed.
    pub(crate) fn outcome(&mut self, now: Instant, message: MessageId, well: bool) -> bool {
        let before = self.is_degraded();
        self.outcomes.push_back((now, message, well));
        while self.outcomes.len() > MOST
            || self.outcomes.front().is_some_and(|(at, ..)| now.duration_since(*at) > WINDOW)
        {
            self.outcomes.pop_front();
        }
        match (self.condition, well) {
            (Condition::Tried | Condition::Resting { .. }, true) => {
                self.condition = Condition::Well;
                self.rest = FIRST_REST;
                self.outcomes.clear();
            }
            (Condition::Tried | Condition::Resting { .. }, false) => {
                self.rest = (self.rest * 2).min(LONGEST_REST);
                self.condition = Condition::Resting { until: now + self.rest };
            }
            (Condition::Well, _) if self.is_sick() => {
                self.condition = Condition::Resting { until: now + self.rest };
            }
            (Condition::Well, _) => {}
        }
        before != self.is_degraded()
    }

    /// Returns how many tries failed, and of how many.
    pub(crate) fn tally(&self) -> (usize, usize) {
        (self.outcomes.iter().filter(|(.., well)| !well).count(), self.outcomes.len())
    }

    fn is_sick(&self) -> bool {
        let (failed, all) = self.tally();
        let mut messages: Vec<MessageId> =
            self.outcomes.iter().filter(|(.., well)| !well).map(|(_, id, _)| *id).collect();
        messages.sort_unstable();
        messages.dedup();
        all >= FEWEST && failed * 10 >= all * 6 && messages.len() >= 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_message_makes_no_sick_modem() {
        let (mut health, now) = (Health::new(), Instant::now());
        let message = MessageId::new();
        for _ in 0..20 {
            assert!(!health.outcome(now, message, false));
        }
        assert!(health.may_send(now));
    }

    #[test]
    fn a_sick_modem_rests_is_tried_and_comes_back() {
        let (mut health, now) = (Health::new(), Instant::now());
        assert!(!health.outcome(now, MessageId::new(), true));
        for _ in 0..3 {
            assert!(!health.outcome(now, MessageId::new(), false));
        }
        assert!(health.outcome(now, MessageId::new(), false));
        assert!(health.is_degraded() && !health.may_send(now));
        let rested = health.rests_until().unwrap();
        assert!(health.may_send(rested));
        health.trying(rested);
        // A relapse doubles the rest.
        assert!(!health.outcome(rested, MessageId::new(), false));
        let again = health.rests_until().unwrap();
        assert_eq!(again - rested, FIRST_REST * 2);
        health.trying(again);
        assert!(health.outcome(again, MessageId::new(), true));
        assert!(!health.is_degraded());
    }

    #[test]
    fn tries_of_long_ago_are_forgotten() {
        let (mut health, now) = (Health::new(), Instant::now());
        for _ in 0..3 {
            health.outcome(now, MessageId::new(), false);
        }
        let later = now + WINDOW + Duration::from_secs(1);
        assert!(!health.outcome(later, MessageId::new(), false));
        assert_eq!(health.tally(), (1, 1));
    }
}
