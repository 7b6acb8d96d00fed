//! The accounts of people and programs.

use std::fmt;
use std::str::FromStr;

use contracts::{OrgId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The account may do everything in the organisation.
    Admin,
    /// The account looks after modems and the gateway, and has its own messages.
    Operator,
    /// The account looks after what the organisation shares, and has its own messages.
    Manager,
    /// The account has its own messages.
    User,
    /// The account sees what is its own, and changes nothing.
    ReadOnly,
    /// The account belongs to a program, which may do everything in the organisation that messages need, and logs in
    /// by key only.
    Service,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 6] =
        [Self::Admin, Self::Operator, Self::Manager, Self::User, Self::ReadOnly, Self::Service];

    /// The roles of people, who log in.
    pub const OF_PEOPLE: [Self; 5] =
        [Self::Admin, Self::Operator, Self::Manager, Self::User, Self::ReadOnly];

    /// Returns the name of the role in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Manager => "manager",
            Self::User => "user",
            Self::ReadOnly => "read-only",
            Self::Service => "service",
        }
    }

    /// Returns what an account of the role reaches.
    pub const fn reach(self, org: OrgId, account: UserId) -> Reach {
        match self {
            Self::Admin => Reach::everything(org),
            Self::Operator => Reach::operator(org, account),
            Self::Manager => Reach::manager(org, account),
            Self::Service => Reach::program(org, account),
            Self::User | Self::ReadOnly => Reach::own(org, account),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a role: use admin, operator, manager, user, read-only or service")]
pub struct ParseRoleError(String);

impl FromStr for Role {
    type Err = ParseRoleError;

    fn from_str(text: &str) -> Result<Self, ParseRoleError> {
        let role = Self::ALL.into_iter().find(|role| role.as_str() == text);
        role.ok_or_else(|| ParseRoleError(text.chars().take(32).collect()))
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id of the account.
    pub id: UserId,
    /// The organisation of the account.
    pub org: OrgId,
    /// The name to log in with. It is unique in all organisations, letter case aside.
    pub name: String,
    /// What the account may do.
    pub role: Role,
    /// The language of the pages, `en` or `id`. None is the language that the browser asks for.
    pub language: Option<String>,
    /// The zone of the times on the pages, by its IANA name. None is that of the browser.
    pub zone: Option<String>,
    /// Whether the account may log in and send.
    pub enabled: bool,
    /// Whether the account has a password. An account without one works by key only.
    pub has_password: bool,
    /// Whether the account gives a code of its phone beside its password.
    pub second_factor: bool,
    /// When a person of the account was last seen on a page, to the minute.
    pub seen_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
}

impl User {
    /// Returns the reach of the account.
    pub fn reach(&self) -> Reach {
        self.role.reach(self.org, self.id)
    }
}

/// An account to be made.
#[derive(Clone)]
pub struct NewUser {
    /// The name, which is not empty; the caller checks that.
    pub name: String,
    /// The password as argon2id in PHC form, if the account has one.
    pub password_hash: Option<String>,
    /// What the account may do.
    pub role: Role,
    /// The language of the pages.
    pub language: Option<String>,
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewUser({}, {})", self.name, self.role)
    }
}

/// An account could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// Another account has the name.
    #[error("there is already a user named '{0}'")]
    NameTaken(String),
    /// The organisation does not exist.
    #[error("there is no organisation {0}")]
    NoSuchOrg(OrgId),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An account could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeUserError {
    /// The organisation has no account of this id.
    #[error("there is no such user")]
    NoSuchUser,
    /// After the change, nobody could administer the organisation, or nobody could log in to do so.
    #[error("the last administrator who can log in must stay one")]
    LastAdmin,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Makes an account with its entry of the bucket `config`, for whoever reaches everything in the organisation.
    /// Making an administrator voids open set-up links.
    pub async fn create_user(
        &self,
        reach: Reach,
        new: &NewUser,
        at: Timestamp,
    ) -> Result<User, CreateUserError> {
        self.waking(on_engine!(self, db => db.create_user(reach, new, at)))
    }

    /// Returns the accounts in reach, sorted by name.
    pub async fn users(&self, reach: Reach) -> Result<Vec<User>, StoreError> {
        on_engine!(self, db => db.users(reach))
    }

    /// Returns one account in reach.
    pub async fn user(&self, reach: Reach, id: UserId) -> Result<Option<User>, StoreError> {
        on_engine!(self, db => db.user(reach, id))
    }

    /// Returns the account in reach that has a name, letter case aside.
    pub async fn find_user(&self, reach: Reach, name: &str) -> Result<Option<User>, StoreError> {
        on_engine!(self, db => db.find_user(reach, name))
    }

    /// Returns the name of an account, which everybody in the organisation may know: it is shown beside what the
    /// account did to somebody's message.
    pub async fn user_name(&self, reach: Reach, id: UserId) -> Result<Option<String>, StoreError> {
        on_engine!(self, db => db.user_name(reach, id))
    }

    /// Sets or removes the password of an account in reach, ends its sessions, and forgets the password that it had before this
    /// gateway. The last administrator who can log in keeps a password.
    pub async fn set_password(
        &self,
        reach: Reach,
        user: UserId,
        hash: Option<&str>,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        self.waking(on_engine!(self, db => db.set_password(reach, user, hash, at)))
    }

    /// Sets the role of an account and ends its sessions, for whoever reaches everything in the organisation. The last
    /// administrator stays one. The conversations of an account that may answer nobody any more are assigned to nobody.
    pub async fn set_role(
        &self,
        reach: Reach,
        user: UserId,
        role: Role,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        self.waking(on_engine!(self, db => db.set_role(reach, user, role, at)))
    }

    /// Enables or disables an account, for whoever reaches everything in the organisation. Disabling ends the sessions
    /// of the account, stops its keys at once and leaves its conversations to nobody. The last administrator stays enabled.
    pub async fn set_user_enabled(
        &self,
        reach: Reach,
        user: UserId,
        enabled: bool,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        self.waking(on_engine!(self, db => db.set_user_enabled(reach, user, enabled, at)))
    }

    /// Sets the language that an account in reach chose.
    pub async fn set_language(
        &self,
        reach: Reach,
        user: UserId,
        language: Option<&str>,
    ) -> Result<(), ChangeUserError> {
        on_engine!(self, db => db.set_language(reach, user, language))
    }

    /// Sets the zone of the times on an account's pages. The caller has checked that there is such a zone.
    pub async fn set_zone(
        &self,
        reach: Reach,
        user: UserId,
        zone: Option<&str>,
    ) -> Result<(), ChangeUserError> {
        on_engine!(self, db => db.set_zone(reach, user, zone))
    }
}
