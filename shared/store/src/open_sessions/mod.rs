//! The sessions of browsers that are open, for the person whose they are and for administrators.

use contracts::{SessionId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, SecretHash, Store, StoreError};

/// A session that is good now, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// The id of the session.
    pub id: SessionId,
    /// The account that is logged in.
    pub owner: UserId,
    /// What the browser calls itself, cut. Empty: it said nothing.
    pub browser: String,
    /// The address from which the session was begun, where that is known.
    pub address: Option<String>,
    /// Whether an administrator acts as the account by it.
    pub acting: bool,
    /// When the session began.
    pub created_at: Timestamp,
    /// When the session was last used, to the minute.
    pub seen_at: Timestamp,
    /// When the session ends unless it is used before.
    pub expires_at: Timestamp,
}

impl Store {
    /// Returns the sessions of an account in reach that are good now, at most a hundred, the one that was used last first.
    pub async fn open_sessions(
        &self,
        reach: Reach,
        account: UserId,
        now: Timestamp,
    ) -> Result<Vec<OpenSession>, StoreError> {
        on_engine!(self, db => db.open_sessions(reach, account, now))
    }

    /// Ends one session in reach. Returns false when there is none.
    pub async fn end_open_session(
        &self,
        reach: Reach,
        session: SessionId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        self.waking(on_engine!(self, db => db.end_open_session(reach, session, at)))
    }

    /// Ends the sessions of an account in reach but the one whose cookie has the hash `but`, those by which the account acts as others
    /// too, and returns how many there were. None: there is no such account.
    pub async fn end_open_sessions(
        &self,
        reach: Reach,
        account: UserId,
        but: Option<SecretHash>,
        at: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        self.waking(on_engine!(self, db => db.end_open_sessions(reach, account, but, at)))
    }
}
