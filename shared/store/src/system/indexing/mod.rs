//! Gives messages their words, and their place in conversations, that were written without, by a version before or because many
//! were written at once.

use crate::engine::on_engine;
use crate::{Store, StoreError};

impl Store {
    /// Gives at most `limit` messages that were sent, and as many that were received, the words by which they are found.
    /// Returns how many had none.
    pub async fn give_words(&self, limit: u32) -> Result<u64, StoreError> {
        on_engine!(self, db => db.give_words(limit))
    }

    /// Gives at most `limit` messages that were sent, and as many that were received, their place in conversations. Returns how
    /// many had none.
    pub async fn give_conversations(&self, limit: u32) -> Result<u64, StoreError> {
        on_engine!(self, db => db.give_conversations(limit))
    }
}
