//! What is done when the modem does not answer: the line is brought in step, the modem is set up anew, restarted, or
//! its port opened anew.
//!
//! ESC leaves a prompt that an earlier program, or a lost answer, left open; Ctrl-Z is never used for that,
//! for at a prompt that holds a whole PDU it sends it.

use std::time::Duration;

use at::{Final, command};

use super::Modem;
use super::parts::handshake::{Goal, Handshake};
use super::parts::phase::Phase;
use super::parts::task::{Step, Task, Wanted};
use crate::event::{Force, NotSent, Reopen};

/// Between ESC and the next command.
const ESC_GUARD: Duration = Duration::from_millis(20);
/// How long a modem is looked for that has answered before, and may be restarting.
const PATIENCE_KNOWN: Duration = Duration::from_secs(20);
/// The same for a modem that never has answered, and may be at another speed.
const PATIENCE_UNKNOWN: Duration = Duration::from_secs(3);
/// The same for a modem that has just missed a command.
const PATIENCE_AT_WORK: Duration = Duration::from_secs(4);
/// How long a modem is left alone after it was told to restart, unless it says that it has started.
const RESET_PAUSE: Duration = Duration::from_secs(3);

impl Modem {
    /// Looks for a modem on a port just opened, or one to be set up anew.
    pub(super) fn look_for_modem(&mut self) {
        let patience = if self.health.has_answered() { PATIENCE_KNOWN } else { PATIENCE_UNKNOWN };
        // A modem that refuses what it has may be out of step.
        self.shake_hands(Goal::SetUp, !self.needs.are_unmet(), patience);
    }

    /// Brings the line in step, and goes to `goal` then.
    fn shake_hands(&mut self, goal: Goal, clean: bool, patience: Duration) {
        self.link.take_active();
        self.inbox.take_partial();
        self.phase = Phase::Handshake(Handshake::new(self.now, goal, clean, patience));
        self.try_handshake();
    }

    /// Writes the next `AT`.
    fn try_handshake(&mut self) {
        let Phase::Handshake(handshake) = &mut self.phase else { return };
        let attempt = handshake.next_try();
        let mut earliest = self.now;
        if attempt.leaves_prompt {
            self.link.write_at(self.now, &[command::ESC]);
            earliest += ESC_GUARD;
        }
        let text = attempt.command.to_owned();
        self.link.start(earliest, text, Task::Handshake, attempt.patience);
        // A prompt that was left open answers with another one.
        self.link.expect_prompt(true);
    }

    /// Takes the answer to an `AT`.
    pub(super) fn handshake_answered(&mut self, result: &Final) {
        let Phase::Handshake(handshake) = &mut self.phase else { return };
        if handshake.note_answer(self.now, result.is_ok()) {
            let goal = handshake.goal();
            self.in_step(goal);
        }
    }

    /// Bytes came, so that the line is not quiet.
    pub(super) fn heard_something(&mut self) {
        if let Phase::Handshake(handshake) = &mut self.phase {
            handshake.note_bytes(self.now);
        }
    }

    /// The line was quiet for long enough: one more `AT`.
    pub(super) fn handshake_is_quiet(&mut self) {
        if let Phase::Handshake(handshake) = &mut self.phase {
            handshake.note_quiet();
            self.try_handshake();
        }
    }

    /// An `AT` was not answered.
    pub(super) fn handshake_try_failed(&mut self) {
        let Phase::Handshake(handshake) = &mut self.phase else { return };
        if handshake.note_silence(self.now) {
            self.give_up();
        } else {
            self.try_handshake();
        }
    }

    /// A prompt came in place of an answer, and is left.
    pub(super) fn prompt_in_handshake(&mut self) {
        if let Phase::Handshake(handshake) = &mut self.phase
            && handshake.note_prompt(self.now)
        {
            self.give_up();
            return;
        }
        self.link.take_active();
        self.try_handshake();
    }

    /// The line is in step. A modem that misses commands again and again is set up anew, then restarted, then given up.
    fn in_step(&mut self, goal: Goal) {
        match goal {
            Goal::SetUp => self.phase = Phase::Boot(Step::Echo),
            Goal::GoOn(step) => self.phase = Phase::Boot(step),
            Goal::Work => {
                self.phase = Phase::Run;
                match self.health.strikes() {
                    3 => self.want(Wanted::SetUp),
                    6 => self.want(Wanted::Reset),
                    9.. => {
                        self.health.forget_strikes();
                        self.give_up();
                    }
                    _ => {}
                }
            }
        }
    }

    /// A command was missed: brings the line in step and goes on where the machine is.
    pub(super) fn resync(&mut self) {
        self.health.strike(self.now);
        self.health.forget_old_strikes(self.now);
        self.bring_in_step();
    }

    /// Answers came one command late: brings the line in step; what was learned in the boot is not to be trusted.
    pub(super) fn out_of_step(&mut self) {
        match self.phase {
            Phase::Boot(_) | Phase::Wait { .. } => {
                self.health.strike(self.now);
                self.link.drop_writes();
                self.shake_hands(Goal::SetUp, false, PATIENCE_AT_WORK);
            }
            Phase::Run => {
                let Some(active) = self.link.take_active() else { return };
                self.not_answered(&active);
            }
            _ => {}
        }
    }

    /// Brings the line in step where an answer lacked its `OK`, which may still come.
    pub(super) fn bring_in_step(&mut self) {
        let goal = match self.phase {
            Phase::Boot(step) | Phase::Wait { step, .. } => Goal::GoOn(step),
            Phase::Run => Goal::Work,
            Phase::Handshake(_) | Phase::Resetting { .. } => Goal::SetUp,
            Phase::Closed | Phase::Gone => return,
        };
        self.end_sending(NotSent::NotReady);
        self.give_back_next(NotSent::NotReady);
        self.link.drop_writes();
        if goal == Goal::Work {
            // The modem may have restarted meanwhile.
            self.doubt_pdu_mode();
        }
        self.shake_hands(goal, false, PATIENCE_AT_WORK);
    }

    /// Has the port opened anew, with growing pauses and force, because the modem does not answer at all.
    fn give_up(&mut self) {
        self.abort(NotSent::NotReady);
        self.link.forget_missed();
        let round = self.health.give_up();
        if round >= 2 {
            // The modem may hear although it does not speak.
            self.link.write_at(self.now, &[command::ESC, b'\r']);
            let reset = format!("{}\r", self.device.profile().reset);
            self.link.write_at(self.now + ESC_GUARD, reset.as_bytes());
        }
        let force = match (round, round % 3) {
            (0 | 1, _) | (_, 1) => Force::Plain,
            (_, 2) => Force::DropDtr,
            _ => Force::PowerCycle,
        };
        let seconds = if round == 0 { 0 } else { 1_u64 << (round - 1).min(6) };
        self.phase = Phase::Gone;
        self.link.reopen(Reopen {
            force,
            after: Duration::from_secs(seconds.min(60)),
            never_answered: !self.health.has_answered(),
        });
    }

    /// Restarts the modem.
    pub(super) fn reset_modem(&mut self) {
        self.abort(NotSent::NotReady);
        self.agenda.forget_wanted();
        let text = format!("{}\r", self.device.profile().reset);
        self.link.write_at(self.now, text.as_bytes());
        self.health.expect_start(self.now);
        self.phase = Phase::Resetting { until: self.now + RESET_PAUSE };
    }

    /// The modem says that it has started.
    pub(super) fn started(&mut self) {
        if self.health.note_start(self.now) && self.given_may_be_answered() {
            return;
        }
        match &self.phase {
            Phase::Closed | Phase::Gone => {}
            // The modem was told to restart.
            Phase::Resetting { .. } => {
                self.health.expect_start(self.now);
                self.begin_boot();
            }
            Phase::Handshake(handshake) if handshake.is_first() => {
                self.health.expect_start(self.now);
                self.link.drop_writes();
                self.look_for_modem();
            }
            _ => {
                self.notices.rebooted();
                self.health.expect_start(self.now);
                self.abort(NotSent::Rebooted);
                self.outbox.nothing_is_owed();
                self.begin_boot();
            }
        }
    }
}
