//! Numbers for clients that need integers, taken from the database in blocks, so that accepting a message
//! does not wait for the database each time.

use std::ops::Range;

use store::{Store, StoreError};
use tokio::sync::Mutex;

/// How many numbers the first block has. Each block after that has twice as many as the one before, up to [`LARGEST`]: whoever
/// sends a thousand messages a request would wait for the database with each of them, behind all that persistence writes.
const BLOCK: u32 = 1_000;
/// How many numbers a block has at most, and so how many are lost when the portal ends.
const LARGEST: u32 = 64_000;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Numbers(Mutex<Block>);

#[derive(Debug, Default)]
struct Block {
    /// What is left of the last block.
    rest: Range<i64>,
    /// How many numbers the last block had.
    size: u32,
}

impl Numbers {
    /// `count` numbers that nobody else has.
    pub(crate) async fn take(&self, store: &Store, count: usize) -> Result<Vec<i64>, StoreError> {
        let mut block = self.0.lock().await;
        let mut taken = Vec::with_capacity(count);
        loop {
            taken.extend(block.rest.by_ref().take(count - taken.len()));
            if taken.len() == count {
                return Ok(taken);
            }
            let missing = u32::try_from(count - taken.len()).unwrap_or(u32::MAX);
            let size = block.size.saturating_mul(2).clamp(BLOCK, LARGEST);
            block.rest = store.reserve_numbers(missing.max(size)).await?;
            block.size = size;
        }
    }
}
