//! Where the messages are that have not come to an end.

use contracts::{MtState, Timestamp};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// How many messages of a state are counted: a count of one more is that many or more.
pub const COUNTED: u64 = 10_000;

/// The messages in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queued {
    /// The state.
    pub state: MtState,
    /// How many there are; more than [`COUNTED`]: so many, and maybe more.
    pub count: u64,
    /// When the oldest of them was accepted. None: there is none.
    pub oldest: Option<Timestamp>,
}

impl Store {
    /// Returns how many messages of the organisation are in each state before their end, for whoever reaches everything in it.
    pub async fn queue(&self, reach: Reach) -> Result<Vec<Queued>, StoreError> {
        on_engine!(self, db => db.queue(reach))
    }
}
