//! Settings on their way to the broker's bucket `config`.
//!
//! Who changes a setting writes its entry in the same transaction; whoever publishes takes the open entries
//! in order, puts each into the bucket, and marks it. A crash between repeats a put, which changes nothing.

use contracts::Timestamp;

use crate::store::on_engine;
use crate::{Store, StoreError};

/// One change of the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Its place.
    pub sequence: i64,
    /// `account.<user id>`, `sim.<sim id>`.
    pub key: String,
    /// The value; none: the key is to be deleted.
    pub value: Option<serde_json::Value>,
}

impl Store {
    /// The entries not published yet, oldest first, at most `limit`.
    pub async fn outbox(&self, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        on_engine!(self, db => db.outbox(limit))
    }

    /// Marks entries as published.
    pub async fn outbox_published(
        &self,
        sequences: &[i64],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.outbox_published(sequences, at))
    }

    /// The present value of every key that was ever set and not deleted: to fill an empty bucket anew.
    pub async fn config_values(&self) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
        on_engine!(self, db => db.config_values())
    }
}
