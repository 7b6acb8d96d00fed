//! Contacts that come from files, and contacts that are merged: what was uploaded, what its columns are, what became of each row, and
//! what has to be done to take all of it back.
//!
//! A file is kept in pieces, as files of messages are, so that any copy of the portal goes on with it. What is done to a contact is
//! written down in the transaction that does it: how the contact was before, and when it was written. It is undone as long as the
//! contact is as it was written then; one that was changed since is left, and named.

use std::fmt;

use contracts::{ContactId, ContactImportId, GroupId, Holder, OrgId, Timestamp, UserId};
use serde_json::Value;

use crate::contacts::MOST_CONTACTS;
use crate::engine::on_engine;
use crate::{
    BulkRow, ContactChange, CreateGroupError, Group, NewContact, NewGroup, Reach, Store, StoreError,
};

/// The most imports of one account. Merges give way to what comes later.
pub const MOST_CONTACT_IMPORTS: u32 = 100;
/// How long an import is kept, in days, after it was last changed; so long it can be undone. The rows of its file, and one that
/// nobody confirmed, are kept as long as those of a file of messages.
pub const CONTACT_IMPORTS_KEPT_DAYS: u32 = 30;
/// The most contacts that are merged at a time.
pub const MOST_MERGED: usize = 50;

contracts::named! {
    /// What an import is of.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum ContactImportKind {
        /// The rows of a file.
        File = "file",
        /// Contacts that became one.
        Merge = "merge",
    }
}

/// How many contacts something became of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct ContactImportCounts {
    /// They were made.
    pub made: u32,
    /// They were changed.
    pub changed: u32,
    /// They were as the file has them.
    pub same: u32,
    /// Rows that became none.
    pub skipped: u32,
    /// They were removed, being merged into another one.
    pub removed: u32,
    /// What was done to them was taken back.
    pub undone: u32,
    /// They were changed since, and left as they are.
    pub left: u32,
}

/// An import of contacts.
#[derive(Clone, PartialEq)]
pub struct ContactImport {
    /// The id.
    pub id: ContactImportId,
    /// The organisation.
    pub org: OrgId,
    /// Who uploaded the file.
    pub account: UserId,
    /// Whose contacts they become.
    pub owner: Holder,
    /// What it is of.
    pub kind: ContactImportKind,
    /// The name of the file, as its owner's machine calls it; of a merge the name of the contact.
    pub name: String,
    /// How many columns the file has.
    pub columns: u32,
    /// How many rows it has, the first among them.
    pub rows: u32,
    /// The first row, which may name the columns.
    pub header: Vec<String>,
    /// What the columns are, as the portal writes it; none: nobody has said it yet.
    pub plan: Option<Value>,
    /// How often it was said what the columns are.
    pub revision: u32,
    /// How many of the rows were made to contacts; none: nobody has confirmed it yet.
    pub applied: Option<u32>,
    /// What became of the rows so far.
    pub counts: ContactImportCounts,
    /// The groups that were made for it.
    pub new_groups: Vec<GroupId>,
    /// When all of its rows were made to contacts.
    pub applied_at: Option<Timestamp>,
    /// When somebody said that it is to be taken back.
    pub undo_at: Option<Timestamp>,
    /// When that was done.
    pub undone_at: Option<Timestamp>,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Shows the id and the sizes, no name and no text.
impl fmt::Debug for ContactImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, rows, revision, applied, counts, undone_at, .. } = self;
        write!(
            f,
            "ContactImport({id}, {rows} rows, {revision}, {applied:?}, {counts:?}, {undone_at:?})"
        )
    }
}

/// A file of contacts to be kept.
#[derive(Clone, PartialEq)]
pub struct NewContactImport {
    /// Who uploads it.
    pub account: UserId,
    /// Whose contacts they become.
    pub owner: Holder,
    /// The name of the file.
    pub name: String,
    /// How many columns it has.
    pub columns: u32,
    /// The first row.
    pub header: Vec<String>,
    /// The rows, the first among them, in pieces.
    pub pieces: Vec<Vec<BulkRow>>,
}

/// Some rows of a file, one after another.
#[derive(Clone, PartialEq)]
pub struct ContactImportPiece {
    /// The place of the first of them in the file, from 0.
    pub place: u32,
    /// The rows.
    pub rows: Vec<BulkRow>,
    /// What would become of each; none: it is not known what the columns are.
    pub outcomes: Option<Value>,
}

/// What is done with the rows of a piece.
#[derive(Clone, PartialEq, Default)]
pub struct ContactImportStep {
    /// The place of the first row of the piece.
    pub place: u32,
    /// The place of the row after its last one.
    pub next: u32,
    /// There are no more.
    pub is_last: bool,
    /// Contacts that are made, of the import's owner.
    pub make: Vec<NewContact>,
    /// Contacts that are changed.
    pub change: Vec<ImportedChange>,
    /// How many are as the file has them.
    pub same: u32,
    /// How many rows become none.
    pub skipped: u32,
}

/// What an import changes of a contact.
#[derive(Clone, PartialEq)]
pub struct ImportedChange {
    /// The contact.
    pub contact: ContactId,
    /// When the contact was last changed, as it was looked at: one that was changed since is left.
    pub seen: Timestamp,
    /// What is changed, without the groups.
    pub change: ContactChange,
    /// The groups that the contact is put into.
    pub add: Vec<GroupId>,
}

/// A contact that was left as it is when an import was taken back.
#[derive(Clone, PartialEq, Eq)]
pub struct LeftContact {
    /// The contact.
    pub contact: ContactId,
    /// What the import called the contact.
    pub name: String,
    /// Why.
    pub why: LeftWhy,
}

contracts::named! {
    /// Why what was done to a contact was not taken back.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum LeftWhy {
        /// Somebody changed the contact since, or put it into other groups.
        Changed = "changed",
        /// Somebody removed the contact since.
        Removed = "removed",
        /// The contact that was removed is there again.
        There = "there",
        /// There are as many contacts as an organisation has, so the contact that was removed is not made again.
        Full = "full",
    }
}

/// An import was not kept, or not done.
#[derive(Debug, thiserror::Error)]
pub enum ContactImportError {
    /// The account has as many as it may have.
    #[error("there are {MOST_CONTACT_IMPORTS} imports already, which is the most there may be")]
    TooMany,
    /// The organisation would have more contacts than it may have.
    #[error(
        "there would be more than {MOST_CONTACTS} contacts, which is the most an organisation has"
    )]
    TooManyContacts,
    /// A contact is not there, is of another account than the others, or may not be changed.
    #[error("there is no contact {0} that could be merged with the others")]
    NoSuchContact(ContactId),
    /// The contact that all become would be in more groups than it may be in.
    #[error("the contact would be in too many groups")]
    TooManyGroups,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Keeps a new file of contacts.
    pub async fn create_contact_import(
        &self,
        reach: Reach,
        new: &NewContactImport,
        at: Timestamp,
    ) -> Result<ContactImport, ContactImportError> {
        on_engine!(self, db => db.create_contact_import(reach, new, at))
    }

    /// Returns the newest imports in reach, at most [`MOST_CONTACT_IMPORTS`].
    pub async fn contact_imports(&self, reach: Reach) -> Result<Vec<ContactImport>, StoreError> {
        on_engine!(self, db => db.contact_imports(reach))
    }

    /// Returns an import in reach.
    pub async fn contact_import(
        &self,
        reach: Reach,
        id: ContactImportId,
    ) -> Result<Option<ContactImport>, StoreError> {
        on_engine!(self, db => db.contact_import(reach, id))
    }

    /// Returns the piece of a file in reach that has a row, or the last one before it. Returns none when there is no such file, or
    /// its rows are gone.
    pub async fn contact_import_piece(
        &self,
        reach: Reach,
        id: ContactImportId,
        row: u32,
    ) -> Result<Option<ContactImportPiece>, StoreError> {
        on_engine!(self, db => db.contact_import_piece(reach, id, row))
    }

    /// Says what the columns of a file in reach are, and what would become of its rows: of each piece its place and that. Returns
    /// none when there is no such file, when it was confirmed, or when that was said meanwhile by another, so that it is not at
    /// this revision any more.
    pub async fn plan_contact_import(
        &self,
        reach: Reach,
        id: ContactImportId,
        revision: u32,
        plan: &Value,
        outcomes: &[(u32, Value)],
        at: Timestamp,
    ) -> Result<Option<ContactImport>, StoreError> {
        on_engine!(self, db => db.plan_contact_import(reach, id, revision, plan, outcomes, at))
    }

    /// Notes that a file in reach is made to contacts as it was said at this revision. Returns none when there is no such file,
    /// when nothing was said of it, or it is at another revision. Noted again, nothing changes.
    pub async fn begin_contact_import(
        &self,
        reach: Reach,
        id: ContactImportId,
        revision: u32,
        at: Timestamp,
    ) -> Result<Option<ContactImport>, StoreError> {
        on_engine!(self, db => db.begin_contact_import(reach, id, revision, at))
    }

    /// Keeps a new group, which `writes` may make, for an import in reach, which remembers it. Returns none when there is no such
    /// import, and no group was made.
    pub async fn create_imported_group(
        &self,
        reach: Reach,
        writes: Reach,
        id: ContactImportId,
        new: &NewGroup,
        at: Timestamp,
    ) -> Result<Option<Group>, CreateGroupError> {
        on_engine!(self, db => db.create_imported_group(reach, writes, id, new, at))
    }

    /// Makes the rows of a piece of a file in reach to contacts, which `writes` may make and change, and writes down how that is
    /// undone. Returns the import; nothing is done when its rows were made to contacts as far as this, or it is being taken back.
    pub async fn write_contact_import(
        &self,
        reach: Reach,
        writes: Reach,
        id: ContactImportId,
        step: &ContactImportStep,
        at: Timestamp,
    ) -> Result<Option<ContactImport>, ContactImportError> {
        on_engine!(self, db => db.write_contact_import(reach, writes, id, step, at))
    }

    /// Makes contacts of one account one: changes the first and removes the others, which an import of its own remembers. Each of the
    /// others comes with the time at which it was last changed, as the caller read it just before, not as a person saw it on a page:
    /// nothing is done when one was changed since. Where the account has as many imports as it may have, its oldest merge is
    /// forgotten.
    pub async fn merge_contacts(
        &self,
        reach: Reach,
        account: UserId,
        kept: &ImportedChange,
        others: &[(ContactId, Timestamp)],
        at: Timestamp,
    ) -> Result<ContactImport, ContactImportError> {
        on_engine!(self, db => db.merge_contacts(reach, account, kept, others, at))
    }

    /// Notes that an import in reach is taken back. Returns none when there is none whose rows were made to contacts. Noted again,
    /// nothing changes.
    pub async fn begin_contact_import_undo(
        &self,
        reach: Reach,
        id: ContactImportId,
        at: Timestamp,
    ) -> Result<Option<ContactImport>, StoreError> {
        on_engine!(self, db => db.begin_contact_import_undo(reach, id, at))
    }

    /// Takes back what an import in reach did to at most `limit` contacts, which `writes` may change. Returns the import, which
    /// has a time at `undone_at` once that is all.
    pub async fn undo_contact_import(
        &self,
        reach: Reach,
        writes: Reach,
        id: ContactImportId,
        limit: u32,
        at: Timestamp,
    ) -> Result<Option<ContactImport>, StoreError> {
        on_engine!(self, db => db.undo_contact_import(reach, writes, id, limit, at))
    }

    /// Returns at most `limit` of the contacts that were left when an import in reach was taken back.
    pub async fn left_contacts(
        &self,
        reach: Reach,
        id: ContactImportId,
        limit: u32,
    ) -> Result<Vec<LeftContact>, StoreError> {
        on_engine!(self, db => db.left_contacts(reach, id, limit))
    }

    /// Forgets an import in reach with its rows, after which it cannot be taken back; its contacts stay. Returns false when there
    /// is none.
    pub async fn remove_contact_import(
        &self,
        reach: Reach,
        id: ContactImportId,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.remove_contact_import(reach, id))
    }
}
