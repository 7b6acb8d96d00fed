//! The set-up link, by which the first administrator is made, once.

use std::time::Duration;

use contracts::Timestamp;

use crate::engine::on_engine;
use crate::{CreateUserError, NewUser, SecretHash, Store, StoreError, User};

/// How long a set-up link works.
pub const SETUP_LINK_LASTS: Duration = Duration::from_hours(24);

/// A set-up link did not work.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// No such link was ever made.
    #[error("this set-up link is not valid; 'merpati setup-link' prints one")]
    Unknown,
    /// The link was used, or a newer link or an administrator voided it.
    #[error(
        "this set-up link was already used or is no longer valid; log in, or let 'merpati setup-link' print a new one"
    )]
    Spent,
    /// The link has expired.
    #[error("this set-up link was made more than a day ago; 'merpati setup-link' prints a new one")]
    Expired,
    /// An administrator exists, so there is nothing to set up.
    #[error("there is already an administrator; log in instead")]
    AdminExists,
    /// The account could not be made.
    #[error(transparent)]
    User(#[from] CreateUserError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Returns whether an enabled administrator exists.
    pub async fn admin_exists(&self) -> Result<bool, StoreError> {
        on_engine!(self, db => db.admin_exists())
    }

    /// Keeps a new set-up token for [`SETUP_LINK_LASTS`], beside the tokens that were given out before. Only the
    /// hashes of those are known, so they cannot be printed again, and the person who sets up the gateway may have
    /// any of them open. The oldest of many tokens is voided. The token is refused when an administrator exists.
    pub async fn open_setup(&self, token: SecretHash, at: Timestamp) -> Result<(), SetupError> {
        on_engine!(self, db => db.open_setup(token, at))
    }

    /// Keeps a new set-up token like [`Store::open_setup`] and voids all tokens before it, for a person who asks for
    /// a new link because the old one got lost.
    pub async fn renew_setup(&self, token: SecretHash, at: Timestamp) -> Result<(), SetupError> {
        on_engine!(self, db => db.renew_setup(token, at))
    }

    /// Checks whether a token would work now, without using it.
    pub async fn check_setup(&self, token: SecretHash, now: Timestamp) -> Result<(), SetupError> {
        on_engine!(self, db => db.check_setup(token, now))
    }

    /// Uses the token and makes the first administrator, of the default organisation. Either both happen or neither. The role of `new` is taken as
    /// [`Role::Admin`](crate::Role::Admin).
    pub async fn create_first_admin(
        &self,
        token: SecretHash,
        new: &NewUser,
        at: Timestamp,
    ) -> Result<User, SetupError> {
        self.waking(on_engine!(self, db => db.create_first_admin(token, new, at)))
    }
}
