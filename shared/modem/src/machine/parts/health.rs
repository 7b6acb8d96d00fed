//! How the modem has answered so far, and when it was started last.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Missed commands within this time count together.
const STRIKES_WITHIN: Duration = Duration::from_mins(5);
/// A modem that was plugged in says within this time that it has started.
const START_IS_NEWS: Duration = Duration::from_secs(15);
/// After the start, a PIN or `AT+CFUN=1`, a modem may say for so long that it is ready.
const START_LASTS: Duration = Duration::from_mins(1);
/// Speeds that are tried on a port that has never answered, before the pauses grow.
const SPEEDS: u32 = 7;

/// How the modem has answered so far.
#[derive(Debug)]
pub(crate) struct Health {
    opened_at: Instant,
    /// When something was done after which a modem says `SMS Ready`.
    start_expected_at: Instant,
    /// The modem has said, since the port was opened, that it has started.
    start_heard: bool,
    /// The modem has answered a command, ever.
    has_answered: bool,
    /// When commands were missed.
    strikes: VecDeque<Instant>,
    /// How often the port was given up since the modem was set up last.
    given_up: u32,
}

impl Health {
    /// Nothing is known of the modem.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            opened_at: now,
            start_expected_at: now,
            start_heard: false,
            has_answered: false,
            strikes: VecDeque::new(),
            given_up: 0,
        }
    }

    /// The port was opened.
    pub(crate) fn opened(&mut self, now: Instant) {
        self.opened_at = now;
        self.start_expected_at = now;
        self.start_heard = false;
    }

    /// Something was done after which a modem says that it is ready.
    pub(crate) fn expect_start(&mut self, now: Instant) {
        self.start_expected_at = now;
    }

    /// Whether `SMS Ready` is only the end of a start that is known.
    pub(crate) fn may_be_starting(&self, now: Instant) -> bool {
        now <= self.start_expected_at + START_LASTS
    }

    /// The modem says that it has started. Returns whether that may be late news on a port just opened, for a modem
    /// answers before it says so.
    pub(crate) fn note_start(&mut self, now: Instant) -> bool {
        let is_first = !std::mem::replace(&mut self.start_heard, true);
        is_first && now < self.opened_at + START_IS_NEWS
    }

    /// A command was answered.
    pub(crate) fn note_answer(&mut self) {
        self.has_answered = true;
    }

    pub(crate) fn has_answered(&self) -> bool {
        self.has_answered
    }

    /// Counts a command that was missed.
    pub(crate) fn strike(&mut self, now: Instant) {
        self.strikes.push_back(now);
    }

    /// Drops the strikes that are too old to count.
    pub(crate) fn forget_old_strikes(&mut self, now: Instant) {
        while self.strikes.front().is_some_and(|at| *at + STRIKES_WITHIN < now) {
            self.strikes.pop_front();
        }
    }

    pub(crate) fn forget_strikes(&mut self) {
        self.strikes.clear();
    }

    pub(crate) fn strikes(&self) -> usize {
        self.strikes.len()
    }

    /// The port is given up. Returns how often it was, not counting the times in which only other speeds were tried.
    pub(crate) fn give_up(&mut self) -> u32 {
        self.given_up = self.given_up.saturating_add(1);
        if self.has_answered { self.given_up } else { self.given_up.saturating_sub(SPEEDS) }
    }

    /// Whether the port was given up since the modem was set up last.
    pub(crate) fn is_given_up(&self) -> bool {
        self.given_up > 0
    }

    /// The modem is set up.
    pub(crate) fn set_up(&mut self) {
        self.given_up = 0;
    }
}
