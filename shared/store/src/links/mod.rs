//! Links that work once: invitations, by which somebody makes an account of their own, and links for a new password.

use std::fmt;
use std::time::Duration;

use contracts::{LinkId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{ChangeUserError, CreateUserError, Reach, Role, SecretHash, Store, StoreError};

/// How long an invitation works.
pub const INVITATION_LASTS: Duration = Duration::from_hours(7 * 24);
/// How long a link for a new password works.
pub const PASSWORD_LINK_LASTS: Duration = Duration::from_hours(24);
/// The most invitations of an organisation that are open at once.
pub const MOST_INVITATIONS: u32 = 200;

/// An invitation that is open: neither used nor revoked nor too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The id of the invitation.
    pub id: LinkId,
    /// The role of the account that is made by it.
    pub role: Role,
    /// For whom it is, in the words of who made it.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// An invitation to be made.
#[derive(Clone)]
pub struct NewInvitation {
    /// The hash of the last part of the link.
    pub token: SecretHash,
    /// The role of the account that is made by it.
    pub role: Role,
    /// For whom it is.
    pub label: String,
    /// The account that makes it. None: the command line does.
    pub maker: Option<UserId>,
}

impl fmt::Debug for NewInvitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewInvitation({}, {:?})", self.role, self.label)
    }
}

/// A link could not be made, or did not work.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// No such link was ever made, or it is of another kind.
    #[error("this link is not valid")]
    Unknown,
    /// The link was used or revoked, or whoever made it may not make such links any more.
    #[error("this link was already used or is no longer valid")]
    Spent,
    /// The link is too old.
    #[error("this link is too old")]
    Expired,
    /// As many invitations are open as may be.
    #[error("there are {MOST_INVITATIONS} open invitations already; revoke one first")]
    TooMany,
    /// The account could not be made.
    #[error(transparent)]
    User(#[from] CreateUserError),
    /// The password could not be set.
    #[error(transparent)]
    Change(#[from] ChangeUserError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Keeps a new invitation for [`INVITATION_LASTS`], for whoever reaches everything in the organisation. It ends before that when
    /// the account that made it is disabled or gets another role.
    pub async fn create_invitation(
        &self,
        reach: Reach,
        new: &NewInvitation,
        at: Timestamp,
    ) -> Result<Invitation, LinkError> {
        on_engine!(self, db => db.create_invitation(reach, new, at))
    }

    /// Returns the open invitations, newest first, for whoever reaches everything in the organisation.
    pub async fn invitations(
        &self,
        reach: Reach,
        now: Timestamp,
    ) -> Result<Vec<Invitation>, StoreError> {
        on_engine!(self, db => db.invitations(reach, now))
    }

    /// Revokes an open invitation, for whoever reaches everything in the organisation. Returns false when there is none of this id.
    pub async fn revoke_invitation(
        &self,
        reach: Reach,
        id: LinkId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.revoke_invitation(reach, id, at))
    }

    /// Keeps a link for a new password of an account for [`PASSWORD_LINK_LASTS`] in the place of those before it, for whoever reaches
    /// everything in the organisation. Returns when it ends.
    pub async fn create_password_link(
        &self,
        reach: Reach,
        account: UserId,
        token: SecretHash,
        maker: Option<UserId>,
        at: Timestamp,
    ) -> Result<Timestamp, LinkError> {
        on_engine!(self, db => db.create_password_link(reach, account, token, maker, at))
    }
}
