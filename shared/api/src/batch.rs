//! Messages that were accepted together.

use std::collections::BTreeMap;

use contracts::BatchId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::AlphabetUse;

/// The answer to `POST /batches`: the broker has all of the messages.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchAcceptance {
    /// The id of the batch.
    pub id: BatchId,
    /// How many messages it has: a message to each recipient.
    pub total: usize,
    /// Of how many parts the longest message is.
    pub parts: usize,
    /// In which alphabet that one goes out.
    #[serde(flatten)]
    pub alphabet: AlphabetUse,
}

/// The answer to `GET /batches/{id}` and to what is done with a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Batch {
    /// The id of the batch.
    pub id: BatchId,
    /// Whether its messages are released, as far as there are any left.
    pub order: BatchOrder,
    /// How many messages it has.
    pub total: u64,
    /// How many messages have come to an end, or were sent.
    pub done: u64,
    /// How many messages are in each state, by its name, without those states in which there is none.
    pub states: BTreeMap<String, u64>,
}

/// What was said of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BatchOrder {
    /// Its messages go out as modems have room.
    Running,
    /// What no modem has yet waits.
    Paused,
    /// What no modem had yet will not be sent.
    Cancelled,
}
