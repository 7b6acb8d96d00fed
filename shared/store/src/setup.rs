//! The one-time set-up link, by which the first administrator is made.

use contracts::Timestamp;

use crate::store::on_engine;
use crate::{CreateUserError, NewUser, SecretHash, Store, StoreError, User};

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

    /// Keeps a new set-up token and voids the one before; refused when an administrator exists.
    pub async fn open_setup(&self, token: SecretHash, at: Timestamp) -> Result<(), SetupError> {
        on_engine!(self, db => db.open_setup(token, at))
    }

    /// Whether a token would do now, without using it.
    pub async fn check_setup(&self, token: SecretHash) -> Result<(), SetupError> {
        on_engine!(self, db => db.check_setup(token))
    }

    /// Uses the token and makes the first administrator, both or neither; `new.role` is taken as admin.
    pub async fn create_first_admin(
        &self,
        token: SecretHash,
        new: &NewUser,
        at: Timestamp,
    ) -> Result<User, SetupError> {
        on_engine!(self, db => db.create_first_admin(token, new, at))
    }
}
