//! One command and its answer, in lock-step.
//!
//! An answer is the lines that the command claims, by the name before their colon, and the final result.
//! All other lines are unsolicited. A second command is never written before the final result of the first,
//! or the end of its time; after the latter the line is brought in step again before anything else is asked,
//! so that no late `OK` is taken for the answer to something else.

use std::time::Duration;

use at::{Final, Urc, command};

use super::Modem;
use super::parts::active::Active;
use super::parts::phase::Phase;
use super::parts::task::{Step, Task, Wanted};

impl Modem {
    /// Writes a command.
    pub(super) fn start(&mut self, text: impl Into<String>, task: Task, patience: Duration) {
        self.link.start(self.now, text.into(), task, patience);
    }

    /// Writes a command that asks for a PDU.
    pub(super) fn start_prompting(&mut self, text: String, task: Task) {
        let patience = self.device.profile().prompt();
        self.start(text, task, patience);
        self.link.await_prompt();
    }

    /// Writes bytes that are no command.
    pub(super) fn write(&mut self, bytes: &[u8]) {
        self.link.write_at(self.now, bytes);
    }

    /// Takes a prompt: the modem asks for a PDU.
    pub(super) fn prompt(&mut self) {
        let active = self.link.active();
        let awaited = active.is_some_and(Active::awaits_prompt);
        let echoed = active.is_some_and(Active::is_echoed);
        match self.link.task() {
            // In text mode the PDU would go out as a text, to the number that its length is.
            Some(Task::Submit | Task::Store) if awaited && echoed => self.leave_prompt(),
            Some(Task::Submit | Task::Store) if awaited => self.write_pdu(),
            Some(Task::Handshake) => self.prompt_in_handshake(),
            // The modem asks for a text where there is none.
            _ => {
                self.write(&[command::ESC]);
                self.garbage("a prompt that nobody asked for");
            }
        }
    }

    /// Takes a line.
    pub(super) fn line(&mut self, line: &str) {
        if self.device.profile().ignore.iter().any(|start| line.starts_with(start.as_str())) {
            return;
        }
        if self.continue_partial(line) {
            return;
        }
        if self.take_echo(line) {
            return;
        }
        if let Some(result) = Final::parse(line) {
            self.final_line(&result, line);
            return;
        }
        if self.take_reference(line) {
            return;
        }
        if self.link.claim(self.now, line) {
            return;
        }
        if self.take_late_line(line) {
            return;
        }
        // A modem in numeric mode (ATV0) says 0 for OK and 4 for ERROR.
        if matches!(line, "0" | "4") && matches!(self.phase, Phase::Handshake(_)) {
            self.setup.note_number();
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

    /// Takes a line that belongs to the last command, which ended in `OK` without that line: the `OK` was another
    /// command's, and since then each command has got the answer of the one before.
    fn take_late_line(&mut self, line: &str) -> bool {
        let submitting = matches!(
            self.link.task(),
            Some(Task::Submit | Task::Store | Task::SendStored | Task::Handshake)
        );
        // A modem that always says `OK` first is not brought in step again and again.
        if !self.link.is_missing_line(line) || submitting || self.health.strikes() >= 3 {
            return false;
        }
        self.link.missing_line_came();
        self.garbage("an answer came one command late");
        self.out_of_step();
        true
    }

    /// Takes a line in which the modem repeats what was written to it.
    fn take_echo(&mut self, line: &str) -> bool {
        if self.link.is_command(line) {
            self.echo_is_on(line);
            return true;
        }
        let sends = matches!(self.link.task(), Some(Task::Submit | Task::Store));
        sends && line.len() >= 16 && command::unhex(line).is_some()
    }

    /// The modem repeats a command although echo was turned off. Where turning it off does not help, that is no sign;
    /// else the modem has fallen back to its factory's settings, as after a dip of its power, and is set up anew.
    fn echo_is_on(&mut self, line: &str) {
        match self.phase {
            Phase::Boot(step) if !matches!(step, Step::Echo) => self.setup.note_echo_stays(),
            Phase::Run if !self.setup.echo_stays() => {
                let active = self.link.active_mut();
                let is_repeated = active.is_some_and(|active| active.note_echo(line));
                if is_repeated {
                    self.want(Wanted::SetUp);
                }
            }
            _ => {}
        }
    }

    /// Takes a final result.
    fn final_line(&mut self, result: &Final, line: &str) {
        if *result == Final::NoCarrier {
            self.call_ended();
            return;
        }
        if self.take_late_result(result) || self.take_early_ok(result) {
            return;
        }
        match self.link.take_active() {
            Some(active) => self.finish(active, result, line),
            None if self.take_late_refusal_of_ussd(result) => {}
            None => self.garbage("a result without a command"),
        }
    }
}
