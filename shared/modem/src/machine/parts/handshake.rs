//! `AT` until it is answered: how the line is brought in step (V.250, 5.2.1).
//!
//! A modem that answers the first `AT` at once is in step. One that was silent for a while may answer late
//! and more than once, so then the line must be quiet for a moment and one more `AT` be answered by exactly one
//! `OK`.

use std::time::{Duration, Instant};

use super::task::Step;

/// Silence after which nothing late is expected.
const QUIET: Duration = Duration::from_millis(100);
/// The same where an earlier `AT` has not been answered and may be yet.
const QUIET_WHEN_OWED: Duration = Duration::from_millis(1200);
/// A modem that is never quiet is asked again all the same.
const NEVER_QUIET: Duration = Duration::from_secs(2);
const FIRST_TRY: Duration = Duration::from_millis(500);
const OTHER_TRIES: Duration = Duration::from_secs(1);
/// The try that counts, of a modem that has not answered within [`FIRST_TRY`].
const SLOW_TRY: Duration = Duration::from_secs(2);
/// After so many answers the line counts as in step, whatever they were.
const MOST_ANSWERS: u32 = 4;

/// Where to go when the line is in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The modem is set up from the beginning.
    SetUp,
    /// The set-up goes on with this step.
    GoOn(Step),
    /// The modem is at work again.
    Work,
}

/// One `AT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Try {
    pub(crate) command: &'static str,
    pub(crate) patience: Duration,
    /// ESC goes before the command, for a prompt may be open.
    pub(crate) leaves_prompt: bool,
}

/// `AT` until it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handshake {
    goal: Goal,
    /// Nothing was missed: the first answer counts.
    clean: bool,
    /// `AT`s written since the line was quiet.
    tries: u32,
    answers: u32,
    give_up_at: Instant,
    /// A try was not answered in time.
    slow: bool,
    quiet_for: Duration,
    quiet_until: Option<Instant>,
    quiet_limit: Instant,
}

impl Handshake {
    /// A handshake that is given up after `patience`; `clean` says that no answer is owed.
    pub(crate) fn new(now: Instant, goal: Goal, clean: bool, patience: Duration) -> Self {
        Self {
            goal,
            clean,
            tries: 0,
            answers: 0,
            give_up_at: now + patience,
            slow: false,
            quiet_for: QUIET,
            quiet_until: None,
            quiet_limit: now,
        }
    }

    /// Where to go when the line is in step.
    pub(crate) fn goal(&self) -> Goal {
        self.goal
    }

    /// Whether the modem is being looked for, not brought back.
    pub(crate) fn is_first(&self) -> bool {
        self.goal == Goal::SetUp
    }

    /// When the line has been quiet for long enough.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.quiet_until
    }

    /// The next `AT`.
    pub(crate) fn next_try(&mut self) -> Try {
        self.quiet_until = None;
        self.tries += 1;
        let is_first = self.clean && self.tries == 1;
        Try {
            command: if self.tries % 4 == 3 { "ATQ0V1" } else { "AT" },
            patience: match (is_first, self.slow) {
                (true, false) => FIRST_TRY,
                (true, true) => SLOW_TRY,
                (false, _) => OTHER_TRIES,
            },
            leaves_prompt: !is_first,
        }
    }

    /// An `AT` was answered. Returns whether the line is in step; when not, it must be quiet first.
    pub(crate) fn note_answer(&mut self, now: Instant, ok: bool) -> bool {
        self.answers += 1;
        if self.clean && self.tries == 1 && ok || self.answers > MOST_ANSWERS {
            return true;
        }
        self.quiet_for = if self.tries > 1 { QUIET_WHEN_OWED } else { QUIET };
        self.quiet_until = Some(now + self.quiet_for);
        self.quiet_limit = now + NEVER_QUIET;
        false
    }

    /// Bytes came: the line is not quiet.
    pub(crate) fn note_bytes(&mut self, now: Instant) {
        if self.quiet_until.is_some() {
            self.quiet_until = Some((now + self.quiet_for).min(self.quiet_limit.max(now)));
        }
    }

    /// The line was quiet for long enough: the answer to the next `AT` counts.
    pub(crate) fn note_quiet(&mut self) {
        self.clean = true;
        self.tries = 0;
    }

    /// An `AT` was not answered in time. Returns whether the handshake is to be given up.
    pub(crate) fn note_silence(&mut self, now: Instant) -> bool {
        self.slow = true;
        self.note_prompt(now)
    }

    /// An `AT` was answered by a prompt. Returns whether the handshake is to be given up.
    pub(crate) fn note_prompt(&mut self, now: Instant) -> bool {
        self.clean = false;
        self.give_up_at <= now
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "time is an argument here, and any time will do")]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn a_modem_that_answers_at_once_is_in_step() {
        let now = Instant::now();
        let mut handshake = Handshake::new(now, Goal::SetUp, true, PATIENCE);
        let attempt = handshake.next_try();
        assert_eq!((attempt.command, attempt.leaves_prompt), ("AT", false));
        assert!(handshake.note_answer(now, true));
    }

    #[test]
    fn after_silence_the_line_must_be_quiet_and_one_more_answer_come() {
        let mut now = Instant::now();
        let mut handshake = Handshake::new(now, Goal::Work, true, PATIENCE);
        handshake.next_try();
        now += FIRST_TRY;
        assert!(!handshake.note_silence(now));
        assert!(handshake.next_try().leaves_prompt);
        assert!(!handshake.note_answer(now, true));
        assert_eq!(handshake.due(), Some(now + QUIET_WHEN_OWED));
        now += QUIET;
        handshake.note_bytes(now);
        assert_eq!(handshake.due(), Some(now + QUIET_WHEN_OWED));
        handshake.note_quiet();
        assert_eq!(handshake.next_try().patience, SLOW_TRY);
        assert!(handshake.note_answer(now, true));
    }

    #[test]
    fn a_modem_that_never_answers_is_given_up() {
        let now = Instant::now();
        let mut handshake = Handshake::new(now, Goal::SetUp, true, PATIENCE);
        assert!(!handshake.note_silence(now));
        assert!(handshake.note_silence(now + PATIENCE));
    }
}
