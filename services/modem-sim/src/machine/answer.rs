//! Answers: information lines and the final result, in the form the port asked for (V.250, 5.7).

use std::time::{Duration, Instant};

use super::line::Mode;
use super::{Fault, Machine};

/// How a command ended, when it did not fail.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// The next one, or `OK`.
    Ok,
    /// The answer comes later, or never.
    Silent,
}

/// How a command failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// `ERROR`
    Error,
    /// What the make says to a command it does not know.
    Unknown,
    /// `NO CARRIER`
    NoCarrier,
    /// `+CMS ERROR: n` (TS 27.005, 3.2.5)
    Cms(u16),
    /// `+CME ERROR: n` (TS 27.007, 9.2)
    Cme(u16),
}

/// Information lines of a command line.
#[derive(Debug, Default)]
pub(super) struct Reply {
    lines: Vec<String>,
}

impl Reply {
    pub(super) fn line(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }
}

/// The words of `+CMEE=2` for the codes this simulator gives by itself.
const CME_WORDS: [(u16, &str); 12] = [
    (3, "operation not allowed"),
    (4, "operation not supported"),
    (10, "SIM not inserted"),
    (11, "SIM PIN required"),
    (12, "SIM PUK required"),
    (13, "SIM failure"),
    (14, "SIM busy"),
    (16, "incorrect password"),
    (30, "no network service"),
    (31, "network timeout"),
    (50, "incorrect parameters"),
    (100, "unknown"),
];

impl Machine {
    /// Says the information lines alone.
    pub(super) fn information(&mut self, now: Instant, port: usize, reply: &Reply) {
        let text = self.information_text(port, reply);
        self.say(now, port, self.answer_delay(port), &text);
    }

    /// Says information lines and the final result, and goes back to commands.
    pub(super) fn finish(
        &mut self,
        now: Instant,
        port: usize,
        reply: &Reply,
        result: Result<(), Failure>,
    ) {
        let mut text = self.information_text(port, reply);
        let line = &self.lines[port];
        if !line.quiet {
            let word = match result {
                Ok(()) => "OK".to_owned(),
                Err(failure) => self.failure_text(failure),
            };
            let (start, word, end) = match (line.verbose, result) {
                (true, _) => ("\r\n", word.as_str(), "\r\n"),
                (false, Ok(())) => ("", "0", "\r"),
                (false, Err(Failure::NoCarrier)) => ("", "3", "\r"),
                (false, Err(_)) if word.starts_with('+') => ("", word.as_str(), "\r"),
                (false, Err(_)) => ("", "4", "\r"),
            };
            text.extend([start, word, end]);
        }
        self.say(now, port, self.answer_delay(port), &text);
        // What was typed in the meantime is read now.
        if let Mode::Busy = std::mem::replace(&mut self.lines[port].mode, Mode::Command) {
            self.read_input(now, port);
        }
    }

    pub(super) fn answer_delay(&self, port: usize) -> Duration {
        self.board.slow(&self.lines[port].last).unwrap_or(self.config.timing.answer)
    }

    fn information_text(&self, port: usize, reply: &Reply) -> String {
        if reply.lines.is_empty() {
            return String::new();
        }
        let start = if self.lines[port].verbose { "\r\n" } else { "" };
        format!("{start}{}\r\n", reply.lines.join("\r\n"))
    }

    fn failure_text(&self, failure: Failure) -> String {
        match failure {
            Failure::Error => "ERROR".to_owned(),
            Failure::Unknown => self.profile.unknown.to_owned(),
            Failure::NoCarrier => "NO CARRIER".to_owned(),
            Failure::Cms(code) => format!("+CMS ERROR: {code}"),
            Failure::Cme(code) => match self.settings.cmee {
                0 => "ERROR".to_owned(),
                1 => format!("+CME ERROR: {code}"),
                _ => match CME_WORDS.iter().find(|(known, _)| *known == code) {
                    Some((_, words)) => format!("+CME ERROR: {words}"),
                    None => format!("+CME ERROR: {code}"),
                },
            },
        }
    }

    pub(super) fn echo_is_stuck(&self) -> bool {
        self.board.has(&Fault::EchoStuck)
    }
}
