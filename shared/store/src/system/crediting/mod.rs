//! How credit becomes blocks that routers spend, and comes back: for the service `persistence` alone.
//!
//! A block is taken from the balance of an account in one transaction, and what is charged against it is written with the rows of the
//! messages. When its time is over and everything was read that routers told before, what is left goes back to the balance. So
//! whatever becomes of a router, the balance, the blocks and the ledger agree, and the balance is never below zero.

use std::time::Duration;

use contracts::credit::{BlockAnswer, TakeBlock};
use contracts::{BlockId, OrgId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Store, StoreError};

/// Messages of an account that wait for credit and go on at one time. The next ones go on when some of these were paid for.
pub const WOKEN_AT_ONCE: u32 = 1_000;

/// How long it takes until routers have heard of other prices, and rather more.
const PRICES_HEARD: Duration = Duration::from_secs(5);

/// How long before a router found an account out of credit its credit may have been raised and the router did not know.
pub(crate) const RAISED_LATELY: Duration = Duration::from_secs(5);

/// How far the clock of a router may be behind that of persistence.
pub(crate) const CLOCKS_AGREE: Duration = Duration::from_mins(1);

/// When a message is due that was held because of credit which is there now.
pub(crate) const SOON: Duration = Duration::from_secs(2);

impl Store {
    /// Takes credit of an account for a router. Asked again with the id of a block that is open, the answer is that block.
    ///
    /// The router may spend it for `lasts`; the block stays open until `closes_at`, which has to be later.
    pub async fn take_block(
        &self,
        wanted: &TakeBlock,
        lasts: Duration,
        closes_at: Timestamp,
        now: Timestamp,
    ) -> Result<BlockAnswer, StoreError> {
        on_engine!(self, db => db.take_block(wanted, lasts, closes_at, now))
    }

    /// Returns when the next block closes.
    pub async fn next_block_end(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_block_end())
    }

    /// Returns at most `limit` blocks whose time is over at `now`, longest over first.
    pub async fn blocks_over(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<BlockId>, StoreError> {
        on_engine!(self, db => db.blocks_over(now, limit))
    }

    /// Closes blocks, of which everything was read that was told before their time was over, and gives the accounts back what is
    /// left. Returns the accounts that have more by that.
    pub async fn close_blocks(
        &self,
        blocks: &[BlockId],
        now: Timestamp,
    ) -> Result<Vec<UserId>, StoreError> {
        on_engine!(self, db => db.close_blocks(blocks, now))
    }

    /// Makes messages of these accounts due that wait for credit, longest waiting first, at most [`WOKEN_AT_ONCE`] of each account,
    /// where the account has credit and none of its messages is due already; all of an account that is unlimited. Returns whether
    /// there were any.
    pub async fn wake_for_credit(
        &self,
        accounts: &[UserId],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.wake_for_credit(accounts, now))
    }

    /// Makes all messages of an organisation due that wait for credit, once routers have heard of prices that changed at `now`: what
    /// the credit did not pay for may cost less. Returns whether there were any.
    pub(crate) async fn wake_for_prices(
        &self,
        org: OrgId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.wake_for_prices(org, now.plus(PRICES_HEARD)))
    }
}
