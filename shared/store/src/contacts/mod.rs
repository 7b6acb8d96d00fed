//! Contacts: names and their numbers.

use std::collections::BTreeMap;
use std::fmt;

use contracts::{ContactId, GroupId, Holder, OrgId, PhoneNumber, Timestamp};

use crate::engine::on_engine;
use crate::{NamePage, NamePlace, Reach, Store, StoreError};

/// The most contacts of one organisation.
pub const MOST_CONTACTS: u32 = 250_000;

/// The most groups that one contact is in.
pub const MOST_GROUPS_OF_CONTACT: usize = 50;

/// A contact.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// The id of the contact.
    pub id: ContactId,
    /// The organisation of the contact.
    pub org: OrgId,
    /// Whose contact it is.
    pub owner: Holder,
    /// The name.
    pub name: String,
    /// The number.
    pub number: PhoneNumber,
    /// The e-mail address.
    pub email: Option<String>,
    /// What is written of the contact.
    pub note: Option<String>,
    /// Words that the contact is marked with.
    pub tags: Vec<String>,
    /// What else is known of the contact, by name.
    pub fields: BTreeMap<String, String>,
    /// The groups in reach that the contact is in.
    pub groups: Vec<GroupId>,
    /// When the contact was made.
    pub created_at: Timestamp,
    /// When the contact was last changed.
    pub updated_at: Timestamp,
}

/// Shows the id, no name and no number.
impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Contact({}, in {} groups, {})", self.id, self.groups.len(), self.updated_at)
    }
}

/// A contact to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct NewContact {
    /// The id: a new one, or [`ContactId::of_source`] for a contact that is brought from elsewhere.
    pub id: ContactId,
    /// Whose contact it is.
    pub owner: Holder,
    /// The name.
    pub name: String,
    /// The number.
    pub number: PhoneNumber,
    /// The e-mail address.
    pub email: Option<String>,
    /// What is written of the contact.
    pub note: Option<String>,
    /// Words that the contact is marked with, without spaces in them.
    pub tags: Vec<String>,
    /// What else is known of the contact, by name.
    pub fields: BTreeMap<String, String>,
    /// The groups that the contact is in.
    pub groups: Vec<GroupId>,
}

/// What is to be changed of a contact. What is none stays as it is.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ContactChange {
    /// The name.
    pub name: Option<String>,
    /// The number.
    pub number: Option<PhoneNumber>,
    /// The e-mail address; empty: there is none any more.
    pub email: Option<String>,
    /// What is written of the contact; empty: nothing any more.
    pub note: Option<String>,
    /// Words that the contact is marked with.
    pub tags: Option<Vec<String>>,
    /// All that else is known of the contact, by name.
    pub fields: Option<BTreeMap<String, String>>,
    /// The groups that the contact is in.
    pub groups: Option<Vec<GroupId>>,
}

/// Which contacts a list has. The default is all contacts in reach.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactFilter {
    /// The list has only contacts whose name, number, e-mail address or tags have this text in them, letter case aside.
    pub search: Option<String>,
    /// The list has only contacts in this group.
    pub group: Option<GroupId>,
    /// The list has only contacts that are marked with this word, letter case aside.
    pub tag: Option<String>,
}

contracts::named! {
    /// What contacts have in common that may be one.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum DoublesBy {
        /// Their numbers are of one phone.
        Number = "number",
        /// They have one name, letter case aside.
        Name = "name",
    }
}

/// Contacts were not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateContactsError {
    /// The organisation would have more than it may have.
    #[error(
        "there would be more than {MOST_CONTACTS} contacts, which is the most an organisation has"
    )]
    TooMany,
    /// A group is not there, or another one's.
    #[error("there is no group {0}")]
    NoSuchGroup(GroupId),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A contact was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeContactError {
    /// The contact would be in more groups than it may be in, those of others and those that all share counted.
    #[error("the contact would be in more than {MOST_GROUPS_OF_CONTACT} groups")]
    TooManyGroups,
    /// There is no such contact that could be changed.
    #[error("there is no such contact")]
    NoSuchContact,
    /// A group is not there, or another one's.
    #[error("there is no group {0}")]
    NoSuchGroup(GroupId),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Contact {
    /// Returns the place of the contact in lists.
    pub fn place(&self) -> NamePlace {
        NamePlace { name_key: self.name.to_lowercase(), id: self.id.to_string() }
    }
}

impl Store {
    /// Keeps new contacts, all or none, with the groups that they are in. Returns for each whether it was made: one whose id
    /// there is already stays as it is.
    pub async fn create_contacts(
        &self,
        reach: Reach,
        new: &[NewContact],
        at: Timestamp,
    ) -> Result<Vec<bool>, CreateContactsError> {
        on_engine!(self, db => db.create_contacts(reach, new, at))
    }

    /// Returns a page of the contacts in reach, sorted by name, and the place at which the next page begins.
    pub async fn contacts(
        &self,
        reach: Reach,
        filter: &ContactFilter,
        page: &NamePage,
    ) -> Result<(Vec<Contact>, Option<NamePlace>), StoreError> {
        on_engine!(self, db => db.contacts(reach, filter, page))
    }

    /// Returns a contact in reach.
    pub async fn contact(
        &self,
        reach: Reach,
        id: ContactId,
    ) -> Result<Option<Contact>, StoreError> {
        on_engine!(self, db => db.contact(reach, id))
    }

    /// Returns the contacts of an account or a team, or of those that all of the organisation share, that are of the phones of some
    /// numbers, of which there may be 500, oldest first; in reach, and at most a few for each.
    pub async fn contacts_of_phones(
        &self,
        reach: Reach,
        owner: Holder,
        numbers: &[PhoneNumber],
    ) -> Result<Vec<Contact>, StoreError> {
        on_engine!(self, db => db.contacts_of_phones(reach, owner, numbers))
    }

    /// Returns at most `limit` sets of contacts of an account or a team in reach, or of those that all of the organisation share,
    /// that have the same number or name, each oldest first, from the set after a place; and the place at which the next page begins.
    pub async fn doubles(
        &self,
        reach: Reach,
        owner: Holder,
        by: DoublesBy,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<Vec<Contact>>, Option<String>), StoreError> {
        on_engine!(self, db => db.doubles(reach, owner, by, after, limit))
    }

    /// Changes a contact of an account in reach or of one of its teams, or, for whoever reaches everything, one that is shared.
    pub async fn change_contact(
        &self,
        reach: Reach,
        id: ContactId,
        change: &ContactChange,
        at: Timestamp,
    ) -> Result<Contact, ChangeContactError> {
        on_engine!(self, db => db.change_contact(reach, id, change, at))
    }

    /// Removes a contact as [`Store::change_contact`] changes one. Returns false when there is none.
    /// For a while [`Store::restore`] brings it back.
    pub async fn remove_contact(
        &self,
        reach: Reach,
        id: ContactId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.remove_contact(reach, id, at))
    }
}
