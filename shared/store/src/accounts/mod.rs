//! People and programs with an account.

use std::fmt;
use std::str::FromStr;

use contracts::{OrgId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Store, StoreError};

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything in the organisation.
    Admin,
    /// Their own messages.
    User,
    /// A program: everything in the organisation that messages need, by key only.
    Service,
}

impl Role {
    /// All.
    pub const ALL: [Self; 3] = [Self::Admin, Self::User, Self::Service];

    /// Its name, as in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::User => "user",
            Self::Service => "service",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a role: use admin, user or service")]
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
    /// Its id.
    pub id: UserId,
    /// Its organisation.
    pub org: OrgId,
    /// The name to log in with; unique in all organisations, letter case aside.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// `en`, `id`; none: as the browser asks.
    pub language: Option<String>,
    /// It may log in and send.
    pub enabled: bool,
    /// Whether it has a password; without one it works by key only.
    pub has_password: bool,
    /// Since when it is there.
    pub created_at: Timestamp,
}

impl User {
    /// What it may see.
    pub fn scope(&self) -> crate::Scope {
        match self.role {
            Role::Admin => crate::Scope::all(self.org),
            Role::Service => {
                crate::Scope { org: self.org, viewer: crate::Viewer::Service(self.id) }
            }
            Role::User => crate::Scope::user(self.org, self.id),
        }
    }
}

/// An account to be made.
#[derive(Clone)]
pub struct NewUser {
    /// Its organisation.
    pub org: OrgId,
    /// Its name, not empty; checked by the caller.
    pub name: String,
    /// Its password as argon2id in PHC form, if it has one.
    pub password_hash: Option<String>,
    /// What it may do.
    pub role: Role,
    /// Its language.
    pub language: Option<String>,
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewUser({}, {}, {})", self.org, self.name, self.role)
    }
}

/// An account could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// There is one of that name.
    #[error("there is already a user named '{0}'")]
    NameTaken(String),
    /// There is no such organisation.
    #[error("there is no organisation {0}")]
    NoSuchOrg(OrgId),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An account could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeUserError {
    /// There is none of that id in the organisation.
    #[error("there is no such user")]
    NoSuchUser,
    /// Nobody could administer the organisation any more, or nobody could log in to do it.
    #[error("the last administrator who can log in must stay one")]
    LastAdmin,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Makes an account. An administrator voids open set-up links. Its entry of the bucket `config` is among the settings.
    pub async fn create_user(&self, new: &NewUser, at: Timestamp) -> Result<User, CreateUserError> {
        self.told(on_engine!(self, db => db.create_user(new, at)))
    }

    /// The accounts of an organisation, by name.
    pub async fn users(&self, org: OrgId) -> Result<Vec<User>, StoreError> {
        on_engine!(self, db => db.users(org))
    }

    /// One account of an organisation.
    pub async fn user(&self, org: OrgId, id: UserId) -> Result<Option<User>, StoreError> {
        on_engine!(self, db => db.user(org, id))
    }

    /// The account of that name, letter case aside, in any organisation: for logging in.
    pub async fn user_named(&self, name: &str) -> Result<Option<User>, StoreError> {
        on_engine!(self, db => db.user_named(name))
    }

    /// The argon2id of an account's password in PHC form, if it has one.
    pub async fn password_hash(&self, user: UserId) -> Result<Option<String>, StoreError> {
        on_engine!(self, db => db.password_hash(user))
    }

    /// Sets or removes a password, and ends all sessions of the account. The last administrator who can log in keeps one.
    pub async fn set_password(
        &self,
        org: OrgId,
        user: UserId,
        hash: Option<&str>,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        self.told(on_engine!(self, db => db.set_password(org, user, hash, at)))
    }

    /// Sets what an account may do, and ends its sessions. The last administrator stays one.
    pub async fn set_role(
        &self,
        org: OrgId,
        user: UserId,
        role: Role,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        self.told(on_engine!(self, db => db.set_role(org, user, role, at)))
    }

    /// Enables or disables an account. Disabling ends its sessions; its keys stop at once. The last administrator stays.
    pub async fn set_user_enabled(
        &self,
        org: OrgId,
        user: UserId,
        enabled: bool,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        self.told(on_engine!(self, db => db.set_user_enabled(org, user, enabled, at)))
    }

    /// Sets the language an account chose.
    pub async fn set_language(
        &self,
        org: OrgId,
        user: UserId,
        language: Option<&str>,
    ) -> Result<(), ChangeUserError> {
        on_engine!(self, db => db.set_language(org, user, language))
    }
}
