//! What a person asks for: USSD and single commands.

use std::time::Duration;

use at::Final;
use at::ussd::{self, Coding, Session};

use super::Modem;
use super::parts::by_hand::{changes_set_up, forbidden};
use super::parts::desk::Request;
use super::parts::link::SHORT;
use super::parts::phase::Phase;
use super::parts::refusal::refused;
use super::parts::task::{Task, Upkeep, Wanted};
use crate::event::{Event, NotSent, RequestError, UssdText};
use crate::snapshot::Status;

/// How long a modem may take to accept a USSD text.
const USSD_COMMAND: Duration = Duration::from_secs(20);
/// How long the answer to a command by hand may take.
const BY_HAND: Duration = Duration::from_secs(30);
/// Searching for networks takes minutes.
const BY_HAND_SEARCH: Duration = Duration::from_mins(3);

impl Modem {
    pub(super) fn request_ussd(&mut self, id: u64, text: &str) {
        let text: String = text.trim().chars().filter(|c| !c.is_control()).collect();
        if self.phase != Phase::Run || self.sim.is_blocked() {
            let why = RequestError::NotReady(self.status_words());
            self.ussd_failed(id, why);
        } else if self.desk.is_full() {
            self.ussd_failed(id, RequestError::NotReady("too many requests wait".into()));
        } else if text.is_empty() {
            self.desk.put(Request::EndUssd { id });
        } else {
            self.desk.put(Request::Ussd { id, text });
        }
    }

    pub(super) fn request_at(&mut self, id: u64, command: &str) {
        let command = command.trim();
        let error = if let Some(why) = forbidden(command) {
            Some(RequestError::NotAllowed(why))
        } else if !matches!(self.phase, Phase::Run | Phase::Wait { .. }) {
            Some(RequestError::NotReady(self.status_words()))
        } else if self.desk.is_full() {
            Some(RequestError::NotReady("too many requests wait".into()))
        } else {
            None
        };
        match error {
            Some(error) => self.event(Event::AtReply { id, result: Err(error) }),
            None => self.desk.put(Request::At { id, command: command.to_owned() }),
        }
    }

    /// Why the modem is not ready.
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
        let Some(request) = self.desk.next_request() else { return false };
        match request {
            Request::At { id, command } => {
                let search = command.to_ascii_uppercase().starts_with("AT+COPS=");
                let patience = if search { BY_HAND_SEARCH } else { BY_HAND };
                // Whatever the modem answers to a command that sets something, what was set before may be gone.
                if changes_set_up(&command) {
                    self.setup.set_pdu_mode(false);
                }
                self.start(command, Task::ByHand { id }, patience);
                // A command that asks for text shows itself by its prompt, which is left at once.
                self.link.expect_prompt(true);
            }
            Request::Ussd { id, text } => self.send_ussd(id, &text, self.desk.coding()),
            Request::EndUssd { id } => {
                self.desk.end_session();
                let ended = UssdText { session: Session::Ended, text: None };
                self.event(Event::Ussd { id, result: Ok(ended) });
                self.start("AT+CUSD=2", Task::EndUssd, SHORT);
            }
        }
        true
    }

    fn send_ussd(&mut self, id: u64, text: &str, coding: Coding) {
        if let Some(waiting) = self.desk.end_session() {
            let why = RequestError::NotReady("another code was dialled".into());
            self.ussd_failed(waiting, why);
        }
        let (coded, dcs) = ussd::encode(text, coding);
        let packed = coding == Coding::Packed;
        self.start(at::command::ussd(&coded, dcs), Task::Ussd { id, packed }, USSD_COMMAND);
        self.desk.begin_session(self.now, id, text);
    }

    /// Takes the final result of `AT+CUSD=1,…`. The network's answer comes later, on some modems before.
    pub(super) fn ussd_answered(&mut self, id: u64, packed: bool, result: &Final) {
        if result.is_ok() || !self.desk.is_waiting(id) {
            return;
        }
        self.desk.end_session();
        // A modem that is not in the list may want the text packed.
        let unknown =
            self.device.identity().profile.is_none() && self.desk.coding() == Coding::Plain;
        if unknown && !packed {
            let text = self.desk.take_text();
            self.send_ussd(id, &text, Coding::Packed);
            return;
        }
        self.ussd_failed(id, refused(result));
    }

    /// Takes an error that belongs to no command while a code waits for its answer: that is how some modems say, after
    /// `OK`, that the network refused the code. `false` when no code waits.
    pub(super) fn take_late_refusal_of_ussd(&mut self, result: &Final) -> bool {
        let may_be = matches!(result, Final::Cme(_)) && !self.outbox.owes_a_result(self.now);
        let Some(id) = self.desk.waiting().filter(|_| may_be) else { return false };
        self.ussd_failed(id, refused(result));
        true
    }

    pub(super) fn ussd_failed(&mut self, id: u64, why: RequestError) {
        if self.desk.is_waiting(id) {
            self.desk.end_session();
        }
        self.event(Event::Ussd { id, result: Err(why) });
    }

    /// A USSD command was not answered in time; the network may have answered the code all the same.
    pub(super) fn ussd_not_answered(&mut self, id: u64) {
        if self.desk.is_waiting(id) {
            self.ussd_failed(id, RequestError::NoAnswer);
        }
    }

    /// Takes a whole `+CUSD`.
    pub(super) fn ussd_said(&mut self, value: &str) {
        let Some(reply) = ussd::parse(value, self.desk.coding()) else {
            self.garbage("a USSD answer that cannot be read");
            return;
        };
        let unasked = !self.desk.has_session();
        let waiting = self.desk.end_session();
        if reply.session == Session::AnswerWanted {
            if unasked {
                // Nobody waits to answer a menu that comes by itself, and while it is open nothing can be sent.
                self.agenda.keep_up(Upkeep::EndUssd);
            } else {
                self.desk.await_answer(self.now);
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

    /// Ends a USSD session in which the network, or the person, took too long.
    pub(super) fn ussd_ran_out(&mut self) {
        if let Some(id) = self.desk.end_session() {
            self.event(Event::Ussd { id, result: Err(RequestError::NoAnswer) });
        }
        if self.phase == Phase::Run && self.link.is_free() {
            self.start("AT+CUSD=2", Task::EndUssd, SHORT);
        }
    }

    /// Takes the answer to a command by hand.
    pub(super) fn at_answered(&mut self, id: u64, command: &str, lines: Vec<String>) {
        self.event(Event::AtReply { id, result: Ok(lines) });
        if changes_set_up(command) {
            self.want(Wanted::SetUp);
        }
    }

    /// Ends all requests because the modem is being set up anew or is gone.
    pub(super) fn end_requests(&mut self, why: NotSent) {
        if let Some(&Task::ByHand { id }) = self.link.task() {
            self.event(Event::AtReply { id, result: Err(RequestError::NoAnswer) });
        }
        let words = why.to_string();
        if let Some(id) = self.desk.end_session() {
            self.ussd_failed(id, RequestError::NoAnswer);
        }
        for request in self.desk.take_requests() {
            let error = RequestError::NotReady(words.clone());
            match request {
                Request::Ussd { id, .. } | Request::EndUssd { id } => self.ussd_failed(id, error),
                Request::At { id, .. } => self.event(Event::AtReply { id, result: Err(error) }),
            }
        }
    }
}
