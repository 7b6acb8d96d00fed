//! What a person asks for: USSD and single commands.

use std::time::{Duration, Instant};

use at::Final;
use at::ussd::{self, Coding, Session};

use super::Modem;
use super::link::SHORT;
use super::phase::Phase;
use super::task::{Task, Upkeep, Wanted};
use crate::event::{Event, NotSent, RequestError, UssdText};
use crate::snapshot::Status;

/// How long the network may take to answer a code, and a person to answer the network.
const USSD: Duration = Duration::from_mins(1);
const USSD_COMMAND: Duration = Duration::from_secs(20);
const BY_HAND: Duration = Duration::from_secs(30);
/// Searching for networks takes minutes.
const BY_HAND_SEARCH: Duration = Duration::from_mins(3);
/// Requests that wait.
const MOST: usize = 16;

/// A request that waits for its turn.
#[derive(Debug, Clone)]
pub(super) enum Request {
    Ussd { id: u64, text: String },
    EndUssd { id: u64 },
    At { id: u64, command: String },
}

/// A USSD session: a code was sent, or the network waits for an answer.
#[derive(Debug, Clone)]
pub(super) struct UssdSession {
    /// Who waits for the network.
    id: Option<u64>,
    pub(super) until: Instant,
}

impl Modem {
    pub(super) fn request_ussd(&mut self, id: u64, text: &str) {
        let text: String = text.trim().chars().filter(|c| !c.is_control()).collect();
        if self.phase != Phase::Run || self.is_blocked() {
            let why = RequestError::NotReady(self.status_words());
            self.ussd_failed(id, why);
        } else if self.requests.len() >= MOST {
            self.ussd_failed(id, RequestError::NotReady("too many requests wait".into()));
        } else if text.is_empty() {
            self.requests.push_back(Request::EndUssd { id });
        } else {
            self.requests.push_back(Request::Ussd { id, text });
        }
    }

    pub(super) fn request_at(&mut self, id: u64, command: &str) {
        let command = command.trim();
        let error = if let Some(why) = forbidden(command) {
            Some(RequestError::NotAllowed(why))
        } else if !matches!(self.phase, Phase::Run | Phase::Wait { .. }) {
            Some(RequestError::NotReady(self.status_words()))
        } else if self.requests.len() >= MOST {
            Some(RequestError::NotReady("too many requests wait".into()))
        } else {
            None
        };
        match error {
            Some(error) => self.event(Event::AtReply { id, result: Err(error) }),
            None => self.requests.push_back(Request::At { id, command: command.to_owned() }),
        }
    }

    fn status_words(&self) -> String {
        let (status, problem) = self.status();
        match problem {
            Some(problem) => problem.text,
            None if status == Status::Starting => "it is being set up".into(),
            None => "it does not answer".into(),
        }
    }

    /// Begins the next request; only called when no command is in flight.
    pub(super) fn begin_request(&mut self) -> bool {
        let Some(request) = self.requests.pop_front() else { return false };
        match request {
            Request::At { id, command } => {
                let search = command.to_ascii_uppercase().starts_with("AT+COPS=");
                let patience = if search { BY_HAND_SEARCH } else { BY_HAND };
                // Whatever is answered to a command that sets something, or not, what was set before may be gone.
                self.boot.pdu_mode &= !changes_set_up(&command);
                self.start(command, Task::ByHand { id }, patience);
                // A command that asks for text shows itself by its prompt, which is left at once.
                self.link.expect_prompt(true);
            }
            Request::Ussd { id, text } => self.send_ussd(id, &text, self.ussd_coding),
            Request::EndUssd { id } => {
                self.ussd = None;
                let ended = UssdText { session: Session::Ended, text: None };
                self.event(Event::Ussd { id, result: Ok(ended) });
                self.start("AT+CUSD=2", Task::EndUssd, SHORT);
            }
        }
        true
    }

    fn send_ussd(&mut self, id: u64, text: &str, coding: Coding) {
        if let Some(UssdSession { id: Some(waiting), .. }) = self.ussd.take() {
            let why = RequestError::NotReady("another code was dialled".into());
            self.ussd_failed(waiting, why);
        }
        let (coded, dcs) = ussd::encode(text, coding);
        text.clone_into(&mut self.ussd_text);
        let packed = coding == Coding::Packed;
        self.start(at::command::ussd(&coded, dcs), Task::Ussd { id, packed }, USSD_COMMAND);
        self.ussd = Some(UssdSession { id: Some(id), until: self.now + USSD });
    }

    /// The final result of `AT+CUSD=1,…`; the network's answer comes later, on some modems before.
    pub(super) fn ussd_answered(&mut self, id: u64, packed: bool, result: &Final) {
        let waits = self.ussd.as_ref().is_some_and(|session| session.id == Some(id));
        if result.is_ok() || !waits {
            return;
        }
        self.ussd = None;
        // A modem that is not in the list may want it packed.
        let unknown = self.identity.profile.is_none() && self.ussd_coding == Coding::Plain;
        if unknown && !packed {
            let text = std::mem::take(&mut self.ussd_text);
            self.send_ussd(id, &text, Coding::Packed);
            return;
        }
        self.ussd_failed(id, refused(result));
    }

    /// An error that belongs to no command while a code waits for its answer: some modems say so, after `OK`, that
    /// the network refused it. `false` when none waits.
    pub(super) fn ussd_refused_late(&mut self, result: &Final) -> bool {
        let waiting = self.ussd.as_ref().and_then(|session| session.id);
        let may_be = matches!(result, Final::Cme(_)) && !self.outbox.owes_a_result(self.now);
        let Some(id) = waiting.filter(|_| may_be) else { return false };
        self.ussd_failed(id, refused(result));
        true
    }

    pub(super) fn ussd_failed(&mut self, id: u64, why: RequestError) {
        if self.ussd.as_ref().is_some_and(|session| session.id == Some(id)) {
            self.ussd = None;
        }
        self.event(Event::Ussd { id, result: Err(why) });
    }

    /// The command was not answered in time; the network may have answered all the same.
    pub(super) fn ussd_not_answered(&mut self, id: u64) {
        if self.ussd.as_ref().is_some_and(|session| session.id == Some(id)) {
            self.ussd_failed(id, RequestError::NoAnswer);
        }
    }

    /// A whole `+CUSD` came.
    pub(super) fn ussd_said(&mut self, value: &str) {
        let Some(reply) = ussd::parse(value, self.ussd_coding) else {
            self.garbage("a USSD answer that cannot be read");
            return;
        };
        let session = self.ussd.take();
        let unasked = session.is_none();
        let waiting = session.and_then(|session| session.id);
        if reply.session == Session::AnswerWanted {
            if unasked {
                // Nobody waits to answer a menu that comes by itself, and while it is open nothing can be sent.
                self.agenda.keep_up(Upkeep::EndUssd);
            } else {
                self.ussd = Some(UssdSession { id: None, until: self.now + USSD });
            }
        }
        let text = UssdText { session: reply.session, text: reply.text };
        match waiting {
            Some(id) => self.event(Event::Ussd { id, result: Ok(text) }),
            // The bare end of a session that nobody waits for tells nothing.
            None if text.text.is_none() => {}
            None => self.event(Event::UssdPush(text)),
        }
    }

    /// The network, or the person, took too long.
    pub(super) fn ussd_ran_out(&mut self) {
        if let Some(UssdSession { id: Some(id), .. }) = self.ussd.take() {
            self.event(Event::Ussd { id, result: Err(RequestError::NoAnswer) });
        }
        if self.phase == Phase::Run && self.link.is_free() {
            self.start("AT+CUSD=2", Task::EndUssd, SHORT);
        }
    }

    /// A command by hand was answered.
    pub(super) fn at_answered(&mut self, id: u64, command: &str, lines: Vec<String>) {
        self.event(Event::AtReply { id, result: Ok(lines) });
        if changes_set_up(command) {
            self.want(Wanted::SetUp);
        }
    }

    /// Requests end because the modem is being set up anew or is gone.
    pub(super) fn end_requests(&mut self, why: NotSent) {
        if let Some(&Task::ByHand { id }) = self.link.task() {
            self.event(Event::AtReply { id, result: Err(RequestError::NoAnswer) });
        }
        let words = why.to_string();
        if let Some(UssdSession { id: Some(id), .. }) = self.ussd.take() {
            self.ussd_failed(id, RequestError::NoAnswer);
        }
        for request in std::mem::take(&mut self.requests) {
            let error = RequestError::NotReady(words.clone());
            match request {
                Request::Ussd { id, .. } | Request::EndUssd { id } => self.ussd_failed(id, error),
                Request::At { id, .. } => self.event(Event::AtReply { id, result: Err(error) }),
            }
        }
    }
}

/// A refusal in words.
fn refused(result: &Final) -> RequestError {
    RequestError::Refused(match result {
        Final::Cme(error) => format!("{error}: {}", error.meaning()),
        Final::Cms(error) => format!("{error}: {}", error.meaning()),
        _ => "the modem says ERROR".into(),
    })
}

/// Why a command may not be sent by hand.
fn forbidden(command: &str) -> Option<&'static str> {
    let upper = command.to_ascii_uppercase();
    if !upper.starts_with("AT") {
        return Some("a command begins with AT");
    }
    if command.chars().any(char::is_control) {
        return Some("it holds a control character");
    }
    if command.len() > 512 {
        return Some("it is longer than 512 characters");
    }
    // Modems pass over blanks, and take an extended command behind basic ones without a semicolon. A question for what
    // is possible (`=?`) does nothing.
    let line: String = upper[2..].chars().filter(|c| *c != ' ').collect();
    let line = line.replace("=?", "?");
    let has = |names: &[&str]| names.iter().any(|name| line.contains(name));
    if has(&["+CMGS=", "+CMGW=", "+CMGC=", "+CMSS=", "+CNMA"]) {
        return Some("messages are sent with `merpati send`, so that none is sent twice");
    }
    if has(&["CPIN=", "CPIN2=", "+CPWD=", "+CLCK=\"SC\",0", "+CLCK=\"SC\",1"]) {
        return Some("the PIN is set with `merpati pin`, so that a wrong one is not tried twice");
    }
    let unquoted: String = line.split('"').step_by(2).collect();
    if has(&["+CGDATA="]) || unquoted.split(';').any(dials) {
        return Some("it would make the modem dial");
    }
    None
}

/// Whether basic commands (V.250, 5.3.1) dial, answer, or go online.
fn dials(part: &str) -> bool {
    let mut before = ' ';
    for c in part.chars() {
        match c {
            // An extended command: it goes to the end.
            '+' | '^' | '#' | '*' | '$' | '%' | '\\' => return false,
            'D' | 'A' | 'O' if before != '&' => return true,
            _ => before = c,
        }
    }
    false
}

/// After such a command nothing of the set-up is certain.
pub(super) fn changes_set_up(command: &str) -> bool {
    const SETTINGS: [&str; 14] = [
        "+CMGF", "+CNMI", "+CPMS", "+CSMS", "+CFUN", "+CMEE", "+CSCS", "+CREG", "+CGREG", "+CEREG",
        "+CSCA", "+CLCK", "+CPWD", "+COPS",
    ];
    let line: String = command.to_ascii_uppercase().chars().filter(|c| *c != ' ').collect();
    let line = line.replace("=?", "?");
    let Some(rest) = line.strip_prefix("AT") else { return false };
    let sets = |part: &str| SETTINGS.iter().any(|name| part.contains(&format!("{name}=")));
    rest.split(';').any(|part| {
        let basic = part.split(['+', '^', '#', '*', '$', '%']).next().unwrap_or_default();
        sets(part) || basic.contains("&F") || basic.replace("&V", "").contains(['Z', 'E', 'V', 'Q'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_not_be_sent_by_hand() {
        for command in [
            "AT+CMGS=20",
            "at+cmgs=20",
            "AT+CPIN=\"1234\"",
            "AT+CLCK=\"SC\",0,\"1234\"",
            "AT+CPWD=\"SC\",\"1234\",\"0000\"",
            "ATD123;",
            "ATA",
            "ATO",
            "+CSQ",
            "AT\r+CFUN=0",
            "AT+CSQ;+CMGS=3",
            "ATD123;+CSQ",
            "AT+CSQ;D123;",
            "ATE0D123;",
            "AT D123;",
            "ATE0+CPIN=\"1234\"",
            "AT+CPIN = \"1234\"",
            "AT^CPIN=\"1234\"",
            "AT+CMGS=20;+CMGS=?",
        ] {
            assert!(forbidden(command).is_some(), "{command}");
        }
        for command in [
            "AT",
            "AT+CSQ",
            "ATI",
            "AT+CPIN?",
            "AT+CMGL=4",
            "AT&V",
            "AT+COPS=?",
            "AT&D2",
            "ATE0&C1&D2",
            "AT+CMGS=?",
            "AT+CUSD=1,\"*1;2D3#\"",
            "AT^SYSCFG?",
        ] {
            assert_eq!(forbidden(command), None, "{command}");
        }
    }

    #[test]
    fn what_changes_the_set_up() {
        for command in [
            "ATZ",
            "AT&F",
            "ATE1",
            "ATX4Z",
            "AT+CMGF=1",
            "AT + CMGF=1",
            "AT+CSQ;+CMGF=1",
            "AT+CNMI=0,0,0,0,0",
        ] {
            assert!(changes_set_up(command), "{command}");
        }
        for command in ["AT+CSQ", "AT+CNMI?", "AT+CNMI=?", "ATI", "AT&V", "AT+CSQ;+CMGF?"] {
            assert!(!changes_set_up(command), "{command}");
        }
    }
}
