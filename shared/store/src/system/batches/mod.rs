//! The ends of batches: which came to an end, and whether that was told.
//!
//! The projection counts in the transactions in which it writes messages, so an end is noticed when it comes, and once.

use contracts::BatchId;
use contracts::batch::BatchFinished;

use crate::engine::on_engine;
use crate::{Store, StoreError};

impl Store {
    /// Returns at most `limit` batches that came to an end and are not known to be told, the first to end first.
    pub async fn finished_batches(&self, limit: u32) -> Result<Vec<BatchFinished>, StoreError> {
        on_engine!(self, db => db.finished_batches(limit))
    }

    /// Notes that the ends of these batches were told.
    pub async fn batches_told(&self, batches: &[BatchId]) -> Result<(), StoreError> {
        on_engine!(self, db => db.batches_told(batches))
    }
}
