//! Numbers of messages, for clients that need integers.

use std::ops::Range;

use crate::engine::on_engine;
use crate::{Store, StoreError};

impl Store {
    /// Takes a block of `count` numbers that nobody else has or will have. Numbers that are not used are lost, which
    /// harms nothing.
    pub async fn reserve_numbers(&self, count: u32) -> Result<Range<i64>, StoreError> {
        on_engine!(self, db => db.reserve_numbers(count))
    }
}
