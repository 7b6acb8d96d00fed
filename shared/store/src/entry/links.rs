//! Coming in by a link that works once.

use contracts::Timestamp;

use crate::engine::on_engine;
use crate::{LinkError, NewUser, Role, SecretHash, Store, User};

impl Store {
    /// Returns the role of an open invitation's account, without using the invitation.
    pub async fn check_invitation(
        &self,
        token: SecretHash,
        now: Timestamp,
    ) -> Result<Role, LinkError> {
        on_engine!(self, db => db.check_invitation(token, now))
    }

    /// Uses an invitation and makes its account. Either both happen or neither. The role is the invitation's, whatever `new` says.
    pub async fn take_invitation(
        &self,
        token: SecretHash,
        new: &NewUser,
        at: Timestamp,
    ) -> Result<User, LinkError> {
        self.waking(on_engine!(self, db => db.take_invitation(token, new, at)))
    }

    /// Returns the account whose password an open link sets, without using the link.
    pub async fn check_password_link(
        &self,
        token: SecretHash,
        now: Timestamp,
    ) -> Result<User, LinkError> {
        on_engine!(self, db => db.check_password_link(token, now))
    }

    /// Uses a link for a new password, sets the password and ends the sessions of the account. Either all of it happens or nothing.
    pub async fn take_password_link(
        &self,
        token: SecretHash,
        hash: &str,
        at: Timestamp,
    ) -> Result<User, LinkError> {
        self.waking(on_engine!(self, db => db.take_password_link(token, hash, at)))
    }
}
