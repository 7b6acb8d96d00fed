//! The command in flight: what it is for, and which lines are its answer.

use std::time::{Duration, Instant};

use at::{Final, Urc, command, reply};

use super::task::{Poll, Task};

/// The most lines of one answer that are kept; a list of 255 messages has 510.
const MAX_LINES: usize = 2048;
/// How long an answer may take that grows line by line.
const LONGEST: Duration = Duration::from_mins(5);
/// The silence that ends the answer of a modem known to leave out `OK`.
const NO_OK_SILENCE: Duration = Duration::from_millis(300);
/// Names whose lines also come unasked, so that a command that *sets* them does not claim them.
const ALSO_UNSOLICITED: [&str; 7] =
    ["+CREG", "+CGREG", "+CEREG", "+CUSD", "+CLIP", "+CPIN", "+CNMI"];

/// A command in flight.
#[derive(Debug, Clone)]
pub(crate) struct Active {
    command: String,
    task: Task,
    /// The name that its lines begin with: `+CSQ`; empty for `ATI` and the like.
    name: String,
    /// The prompt for a PDU is due.
    prompt_due: bool,
    lines: Vec<String>,
    patience: Duration,
    deadline: Instant,
    latest: Instant,
    /// The modem repeated the command although echo is off: it has lost its settings.
    echoed: bool,
    /// The answer counts as whole at this time when nothing else comes.
    enough_at: Option<Instant>,
}

impl Active {
    /// A command that is written at `due` and may take `patience` from then on.
    pub(crate) fn new(command: String, task: Task, due: Instant, patience: Duration) -> Self {
        Self {
            name: command_name(&command),
            command,
            task,
            prompt_due: false,
            lines: Vec::new(),
            patience,
            deadline: due + patience,
            latest: due + patience.max(LONGEST),
            echoed: false,
            enough_at: None,
        }
    }

    pub(crate) fn command(&self) -> &str {
        &self.command
    }

    /// What the command is for.
    pub(crate) fn task(&self) -> &Task {
        &self.task
    }

    /// The name that the lines of the answer begin with; empty for `ATI` and the like.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The lines of the answer so far.
    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The value behind the command's own name, in the first line that has it.
    pub(crate) fn value(&self) -> Option<&str> {
        self.lines.iter().find_map(|line| reply::value(line, &self.name))
    }

    /// The whole answer of a command that a person gave: its lines and the final result.
    pub(crate) fn into_lines(mut self, result: &str) -> Vec<String> {
        self.lines.push(result.to_owned());
        self.lines
    }

    /// When the command's time is over, or its answer counts as whole.
    pub(crate) fn due(&self) -> Instant {
        self.enough_at.map_or(self.deadline, |enough| enough.min(self.deadline))
    }

    /// Whether the answer counts as whole although no final result has come.
    pub(crate) fn is_whole(&self, now: Instant) -> bool {
        self.enough_at.is_some_and(|enough| enough <= now)
    }

    /// Has the answer count as whole at `enough`, unless an earlier call has named a time.
    pub(crate) fn count_as_whole_at(&mut self, enough: Instant) {
        self.enough_at.get_or_insert(enough);
    }

    /// Has the answer not count as whole before its final result.
    pub(crate) fn await_result(&mut self) {
        self.enough_at = None;
    }

    /// Gives the command `patience` from now on.
    pub(crate) fn extend(&mut self, now: Instant, patience: Duration) {
        self.patience = patience;
        self.deadline = (now + patience).min(self.latest.max(now + patience));
    }

    /// Ends the command's time at `limit`, if not before.
    pub(crate) fn limit(&mut self, limit: Instant) {
        self.deadline = self.deadline.min(limit);
    }

    /// Whether the prompt for a PDU is due.
    pub(crate) fn awaits_prompt(&self) -> bool {
        self.prompt_due
    }

    /// The command asks for a PDU.
    pub(crate) fn await_prompt(&mut self) {
        self.prompt_due = true;
    }

    /// The prompt for a PDU came.
    pub(crate) fn prompt_came(&mut self) {
        self.prompt_due = false;
    }

    /// Whether the modem repeated the command although echo is off.
    pub(crate) fn is_echoed(&self) -> bool {
        self.echoed
    }

    /// Notes a line that repeats a command. `true` when the line is this command.
    pub(crate) fn note_echo(&mut self, line: &str) -> bool {
        self.echoed |= self.command == line;
        self.command == line
    }

    /// Adds a line to the answer; where the modem leaves out `OK`, silence after the line ends the answer.
    pub(crate) fn take_line(&mut self, now: Instant, line: &str, leaves_out_ok: bool) {
        if self.lines.len() < MAX_LINES {
            self.lines.push(line.to_owned());
        }
        if matches!(self.task, Task::List { .. } | Task::ByHand { .. }) {
            self.deadline = (now + self.patience).min(self.latest);
        }
        if leaves_out_ok {
            self.enough_at = Some(now + NO_OK_SILENCE);
        }
    }

    /// The name of the line that a question should have had in its answer, when `result` ended it without that line.
    pub(crate) fn missing_line(&self, result: &Final) -> Option<&str> {
        let asks = self.command.ends_with('?') || self.command == "AT+CSQ";
        // A line that also comes unasked says nothing after a refusal.
        let telling = result.is_ok() || !ALSO_UNSOLICITED.contains(&self.name.as_str());
        let misses = asks && telling && self.lines.is_empty() && !self.name.is_empty();
        misses.then_some(&self.name)
    }

    /// Whether a line is part of this answer.
    pub(crate) fn claims(&self, line: &str) -> bool {
        if let Task::ByHand { .. } = self.task {
            let own = reply::value(line, &self.name).is_some();
            return own || matches!(Urc::parse(line), None | Some(Urc::Ignored));
        }
        let sets = self.command.contains('=') && !self.command.ends_with("=?");
        if !self.name.is_empty() && reply::value(line, &self.name).is_some() {
            let registration = matches!(self.name.as_str(), "+CREG" | "+CGREG" | "+CEREG");
            if registration && !sets {
                return reply::RegistrationLine::parse(
                    line.split_once(':').map_or("", |p| p.1.trim()),
                )
                .is_some_and(|line| line.is_answer);
            }
            return !(sets && ALSO_UNSOLICITED.contains(&self.name.as_str()));
        }
        match &self.task {
            Task::Read { .. } | Task::List { .. } | Task::LookAtSent { .. } | Task::CheckSent => {
                self.claims_body(line)
            }
            Task::Boot(step) if step.answers_freely() => self.claims_free(line),
            Task::Poll(Poll::Iccid) => self.claims_free(line),
            _ => false,
        }
    }

    /// Whether a line follows a header: the PDU, or a text when the modem fell into text mode.
    fn claims_body(&self, line: &str) -> bool {
        let after_header =
            self.lines.last().is_some_and(|last| reply::value(last, &self.name).is_some());
        after_header && (command::unhex(line).is_some() || Urc::parse(line).is_none())
    }

    /// Whether a line is an answer of bare text, such as a maker's name.
    fn claims_free(&self, line: &str) -> bool {
        let letters = self.name.trim_start_matches(['+', '^', '#', '*', '$', '%', '!']);
        match Urc::parse(line) {
            None => true,
            Some(Urc::Ignored) => {
                // SIMCom's SIM7600 answers AT+CICCID by +ICCID.
                let fits = |name: &str| name.contains(letters) || letters.contains(&name[1..]);
                !letters.is_empty() && reply::name(line).is_some_and(fits)
            }
            Some(_) => false,
        }
    }
}

/// The name that the lines of a command's answer begin with: `+CSQ` for `AT+CSQ`; empty for `AT`, `ATI`, `ATE0`.
fn command_name(command: &str) -> String {
    let rest = command.get(2..).unwrap_or("");
    let end = rest.find(['=', '?', ';']).unwrap_or(rest.len());
    let name = &rest[..end];
    if name.starts_with(['+', '^', '#', '*', '$', '%', '!']) {
        name.to_ascii_uppercase()
    } else {
        String::new()
    }
}

/// A command as it may be logged, without what it sets, for that may be a PIN or a number.
pub(crate) fn shown(command: &str) -> String {
    match command.split_once('=') {
        Some((name, value)) if value.contains('"') => format!("{name}=…"),
        _ => command.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(command_name("AT+CSQ"), "+CSQ");
        assert_eq!(command_name("AT+CNMI=?"), "+CNMI");
        assert_eq!(command_name("AT^ICCID?"), "^ICCID");
        assert_eq!(command_name("ATI"), "");
        assert_eq!(command_name("AT"), "");
        assert_eq!(command_name("é"), "");
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(shown("AT+CPIN=\"1234\""), "AT+CPIN=…");
        assert_eq!(shown("AT+CMGS=20"), "AT+CMGS=20");
    }
}
