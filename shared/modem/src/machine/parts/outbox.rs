//! Messages on their way out: the submission in flight, the next one, and the last one of unknown outcome.
//!
//! Nothing is written here: the machine, which asks what to do, talks to the modem.

use std::time::{Duration, Instant};

use super::pdu::holds;
use super::sending::{Progress, Sending};
use crate::event::{NotSent, Outcome, Submission, Uncertain};

/// How long a late answer still settles an uncertain submission.
const LATE: Duration = Duration::from_mins(10);
/// Answers `busy` in a row after which the modem is set up anew.
const BUSY_LIMIT: u32 = 5;

/// The last submission that ended as uncertain.
#[derive(Debug, Clone)]
struct Late {
    id: u64,
    until: Instant,
    /// No other submission has been given since, so that a line may tell of this one.
    by_line: bool,
    /// Where the message is stored, when it is: the state there may settle the submission.
    stored_at: Option<u32>,
    /// What lies there.
    pdu: Vec<u8>,
}

/// Messages on their way out.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    sending: Option<Sending>,
    next: Option<Submission>,
    late: Option<Late>,
    /// Until then a result may come of a command that was not answered in time, other than a submission.
    owed_until: Option<Instant>,
    /// `+CMGS` ends in `OK` without a reference.
    gives_no_reference: bool,
    /// A stored message that went out is marked as sent: `None` while nobody has seen it.
    marks_sent: Option<bool>,
    /// `+CMMS`: tried, and whether the modem has it.
    keeps_link: Option<bool>,
    /// `+CMGW` was refused, or never answered.
    refuses_to_store: bool,
    busy_in_a_row: u32,
}

impl Outbox {
    // The next submission.

    pub(crate) fn has_next(&self) -> bool {
        self.next.is_some()
    }

    /// Takes a submission, which is begun when its turn comes.
    pub(crate) fn put(&mut self, submission: Submission) {
        self.next = Some(submission);
    }

    /// Whether another message follows the next one at once.
    pub(crate) fn has_more(&self) -> bool {
        self.next.as_ref().is_some_and(|next| next.more)
    }

    /// Begins the next submission. `false` when there is none.
    pub(crate) fn begin(&mut self) -> bool {
        let Some(submission) = self.next.take() else { return false };
        self.sending = Some(Sending::new(submission));
        true
    }

    /// Takes the next submission out, for it will not be begun.
    pub(crate) fn take_next(&mut self) -> Option<Submission> {
        self.next.take()
    }

    // The submission in flight.

    pub(crate) fn is_sending(&self) -> bool {
        self.sending.is_some()
    }

    pub(crate) fn sending(&self) -> Option<&Sending> {
        self.sending.as_ref()
    }

    /// Whether the message in flight may be out.
    pub(crate) fn is_given(&self) -> bool {
        self.sending.as_ref().is_some_and(|sending| sending.progress() == Progress::Given)
    }

    /// The modem is about to be asked for its prompt, for the first time or again.
    pub(crate) fn begin_try(&mut self) -> Option<&Sending> {
        let sending = self.sending.as_mut()?;
        sending.begin_try();
        Some(sending)
    }

    /// The PDU of the message in flight is written, into the memory or to the network: from now on a line tells of
    /// this message, and of none before it.
    pub(crate) fn note_written(&mut self, into_memory: bool) {
        if let Some(late) = &mut self.late {
            late.by_line = false;
        }
        if let Some(sending) = &mut self.sending {
            sending.note_written(into_memory);
        }
    }

    /// The modem has said the reference of the message in flight, whose outcome is reported by that.
    pub(crate) fn note_reference(&mut self) -> Option<u64> {
        let sending = self.sending.as_mut()?;
        sending.note_reported();
        self.gives_no_reference = false;
        Some(sending.id())
    }

    /// A message came in while another may be on its way out.
    pub(crate) fn note_interruption(&mut self) {
        if let Some(sending) = &mut self.sending {
            sending.note_interruption();
        }
    }

    /// The modem says that it has started. `true` when it was given a message before, whose answer may still come.
    pub(crate) fn note_restart(&mut self) -> bool {
        let Some(sending) = &mut self.sending else { return false };
        let is_given = sending.progress() == Progress::Given;
        if is_given {
            sending.note_restart();
        }
        is_given
    }

    /// Takes the message in flight out.
    pub(crate) fn take_sending(&mut self) -> Option<Sending> {
        self.sending.take()
    }

    /// The message in flight goes on.
    pub(crate) fn put_back(&mut self, sending: Sending) {
        self.sending = Some(sending);
    }

    /// Ends the message in flight because nothing can come of it any more. Returns what is to be reported.
    pub(crate) fn end(&mut self, now: Instant, why: NotSent) -> Option<(u64, Outcome)> {
        let sending = self.sending.take()?;
        let outcome = match sending.progress() {
            Progress::Unwritten | Progress::Storing => Outcome::NotSent(why),
            Progress::Given => {
                self.remember_late(now, &sending);
                Outcome::Uncertain(match why {
                    NotSent::PortLost => Uncertain::PortLost,
                    NotSent::Rebooted => Uncertain::Rebooted,
                    _ => Uncertain::NoAnswer,
                })
            }
            Progress::Reported => return None,
        };
        Some((sending.id(), outcome))
    }

    /// Ends the message in flight because no answer came in time. Returns what is to be reported.
    pub(crate) fn run_out(&mut self, now: Instant) -> Option<(u64, Outcome)> {
        let sending = self.sending.take()?;
        let outcome = match sending.progress() {
            Progress::Unwritten => Outcome::NotSent(NotSent::NoPrompt),
            Progress::Storing => {
                self.refuses_to_store = true;
                Outcome::NotSent(NotSent::NotStored)
            }
            Progress::Given => {
                self.remember_late(now, &sending);
                if sending.saw_restart() {
                    self.nothing_is_owed();
                    Outcome::Uncertain(Uncertain::Rebooted)
                } else {
                    Outcome::Uncertain(Uncertain::NoAnswer)
                }
            }
            Progress::Reported => return None,
        };
        Some((sending.id(), outcome))
    }

    /// A message was refused because the modem is busy. Returns whether that was so too often in a row.
    pub(crate) fn note_busy(&mut self) -> bool {
        self.busy_in_a_row += 1;
        let too_often = self.busy_in_a_row >= BUSY_LIMIT;
        if too_often {
            self.busy_in_a_row = 0;
        }
        too_often
    }

    /// The modem's last answer was not `busy`.
    pub(crate) fn note_not_busy(&mut self) {
        self.busy_in_a_row = 0;
    }

    // What may still be answered.

    fn remember_late(&mut self, now: Instant, sending: &Sending) {
        self.late = Some(Late {
            id: sending.id(),
            until: now + LATE,
            by_line: true,
            stored_at: sending.stored_at(),
            pdu: sending.pdu().to_vec(),
        });
    }

    fn take_late(&mut self, now: Instant) -> Option<u64> {
        self.late.take().filter(|late| late.until > now).map(|late| late.id)
    }

    /// Takes out the uncertain submission of which a line tells that belongs to no other.
    pub(crate) fn take_late_by_line(&mut self, now: Instant) -> Option<u64> {
        self.late.as_ref().filter(|late| late.by_line)?;
        self.take_late(now)
    }

    /// The slot in which the uncertain submission lies.
    pub(crate) fn late_slot(&self) -> Option<u32> {
        self.late.as_ref().and_then(|late| late.stored_at)
    }

    /// The slot of the uncertain submission was looked at, and is not looked at again. `sent` is the PDU that lies
    /// there marked as sent. Returns the submission and its slot when that proves it sent.
    pub(crate) fn take_late_in_slot(
        &mut self,
        now: Instant,
        sent: Option<&[u8]>,
    ) -> Option<(u64, Option<u32>)> {
        let late = self.late.as_mut()?;
        let index = late.stored_at.take();
        if !sent.is_some_and(|pdu| holds(pdu, &late.pdu)) {
            return None;
        }
        Some((self.take_late(now)?, index))
    }

    /// Another SIM is in the modem: what lies in its slots is not ours.
    pub(crate) fn forget_late(&mut self) {
        self.late = None;
    }

    /// Whether a command other than a submission was not answered, and may be yet.
    pub(crate) fn owes_a_result(&self, now: Instant) -> bool {
        self.owed_until.is_some_and(|until| until > now)
    }

    /// A command that gives no message to the network was not answered in time, and may be yet.
    pub(crate) fn note_owed(&mut self, now: Instant) {
        self.owed_until = Some(now + LATE);
    }

    /// The modem has restarted: no line of it tells of what it was given before.
    pub(crate) fn nothing_is_owed(&mut self) {
        self.owed_until = None;
        if let Some(late) = &mut self.late {
            late.by_line = false;
        }
    }

    // What was learned of the modem.

    /// The modem is set up anew: what it refused before is tried again.
    pub(crate) fn forget_refusals(&mut self) {
        self.keeps_link = None;
        self.refuses_to_store = false;
    }

    /// Whether `+CMGS` ends in `OK` without a reference.
    pub(crate) fn gives_no_reference(&self) -> bool {
        self.gives_no_reference
    }

    pub(crate) fn note_no_reference(&mut self) {
        self.gives_no_reference = true;
    }

    /// Whether the modem can keep its link to the network between two messages; `None`: not tried.
    pub(crate) fn keeps_link(&self) -> Option<bool> {
        self.keeps_link
    }

    pub(crate) fn note_keeps_link(&mut self, keeps: bool) {
        self.keeps_link = Some(keeps);
    }

    /// Whether the modem was seen to refuse a message for its memory.
    pub(crate) fn refuses_to_store(&self) -> bool {
        self.refuses_to_store
    }

    pub(crate) fn note_refuses_to_store(&mut self) {
        self.refuses_to_store = true;
    }

    /// Whether the modem marks a stored message that went out as sent; `None` while nobody has seen it.
    pub(crate) fn marks_sent(&self) -> Option<bool> {
        self.marks_sent
    }

    pub(crate) fn set_marks_sent(&mut self, marks: Option<bool>) {
        self.marks_sent = marks;
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "time is an argument here, and any time will do")]
mod tests {
    use super::*;

    fn sending() -> Outbox {
        let mut outbox = Outbox::default();
        outbox.put(Submission { id: 7, pdu: vec![1, 0, 11], more: false });
        assert!(outbox.begin() && !outbox.has_next());
        outbox
    }

    #[test]
    fn what_was_not_written_is_not_sent_and_what_was_is_uncertain() {
        let now = Instant::now();
        let not_ready = Outcome::NotSent(NotSent::NotReady);
        assert_eq!(sending().end(now, NotSent::NotReady), Some((7, not_ready)));
        let mut stored = sending();
        stored.note_written(true);
        let not_stored = Outcome::NotSent(NotSent::NotStored);
        assert_eq!(stored.run_out(now), Some((7, not_stored)));
        assert!(stored.refuses_to_store());
        let mut given = sending();
        given.note_written(false);
        let lost = Outcome::Uncertain(Uncertain::PortLost);
        assert_eq!(given.end(now, NotSent::PortLost), Some((7, lost)));
        assert_eq!(given.end(now, NotSent::PortLost), None);
    }

    #[test]
    fn a_late_line_settles_the_last_submission_and_no_other() {
        let now = Instant::now();
        let mut outbox = sending();
        outbox.note_written(false);
        outbox.run_out(now);
        let mut later = Outbox { late: outbox.late.clone(), ..sending() };
        assert_eq!(outbox.take_late_by_line(now), Some(7));
        assert_eq!(outbox.take_late_by_line(now), None);
        // Another message has been given since.
        later.note_written(false);
        assert_eq!(later.take_late_by_line(now), None);
    }

    #[test]
    fn a_reported_outcome_is_not_reported_again() {
        let now = Instant::now();
        let mut outbox = sending();
        outbox.note_written(false);
        assert_eq!(outbox.note_reference(), Some(7));
        assert_eq!(outbox.end(now, NotSent::Rebooted), None);
    }

    #[test]
    fn a_stored_pdu_is_known_again_by_all_but_its_reference() {
        assert!(holds(&[0, 1, 99, 11], &[1, 0, 11]));
        assert!(!holds(&[0, 1, 99, 12], &[1, 0, 11]));
        assert!(!holds(&[11], &[1, 0, 11]));
    }
}
