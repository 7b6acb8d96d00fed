//! Retention: deleting what is old.

use contracts::Timestamp;

use crate::engine::on_engine;
use crate::{Store, StoreError};

/// The time before which each kind of row is deleted, by when the row was last touched. A kind without a time is
/// kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cutoffs {
    /// Messages that were sent or given up, with all that belongs to them, and messages received. A message that is
    /// still to be sent is kept however old it is.
    pub messages: Option<Timestamp>,
    /// Lines of timelines, delivery reports and modem events.
    pub timeline: Option<Timestamp>,
    /// Callbacks that were taken or given up, with their attempts, calls of services, and replies of endpoints.
    pub callbacks: Option<Timestamp>,
    /// What was counted of messages.
    pub tallies: Option<Timestamp>,
}

/// How many rows were deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    /// Messages.
    pub messages: u64,
    /// What was counted of batches.
    pub batches: u64,
    /// Broadcasts that are over, and rows of their audiences.
    pub broadcasts: u64,
    /// Messages received.
    pub received: u64,
    /// What conversations are found by, what was noted of who read them, what a team kept of them, and notes.
    pub threads: u64,
    /// Lines of timelines, without those that went with their messages.
    pub lines: u64,
    /// Delivery reports.
    pub reports: u64,
    /// Modem events.
    pub modem_events: u64,
    /// Callbacks, without those that went with their messages, calls of services, and replies of endpoints.
    pub callbacks: u64,
    /// What was counted of messages.
    pub tallies: u64,
}

impl Removed {
    /// Returns the sum of all kinds.
    pub const fn total(self) -> u64 {
        self.messages
            + self.batches
            + self.broadcasts
            + self.received
            + self.threads
            + self.lines
            + self.reports
            + self.modem_events
            + self.callbacks
            + self.tallies
    }
}

impl Store {
    /// Deletes what is old, at most `limit` rows of each kind, each kind in a short transaction of its own. With a message
    /// goes what belongs to it.
    pub async fn remove_old(&self, cutoffs: &Cutoffs, limit: u32) -> Result<Removed, StoreError> {
        on_engine!(self, db => db.remove_old(cutoffs, limit))
    }

    /// Removes files of rows that nobody sent within a day, the rows of those that were sent after a day, and what is known of
    /// these after thirty days; and likewise imports of contacts. Returns how many of both are gone.
    pub async fn remove_old_bulks(&self, now: Timestamp) -> Result<u64, StoreError> {
        on_engine!(self, db => db.remove_old_bulks(now))
    }

    /// Deletes the contacts, groups and templates that were removed longer ago than [`REMOVED_KEPT`](crate::REMOVED_KEPT). Returns
    /// how many there were.
    pub async fn remove_old_removed(&self, now: Timestamp) -> Result<u64, StoreError> {
        on_engine!(self, db => db.remove_old_removed(now))
    }

    /// Forgets attempts to send that are older than [`ATTEMPT_IS_KNOWN_FOR`](crate::ATTEMPT_IS_KNOWN_FOR).
    pub async fn remove_old_send_attempts(&self, now: Timestamp) -> Result<u64, StoreError> {
        on_engine!(self, db => db.remove_old_send_attempts(now))
    }
}
