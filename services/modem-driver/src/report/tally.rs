//! What a driver knows of a modem beyond the modem's own state: what the modem has in hand, what it did today, what
//! went wrong last, whether it is well.

use std::sync::{Mutex, PoisonError};

use contracts::modem::{Balance, ModemProblem};
use contracts::mt::SendError;
use contracts::{MessageId, SimId, Timestamp};
use jiff::civil::Date;
use platform::Clock;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::report::health::Health;

/// The tally of one modem, shared by what sends, what receives and what tells.
#[derive(Debug)]
pub(crate) struct Tally {
    inner: Mutex<Inner>,
    clock: Clock,
    changed: watch::Sender<u64>,
}

#[derive(Debug)]
struct Inner {
    health: Health,
    sending: bool,
    held: usize,
    day: Date,
    sent: u64,
    failed: u64,
    problem: Option<ModemProblem>,
    balance: Option<Balance>,
    recalled: bool,
}

/// What a tally says at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tallied {
    pub(crate) degraded: bool,
    pub(crate) outcomes: (usize, usize),
    pub(crate) sending: bool,
    pub(crate) queue: u32,
    pub(crate) sent_today: u64,
    pub(crate) failed_today: u64,
    pub(crate) problem: Option<ModemProblem>,
    /// The balance of the SIM that it names, which may not be the one in the modem.
    pub(crate) balance: Option<Balance>,
}

impl Tally {
    pub(crate) fn new(clock: Clock) -> Self {
        let inner = Inner {
            health: Health::new(),
            sending: false,
            held: 0,
            day: day_of(clock.now()),
            sent: 0,
            failed: 0,
            problem: None,
            balance: None,
            recalled: false,
        };
        Self { inner: Mutex::new(inner), clock, changed: watch::Sender::new(0) }
    }

    /// Returns a number that changes whenever something did.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Returns what the tally says now.
    pub(crate) fn look(&self) -> Tallied {
        let mut inner = self.lock();
        inner.turn_day(day_of(self.clock.now()));
        Tallied {
            degraded: inner.health.is_degraded(),
            outcomes: inner.health.tally(),
            sending: inner.sending,
            queue: u32::try_from(inner.held).unwrap_or(u32::MAX) + u32::from(inner.sending),
            sent_today: inner.sent,
            failed_today: inner.failed,
            problem: inner.problem.clone(),
            balance: inner.balance.clone(),
        }
    }

    /// Goes on counting where an earlier run of the driver ended, if that was today.
    pub(crate) fn go_on(&self, at: Timestamp, sent: u64, failed: u64) {
        if day_of(at) == day_of(self.clock.now()) {
            self.change(|inner| {
                inner.sent += sent;
                inner.failed += failed;
            });
        }
    }

    /// Notes whether a message is being worked on, and how many are held ahead.
    pub(crate) fn hands(&self, sending: bool, held: usize) {
        self.change(|inner| {
            inner.sending = sending;
            inner.held = held;
        });
    }

    /// Returns whether the modem may be given a message, and if not, when it may.
    pub(crate) fn may_send(&self) -> (bool, Option<Instant>) {
        let inner = self.lock();
        (inner.health.may_send(Instant::now()), inner.health.rests_until())
    }

    /// Returns whether the modem is out of the pool and given single messages to see whether it is well again.
    pub(crate) fn is_on_trial(&self) -> bool {
        self.lock().health.is_degraded()
    }

    /// Notes that the modem is being given a message.
    pub(crate) fn trying(&self) {
        self.change(|inner| inner.health.trying(Instant::now()));
    }

    /// Notes how a try ended, and returns whether the modem fell ill by it.
    pub(crate) fn outcome(&self, message: MessageId, well: bool) -> bool {
        self.change(|inner| {
            inner.health.outcome(Instant::now(), message, well) && inner.health.is_degraded()
        })
    }

    /// Notes that a message went out, so that what went wrong before is over.
    pub(crate) fn sent(&self) {
        self.change(|inner| {
            inner.sent += 1;
            inner.problem = None;
        });
    }

    /// Notes that a message was given up.
    pub(crate) fn failed(&self) {
        self.change(|inner| inner.failed += 1);
    }

    /// Notes what went wrong with a message. The words of the error end with the advice.
    pub(crate) fn went_wrong(&self, error: &SendError) {
        self.change(|inner| {
            inner.problem = Some(ModemProblem {
                code: error.code.clone(),
                text: error.text.clone(),
                advice: String::new(),
                at: self.clock.now(),
            });
        });
    }

    /// Notes what the bucket knows of a balance, from an earlier run or from another driver.
    pub(crate) fn recall_balance(&self, told: Option<Balance>) {
        self.change(|inner| {
            inner.recalled = true;
            if let Some(told) = told
                && inner.balance.as_ref().is_none_or(|own| own.at < told.at)
            {
                inner.balance = Some(told);
            }
        });
    }

    /// Returns whether [`Tally::recall_balance`] was called.
    pub(crate) fn has_recalled(&self) -> bool {
        self.lock().recalled
    }

    /// Returns what is known of a SIM's balance.
    pub(crate) fn balance_of(&self, sim: SimId) -> Option<Balance> {
        self.lock().balance.clone().filter(|balance| balance.sim == sim)
    }

    /// Notes a SIM's balance, or that it was asked for in vain.
    pub(crate) fn balance_is(&self, balance: Balance) {
        self.change(|inner| inner.balance = Some(balance));
    }

    fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let mut inner = self.lock();
        inner.turn_day(day_of(self.clock.now()));
        let result = change(&mut inner);
        drop(inner);
        self.changed.send_modify(|count| *count = count.wrapping_add(1));
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn turn_day(&mut self, today: Date) {
        if self.day != today {
            (self.day, self.sent, self.failed) = (today, 0, 0);
        }
    }
}

/// Returns the day that a time is in, where this host is.
fn day_of(at: Timestamp) -> Date {
    at.to_jiff().to_zoned_datetime(jiff::tz::TimeZone::system()).date()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_new_day_begins_to_count_anew() {
        let start = Timestamp::from_micros(1_700_000_000_000_000);
        let clock = Clock::following(start);
        let tally = Tally::new(clock);
        tally.go_on(start, 5, 1);
        tally.sent();
        let counts = || (tally.look().sent_today, tally.look().failed_today);
        assert_eq!(counts(), (6, 1));
        tokio::time::advance(Duration::from_hours(24)).await;
        assert_eq!(counts(), (0, 0));
        tally.failed();
        assert_eq!(counts(), (0, 1));
        // What was counted yesterday is not gone on with.
        tally.go_on(start, 5, 1);
        assert_eq!(counts(), (0, 1));
    }
}
