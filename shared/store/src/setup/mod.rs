//! The one-time set-up link, by which the first administrator is made.

use std::time::Duration;

use contracts::Timestamp;

use crate::engine::on_engine;
use crate::{CreateUserError, NewUser, SecretHash, Store, StoreError, User};

/// How long a set-up link works.
pub const SETUP_LINK_LASTS: Duration = Duration::from_hours(24);

/// A set-up link did not work.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// There never was such a link.
    #[error("this set-up link is not valid; 'merpati setup-link' prints one")]
    Unknown,
    /// It was used, or a newer one or an administrator voided it.
    #[error(
        "this set-up link was already used or is no longer valid; log in, or let 'merpati setup-link' print a new one"
    )]
    Spent,
    /// Its time is over.
    #[error("this set-up link was made more than a day ago; 'merpati setup-link' prints a new one")]
    Expired,
    /// It is set up.
    #[error("there is already an administrator; log in instead")]
    AdminExists,
    /// The account could not be made.
    #[error(transparent)]
    User(#[from] CreateUserError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Whether an enabled administrator exists.
    pub async fn admin_exists(&self) -> Result<bool, StoreError> {
        on_engine!(self, db => db.admin_exists())
    }

    /// Keeps a new set-up token for [`SETUP_LINK_LASTS`] beside those that were given out before: only their hashes are
    /// known, so they cannot be printed again, and the person who sets up may have any of them open. The oldest of
    /// many is voided. Refused when an administrator exists.
    pub async fn open_setup(&self, token: SecretHash, at: Timestamp) -> Result<(), SetupError> {
        on_engine!(self, db => db.open_setup(token, at))
    }

    /// Like [`Store::open_setup`], but voids all tokens before: for who asks for a new link since an old one got lost.
    pub async fn renew_setup(&self, token: SecretHash, at: Timestamp) -> Result<(), SetupError> {
        on_engine!(self, db => db.renew_setup(token, at))
    }

    /// Whether a token would do now, without using it.
    pub async fn check_setup(&self, token: SecretHash, now: Timestamp) -> Result<(), SetupError> {
        on_engine!(self, db => db.check_setup(token, now))
    }

    /// Uses the token and makes the first administrator, both or neither; `new.role` is taken as admin.
    pub async fn create_first_admin(
        &self,
        token: SecretHash,
        new: &NewUser,
        at: Timestamp,
    ) -> Result<User, SetupError> {
        self.told(on_engine!(self, db => db.create_first_admin(token, new, at)))
    }
}
