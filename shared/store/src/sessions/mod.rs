//! Sessions of browsers.

use std::fmt;
use std::time::Duration;

use contracts::{Timestamp, UserId};

use crate::engine::on_engine;
use crate::{SecretHash, Store, StoreError, User};

/// A session that is good now.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Whose it is.
    pub user: User,
    /// The token every form must bring.
    pub csrf: String,
    /// When they logged in.
    pub created_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({}, until {})", self.user.name, self.expires_at)
    }
}

/// A session to be begun.
#[derive(Clone)]
pub struct NewSession {
    /// The hash of the cookie's value.
    pub token: SecretHash,
    /// Whose it is.
    pub user: UserId,
    /// The token every form must bring.
    pub csrf: String,
    /// How long it lasts unused.
    pub idle: Duration,
    /// How long it lasts at most.
    pub absolute: Duration,
}

impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewSession({})", self.user)
    }
}

impl Store {
    /// Begins a session; false: there is no such enabled user, or it is a program.
    pub async fn begin_session(
        &self,
        new: &NewSession,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.begin_session(new, now))
    }

    /// The session of a cookie, if it is good and its user enabled. Its idle time begins anew, written at most each minute.
    pub async fn session(
        &self,
        token: SecretHash,
        idle: Duration,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        on_engine!(self, db => db.session(token, idle, now))
    }

    /// Whose session a cookie is now, if it is good. Its idle time goes on: for what stays open without the person.
    pub async fn session_user(
        &self,
        token: SecretHash,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        on_engine!(self, db => db.session_user(token, now))
    }

    /// Ends a session.
    pub async fn end_session(&self, token: SecretHash, now: Timestamp) -> Result<(), StoreError> {
        self.told(on_engine!(self, db => db.end_session(token, now)))
    }

    /// Deletes the sessions that are over; says how many.
    pub async fn remove_ended_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        on_engine!(self, db => db.remove_ended_sessions(now))
    }
}
