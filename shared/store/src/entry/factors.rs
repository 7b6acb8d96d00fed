//! Coming in by a second factor, after the password.

use std::fmt;
use std::time::Duration;

use contracts::{Timestamp, UserId};

use crate::engine::on_engine;
use crate::{SecretHash, Store, StoreError, User};

/// A log-in that was begun by the right password.
#[derive(Clone)]
pub struct NewLogIn {
    /// The hash of the cookie's value.
    pub token: SecretHash,
    /// The account that logs in.
    pub user: UserId,
    /// How long a code is waited for.
    pub lasts: Duration,
}

impl fmt::Debug for NewLogIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewLogIn({})", self.user)
    }
}

impl Store {
    /// Notes that somebody gave the right password, and has to give a code. Returns false when there is no such enabled account, or
    /// when the account belongs to a program.
    pub async fn begin_log_in(&self, new: &NewLogIn, now: Timestamp) -> Result<bool, StoreError> {
        on_engine!(self, db => db.begin_log_in(new, now))
    }

    /// Returns the account whose right password was given, when a code is still waited for and the account is enabled.
    pub async fn log_in(
        &self,
        token: SecretHash,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        on_engine!(self, db => db.log_in(token, now))
    }

    /// Forgets a log-in that came to its end. Returns false when there is none: it was used before, or ended.
    pub async fn end_log_in(&self, token: SecretHash) -> Result<bool, StoreError> {
        on_engine!(self, db => db.end_log_in(token))
    }

    /// Takes the code of a time step. Returns false when a code of that step, or of a later one, was taken before.
    pub async fn take_code_step(&self, account: UserId, step: i64) -> Result<bool, StoreError> {
        on_engine!(self, db => db.take_code_step(account, step))
    }

    /// Takes a recovery code, which does once. Returns false when the account has no such code left.
    pub async fn take_recovery_code(
        &self,
        account: UserId,
        code: SecretHash,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.take_recovery_code(account, code, at))
    }
}
