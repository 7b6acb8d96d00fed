//! Conversations of two machines, which are stopped within a handful of messages.
//!
//! Nothing says that a sender is a machine. But nobody who types is answered so many times in so short a time
//! ([`ReplyCaps::machine`](crate::ReplyCaps)), whatever the texts are: so after that nothing is sent back for a while, by whichever
//! service or endpoint. It is decided where
//! replies are counted, in the transaction that would keep the next one.

use std::time::Duration;

use contracts::{Address, OrgId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Store, StoreError};

/// For how long a machine is sent nothing back.
pub const LOOP_REST: Duration = Duration::from_hours(1);

/// A conversation of two machines that was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoppedLoop {
    /// The organisation whose services or endpoints answered.
    pub org: OrgId,
    /// The account whose reply was the first not to be sent.
    pub owner: UserId,
    /// Who is sent nothing back.
    pub sender: Address,
    /// How many messages of the sender were answered before, in the time that was looked at.
    pub replies: u32,
    /// When it was stopped.
    pub stopped_at: Timestamp,
    /// Until when nothing is sent back.
    pub until: Timestamp,
}

impl Store {
    /// Returns at most `limit` conversations that were stopped and of which nobody was told yet, the first that was stopped
    /// first.
    pub async fn untold_loops(&self, limit: u32) -> Result<Vec<StoppedLoop>, StoreError> {
        on_engine!(self, db => db.untold_loops(limit))
    }

    /// Counts the conversations of an organisation that are stopped at `now`.
    pub async fn stopped_loops(&self, org: OrgId, now: Timestamp) -> Result<u32, StoreError> {
        on_engine!(self, db => db.stopped_loops(org, now))
    }

    /// Keeps that a conversation that was stopped was told.
    pub async fn loop_told(&self, stopped: &StoppedLoop) -> Result<(), StoreError> {
        on_engine!(self, db => db.loop_told(stopped))
    }
}
