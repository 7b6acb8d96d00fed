//! Files of which each row becomes a message: what was uploaded, what is to be sent, and what becomes of each row.
//!
//! A file is kept in pieces, so that any copy of the portal goes on with it, and none reads all of it at once. What is sent is
//! kept as the portal writes it.

use std::fmt;

use contracts::{BulkId, OrgId, Timestamp, UserId};
use serde_json::Value;

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// The most files of one account.
pub const MOST_BULKS: u32 = 100;
/// How long the rows of a file are kept, in hours, after it was last changed.
pub const BULK_ROWS_KEPT_HOURS: u32 = 24;
/// How long it is kept that a file was sent, in days.
pub const BULKS_KEPT_DAYS: u32 = 30;

/// A file of which each row becomes a message.
#[derive(Clone, PartialEq)]
pub struct Bulk {
    /// The id of the file.
    pub id: BulkId,
    /// The organisation of the file.
    pub org: OrgId,
    /// The account whose file it is.
    pub owner: UserId,
    /// The name of the file, as its owner's machine calls it.
    pub name: String,
    /// How many columns it has.
    pub columns: u32,
    /// How many rows it has, the first among them.
    pub rows: u32,
    /// The first row, which may name the columns.
    pub header: Vec<String>,
    /// What is to be sent; none: nobody has said it yet.
    pub plan: Option<Value>,
    /// How often it was said what is to be sent.
    pub revision: u32,
    /// How many of its batches the broker has; none: nobody has confirmed it yet.
    pub sending: Option<u32>,
    /// When the broker had all of them.
    pub sent_at: Option<Timestamp>,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Shows the id and the sizes, no name and no text.
impl fmt::Debug for Bulk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, rows, revision, sending, updated_at, .. } = self;
        write!(f, "Bulk({id}, {rows} rows, {revision}, {sending:?}, {updated_at})")
    }
}

/// A file to be kept.
#[derive(Clone, PartialEq)]
pub struct NewBulk {
    /// The account whose file it is.
    pub owner: UserId,
    /// The name of the file.
    pub name: String,
    /// How many columns it has.
    pub columns: u32,
    /// The first row.
    pub header: Vec<String>,
    /// The rows, the first among them, in pieces.
    pub pieces: Vec<Vec<BulkRow>>,
}

/// A row of a file.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BulkRow {
    /// The line of the file at which it begins.
    pub line: u64,
    /// The cells.
    pub cells: Vec<String>,
}

/// Some rows of a file, one after another.
#[derive(Clone, PartialEq)]
pub struct BulkPiece {
    /// The place of the first of them in the file, from 0.
    pub place: u32,
    /// The rows.
    pub rows: Vec<BulkRow>,
    /// What becomes of each; none: it is not known what is to be sent.
    pub outcomes: Option<Value>,
    /// How many messages the pieces before have.
    pub first_message: u32,
}

/// Which piece of a file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BulkPlace {
    /// The one with the row of this place, from 0.
    Row(u32),
    /// The one with this message, from 0.
    Message(u32),
}

/// What becomes of the rows of a piece.
#[derive(Clone, PartialEq)]
pub struct BulkOutcomes {
    /// The place of the first row of the piece.
    pub place: u32,
    /// What becomes of each.
    pub outcomes: Value,
    /// How many messages the pieces before have.
    pub first_message: u32,
}

/// A file was not kept.
#[derive(Debug, thiserror::Error)]
pub enum CreateBulkError {
    /// The account has as many as it may have.
    #[error("there are {MOST_BULKS} files already, which is the most there may be")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Keeps a new file.
    pub async fn create_bulk(
        &self,
        reach: Reach,
        new: &NewBulk,
        at: Timestamp,
    ) -> Result<Bulk, CreateBulkError> {
        on_engine!(self, db => db.create_bulk(reach, new, at))
    }

    /// Returns the newest files in reach, at most [`MOST_BULKS`].
    pub async fn bulks(&self, reach: Reach) -> Result<Vec<Bulk>, StoreError> {
        on_engine!(self, db => db.bulks(reach))
    }

    /// Returns a file in reach.
    pub async fn bulk(&self, reach: Reach, id: BulkId) -> Result<Option<Bulk>, StoreError> {
        on_engine!(self, db => db.bulk(reach, id))
    }

    /// Returns the piece of a file in reach that has a row or a message, or the last one before it. Returns none when there is
    /// no such file, or its rows are gone.
    pub async fn bulk_piece(
        &self,
        reach: Reach,
        id: BulkId,
        place: BulkPlace,
    ) -> Result<Option<BulkPiece>, StoreError> {
        on_engine!(self, db => db.bulk_piece(reach, id, place))
    }

    /// Says what is sent of a file in reach, and what becomes of its rows. Returns none when there is no such file, when it is
    /// being sent, or when that was said meanwhile by another, so that it is not at this revision any more.
    pub async fn plan_bulk(
        &self,
        reach: Reach,
        id: BulkId,
        revision: u32,
        plan: &Value,
        outcomes: &[BulkOutcomes],
        at: Timestamp,
    ) -> Result<Option<Bulk>, StoreError> {
        on_engine!(self, db => db.plan_bulk(reach, id, revision, plan, outcomes, at))
    }

    /// Notes that a file in reach is being sent as it was said at this revision. Returns none when there is no such file, when
    /// nothing was said of it, or it is at another revision. Noted again, nothing changes.
    pub async fn begin_bulk(
        &self,
        reach: Reach,
        id: BulkId,
        revision: u32,
        at: Timestamp,
    ) -> Result<Option<Bulk>, StoreError> {
        on_engine!(self, db => db.begin_bulk(reach, id, revision, at))
    }

    /// Notes how many batches of a file in reach the broker has, and whether these are all. A lower number changes nothing.
    pub async fn note_bulk_batches(
        &self,
        reach: Reach,
        id: BulkId,
        batches: u32,
        all: bool,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.note_bulk_batches(reach, id, batches, all, at))
    }

    /// Removes a file in reach with its rows; what it sent stays. Returns false when there is none.
    pub async fn remove_bulk(&self, reach: Reach, id: BulkId) -> Result<bool, StoreError> {
        on_engine!(self, db => db.remove_bulk(reach, id))
    }
}
