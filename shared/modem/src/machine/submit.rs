//! Sending: from the queue to the outcome.
//!
//! The time for the network's answer is long (two minutes): a shorter one makes duplicates. No `AT` is written
//! meanwhile to see whether the modem lives: V.250 lets a command be aborted by what is written after it, and
//! a submission must not be.

use std::time::{Duration, Instant};

use at::reply::{self, Stored};
use at::{ErrorClass, Final, command};

use super::Modem;
use super::active::Active;
use super::link::SHORT;
use super::refusal::{failure, without_validity};
use super::task::{Task, Upkeep, Wanted};
use crate::config::SendMode;
use crate::event::{Event, NotSent, Outcome, Submission, Uncertain};

/// From `+CMGS: <reference>` to its `OK`.
const OK_AFTER_REFERENCE: Duration = Duration::from_secs(5);
/// A modem that says `OK` and no reference: how long the reference is waited for the first time.
const REFERENCE_AFTER_OK: Duration = Duration::from_secs(30);
/// How long the answer is waited for after the modem has said that it has started, which may be news of before.
const ANSWER_AFTER_START: Duration = Duration::from_secs(20);
/// How long a late answer still settles an uncertain submission.
const LATE: Duration = Duration::from_mins(10);
/// Answers `busy` in a row after which the modem is set up anew.
const BUSY_LIMIT: u32 = 5;

/// How far a submission is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The PDU is not written.
    Asked,
    /// `+CMGW`: the PDU is written, and is not sent by that.
    Storing,
    /// It may be out.
    Given,
    /// Its outcome was told; the final result is due.
    Told,
}

/// The submission in flight.
#[derive(Debug, Clone)]
pub(super) struct Sending {
    submission: Submission,
    stage: Stage,
    stored_at: Option<u32>,
    /// A message came in meanwhile: on some modems the two collide.
    interrupted: bool,
    retried: bool,
    without_validity: bool,
    /// The modem's memory refused it: given directly.
    direct: bool,
    /// The modem said meanwhile that it had started.
    restarted: bool,
}

/// The last submission that ended as uncertain.
#[derive(Debug, Clone)]
pub(super) struct Late {
    id: u64,
    until: Instant,
    /// No other submission has been given since, so that a line may tell of this one.
    by_line: bool,
    /// Where it is stored, when it is: the state there may settle it.
    stored_at: Option<u32>,
    /// What lies there.
    pdu: Vec<u8>,
}

impl Modem {
    /// Takes the next submission; only called when no command is in flight.
    pub(super) fn begin_submission(&mut self) -> bool {
        if self.next.is_none() || !self.is_able_to_send() {
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
        let more = self.next.as_ref().is_some_and(|next| next.more);
        if more && self.boot.keeps_link.is_none() {
            self.boot.keeps_link = Some(false);
            self.start("AT+CMMS=2", Task::KeepLink, SHORT);
            return true;
        }
        let Some(submission) = self.next.take() else { return false };
        self.sending = Some(Sending {
            submission,
            stage: Stage::Asked,
            stored_at: None,
            interrupted: false,
            retried: false,
            without_validity: false,
            direct: false,
            restarted: false,
        });
        self.ask_for_prompt();
        true
    }

    pub(super) fn link_kept(&mut self, result: &Final) {
        self.boot.keeps_link = Some(result.is_ok());
    }

    fn ask_for_prompt(&mut self) {
        let Some(sending) = &mut self.sending else { return };
        sending.stage = Stage::Asked;
        sending.interrupted = false;
        self.boot.pdu_mode &= !self.boot.echo_stays;
        let octets = sending.submission.pdu.len();
        let direct = sending.direct;
        if self.stores() && !direct {
            self.start_prompting(command::store(octets), Task::Store);
        } else {
            self.start_prompting(command::send(octets), Task::Submit);
        }
    }

    /// Messages go through the modem's memory.
    pub(super) fn stores(&self) -> bool {
        let wanted = match self.config.send {
            SendMode::Direct => false,
            SendMode::Stored => true,
            // Of a firmware that nobody has seen at it, the first message shows what it does.
            SendMode::Auto => self.marks_sent != Some(false) && !self.boot.refuses_to_store,
        };
        wanted && self.storage.sends_from_selected()
    }

    /// The modem asks for the PDU.
    pub(super) fn write_pdu(&mut self) {
        let now = self.now;
        let patience = self.profile.submit();
        let (Some(sending), Some(active)) = (&mut self.sending, self.link.active_mut()) else {
            return;
        };
        active.prompt_came();
        if let Some(late) = &mut self.late {
            late.by_line = false;
        }
        sending.stage = if *active.task() == Task::Store { Stage::Storing } else { Stage::Given };
        active.extend(now, patience);
        // 00: the service centre of the SIM.
        let mut pdu = Vec::with_capacity(sending.submission.pdu.len() + 1);
        if !self.profile.no_smsc_prefix {
            pdu.push(0);
        }
        pdu.extend_from_slice(&sending.submission.pdu);
        self.write(&command::pdu(&pdu));
    }

    /// The modem asks for a PDU in a mode that cannot be trusted: it gets none.
    pub(super) fn leave_prompt(&mut self) {
        self.write(&[command::ESC]);
        self.owed_until = Some(self.now + LATE);
        self.link.take_active();
        if let Some(sending) = self.sending.take() {
            self.notices.submitted(sending.submission.id, Outcome::NotSent(NotSent::Rebooted));
        }
        let phase = self.phase.clone();
        self.resync_to(&phase);
    }

    /// A line that tells of the submission in flight, or of one given up. `false` when it is another line.
    pub(super) fn submit_line(&mut self, line: &str) -> bool {
        let Some(value) = reply::value(line, "+CMGS").or_else(|| reply::value(line, "+CMSS"))
        else {
            return false;
        };
        let reference = value.split(',').next().and_then(|text| text.trim().parse().ok());
        let waits = matches!(self.link.task(), Some(Task::Submit | Task::SendStored));
        let given = self.sending.as_ref().is_some_and(|sending| sending.stage == Stage::Given);
        if waits && given {
            let now = self.now;
            if let (Some(active), Some(sending)) = (self.link.active_mut(), &mut self.sending) {
                sending.stage = Stage::Told;
                active.await_result();
                self.gives_no_reference = false;
                active.extend(now, OK_AFTER_REFERENCE);
                let id = sending.submission.id;
                self.notices.submitted(id, Outcome::Accepted { reference });
            }
            return true;
        }
        if let Some(late) = self.take_late_by_line() {
            self.settle(late.id, Outcome::Accepted { reference });
        }
        true
    }

    /// A refusal that comes while only `AT` is in flight belongs to a submission given up, when nothing else was left
    /// unanswered.
    pub(super) fn is_late_result(&mut self, result: &Final) -> bool {
        let syncing = self.link.task().is_none_or(|task| *task == Task::Sync);
        if !syncing || !matches!(result, Final::Cms(_)) {
            return false;
        }
        if self.owes_a_result() {
            self.garbage("a refusal that may be of more than one command");
        } else if let Some(late) = self.take_late_by_line() {
            self.settle(late.id, Outcome::Rejected(failure(result)));
        }
        true
    }

    /// A command other than a submission was not answered, and may be yet.
    pub(super) fn owes_a_result(&self) -> bool {
        self.owed_until.is_some_and(|until| until > self.now)
    }

    /// A command was not answered in time. Only one submission can be waited for by its result.
    pub(super) fn not_answered(&mut self, active: &Active) {
        let submits = matches!(active.task(), Task::Submit | Task::SendStored);
        let given = self.sending.as_ref().is_some_and(|sending| sending.stage == Stage::Given);
        if !(submits && given) {
            self.owed_until = Some(self.now + LATE);
        }
    }

    /// The modem has restarted: no line of it tells of what it was given before.
    pub(super) fn nothing_is_owed(&mut self) {
        self.owed_until = None;
        if let Some(late) = &mut self.late {
            late.by_line = false;
        }
    }

    /// An `OK` that comes before what must come first (the prompt, the reference, the slot) is the rest of an
    /// earlier answer: it ends nothing. Where nothing else follows, the modem gives no references.
    pub(super) fn is_early_ok(&mut self, result: &Final) -> bool {
        let (Some(active), Some(sending)) = (self.link.active_mut(), &self.sending) else {
            return false;
        };
        let submits = matches!(active.task(), Task::Submit | Task::Store | Task::SendStored);
        if !result.is_ok() || !submits {
            return false;
        }
        match sending.stage {
            Stage::Asked => active.awaits_prompt(),
            Stage::Given if !self.gives_no_reference => {
                active.count_as_whole_at(self.now + REFERENCE_AFTER_OK);
                true
            }
            Stage::Storing if active.value().is_none() => {
                active.count_as_whole_at(self.now + OK_AFTER_REFERENCE);
                true
            }
            Stage::Given | Stage::Storing | Stage::Told => false,
        }
    }

    fn take_late(&mut self) -> Option<Late> {
        self.late.take().filter(|late| late.until > self.now)
    }

    fn take_late_by_line(&mut self) -> Option<Late> {
        self.late.as_ref().filter(|late| late.by_line)?;
        self.take_late()
    }

    fn settle(&mut self, id: u64, outcome: Outcome) {
        self.event(Event::Settled { id, outcome });
    }

    /// The final result of `+CMGS`, `+CMGW` or `+CMSS`.
    pub(super) fn submit_answered(&mut self, active: &Active, result: &Final) {
        let Some(sending) = self.sending.take() else { return };
        match (active.task(), result) {
            _ if sending.stage == Stage::Told => self.sent(&sending),
            (Task::Store, Final::Ok) => self.put_in_store(sending, active),
            (_, Final::Ok) => {
                self.gives_no_reference = true;
                self.notices
                    .submitted(sending.submission.id, Outcome::Accepted { reference: None });
                self.sent(&sending);
            }
            (Task::Store, _) if self.config.send == SendMode::Auto => {
                // Its memory does not take it, and so nothing is out: the other way.
                self.boot.refuses_to_store = true;
                self.doubt_pdu_mode();
                self.begin_again(Sending { direct: true, ..sending });
            }
            _ => self.submission_refused(sending, result),
        }
    }

    fn put_in_store(&mut self, mut sending: Sending, active: &Active) {
        let index = active.value().and_then(|value| value.split(',').next()?.trim().parse().ok());
        let Some(index) = index.filter(|_| sending.stage == Stage::Storing) else {
            self.boot.refuses_to_store = true;
            self.notices.submitted(sending.submission.id, Outcome::NotSent(NotSent::NotStored));
            return;
        };
        sending.stored_at = Some(index);
        sending.stage = Stage::Given;
        self.sending = Some(sending);
        let patience = self.profile.submit();
        self.start(command::send_stored(index), Task::SendStored, patience);
    }

    /// It is out: what was stored for it goes.
    fn sent(&mut self, sending: &Sending) {
        self.busy_in_a_row = 0;
        match sending.stored_at {
            Some(index) if self.marks_sent.is_none() => {
                self.start(command::read(index), Task::LookAtSent { index }, SHORT);
            }
            Some(index) => self.delete_sent(index),
            None => {}
        }
    }

    fn delete_sent(&mut self, index: u32) {
        self.start(command::delete(index), Task::DeleteSent, SHORT);
    }

    /// What a message that went out from the memory is marked as there: so does all of this firmware.
    pub(super) fn sent_looked_at(&mut self, index: u32, active: &Active, result: &Final) {
        let state = active.value().and_then(reply::StoredHeader::of_one).map(|header| header.state);
        let marks = match state.filter(|_| result.is_ok()) {
            Some(Stored::Sent) => Some(true),
            Some(Stored::Unsent) => Some(false),
            _ => None,
        };
        if let Some(marks) = marks {
            self.marks_sent = Some(marks);
            if let Some(firmware) = self.identity.firmware() {
                self.event(Event::MarksSent { firmware, marks });
            }
        }
        self.delete_sent(index);
    }

    fn submission_refused(&mut self, mut sending: Sending, result: &Final) {
        // What made the refusal may have put the modem back into text mode, where the next PDU would be
        // sent as a text.
        self.doubt_pdu_mode();
        let again = match result.cms_code() {
            // Wavecom and others: a message came in at that moment, and nothing is wrong.
            Some(512) if sending.interrupted && !sending.retried => {
                sending.retried = true;
                true
            }
            // The service centre does not take a validity: once more without.
            Some(198 | 199) if !sending.without_validity => {
                sending.without_validity = true;
                match without_validity(&sending.submission.pdu) {
                    Some(pdu) => {
                        sending.submission.pdu = pdu;
                        true
                    }
                    None => false,
                }
            }
            _ => false,
        };
        if again {
            self.begin_again(sending);
            return;
        }
        let what = result.class();
        match what {
            Some(ErrorClass::NoSmsc) => self.agenda.keep_up(Upkeep::Centre),
            Some(ErrorClass::Storage) => self.storage.look_soon(),
            Some(ErrorClass::Ill) => self.want(Wanted::SetUp),
            _ => {}
        }
        if what == Some(ErrorClass::Busy) {
            self.busy_in_a_row += 1;
            if self.busy_in_a_row >= BUSY_LIMIT {
                self.busy_in_a_row = 0;
                self.want(Wanted::SetUp);
            }
        } else {
            self.busy_in_a_row = 0;
        }
        let id = sending.submission.id;
        if let Some(index) = sending.stored_at {
            self.delete_sent(index);
        }
        self.notices.submitted(id, Outcome::Rejected(failure(result)));
    }

    /// It was refused, so it is not out: it begins again, after the acknowledgement of what came in.
    fn begin_again(&mut self, mut sending: Sending) {
        sending.stage = Stage::Asked;
        if let Some(index) = sending.stored_at.take() {
            self.delete_sent(index);
        }
        self.sending = Some(sending);
        self.agenda.keep_up(Upkeep::SendAgain);
    }

    /// A refused submission is tried once more.
    pub(super) fn send_again(&mut self) {
        if !self.boot.pdu_mode {
            self.end_sending(NotSent::NotReady);
        } else if self.sending.is_some() && self.link.is_free() {
            self.ask_for_prompt();
        }
    }

    /// No answer came in time.
    pub(super) fn submit_ran_out(&mut self) {
        let Some(sending) = self.sending.take() else { return };
        let id = sending.submission.id;
        match sending.stage {
            Stage::Asked => self.notices.submitted(id, Outcome::NotSent(NotSent::NoPrompt)),
            Stage::Storing => {
                self.boot.refuses_to_store = true;
                self.notices.submitted(id, Outcome::NotSent(NotSent::NotStored));
            }
            Stage::Given if sending.restarted => {
                self.notices.rebooted();
                self.remember_late(&sending);
                self.nothing_is_owed();
                self.notices.submitted(id, Outcome::Uncertain(Uncertain::Rebooted));
            }
            Stage::Given => {
                self.remember_late(&sending);
                self.notices.submitted(id, Outcome::Uncertain(Uncertain::NoAnswer));
            }
            Stage::Told => {}
        }
    }

    /// The modem says that it has started while it has a message, which it may have done before it was given that: its
    /// answer is waited for, not long. `false` when it has none.
    pub(super) fn given_may_be_answered(&mut self) -> bool {
        let Some(sending) = self.sending.as_mut().filter(|sending| sending.stage == Stage::Given)
        else {
            return false;
        };
        sending.restarted = true;
        let limit = self.now + ANSWER_AFTER_START;
        if let Some(active) = self.link.active_mut() {
            active.limit(limit);
        }
        self.want(Wanted::SetUp);
        true
    }

    /// The submission in flight ends because nothing can come of it any more.
    pub(super) fn end_sending(&mut self, why: NotSent) {
        let Some(sending) = self.sending.take() else { return };
        let id = sending.submission.id;
        match sending.stage {
            Stage::Asked | Stage::Storing => self.notices.submitted(id, Outcome::NotSent(why)),
            Stage::Given => {
                self.remember_late(&sending);
                let why = match why {
                    NotSent::PortLost => Uncertain::PortLost,
                    NotSent::Rebooted => Uncertain::Rebooted,
                    _ => Uncertain::NoAnswer,
                };
                self.notices.submitted(id, Outcome::Uncertain(why));
            }
            Stage::Told => {}
        }
    }

    fn remember_late(&mut self, sending: &Sending) {
        self.late = Some(Late {
            id: sending.submission.id,
            until: self.now + LATE,
            by_line: true,
            stored_at: sending.stored_at,
            pdu: sending.submission.pdu.clone(),
        });
    }

    /// The next submission is given back: it was not begun.
    pub(super) fn give_back_next(&mut self, why: NotSent) {
        if let Some(submission) = self.next.take() {
            self.notices.submitted(submission.id, Outcome::NotSent(why));
        }
    }

    /// A message came in while a submission is in flight.
    pub(super) fn submission_interrupted(&mut self) {
        if let Some(sending) = &mut self.sending {
            sending.interrupted = true;
        }
    }

    /// Whether a stored submission of unknown outcome went out: looked up after the modem is back.
    pub(super) fn check_sent(&mut self) -> bool {
        let Some(index) = self.late.as_ref().and_then(|late| late.stored_at) else { return false };
        if self.enter_selected_memory() {
            return true;
        }
        self.start(command::read(index), Task::CheckSent, SHORT);
        true
    }

    pub(super) fn sent_checked(&mut self, active: &Active, result: &Final) {
        let Some(late) = self.late.as_mut() else { return };
        let index = late.stored_at.take();
        let state = active.value().and_then(reply::StoredHeader::of_one).map(|header| header.state);
        let body = active.lines().get(1).and_then(|body| command::unhex(body)).unwrap_or_default();
        // `STO UNSENT` proves nothing: the modem may have restarted before it wrote the state.
        if result.is_ok()
            && state == Some(Stored::Sent)
            && holds(&body, &late.pdu)
            && let Some(late) = self.take_late()
        {
            self.settle(late.id, Outcome::Accepted { reference: None });
            if let Some(index) = index {
                self.delete_sent(index);
            }
        }
    }
}

/// Whether a stored PDU is this submission, but for its reference, which the modem sets.
fn holds(stored: &[u8], submission: &[u8]) -> bool {
    let Some(start) = stored.len().checked_sub(submission.len()) else { return false };
    let (Some([first, _, rest @ ..]), [first_own, _, own @ ..]) = (stored.get(start..), submission)
    else {
        return false;
    };
    first == first_own && rest == own
}
