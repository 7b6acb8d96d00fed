//! Messages of the gateway before this one: they ended there, and nothing is done with them here.

use std::fmt;

use contracts::{Address, MessageId, ModemId, MtState, PhoneNumber, SimId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// A message that another gateway was to send.
#[derive(Clone, PartialEq, Eq)]
pub struct PastSent {
    /// The id, made of where the message comes from: one that is brought again is known again.
    pub id: MessageId,
    /// The number that the message had. It is kept when it is free here.
    pub number: Option<i64>,
    /// The account that sent the message, or [`UserId::internal`].
    pub owner: UserId,
    /// The recipient.
    pub to: PhoneNumber,
    /// The text.
    pub text: String,
    /// How the message ended: a state that is settled.
    pub state: MtState,
    /// When the message was accepted.
    pub created_at: Timestamp,
    /// When the message ended.
    pub updated_at: Timestamp,
}

/// A message that another gateway received.
#[derive(Clone, PartialEq, Eq)]
pub struct PastReceived {
    /// The id, made of where the message comes from: one that is brought again is known again.
    pub id: MessageId,
    /// The number that the message had. It is kept when it is free here.
    pub number: Option<i64>,
    /// The account that the message belongs to. None: administrators read it.
    pub owner: Option<UserId>,
    /// The sender.
    pub from: Address,
    /// The number that the message came to.
    pub to: Option<PhoneNumber>,
    /// The text.
    pub text: String,
    /// An id that stands for the SIM that the message came to.
    pub sim: SimId,
    /// An id that stands for the modem that the message came through.
    pub modem: ModemId,
    /// When the message came.
    pub received_at: Timestamp,
}

/// Shows the id and the state, no number and no text.
impl fmt::Debug for PastSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PastSent({}, {})", self.id, self.state)
    }
}

/// Shows the id, no sender and no text.
impl fmt::Debug for PastReceived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PastReceived({})", self.id)
    }
}

impl Store {
    /// Keeps messages of another gateway, for whoever reaches everything in the organisation; all or none of them. Returns how
    /// many were made: those whose ids there are stay as they are. Numbers that are given from then on are higher than those
    /// that were kept.
    pub async fn import_history(
        &self,
        reach: Reach,
        from: &str,
        sent: &[PastSent],
        received: &[PastReceived],
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        on_engine!(self, db => db.import_history(reach, from, sent, received, at))
    }
}
