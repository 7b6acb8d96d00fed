//! The send journal, as far as others than drivers read it: whether a modem has a part, had it, or may have had it.
//!
//! A driver enters each part in the bucket `attempts` before it gives the part to a modem, and tells of that only when it
//! knows what came of it, or when the modem is slow. So of a message whose driver was killed in between, the journal alone
//! says that it was with a modem.
//!
//! Two others write there, each in the place of the first part and by create, so that of a driver's attempt and theirs one succeeds:
//! who takes a message back ([`crate::cancellation`]), and the router, which takes a message from the queue of a modem that is away
//! ([`HandOver`]).

use serde::{Deserialize, Serialize};

use crate::mt::{Given, MtItem, SendError, Through};
use crate::{MessageId, ModemId, OrgId, SimId, Timestamp, UserId};

/// Returns the key of a part in the bucket `attempts`; the first part is 1.
pub fn key(message: MessageId, part: u8) -> String {
    format!("{message}.{part}")
}

crate::named! {
    /// How far a part has come.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum PartStage in json {
        /// The part did not go out, and the broker delivers the message again.
        Waiting = "waiting",
        /// The part did not go out, and the message comes again in a later round.
        HandedOver = "handed_over",
        /// The message was taken back before a modem had it.
        Cancelled = "cancelled",
        /// The message was too late before a modem had the part.
        Expired = "expired",
    } else {
        /// A modem has the part, had it, or may have had it. Also for a stage of a later version.
        Given = "given"
    }
}

/// What the journal says of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartEntry {
    /// How far the part has come.
    pub stage: PartStage,
    /// The modem that the part was given to last; `None` of a message that was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modem: Option<ModemId>,
    /// The SIM in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// Which try this is; 1 is the first.
    #[serde(default)]
    pub tries: u32,
    /// Of how many parts the message is.
    #[serde(default)]
    pub parts: u8,
    /// When the part was given to the modem; `None` in entries of earlier releases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<Timestamp>,
    /// When the entry was written.
    pub at: Timestamp,
}

impl PartEntry {
    /// Returns how the part with this number was given to a modem, if a modem has it, had it, or may have had it.
    pub fn given(&self, part: u8) -> Option<Given> {
        let through = Through { modem: self.modem?, sim: self.sim? };
        let at = self.begun_at.unwrap_or(self.at);
        let given = Given { at, through, part, parts: self.parts, tries: self.tries };
        (self.stage == PartStage::Given).then_some(given)
    }
}

/// The entry of a message that leaves the queue of a modem before a driver has begun it. To drivers it is the end of its round, like
/// one that a driver made: should whoever made it be killed then, a driver tells so, and takes the item out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOver {
    /// [`PartStage::HandedOver`].
    pub stage: PartStage,
    /// Why it leaves the queue.
    pub error: SendError,
    /// When it comes again, in the next round.
    pub until: Timestamp,
    /// The modem that had the message last; `None` where no driver made the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modem: Option<ModemId>,
    /// The SIM in whose queue it was.
    pub sim: SimId,
    /// How often it was tried in earlier rounds.
    pub tries: u32,
    /// The round that ends.
    pub round: u32,
    /// The message's organisation.
    pub org: OrgId,
    /// The message's account.
    pub owner: UserId,
    /// The item's place in `SMS_DISPATCH`.
    pub sequence: u64,
    /// Of how many parts the message is.
    pub parts: u8,
    /// When the entry was written.
    pub at: Timestamp,
}

impl HandOver {
    /// The entry by which an item leaves the queue of a SIM, where it has this place, to be requested again at once.
    pub fn of(item: &MtItem, sim: SimId, sequence: u64, error: SendError, at: Timestamp) -> Self {
        let request = &item.request;
        Self {
            stage: PartStage::HandedOver,
            error,
            until: at,
            modem: None,
            sim,
            tries: request.tries,
            round: request.round,
            org: request.org,
            owner: request.owner,
            sequence,
            parts: item.parts,
            at,
        }
    }

    /// Whether it is such an entry, and not one that a driver made.
    pub fn is_routers(&self) -> bool {
        self.stage == PartStage::HandedOver && self.modem.is_none()
    }
}
