//! One command and its answer, in lock-step.
//!
//! An answer is the lines that the command claims, by the name before their colon, and the final result.
//! All other lines are unsolicited. A second command is never written before the final result of the first,
//! or the end of its time; after the latter the line is brought in step again before anything else is asked,
//! so that no late `OK` is taken for the answer to something else.

use std::time::{Duration, Instant};

use at::{Final, Urc, command, reply};

use super::Modem;
use super::active::{ALSO_UNSOLICITED, Active, command_name, shown};
use super::phase::Phase;
use super::task::{Step, Task, Wanted};
use crate::event::Event;

/// Lines of one answer that are kept; a list of 255 messages has 510.
const MAX_LINES: usize = 2048;
/// A list that grows is given time up to this.
const LONGEST: Duration = Duration::from_mins(5);
/// Silence that ends the answer of a modem known to leave out `OK`.
const NO_OK_SILENCE: Duration = Duration::from_millis(300);
/// Between ESC and the next command.
pub(super) const ESC_GUARD: Duration = Duration::from_millis(20);

impl Modem {
    /// Writes a command.
    pub(super) fn start(&mut self, text: impl Into<String>, task: Task, patience: Duration) {
        self.start_after(Duration::ZERO, text.into(), task, patience);
    }

    /// Writes a command after a pause.
    pub(super) fn start_after(
        &mut self,
        pause: Duration,
        text: String,
        task: Task,
        patience: Duration,
    ) {
        let gap = Duration::from_millis(self.profile.command_gap_ms);
        let due = (self.now + pause).max(self.last_final + gap);
        let mut bytes = text.clone().into_bytes();
        bytes.push(b'\r');
        self.write_at(due, bytes);
        let name = command_name(&text);
        if self.recent_commands.len() == 4 {
            self.recent_commands.pop_front();
        }
        self.recent_commands.push_back(text.clone());
        self.active = Some(Active {
            command: text,
            task,
            name,
            prompt_due: false,
            echoed: false,
            lines: Vec::new(),
            patience,
            deadline: due + patience,
            latest: due + patience.max(LONGEST),
            enough_at: None,
        });
    }

    /// Writes a command that asks for a PDU.
    pub(super) fn start_prompting(&mut self, text: String, task: Task) {
        let patience = self.profile.prompt();
        self.start(text, task, patience);
        if let Some(active) = &mut self.active {
            active.prompt_due = true;
        }
        self.framer.expect_prompt(true);
    }

    pub(super) fn write(&mut self, bytes: Vec<u8>) {
        self.write_at(self.now, bytes);
    }

    /// Writes, in pieces where the modem wants that, and never before what was written earlier.
    pub(super) fn write_at(&mut self, due: Instant, bytes: Vec<u8>) {
        let due = self.writes.back().map_or(due, |(last, _)| due.max(*last));
        if self.profile.chunk == 0 || bytes.len() <= self.profile.chunk {
            self.writes.push_back((due, bytes));
            return;
        }
        let gap = Duration::from_millis(self.profile.chunk_gap_ms);
        let mut due = due;
        for piece in bytes.chunks(self.profile.chunk) {
            self.writes.push_back((due, piece.to_vec()));
            due += gap;
        }
    }

    /// The modem asks for a PDU.
    pub(super) fn prompt(&mut self) {
        let echoed = self.active.as_ref().is_some_and(|active| active.echoed);
        match self.active.as_ref().map(|active| (active.prompt_due, active.task.clone())) {
            // In text mode the PDU would go out as a text, to the number that its length is.
            Some((true, Task::Submit | Task::Store)) if echoed => self.leave_prompt(),
            Some((true, Task::Submit | Task::Store)) => self.write_pdu(),
            Some((_, Task::Sync)) => self.prompt_while_syncing(),
            // Text is asked for where none is had: cancel.
            _ => {
                self.write(vec![command::ESC]);
                self.garbage("a prompt that nobody asked for");
            }
        }
    }

    /// One line came.
    pub(super) fn line(&mut self, line: &str) {
        if self.profile.ignore.iter().any(|start| line.starts_with(start.as_str())) {
            return;
        }
        if self.partial.is_some() && self.continue_partial(line) {
            return;
        }
        if self.is_echo(line) {
            return;
        }
        if let Some(result) = Final::parse(line) {
            self.final_line(&result, line);
            return;
        }
        if self.submit_line(line) {
            return;
        }
        if self.active.as_ref().is_some_and(|active| active.claims(line)) {
            self.claim(line);
            return;
        }
        if self.is_one_behind(line) {
            return;
        }
        // A modem in numeric mode (ATV0): 0 is OK, 4 is ERROR.
        if matches!(line, "0" | "4") && matches!(self.phase, Phase::Sync(_)) {
            self.boot.numeric = true;
            self.final_line(if line == "0" { &Final::Ok } else { &Final::Error }, line);
            return;
        }
        match Urc::parse(line) {
            Some(urc) => self.unsolicited(urc, line),
            None => {
                self.garbage(format!("a line of {} characters fits nothing", line.chars().count()));
            }
        }
    }

    /// A line that the last command should have had, which ended in `OK` without it: that `OK` was another's, and
    /// since then each command has got the answer of the one before.
    fn is_one_behind(&mut self, line: &str) -> bool {
        let missing = self.missing_line.as_deref();
        let behind = missing.is_some_and(|name| reply::value(line, name).is_some());
        let submitting = matches!(
            self.active.as_ref().map(|active| &active.task),
            Some(Task::Submit | Task::Store | Task::SendStored | Task::Sync)
        );
        // A modem that always says `OK` first is let be.
        if !behind || submitting || self.strikes.len() >= 3 {
            return false;
        }
        self.missing_line = None;
        self.garbage("an answer came one command late");
        self.out_of_step();
        true
    }

    fn claim(&mut self, line: &str) {
        let now = self.now;
        let no_ok = self.active.as_ref().is_some_and(|active| self.needs_no_ok(&active.name));
        if let Some(active) = &mut self.active {
            if active.lines.len() < MAX_LINES {
                active.lines.push(line.to_owned());
            }
            if matches!(active.task, Task::List { .. } | Task::ByHand { .. }) {
                active.deadline = (now + active.patience).min(active.latest);
            }
            if no_ok {
                active.enough_at = Some(now + NO_OK_SILENCE);
            }
        }
    }

    fn needs_no_ok(&self, name: &str) -> bool {
        !name.is_empty()
            && (self.learned_no_ok.contains(name) || self.profile.no_ok.iter().any(|n| n == name))
    }

    /// The modem repeats what was written to it.
    fn is_echo(&mut self, line: &str) -> bool {
        if self.recent_commands.iter().any(|command| command.eq_ignore_ascii_case(line)) {
            self.echo_is_on(line);
            return true;
        }
        let sends = self
            .active
            .as_ref()
            .is_some_and(|active| matches!(active.task, Task::Submit | Task::Store));
        sends && line.len() >= 16 && command::unhex(line).is_some()
    }

    /// Echo was turned off in the boot. Where that does not help it is no sign; else the modem has fallen back to
    /// its factory's settings, as after a dip of its power, and is set up anew.
    fn echo_is_on(&mut self, line: &str) {
        match self.phase {
            Phase::Boot(step) if !matches!(step, Step::Echo) => self.boot.echo_stays = true,
            Phase::Run if !self.boot.echo_stays => {
                if let Some(active) = self.active.as_mut().filter(|active| active.command == line) {
                    active.echoed = true;
                    self.want(Wanted::SetUp);
                }
            }
            _ => {}
        }
    }

    fn final_line(&mut self, result: &Final, line: &str) {
        if *result == Final::NoCarrier {
            self.call_ended();
            return;
        }
        if self.is_late_result(result) || self.is_early_ok(result) {
            return;
        }
        match self.active.take() {
            Some(active) => self.finish(active, result, line),
            None if self.ussd_refused_late(result) => {}
            None => self.garbage("a result without a command"),
        }
    }

    /// A command has ended.
    fn finish(&mut self, mut active: Active, result: &Final, line: &str) {
        self.framer.expect_prompt(false);
        self.last_final = self.now;
        self.answered_once = true;
        let asks = active.command.ends_with('?') || active.command == "AT+CSQ";
        // A line that also comes unasked says nothing after a refusal.
        let telling = result.is_ok() || !ALSO_UNSOLICITED.contains(&active.name.as_str());
        let unanswered = asks && telling && active.lines.is_empty();
        self.missing_line = unanswered.then(|| active.name.clone()).filter(|name| !name.is_empty());
        match active.task.clone() {
            Task::Sync => self.sync_answered(result),
            Task::Boot(step) => self.boot_answered(step, &active, result),
            Task::KeepLink => self.link_kept(result),
            Task::Submit | Task::Store | Task::SendStored => self.submit_answered(&active, result),
            Task::LookAtSent { index } => self.sent_looked_at(index, &active, result),
            Task::CheckSent => self.sent_checked(&active, result),
            Task::Acknowledge { receipt, positive } => {
                self.acknowledged(receipt, positive, result);
            }
            Task::Upkeep(upkeep) => self.upkeep_answered(upkeep, &active, result),
            Task::Read { memory, index, named } => {
                self.read_answered(&memory, index, named, &active, result);
            }
            Task::List { memory } => self.list_answered(&memory, &active, result),
            Task::Delete { receipt } => self.deleted(receipt, result),
            Task::Enter { memory } => self.entered(memory, result),
            Task::Poll(poll) => self.polled(poll, &active, result),
            Task::Ussd { id, packed } => self.ussd_answered(id, packed, result),
            Task::DeleteSent | Task::EndUssd | Task::HangUp => {}
            Task::ByHand { id } => {
                active.lines.push(line.to_owned());
                self.at_answered(id, &active.command, active.lines);
            }
        }
    }

    /// The time of the command in flight is over.
    pub(super) fn active_ran_out(&mut self) {
        let Some(active) = self.active.take() else { return };
        let whole = active.enough_at.is_some_and(|enough| enough <= self.now);
        if whole {
            self.finish(active, &Final::Ok, "OK");
            return;
        }
        self.framer.expect_prompt(false);
        if active.task == Task::Sync {
            self.sync_try_failed();
            return;
        }
        self.counters.timeouts += 1;
        self.event(Event::Stalled { command: shown(&active.command) });
        // It said what was asked, and no `OK`: from now on silence ends this one's answer.
        let informative = matches!(active.task, Task::Boot(_) | Task::Poll(_))
            && active.value().is_some()
            && self.learned_no_ok.insert(active.name.clone());
        if informative {
            self.finish(active, &Final::Ok, "OK");
            self.resync_keeping_phase();
            return;
        }
        self.task_ran_out(&active);
    }
}
