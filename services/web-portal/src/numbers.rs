//! Numbers for clients that need integers, taken from the database in blocks, so that accepting a message
//! does not wait for the database each time.

use std::ops::Range;

use store::{Store, StoreError};
use tokio::sync::Mutex;

const BLOCK: u32 = 1_000;

/// The rest of the last block.
#[derive(Debug, Default)]
pub(crate) struct Numbers(Mutex<Range<i64>>);

impl Numbers {
    /// `count` numbers that nobody else has.
    pub(crate) async fn take(&self, store: &Store, count: usize) -> Result<Vec<i64>, StoreError> {
        let mut rest = self.0.lock().await;
        let mut taken = Vec::with_capacity(count);
        loop {
            taken.extend(rest.by_ref().take(count - taken.len()));
            if taken.len() == count {
                return Ok(taken);
            }
            let missing = u32::try_from(count - taken.len()).unwrap_or(u32::MAX);
            *rest = store.reserve_numbers(missing.max(BLOCK)).await?;
        }
    }
}
