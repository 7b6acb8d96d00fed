//! The sessions of browsers.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use contracts::{Timestamp, UserId};

use crate::engine::on_engine;
use crate::{SecretHash, Store, StoreError, User};

/// An administrator who acts as somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acting {
    /// The account of the administrator.
    pub id: UserId,
    /// The name of the account.
    pub name: String,
}

/// A session that is good now.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The account that is logged in.
    pub user: User,
    /// The administrator who acts as the account, if one does.
    pub acting: Option<Acting>,
    /// The token that every form must bring.
    pub csrf: String,
    /// When the session began.
    pub created_at: Timestamp,
    /// When the session ends, however much it is used.
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
    /// The account that logs in.
    pub user: UserId,
    /// The token that every form must bring.
    pub csrf: String,
    /// How long the session lasts without being used.
    pub idle: Duration,
    /// How long the session lasts at most.
    pub absolute: Duration,
    /// What the browser calls itself. The caller bounds it.
    pub browser: String,
    /// From which address it came, where that is known.
    pub address: Option<IpAddr>,
    /// The administrator who acts as the account by it. None: the account logs in.
    pub acting: Option<UserId>,
}

impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewSession({})", self.user)
    }
}

impl Store {
    /// Begins a session. Returns false when there is no such enabled account, or when the account belongs to a
    /// program. A session by which somebody acts as the account ends when they are no enabled administrator any more.
    pub async fn begin_session(
        &self,
        new: &NewSession,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.begin_session(new, now))
    }

    /// Returns the session of a cookie when it is good and its account is enabled. The idle time begins anew, which
    /// is written at most once a minute.
    pub async fn session(
        &self,
        token: SecretHash,
        idle: Duration,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        on_engine!(self, db => db.session(token, idle, now))
    }

    /// Returns the account of a cookie's session when the session is good. The idle time goes on, as this is for what
    /// stays open while the person does nothing.
    pub async fn session_user(
        &self,
        token: SecretHash,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        on_engine!(self, db => db.session_user(token, now))
    }

    /// Ends a session.
    pub async fn end_session(&self, token: SecretHash, now: Timestamp) -> Result<(), StoreError> {
        self.waking(on_engine!(self, db => db.end_session(token, now)))
    }

    /// Deletes the sessions that are over and returns how many there were.
    pub async fn remove_ended_sessions(&self, now: Timestamp) -> Result<u64, StoreError> {
        on_engine!(self, db => db.remove_ended_sessions(now))
    }
}
