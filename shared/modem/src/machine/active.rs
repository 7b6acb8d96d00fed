//! The command in flight: what it is for, and which lines are its answer.

use std::time::{Duration, Instant};

use at::{Urc, command, reply};

use super::task::{Poll, Task};

/// Names whose lines also come unasked, so that a command that *sets* them does not claim them.
pub(super) const ALSO_UNSOLICITED: [&str; 7] =
    ["+CREG", "+CGREG", "+CEREG", "+CUSD", "+CLIP", "+CPIN", "+CNMI"];

/// A command in flight.
#[derive(Debug, Clone)]
pub(super) struct Active {
    pub(super) command: String,
    pub(super) task: Task,
    /// Its name: `+CSQ`; empty for `ATI` and the like.
    pub(super) name: String,
    /// The prompt is due.
    pub(super) prompt_due: bool,
    pub(super) lines: Vec<String>,
    pub(super) patience: Duration,
    pub(super) deadline: Instant,
    pub(super) latest: Instant,
    /// The modem repeated it although echo is off: it has lost its settings.
    pub(super) echoed: bool,
    /// The answer counts as whole at this time when nothing else comes.
    pub(super) enough_at: Option<Instant>,
}

impl Active {
    pub(super) fn due(&self) -> Instant {
        self.enough_at.map_or(self.deadline, |enough| enough.min(self.deadline))
    }

    /// The value behind the command's own name, in the first line that has it.
    pub(super) fn value(&self) -> Option<&str> {
        self.lines.iter().find_map(|line| reply::value(line, &self.name))
    }

    /// More time from now on.
    pub(super) fn extend(&mut self, now: Instant, patience: Duration) {
        self.patience = patience;
        self.deadline = (now + patience).min(self.latest.max(now + patience));
    }

    /// Whether a line is part of this answer.
    pub(super) fn claims(&self, line: &str) -> bool {
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

    /// The line after a header: the PDU, or a text when the modem fell into text mode.
    fn claims_body(&self, line: &str) -> bool {
        let after_header =
            self.lines.last().is_some_and(|last| reply::value(last, &self.name).is_some());
        after_header && (command::unhex(line).is_some() || Urc::parse(line).is_none())
    }

    /// Answers that are bare text, such as a maker's name.
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

/// The name that a command's answer begins with: `AT+CSQ` → `+CSQ`; empty for `AT`, `ATI`, `ATE0`.
pub(super) fn command_name(command: &str) -> String {
    let rest = command.get(2..).unwrap_or("");
    let end = rest.find(['=', '?', ';']).unwrap_or(rest.len());
    let name = &rest[..end];
    if name.starts_with(['+', '^', '#', '*', '$', '%', '!']) {
        name.to_ascii_uppercase()
    } else {
        String::new()
    }
}

/// A command for logs: what it sets may be a PIN or a number.
pub(super) fn shown(command: &str) -> String {
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
