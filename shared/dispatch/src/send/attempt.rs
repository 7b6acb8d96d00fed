//! One attempt to send one part of a message.

use contracts::mt::{Given, SendError, SentPart, Through};
use contracts::{MessageId, Timestamp};

use crate::journal::entry::{self, Entry, Stage};
use crate::journal::in_hand::Holding;
use crate::reports::Awaited;
use crate::retry::RetryPolicy;
use crate::send::ending::{Ending, Terms};
use crate::send::job::Job;
use crate::settle::writing::{Replacement, Withdrawal};

/// A message in hand, a part of which is entered in the journal as being written.
pub(crate) struct Attempt {
    pub(crate) job: Job,
    /// Keeps the message in hand until it is settled.
    pub(crate) holding: Holding,
    /// The part to write; the first part is 1.
    pub(crate) part: u8,
    /// The parts before it, which the network has.
    pub(crate) sent: Vec<SentPart>,
    /// The parts that were given to modems, as far as that may still have to be told.
    pub(crate) given: Vec<Given>,
    /// What the journal has of the part.
    pub(crate) entry: Entry,
    /// The revision of the part's entry as it was seen last; `None` when there was no entry.
    pub(crate) revision: Option<u64>,
    /// The number under which the part was submitted; 0 when this driver has not submitted the part.
    pub(crate) submission: u64,
    /// Why the carrier does not take the message after all, though it takes others. Then the entry only says so.
    pub(crate) refused: Option<Refusal>,
}

/// Why a carrier does not take a message, and when that may be otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) error: SendError,
    pub(crate) until: Timestamp,
}

impl Attempt {
    pub(crate) fn id(&self) -> MessageId {
        self.job.id()
    }

    /// Returns the key of the part in the journal.
    pub(crate) fn key(&self) -> String {
        entry::key(self.id(), self.part)
    }

    /// Returns whether no other part of the message follows this one.
    pub(crate) fn is_last(&self) -> bool {
        self.part == self.job.part_count()
    }

    /// Returns the modem and the SIM that the part goes out through.
    pub(crate) fn through(&self) -> Through {
        Through { modem: self.entry.modem, sim: self.entry.sim }
    }

    /// Returns what decides, beside the modem's answer, how this attempt ends.
    pub(crate) fn terms<'a>(&self, retry: &'a RetryPolicy) -> Terms<'a> {
        let request = self.job.request();
        Terms {
            retry,
            tries: self.entry.tries,
            returns: self.entry.returns,
            not_after: request.not_after,
            when_uncertain: request.when_uncertain,
            has_validity: self.job.has_validity(self.part),
        }
    }

    /// Returns the entry that says from `at` on that the part is in `stage`.
    pub(crate) fn replaced_by(&self, stage: Stage, at: Timestamp) -> Replacement {
        let entry = Entry { stage, at, ..self.entry.clone() };
        Replacement { key: self.key(), entry, revision: self.revision }
    }

    /// Returns what takes the entry back, of a part that was not given to the modem.
    pub(crate) fn withdrawal(&self) -> Withdrawal {
        Withdrawal { key: self.key(), begun: self.entry.clone(), revision: self.revision }
    }

    /// Returns what the report about the part will be matched by; `None` when no report is asked for.
    pub(crate) fn awaited(&self, at: Timestamp, uncertain: bool) -> Option<Awaited> {
        let request = self.job.request();
        (!request.options.no_report).then(|| Awaited {
            message: self.id(),
            part: self.part,
            parts: self.job.part_count(),
            org: request.org,
            owner: request.owner,
            sent_at: at,
            until: Awaited::end(at, request.options.validity_minutes),
            round: request.round,
            uncertain,
        })
    }

    /// Gives the attempt up before anything was written, neither to the journal nor to the modem.
    pub(crate) fn unbegun(self, ending: Ending) -> Box<Unbegun> {
        Unbegun::new(self.job, self.holding, ending)
    }

    /// Gives the attempt up before anything was written to the modem. The journal may have its entry, so the entry is
    /// taken back.
    pub(crate) fn withdrawn(self, why: String) -> Box<Unbegun> {
        let withdrawal = Some(self.withdrawal());
        let mut unbegun = self.unbegun(Ending::NotNow(why));
        unbegun.withdrawal = withdrawal;
        unbegun
    }
}

/// A message in hand that is not given to the modem.
pub(crate) struct Unbegun {
    pub(crate) job: Job,
    pub(crate) holding: Holding,
    /// What becomes of the message instead.
    pub(crate) ending: Ending,
    /// What takes an entry back that the journal may have.
    pub(crate) withdrawal: Option<Withdrawal>,
}

impl Unbegun {
    /// Returns a message for which the journal has nothing to be taken back.
    pub(crate) fn new(job: Job, holding: Holding, ending: Ending) -> Box<Self> {
        Box::new(Self { job, holding, ending, withdrawal: None })
    }
}
