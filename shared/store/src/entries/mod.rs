//! What keyword services keep of messages: answers to quizzes and surveys, and the texts of boards.

use std::fmt;

use contracts::{Address, CallbackId, ServiceId, Timestamp};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// The most entries that one service keeps. A board forgets older ones for newer ones.
pub const MOST_ENTRIES: u32 = 50_000;
/// The most texts that a board keeps.
pub const MOST_OF_BOARD: u32 = 250;

/// An answer, or a text of a board.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The id, which is that of the call.
    pub id: CallbackId,
    /// Who wrote it, which proves nothing.
    pub sender: Address,
    /// The call that began the survey that the answer belongs to, if it belongs to one.
    pub asking: Option<CallbackId>,
    /// Which question was answered, counted from 0.
    pub question: u32,
    /// The answer, or the text.
    pub body: String,
    /// Of a quiz: whether the answer is right.
    pub is_right: Option<bool>,
    /// Whether the board does not show the text.
    pub hidden: bool,
    /// When the message came.
    pub at: Timestamp,
}

impl Entry {
    /// Returns the place of the entry in lists.
    pub const fn place(&self) -> EntryPlace {
        EntryPlace { at: self.at, id: self.id }
    }
}

/// Leaves out sender and text.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({}, {}, {:?}, {})", self.id, self.question, self.is_right, self.hidden)
    }
}

/// An answer, or a text, that is to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The service.
    pub service: ServiceId,
    /// Who wrote it.
    pub sender: Address,
    /// Which question was answered, counted from 0.
    pub question: u32,
    /// The answer, or the text.
    pub body: String,
    /// Of a quiz: whether the answer is right.
    pub is_right: Option<bool>,
    /// What becomes of what was kept before.
    pub keeping: Keeping,
    /// When the message came.
    pub at: Timestamp,
}

/// Leaves out sender and text.
impl fmt::Debug for NewEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewEntry(of {}, {})", self.service, self.question)
    }
}

/// What becomes of what was kept before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// It stays, and this is kept beside it.
    All,
    /// It stays, and this is not kept when the phone answered the question before.
    First,
    /// Of the service, the last [`MOST_OF_BOARD`] are kept.
    Last,
}

/// Where a page of entries begins: behind this one, from the newest to the oldest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryPlace {
    /// When its message came.
    pub at: Timestamp,
    /// Its id.
    pub id: CallbackId,
}

/// How many entries a question of a service has, and how many of them are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryCount {
    /// The question, counted from 0.
    pub question: u32,
    /// How many.
    pub all: u64,
    /// How many of them are right.
    pub right: u64,
}

impl Store {
    /// Returns at most `limit` entries of a service in reach, newest first, behind a place if there is one.
    pub async fn service_entries(
        &self,
        reach: Reach,
        id: ServiceId,
        behind: Option<EntryPlace>,
        limit: u32,
    ) -> Result<Vec<Entry>, StoreError> {
        on_engine!(self, db => db.service_entries(reach, id, behind, limit))
    }

    /// Returns how many entries each question of a service in reach has; a question without one is left out.
    pub async fn count_service_entries(
        &self,
        reach: Reach,
        id: ServiceId,
    ) -> Result<Vec<EntryCount>, StoreError> {
        on_engine!(self, db => db.count_service_entries(reach, id))
    }

    /// Says whether a board of a service in reach shows a text. Returns false when there is no such text.
    pub async fn hide_service_entry(
        &self,
        reach: Reach,
        id: ServiceId,
        entry: CallbackId,
        hidden: bool,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.hide_service_entry(reach, id, entry, hidden))
    }

    /// Forgets what a service in reach keeps: its entries, whom it asks, and its votes. Returns false when there is no such
    /// service.
    pub async fn clear_service(&self, reach: Reach, id: ServiceId) -> Result<bool, StoreError> {
        on_engine!(self, db => db.clear_service(reach, id))
    }
}
