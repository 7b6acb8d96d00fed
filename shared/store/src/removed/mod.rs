//! What was removed a moment ago, and may be brought back.
//!
//! A removed contact, group or template leaves its organisation: its row stays for an hour with its own id in the place of the
//! organisation's, so that no query finds it, its name is free, and it counts for no bound. Rejected: a column that every query asks
//! for, because the one query that forgets it sends to somebody who was removed; and a copy in another form, which loses whatever
//! column comes later.

use std::time::Duration;

use contracts::{ContactId, GroupId, TemplateId, Timestamp};

use crate::engine::on_engine;
use crate::{MOST_CONTACTS, MOST_GROUPS, MOST_TEMPLATES, Reach, Store, StoreError};

/// How long something that was removed may be brought back.
pub const REMOVED_KEPT: Duration = Duration::from_hours(1);

/// How many contacts, groups and templates each an organisation may bring back: those that it removed last.
pub const MOST_REMOVED: u32 = 200;

/// The tables that have something that may be brought back.
pub(crate) const TABLES: [&str; 3] = ["contacts", "contact_groups", "templates"];

/// Something that may be brought back after it was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restorable {
    /// A contact, with the groups that it was in.
    Contact(ContactId),
    /// A group, with its contacts.
    Group(GroupId),
    /// A template.
    Template(TemplateId),
}

impl Restorable {
    /// Returns the id.
    pub fn id(self) -> String {
        match self {
            Self::Contact(id) => id.to_string(),
            Self::Group(id) => id.to_string(),
            Self::Template(id) => id.to_string(),
        }
    }

    /// Returns the table that has it.
    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Contact(_) => TABLES[0],
            Self::Group(_) => TABLES[1],
            Self::Template(_) => TABLES[2],
        }
    }

    /// Returns in which column its id stands among the members of groups, and the column of the other side with its table.
    pub(crate) const fn member(self) -> Option<(&'static str, &'static str, &'static str)> {
        match self {
            Self::Contact(_) => Some(("contact", "contact_group", TABLES[1])),
            Self::Group(_) => Some(("contact_group", "contact", TABLES[0])),
            Self::Template(_) => None,
        }
    }

    /// Returns whether two of one owner may be called the same.
    pub(crate) const fn shares_names(self) -> bool {
        matches!(self, Self::Contact(_))
    }

    /// Returns how many there may be, in an organisation or of an account.
    pub(crate) const fn most(self) -> u32 {
        match self {
            Self::Contact(_) => MOST_CONTACTS,
            Self::Group(_) => MOST_GROUPS,
            Self::Template(_) => MOST_TEMPLATES,
        }
    }
}

/// Something was not brought back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It was not removed, or too long ago, or it is another one's.
    #[error("it cannot be brought back any more")]
    Gone,
    /// Another one has the name now.
    #[error("the name {0} is taken")]
    NameTaken(String),
    /// There are as many as there may be.
    #[error("there are {0} already, which is the most")]
    TooMany(u32),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Brings back what was removed within [`REMOVED_KEPT`], by whoever could have removed it.
    pub async fn restore(
        &self,
        reach: Reach,
        what: Restorable,
        at: Timestamp,
    ) -> Result<(), RestoreError> {
        on_engine!(self, db => db.restore(reach, what, at))
    }
}
