//! Counts messages that were written without being counted, by a version before or as history of another gateway.

use crate::engine::on_engine;
use crate::{Store, StoreError};

impl Store {
    /// Counts at most `limit` messages that were sent, and as many that were received, and are not counted yet. Returns how many were counted.
    pub async fn give_tallies(&self, limit: u32) -> Result<u64, StoreError> {
        on_engine!(self, db => db.give_tallies(limit))
    }
}
