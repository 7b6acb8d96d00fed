//! Broadcasts that are under way: which are due, and what becomes of one.
//!
//! Each call changes a broadcast only when it is as it was read: its version says so. So of two copies of the service one does
//! something, and one that is killed has done all of it or nothing. A piece that is handed out becomes rows of messages that are held and due
//! at once, in the transaction that notes who was handed out, as a time of a schedule does. The ids of messages and batches are made from
//! the broadcast and the places of recipients.

use contracts::{BatchId, BroadcastId, MessageId, PhoneNumber, Timestamp};

use crate::engine::on_engine;
use crate::{
    Broadcast, BroadcastTrouble, PersonalText, Reading, ScheduleBounds, Store, StoreError,
    ZoneShare,
};

/// Somebody of an audience, as it was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The number.
    pub written: String,
    /// The id of the contact whose number it is. None: it was written down.
    pub contact: Option<String>,
}

/// Shows no number.
impl std::fmt::Debug for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Candidate({:?})", self.contact)
    }
}

/// Somebody of an audience, and what was found out of the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// As it was written.
    pub candidate: Candidate,
    /// The number as it is dialled. None: it is none, or is sent nothing.
    pub number: Option<PhoneNumber>,
    /// The zone by whose clocks the recipient lives.
    pub zone: String,
}

/// So many recipients of a zone, to be handed out now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastPiece {
    /// The zone.
    pub zone: String,
    /// At most so many.
    pub count: u32,
}

/// What was handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BroadcastSent {
    /// The messages that were made.
    pub messages: Vec<MessageId>,
    /// Why there are none.
    pub trouble: Option<BroadcastTrouble>,
}

impl Store {
    /// Returns when something is to be done for any broadcast next. None when there is nothing.
    pub async fn next_broadcast(&self) -> Result<Option<Timestamp>, StoreError> {
        on_engine!(self, db => db.next_broadcast())
    }

    /// Returns the broadcasts of all organisations for which something is to be done at `now`, longest due first. A row that cannot be
    /// read is logged, stops, and is left out.
    pub async fn due_broadcasts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Broadcast>, StoreError> {
        on_engine!(self, db => db.due_broadcasts(now, limit))
    }

    /// Lets a broadcast run whose time has come. Returns false when it was changed meanwhile, and nothing was done.
    pub async fn begin_broadcast(
        &self,
        broadcast: &Broadcast,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.begin_broadcast(broadcast, now))
    }

    /// Returns whether the account whose messages a broadcast sends is enabled. An account that is no more is not.
    pub async fn is_owner_enabled(&self, broadcast: &Broadcast) -> Result<bool, StoreError> {
        on_engine!(self, db => db.is_owner_enabled(broadcast))
    }

    /// Pauses a broadcast that cannot go on, and says why. Returns false when it was changed meanwhile, and nothing was done.
    pub async fn stop_broadcast(
        &self,
        broadcast: &Broadcast,
        trouble: BroadcastTrouble,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.stop_broadcast(broadcast, trouble))
    }

    /// Returns broadcasts that were given an order until then of which their batches may not have been told, longest ago first, at most
    /// `limit`. A row that cannot be read is logged and left out.
    pub async fn untold_broadcasts(
        &self,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Broadcast>, StoreError> {
        on_engine!(self, db => db.untold_broadcasts(until, limit))
    }

    /// Notes that the batches of a broadcast were told the orders that it was given until then.
    pub async fn broadcast_told(
        &self,
        id: BroadcastId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.broadcast_told(id, until))
    }

    /// Notes that the batches of a broadcast were told the order that follows from its state. When it was changed meanwhile, what they
    /// were told may be old, and they are to be told again.
    pub async fn untold_broadcast_told(
        &self,
        broadcast: &Broadcast,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.untold_broadcast_told(broadcast, now))
    }

    /// Has a broadcast wait until then; none: until its last messages are over. Returns false when it was changed meanwhile, and nothing was
    /// done.
    pub async fn wait_broadcast(
        &self,
        broadcast: &Broadcast,
        until: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.wait_broadcast(broadcast, until))
    }

    /// Returns the next of the audience of a broadcast, at most `limit`, and how far it is read then. None: that is all of it.
    pub async fn broadcast_candidates(
        &self,
        broadcast: &Broadcast,
        limit: u32,
    ) -> Result<(Vec<Candidate>, Option<Reading>), StoreError> {
        on_engine!(self, db => db.broadcast_candidates(broadcast, limit))
    }

    /// Writes down the next of the audience of a broadcast, and that it is read so far then. Who stands before it or asked to be sent
    /// nothing is left out. After the last of them the broadcast can be handed out, or ends, when there is nobody, or more than an audience
    /// may be of. Returns false when it was changed meanwhile, and nothing was done.
    pub async fn add_broadcast_recipients(
        &self,
        broadcast: &Broadcast,
        looked: &[Looked],
        reading: Option<&Reading>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.add_broadcast_recipients(broadcast, looked, reading, now))
    }

    /// Returns how many recipients of each zone are still to be handed out, most first.
    pub async fn broadcast_shares(
        &self,
        broadcast: &Broadcast,
    ) -> Result<Vec<ZoneShare>, StoreError> {
        on_engine!(self, db => db.broadcast_shares(broadcast))
    }

    /// Returns how many messages of a broadcast wait for modems or are with one. Those that are held for a reason of their own do not count.
    pub async fn broadcast_in_hand(&self, broadcast: &Broadcast) -> Result<u32, StoreError> {
        on_engine!(self, db => db.broadcast_in_hand(broadcast))
    }

    /// Hands out recipients of a broadcast: makes their messages, held and due at `now`, within these bounds, and notes that more are
    /// handed out at `next`. `in_hand` messages wait for modems already. None: the broadcast was changed meanwhile, and nothing was done.
    pub async fn hand_out_broadcast(
        &self,
        broadcast: &Broadcast,
        text: &PersonalText,
        pieces: &[BroadcastPiece],
        (in_hand, next): (u32, Timestamp),
        now: Timestamp,
        within: ScheduleBounds,
    ) -> Result<Option<BroadcastSent>, StoreError> {
        on_engine!(self, db => db.hand_out_broadcast(broadcast, text, pieces, (in_hand, next), now, within))
    }

    /// Ends a broadcast of which all is handed out, when all of its batches have come to their ends. Returns whether it ended.
    pub async fn end_broadcast(
        &self,
        broadcast: &Broadcast,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.end_broadcast(broadcast, now))
    }

    /// Has broadcasts be looked at that may have ended with these batches.
    pub async fn batches_of_broadcasts_ended(
        &self,
        batches: &[BatchId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.batches_of_broadcasts_ended(batches, now))
    }
}
