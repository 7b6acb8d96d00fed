//! Groups of contacts.

pub(crate) mod rule;

use contracts::{ContactId, GroupId, Holder, OrgId, Timestamp};
use rule::GroupRule;

use crate::engine::on_engine;
use crate::{NamePage, NamePlace, Reach, Store, StoreError};

/// The most groups of one account, of one team, and the most that an organisation shares.
pub const MOST_GROUPS: u32 = 500;

/// The most groups by rule of one account, of one team, and the most that an organisation shares.
pub const MOST_GROUP_RULES: u32 = 20;

/// A group of contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The id of the group.
    pub id: GroupId,
    /// The organisation of the group.
    pub org: OrgId,
    /// Whose group it is.
    pub owner: Holder,
    /// The name; no other group of the account is called so, letter case aside.
    pub name: String,
    /// A short word that stands for the group, as playSMS has one.
    pub code: Option<String>,
    /// Which contacts are in it. None: those that somebody put into it.
    pub rule: Option<GroupRule>,
    /// How many contacts are in it.
    pub members: u64,
    /// When the group was made.
    pub created_at: Timestamp,
}

/// A group to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// Whose group it is.
    pub owner: Holder,
    /// The name.
    pub name: String,
    /// A short word that stands for the group.
    pub code: Option<String>,
    /// Which contacts of the same owner are in it. None: those that somebody puts into it.
    pub rule: Option<GroupRule>,
}

/// What is to be changed of a group. What is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupChange {
    /// The name.
    pub name: Option<String>,
    /// A short word that stands for the group; empty: none any more.
    pub code: Option<String>,
    /// Which contacts are in it, of a group by rule.
    pub rule: Option<GroupRule>,
    /// Contacts that are put into it.
    pub add: Vec<ContactId>,
    /// Contacts that are taken out of it.
    pub remove: Vec<ContactId>,
}

/// A group was not made.
#[derive(Debug, thiserror::Error)]
pub enum CreateGroupError {
    /// The account has as many as it may have.
    #[error("there are {MOST_GROUPS} groups already, which is the most there may be")]
    TooMany,
    /// The account has as many groups by rule as it may have.
    #[error("there are {MOST_GROUP_RULES} groups by rule already, which is the most there may be")]
    TooManyRules,
    /// Another group of the account has the name.
    #[error("there is a group '{0}' already")]
    NameTaken(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A group was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeGroupError {
    /// There is no such group that could be changed.
    #[error("there is no such group")]
    NoSuchGroup,
    /// A contact is not there, or another one's.
    #[error("there is no contact {0}")]
    NoSuchContact(ContactId),
    /// Contacts are put by hand into a group that is by rule, or one is to be by rule into which they are put by hand.
    #[error(
        "the contacts of a group are put into it by hand, or are there by its rule, and that stays so"
    )]
    OtherKind,
    /// A contact is in as many groups as it may be.
    #[error("the contact {0} is in as many groups as it may be")]
    TooManyGroups(ContactId),
    /// Another group of the account has the name.
    #[error("there is a group '{0}' already")]
    NameTaken(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Group {
    /// Returns the place of the group in lists.
    pub fn place(&self) -> NamePlace {
        NamePlace { name_key: self.name.to_lowercase(), id: self.id.to_string() }
    }
}

impl Store {
    /// Keeps a new group.
    pub async fn create_group(
        &self,
        reach: Reach,
        new: &NewGroup,
        at: Timestamp,
    ) -> Result<Group, CreateGroupError> {
        on_engine!(self, db => db.create_group(reach, None, new, at))
    }

    /// Returns a page of the groups in reach whose name or code has a text in it, sorted by name, and the place at which the
    /// next page begins.
    pub async fn groups(
        &self,
        reach: Reach,
        search: Option<&str>,
        page: &NamePage,
    ) -> Result<(Vec<Group>, Option<NamePlace>), StoreError> {
        on_engine!(self, db => db.groups(reach, search, page))
    }

    /// Returns a group in reach.
    pub async fn group(&self, reach: Reach, id: GroupId) -> Result<Option<Group>, StoreError> {
        on_engine!(self, db => db.group(reach, id))
    }

    /// Changes a group of an account in reach or of one of its teams, or, for whoever reaches everything, one that is shared.
    pub async fn change_group(
        &self,
        reach: Reach,
        id: GroupId,
        change: &GroupChange,
        at: Timestamp,
    ) -> Result<Group, ChangeGroupError> {
        on_engine!(self, db => db.change_group(reach, id, change, at))
    }

    /// Removes a group as [`Store::change_group`] changes one; its contacts stay. Returns false when there is none.
    /// For a while [`Store::restore`] brings it back.
    pub async fn remove_group(
        &self,
        reach: Reach,
        id: GroupId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.remove_group(reach, id, at))
    }
}
