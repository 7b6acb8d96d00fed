//! Deleting what is old.

use contracts::Timestamp;

use crate::store::on_engine;
use crate::{Store, StoreError};

/// How much was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    /// Messages sent or given up, with parts, timeline and callbacks.
    pub messages: u64,
    /// Messages received.
    pub received: u64,
    /// Delivery reports.
    pub reports: u64,
    /// Modem events.
    pub modem_events: u64,
}

impl Removed {
    /// Whether anything was.
    pub const fn is_empty(self) -> bool {
        self.messages == 0 && self.received == 0 && self.reports == 0 && self.modem_events == 0
    }
}

impl Store {
    /// Deletes what last changed before `before`, at most `limit` of each kind, in one short transaction. What is still
    /// to be sent is kept however old it is.
    pub async fn remove_before(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Removed, StoreError> {
        on_engine!(self, db => db.remove_before(before, limit))
    }
}
