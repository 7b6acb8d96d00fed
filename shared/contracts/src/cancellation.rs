//! Taking a message back: the entry in the send journal that decides whether a modem or the cancel was first.
//!
//! A driver enters the first part of a message in the bucket `attempts` before it writes anything to a modem, by
//! create or by compare-and-set. A cancel is an entry in the same place, so exactly one of the two succeeds, wherever
//! the message is at that moment: on its way to the router, waiting, held in the database, or at the door of a driver.

use serde::{Deserialize, Serialize};

use crate::{MessageId, Timestamp, UserId};

/// The key in the bucket `attempts` that decides.
pub fn key(message: MessageId) -> String {
    crate::journal::key(message, 1)
}

/// The entry of the first part, as far as a cancel has to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum FirstPart {
    /// The part did not go out, and the broker delivers the message again: the message can be cancelled.
    Waiting,
    /// The part did not go out, and the message comes again in a later round: the message can be cancelled.
    HandedOver,
    /// The message was cancelled.
    Cancelled(Cancellation),
    /// A modem has it, had it, or may have had it. Also for a stage of a later version.
    #[serde(other)]
    Taken,
}

/// A message that was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancellation {
    /// Who did it; none: the gateway's own command line.
    pub by: Option<UserId>,
    /// The round the message was in.
    pub round: u32,
    /// When.
    pub at: Timestamp,
    /// Until when the message could turn up at a driver: the entry stays as long.
    pub keep_until: Timestamp,
}
