//! The submission in flight.

use super::pdu::without_validity;
use crate::event::Submission;

/// How far a submission is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The PDU is not written.
    Unwritten,
    /// The PDU is written behind `+CMGW`, which does not send it.
    Storing,
    /// The message may be out.
    Given,
    /// The outcome was reported to the caller; the final result is due.
    Reported,
}

/// The submission in flight.
#[derive(Debug, Clone)]
pub(crate) struct Sending {
    submission: Submission,
    progress: Progress,
    /// The slot that the message was stored in.
    stored_at: Option<u32>,
    /// A message came in meanwhile: on some modems the two collide.
    interrupted: bool,
    retried: bool,
    without_validity: bool,
    /// The modem's memory refused the message, which is given directly then.
    direct: bool,
    /// The modem said meanwhile that it had started.
    restarted: bool,
}

impl Sending {
    /// A submission whose turn has come.
    pub(super) fn new(submission: Submission) -> Self {
        Self {
            submission,
            progress: Progress::Unwritten,
            stored_at: None,
            interrupted: false,
            retried: false,
            without_validity: false,
            direct: false,
            restarted: false,
        }
    }

    pub(crate) fn id(&self) -> u64 {
        self.submission.id
    }

    pub(crate) fn pdu(&self) -> &[u8] {
        &self.submission.pdu
    }

    pub(crate) fn progress(&self) -> Progress {
        self.progress
    }

    /// The modem is about to be asked for its prompt, for the first time or again.
    pub(super) fn begin_try(&mut self) {
        self.progress = Progress::Unwritten;
        self.interrupted = false;
    }

    /// The PDU is written, into the memory or to the network.
    pub(super) fn note_written(&mut self, into_memory: bool) {
        self.progress = if into_memory { Progress::Storing } else { Progress::Given };
    }

    /// The outcome was reported to the caller.
    pub(super) fn note_reported(&mut self) {
        self.progress = Progress::Reported;
    }

    /// A message came in meanwhile.
    pub(super) fn note_interruption(&mut self) {
        self.interrupted = true;
    }

    /// The modem said meanwhile that it had started.
    pub(super) fn note_restart(&mut self) {
        self.restarted = true;
    }

    /// Whether the modem said meanwhile that it had started.
    pub(super) fn saw_restart(&self) -> bool {
        self.restarted
    }

    /// Whether the message is given directly because the modem's memory refused it.
    pub(crate) fn is_direct(&self) -> bool {
        self.direct
    }

    /// Has the message given directly from now on.
    pub(crate) fn give_directly(&mut self) {
        self.direct = true;
    }

    /// The slot that the message was stored in, if it was.
    pub(crate) fn stored_at(&self) -> Option<u32> {
        self.stored_at
    }

    /// The message lies in a slot, and is about to be sent from there.
    pub(crate) fn stored(&mut self, index: u32) {
        self.stored_at = Some(index);
        self.progress = Progress::Given;
    }

    /// The refused message is not stored any more, and not written. Returns the slot that it was stored in.
    pub(crate) fn start_over(&mut self) -> Option<u32> {
        self.progress = Progress::Unwritten;
        self.stored_at.take()
    }

    /// Whether to try once more after a refusal with a `+CMS ERROR` of this code.
    pub(crate) fn may_try_again(&mut self, code: Option<u16>) -> bool {
        match code {
            // Wavecom and others: a message came in at that moment, and nothing is wrong.
            Some(512) if self.interrupted && !self.retried => {
                self.retried = true;
                true
            }
            // The service centre does not take a validity: once more without.
            Some(198 | 199) if !self.without_validity => {
                self.without_validity = true;
                let Some(shorter) = without_validity(&self.submission.pdu) else { return false };
                self.submission.pdu = shorter;
                true
            }
            _ => false,
        }
    }
}
