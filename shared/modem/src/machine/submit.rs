//! Sending: from the queue to the outcome.
//!
//! The time for the network's answer is long (two minutes): a shorter one makes duplicates. No `AT` is written
//! meanwhile to see whether the modem lives: V.250 lets a command be aborted by what is written after it, and
//! a submission must not be.

use std::time::Duration;

use at::reply::{self, Stored};
use at::{ErrorClass, Final, command};

use super::Modem;
use super::parts::active::Active;
use super::parts::link::SHORT;
use super::parts::refusal::failure;
use super::parts::sending::{Progress, Sending};
use super::parts::task::{Task, Upkeep, Wanted};
use crate::config::SendMode;
use crate::event::{Event, NotSent, Outcome, Uncertain};

/// How long `OK` may take after `+CMGS: <reference>`.
const OK_AFTER_REFERENCE: Duration = Duration::from_secs(5);
/// How long the reference is waited for, the first time, after a modem has said `OK` and no reference.
const REFERENCE_AFTER_OK: Duration = Duration::from_secs(30);
/// How long the answer is waited for after the modem has said that it has started, which may be news of before.
const ANSWER_AFTER_START: Duration = Duration::from_secs(20);

impl Modem {
    /// Begins the next submission; only called when no command is in flight.
    pub(super) fn begin_submission(&mut self) -> bool {
        if !self.outbox.has_next() || !self.is_able_to_send() {
            return false;
        }
        if !self.is_in_pdu_mode() {
            self.start("AT+CMGF=0", Task::Upkeep(Upkeep::PduMode), SHORT);
            return true;
        }
        // What is stored is looked at and deleted by its slot, which must be in the memory that is selected.
        if self.stores() && self.enter_selected_memory() {
            return true;
        }
        if self.outbox.has_more() && self.outbox.keeps_link().is_none() {
            self.outbox.note_keeps_link(false);
            self.start("AT+CMMS=2", Task::KeepLink, SHORT);
            return true;
        }
        let begins = self.outbox.begin();
        self.ask_for_prompt();
        begins
    }

    /// Writes the command that asks for the PDU.
    fn ask_for_prompt(&mut self) {
        let stores = self.stores();
        let Some(sending) = self.outbox.begin_try() else { return };
        let octets = sending.pdu().len();
        let direct = sending.is_direct();
        self.setup.doubt_pdu_mode_where_echo_stays();
        if stores && !direct {
            self.start_prompting(command::store(octets), Task::Store);
        } else {
            self.start_prompting(command::send(octets), Task::Submit);
        }
    }

    /// Whether messages go through the modem's memory.
    pub(super) fn stores(&self) -> bool {
        let wanted = match self.config.send {
            SendMode::Direct => false,
            SendMode::Stored => true,
            // Of a firmware that nobody has seen at it, the first message shows what it does.
            SendMode::Auto => {
                self.outbox.marks_sent() != Some(false) && !self.outbox.refuses_to_store()
            }
        };
        wanted && self.memories.sends_from_selected()
    }

    /// Writes the PDU, which the modem asks for.
    pub(super) fn write_pdu(&mut self) {
        let patience = self.device.profile().submit();
        let (Some(sending), Some(active)) = (self.outbox.sending(), self.link.active_mut()) else {
            return;
        };
        active.prompt_came();
        active.extend(self.now, patience);
        // 00: the service centre of the SIM.
        let mut pdu = Vec::with_capacity(sending.pdu().len() + 1);
        if !self.device.profile().no_smsc_prefix {
            pdu.push(0);
        }
        pdu.extend_from_slice(sending.pdu());
        let into_memory = *active.task() == Task::Store;
        self.outbox.note_written(into_memory);
        self.write(&command::pdu(&pdu));
    }

    /// Gives no PDU to a modem that asks for one in a mode that cannot be trusted.
    pub(super) fn leave_prompt(&mut self) {
        self.write(&[command::ESC]);
        self.outbox.note_owed(self.now);
        self.link.take_active();
        if let Some(sending) = self.outbox.take_sending() {
            self.notices.submitted(sending.id(), Outcome::NotSent(NotSent::Rebooted));
        }
        self.resync();
    }

    /// Takes a line that tells of the submission in flight, or of one given up. `false` when it is another line.
    pub(super) fn take_reference(&mut self, line: &str) -> bool {
        let Some(value) = reply::value(line, "+CMGS").or_else(|| reply::value(line, "+CMSS"))
        else {
            return false;
        };
        let reference = value.split(',').next().and_then(|text| text.trim().parse().ok());
        let waits = matches!(self.link.task(), Some(Task::Submit | Task::SendStored));
        if waits && self.outbox.is_given() {
            if let Some(active) = self.link.active_mut() {
                active.await_result();
                active.extend(self.now, OK_AFTER_REFERENCE);
            }
            if let Some(id) = self.outbox.note_reference() {
                self.notices.submitted(id, Outcome::Accepted { reference });
            }
            return true;
        }
        if let Some(id) = self.outbox.take_late_by_line(self.now) {
            self.settle(id, Outcome::Accepted { reference });
        }
        true
    }

    /// Takes a refusal that comes while only `AT` is in flight: it belongs to a submission given up, when nothing else
    /// was left unanswered.
    pub(super) fn take_late_result(&mut self, result: &Final) -> bool {
        let in_handshake = self.link.task().is_none_or(|task| *task == Task::Handshake);
        if !in_handshake || !matches!(result, Final::Cms(_)) {
            return false;
        }
        if self.outbox.owes_a_result(self.now) {
            self.garbage("a refusal that may be of more than one command");
        } else if let Some(id) = self.outbox.take_late_by_line(self.now) {
            self.settle(id, Outcome::Rejected(failure(result)));
        }
        true
    }

    /// Notes that a command was not answered in time and may be yet. The result of a submission that was given to the
    /// network is waited for in another way.
    pub(super) fn note_owed(&mut self, active: &Active) {
        let submits = matches!(active.task(), Task::Submit | Task::SendStored);
        if !(submits && self.outbox.is_given()) {
            self.outbox.note_owed(self.now);
        }
    }

    /// Takes an `OK` that comes before what must come first (the prompt, the reference, the slot): it is the rest of
    /// an earlier answer and ends nothing. Where nothing else follows, the modem gives no references.
    pub(super) fn take_early_ok(&mut self, result: &Final) -> bool {
        let (Some(active), Some(sending)) = (self.link.active_mut(), self.outbox.sending()) else {
            return false;
        };
        let submits = matches!(active.task(), Task::Submit | Task::Store | Task::SendStored);
        if !result.is_ok() || !submits {
            return false;
        }
        match sending.progress() {
            Progress::Unwritten => active.awaits_prompt(),
            Progress::Given if !self.outbox.gives_no_reference() => {
                active.count_as_whole_at(self.now + REFERENCE_AFTER_OK);
                true
            }
            Progress::Storing if active.value().is_none() => {
                active.count_as_whole_at(self.now + OK_AFTER_REFERENCE);
                true
            }
            Progress::Given | Progress::Storing | Progress::Reported => false,
        }
    }

    /// Tells what has become of a submission that had ended as uncertain.
    fn settle(&mut self, id: u64, outcome: Outcome) {
        self.event(Event::Settled { id, outcome });
    }

    /// Takes the final result of `+CMGS`, `+CMGW` or `+CMSS`.
    pub(super) fn submit_answered(&mut self, active: &Active, result: &Final) {
        let Some(mut sending) = self.outbox.take_sending() else { return };
        match (active.task(), result) {
            _ if sending.progress() == Progress::Reported => self.sent(&sending),
            (Task::Store, Final::Ok) => self.send_stored(sending, active),
            (_, Final::Ok) => {
                self.outbox.note_no_reference();
                self.notices.submitted(sending.id(), Outcome::Accepted { reference: None });
                self.sent(&sending);
            }
            (Task::Store, _) if self.config.send == SendMode::Auto => {
                // The memory does not take the message, and so nothing is out: it is given directly.
                self.outbox.note_refuses_to_store();
                self.doubt_pdu_mode();
                sending.give_directly();
                self.begin_again(sending);
            }
            _ => self.submission_refused(sending, result),
        }
    }

    /// The modem says in which slot it has put the message: it is sent from there.
    fn send_stored(&mut self, mut sending: Sending, active: &Active) {
        let index = active.value().and_then(|value| value.split(',').next()?.trim().parse().ok());
        let Some(index) = index.filter(|_| sending.progress() == Progress::Storing) else {
            self.outbox.note_refuses_to_store();
            self.notices.submitted(sending.id(), Outcome::NotSent(NotSent::NotStored));
            return;
        };
        sending.stored(index);
        self.outbox.put_back(sending);
        let patience = self.device.profile().submit();
        self.start(command::send_stored(index), Task::SendStored, patience);
    }

    /// The message is out: what was stored for it is deleted, after a look at its mark where nobody knows that.
    fn sent(&mut self, sending: &Sending) {
        self.outbox.note_not_busy();
        match sending.stored_at() {
            Some(index) if self.outbox.marks_sent().is_none() => {
                self.start(command::read(index), Task::LookAtSent { index }, SHORT);
            }
            Some(index) => self.delete_sent(index),
            None => {}
        }
    }

    /// Deletes a message for sending from its slot.
    fn delete_sent(&mut self, index: u32) {
        self.start(command::delete(index), Task::DeleteSent, SHORT);
    }

    /// A message that went out from the memory was read: as it is marked there, so are all of this firmware.
    pub(super) fn sent_looked_at(&mut self, index: u32, active: &Active, result: &Final) {
        let state = active.value().and_then(reply::StoredHeader::of_one).map(|header| header.state);
        let marks = match state.filter(|_| result.is_ok()) {
            Some(Stored::Sent) => Some(true),
            Some(Stored::Unsent) => Some(false),
            _ => None,
        };
        if let Some(marks) = marks {
            self.outbox.set_marks_sent(Some(marks));
            if let Some(firmware) = self.device.identity().firmware() {
                self.event(Event::MarksSent { firmware, marks });
            }
        }
        self.delete_sent(index);
    }

    /// A submission was refused: it is tried once more, or has ended.
    fn submission_refused(&mut self, mut sending: Sending, result: &Final) {
        // What made the refusal may have put the modem back into text mode, where the next PDU would be
        // sent as a text.
        self.doubt_pdu_mode();
        if sending.may_try_again(result.cms_code()) {
            self.begin_again(sending);
            return;
        }
        let class = result.class();
        match class {
            Some(ErrorClass::NoSmsc) => self.agenda.keep_up(Upkeep::Centre),
            Some(ErrorClass::Storage) => self.errands.look_soon(),
            Some(ErrorClass::Ill) => self.want(Wanted::SetUp),
            _ => {}
        }
        if class != Some(ErrorClass::Busy) {
            self.outbox.note_not_busy();
        } else if self.outbox.note_busy() {
            self.want(Wanted::SetUp);
        }
        if let Some(index) = sending.stored_at() {
            self.delete_sent(index);
        }
        self.notices.submitted(sending.id(), Outcome::Rejected(failure(result)));
    }

    /// A refused message is not out, and is tried once more, after the acknowledgement of what came in.
    fn begin_again(&mut self, mut sending: Sending) {
        if let Some(index) = sending.start_over() {
            self.delete_sent(index);
        }
        self.outbox.put_back(sending);
        self.agenda.keep_up(Upkeep::SendAgain);
    }

    /// Tries a refused submission once more.
    pub(super) fn send_again(&mut self) {
        if !self.setup.is_in_pdu_mode() {
            self.end_sending(NotSent::NotReady);
        } else if self.outbox.is_sending() && self.link.is_free() {
            self.ask_for_prompt();
        }
    }

    /// No answer to the submission in flight came in time.
    pub(super) fn submit_ran_out(&mut self) {
        let Some((id, outcome)) = self.outbox.run_out(self.now) else { return };
        if outcome == Outcome::Uncertain(Uncertain::Rebooted) {
            self.notices.rebooted();
        }
        self.notices.submitted(id, outcome);
    }

    /// The modem says that it has started. When it was given a message, which may have been after the start, its answer
    /// is waited for, but not for long. `false` when it was given none.
    pub(super) fn given_may_be_answered(&mut self) -> bool {
        if !self.outbox.note_restart() {
            return false;
        }
        if let Some(active) = self.link.active_mut() {
            active.limit(self.now + ANSWER_AFTER_START);
        }
        self.want(Wanted::SetUp);
        true
    }

    /// Ends the submission in flight because nothing can come of it any more.
    pub(super) fn end_sending(&mut self, why: NotSent) {
        if let Some((id, outcome)) = self.outbox.end(self.now, why) {
            self.notices.submitted(id, outcome);
        }
    }

    /// Gives the next submission back, which was not begun.
    pub(super) fn give_back_next(&mut self, why: NotSent) {
        if let Some(submission) = self.outbox.take_next() {
            self.notices.submitted(submission.id, Outcome::NotSent(why));
        }
    }

    /// Looks up whether a stored submission of unknown outcome went out, after the modem is back.
    pub(super) fn check_sent(&mut self) -> bool {
        let Some(index) = self.outbox.late_slot() else { return false };
        if self.enter_selected_memory() {
            return true;
        }
        self.start(command::read(index), Task::CheckSent, SHORT);
        true
    }

    /// Takes the answer to the look at a stored submission of unknown outcome.
    pub(super) fn sent_checked(&mut self, active: &Active, result: &Final) {
        let state = active.value().and_then(reply::StoredHeader::of_one).map(|header| header.state);
        let body = active.lines().get(1).and_then(|body| command::unhex(body)).unwrap_or_default();
        // `STO UNSENT` proves nothing: the modem may have restarted before it wrote the state.
        let is_sent = result.is_ok() && state == Some(Stored::Sent);
        let sent = is_sent.then_some(body.as_slice());
        if let Some((id, index)) = self.outbox.take_late_in_slot(self.now, sent) {
            self.settle(id, Outcome::Accepted { reference: None });
            if let Some(index) = index {
                self.delete_sent(index);
            }
        }
    }
}
