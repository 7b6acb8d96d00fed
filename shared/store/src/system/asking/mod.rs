//! Whom keyword services ask something, and what they need to know of senders before they do what a message says.
//!
//! While a phone is asked something, its next messages to the SIM go to the service that asks, before any keyword is looked at. There
//! is at most one such service for a phone and a SIM: the last one.

use std::fmt;

use contracts::mo::MoReceived;
use contracts::{CallbackId, MessageId, OrgId, PhoneNumber, ServiceId, SimId, Timestamp};

use crate::engine::on_engine;
use crate::{NewEntry, Store, StoreError, TakenBy};

/// The most phones that one service asks, those included that answered in the last week.
pub const MOST_ASKINGS: u32 = 10_000;
/// How many wrong codes end the asking for one.
pub const MOST_CODES: u32 = 3;
/// How many PINs of one phone may be wrong in an hour.
pub const MOST_PINS: u32 = 3;
/// How many PINs of one service may be wrong in an hour.
pub const MOST_PINS_OF_SERVICE: u32 = 20;

/// A phone that a service asks something.
#[derive(Clone, PartialEq, Eq)]
pub struct Asking {
    /// The id, which is that of the call that began it.
    pub id: CallbackId,
    /// The service.
    pub service: ServiceId,
    /// Who is asked.
    pub sender: PhoneNumber,
    /// Which question waits for its answer, counted from 0.
    pub question: u32,
    /// The code that is waited for, in place of an answer.
    pub code: Option<String>,
    /// What goes to a group when the code comes.
    pub body: Option<String>,
    /// Until when it waits.
    pub expires_at: Timestamp,
}

/// Leaves out the phone, the code and the text.
impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Asking({} of {}, {})", self.id, self.service, self.question)
    }
}

/// A phone that is to be asked something.
#[derive(Clone, PartialEq, Eq)]
pub struct NewAsking {
    /// The service.
    pub service: ServiceId,
    /// The SIM that the phone wrote to.
    pub sim: SimId,
    /// Who is asked.
    pub sender: PhoneNumber,
    /// The code that is waited for, if one is.
    pub code: Option<String>,
    /// What goes to a group when the code comes.
    pub body: Option<String>,
    /// Until when it waits.
    pub expires_at: Timestamp,
}

/// Leaves out the phone, the code and the text.
impl fmt::Debug for NewAsking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewAsking(of {}, until {})", self.service, self.expires_at)
    }
}

/// An answer to the question that waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answering {
    /// Of whom.
    pub asking: CallbackId,
    /// The answer, with the question.
    pub entry: NewEntry,
    /// Whether no question follows.
    pub is_last: bool,
    /// Until when the next question waits.
    pub expires_at: Timestamp,
}

impl Store {
    /// Returns which service asks a phone that wrote to a SIM something at `now`, with what it asks.
    pub async fn asking(
        &self,
        org: OrgId,
        sim: SimId,
        sender: &PhoneNumber,
        now: Timestamp,
    ) -> Result<Option<(TakenBy, Asking)>, StoreError> {
        on_engine!(self, db => db.asking(org, sim, sender, now))
    }

    /// Returns whether a call began to ask its sender something.
    pub async fn is_asking(&self, call: CallbackId) -> Result<bool, StoreError> {
        on_engine!(self, db => db.is_asking(call))
    }

    /// Keeps that a call tries a PIN. Returns false when the phone, or all phones together, tried as many wrong ones as they may.
    pub async fn try_pin(
        &self,
        call: CallbackId,
        service: ServiceId,
        sender: &PhoneNumber,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.try_pin(call, service, sender, at))
    }

    /// Forgets the try of a call, whose PIN was right.
    pub async fn right_pin(&self, call: CallbackId) -> Result<(), StoreError> {
        on_engine!(self, db => db.right_pin(call))
    }

    /// Puts another text in the place of that of a received message, and forgets the PDUs that it came in. Returns false when the
    /// message has no row yet.
    pub async fn strike_received(
        &self,
        org: OrgId,
        message: MessageId,
        text: &str,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.strike_received(org, message, text))
    }

    /// Keeps that these copies of a message have been taken by its service, so that no service takes them when they are told.
    pub async fn take_copies(
        &self,
        service: ServiceId,
        message: &MoReceived,
        copies: &[MessageId],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.take_copies(service, message, copies, at))
    }
}
