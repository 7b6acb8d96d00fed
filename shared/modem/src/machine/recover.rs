//! When the modem does not answer: bring the line in step, set up anew, restart it, open the port anew.
//!
//! A modem that answers the first `AT` at once is in step. One that was silent for a while may answer late
//! and more than once, so then the line must be quiet for a moment and one more `AT` be answered by exactly one
//! `OK`. ESC leaves a prompt that an earlier program, or a lost answer, left open; Ctrl-Z is never used for that,
//! for at a prompt that holds a whole PDU it sends it.

use std::time::{Duration, Instant};

use at::{Final, command};

use super::Modem;
use super::active::Active;
use super::by_hand::changes_set_up;
use super::phase::Phase;
use super::talk::ESC_GUARD;
use super::task::{Poll, Step, Task, Wanted};
use crate::event::{Event, Force, NotSent, Reopen, RequestError};

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
/// A modem that has answered before may be restarting.
const PATIENCE_KNOWN: Duration = Duration::from_secs(20);
/// One that never has may be at another speed.
const PATIENCE_UNKNOWN: Duration = Duration::from_secs(3);
/// One that has just missed a command.
const PATIENCE_AT_WORK: Duration = Duration::from_secs(4);
/// After a restart the modem is left alone for so long, unless it says that it has started.
const RESET_PAUSE: Duration = Duration::from_secs(3);

/// Where to go when the line is in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Boot,
    Step(Step),
    Run,
}

/// `AT` until it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sync {
    then: Then,
    /// Nothing was missed: the first answer counts.
    clean: bool,
    /// `AT`s written since the line was quiet.
    tries: u32,
    rounds: u32,
    give_up_at: Instant,
    /// A try was not answered in time.
    slow: bool,
    quiet_for: Duration,
    quiet_until: Option<Instant>,
    quiet_limit: Instant,
}

impl Sync {
    pub(super) fn due(&self) -> Option<Instant> {
        self.quiet_until
    }

    /// It is being looked for, not brought back.
    pub(super) fn is_first(&self) -> bool {
        self.then == Then::Boot
    }
}

impl Modem {
    /// Looks for a modem on a port just opened, or one to be set up anew.
    pub(super) fn begin_sync(&mut self) {
        let patience = if self.health.has_answered() { PATIENCE_KNOWN } else { PATIENCE_UNKNOWN };
        // One that refuses what it has may be out of step.
        self.sync(Then::Boot, !self.needs.are_unmet(), patience);
    }

    fn sync(&mut self, then: Then, clean: bool, patience: Duration) {
        self.link.take_active();
        self.inbox.take_partial();
        self.phase = Phase::Sync(Sync {
            then,
            clean,
            tries: 0,
            rounds: 0,
            give_up_at: self.now + patience,
            slow: false,
            quiet_for: QUIET,
            quiet_until: None,
            quiet_limit: self.now,
        });
        self.sync_write();
    }

    fn sync_write(&mut self) {
        let Phase::Sync(sync) = &mut self.phase else { return };
        sync.quiet_until = None;
        sync.tries += 1;
        let first = sync.clean && sync.tries == 1;
        let text = if sync.tries % 4 == 3 { "ATQ0V1" } else { "AT" };
        let patience = match (first, sync.slow) {
            (true, false) => FIRST_TRY,
            (true, true) => SLOW_TRY,
            (false, _) => OTHER_TRIES,
        };
        let mut pause = Duration::ZERO;
        if !first {
            self.write(&[command::ESC]);
            pause = ESC_GUARD;
        }
        self.start_after(pause, text.to_owned(), Task::Sync, patience);
        // A prompt left open answers with another one.
        self.link.expect_prompt(true);
    }

    pub(super) fn sync_answered(&mut self, result: &Final) {
        let now = self.now;
        let Phase::Sync(sync) = &mut self.phase else { return };
        sync.rounds += 1;
        let in_step = sync.clean && sync.tries == 1 && result.is_ok();
        if in_step || sync.rounds > 4 {
            let then = sync.then;
            self.in_step(then);
            return;
        }
        sync.quiet_for = if sync.tries > 1 { QUIET_WHEN_OWED } else { QUIET };
        sync.quiet_until = Some(now + sync.quiet_for);
        sync.quiet_limit = now + NEVER_QUIET;
    }

    /// Bytes came: it is not quiet.
    pub(super) fn heard_something(&mut self) {
        let now = self.now;
        if let Phase::Sync(sync) = &mut self.phase
            && sync.quiet_until.is_some()
        {
            sync.quiet_until = Some((now + sync.quiet_for).min(sync.quiet_limit.max(now)));
        }
    }

    /// It was quiet for long enough: one more `AT`.
    pub(super) fn sync_ran_out(&mut self, mut sync: Sync) {
        sync.clean = true;
        sync.tries = 0;
        self.phase = Phase::Sync(sync);
        self.sync_write();
    }

    /// An `AT` was not answered.
    pub(super) fn sync_try_failed(&mut self) {
        let Phase::Sync(sync) = &mut self.phase else { return };
        sync.clean = false;
        sync.slow = true;
        if sync.give_up_at <= self.now {
            self.give_up();
        } else {
            self.sync_write();
        }
    }

    /// A prompt: leave it.
    pub(super) fn prompt_while_syncing(&mut self) {
        if let Phase::Sync(sync) = &mut self.phase {
            sync.clean = false;
            if sync.give_up_at <= self.now {
                self.give_up();
                return;
            }
        }
        self.link.take_active();
        self.sync_write();
    }

    fn in_step(&mut self, then: Then) {
        match then {
            Then::Boot => self.phase = Phase::Boot(Step::Echo),
            Then::Step(step) => self.phase = Phase::Boot(step),
            Then::Run => {
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

    /// A command was missed: bring the line in step and go on where the machine is.
    pub(super) fn resync_to(&mut self, phase: &Phase) {
        self.health.strike(self.now);
        self.health.forget_old_strikes(self.now);
        self.bring_in_step(phase);
    }

    /// Answers came one command late: bring the line in step; what was learned in the boot is not to be trusted.
    pub(super) fn out_of_step(&mut self) {
        match self.phase {
            Phase::Boot(_) | Phase::Wait { .. } => {
                self.health.strike(self.now);
                self.link.drop_writes();
                self.sync(Then::Boot, false, PATIENCE_AT_WORK);
            }
            Phase::Run => {
                let Some(active) = self.link.take_active() else { return };
                self.task_ran_out(&active);
            }
            _ => {}
        }
    }

    /// The answer lacked its `OK`, which may still come.
    pub(super) fn resync_keeping_phase(&mut self) {
        let phase = self.phase.clone();
        self.bring_in_step(&phase);
    }

    fn bring_in_step(&mut self, phase: &Phase) {
        let then = match phase {
            Phase::Boot(step) | Phase::Wait { step, .. } => Then::Step(*step),
            Phase::Run => Then::Run,
            Phase::Sync(_) | Phase::Resetting { .. } => Then::Boot,
            Phase::Closed | Phase::Gone => return,
        };
        self.end_sending(NotSent::NotReady);
        self.give_back_next(NotSent::NotReady);
        self.link.drop_writes();
        if then == Then::Run {
            // It may have restarted meanwhile.
            self.doubt_pdu_mode();
        }
        self.sync(then, false, PATIENCE_AT_WORK);
    }

    /// What becomes of a command that was not answered in time.
    pub(super) fn task_ran_out(&mut self, active: &Active) {
        self.not_answered(active);
        match active.task().clone() {
            Task::Boot(step) => {
                self.boot_ran_out(step, active);
                return;
            }
            Task::Sync => return,
            Task::KeepLink => self.outbox.note_keeps_link(false),
            Task::Submit | Task::Store | Task::SendStored => self.submit_ran_out(),
            Task::Acknowledge { receipt, positive } => {
                self.acknowledged(receipt, positive, &Final::Error);
            }
            Task::List { memory } => self.list_ran_out(&memory, active),
            Task::Delete { receipt } => self.deleted(receipt, &Final::Error),
            Task::Enter { memory } => self.may_have_entered(&memory),
            Task::Poll(poll) => {
                if poll != Poll::Lock {
                    self.link.note_missed(active.command());
                }
            }
            Task::Ussd { id, .. } => self.ussd_not_answered(id),
            Task::ByHand { id } => {
                self.event(Event::AtReply { id, result: Err(RequestError::NoAnswer) });
                if changes_set_up(active.command()) {
                    self.want(Wanted::SetUp);
                }
            }
            Task::DeleteSent
            | Task::LookAtSent { .. }
            | Task::CheckSent
            | Task::Upkeep(_)
            | Task::Read { .. }
            | Task::EndUssd
            | Task::HangUp => {}
        }
        let phase = self.phase.clone();
        self.resync_to(&phase);
    }

    /// The modem does not answer at all: the port is to be opened anew, with growing pauses and force.
    fn give_up(&mut self) {
        self.abort(NotSent::NotReady);
        self.link.forget_missed();
        let round = self.health.give_up();
        if round >= 2 {
            // It may hear although it does not speak.
            self.write(&[command::ESC, b'\r']);
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
        self.write(text.as_bytes());
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
            // It was expected.
            Phase::Resetting { .. } => {
                self.health.expect_start(self.now);
                self.begin_boot();
            }
            Phase::Sync(sync) if sync.is_first() => {
                self.health.expect_start(self.now);
                self.link.drop_writes();
                self.begin_sync();
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
