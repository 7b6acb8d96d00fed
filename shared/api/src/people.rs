//! How people come in: their sessions, invitations, links for a new password, and which roles need a phone.

use contracts::{LinkId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /users/{id}/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Sessions {
    /// The sessions that are good now, the one that was used last first; at most a hundred.
    pub sessions: Vec<Session>,
}

/// A session of a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// What the browser calls itself; empty: it said nothing.
    pub browser: String,
    /// The address from which it was begun.
    pub address: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends unless it is used before.
    pub expires_at: Timestamp,
}

/// The answer to `POST /users/{id}/password-link`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PasswordLink {
    /// The link; it works once.
    pub url: String,
    /// Until when.
    pub expires_at: Timestamp,
}

/// The answer to `GET /invitations`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Invitations {
    /// Those that are open, newest first.
    pub invitations: Vec<Invitation>,
}

/// An invitation: a link by which somebody makes an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    pub id: LinkId,
    /// The role of the account.
    pub role: String,
    /// For whom it is.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The link; it works once. Only in the answer to `POST /invitations`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The body of `POST /invitations`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// The role of the account: `admin`, `operator`, `manager`, `user` or `read-only`.
    pub role: String,
    /// For whom it is.
    #[serde(default)]
    pub label: String,
}

/// The answer to `GET /sign-in`, and the body of `PUT /sign-in`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The roles whose accounts have to give a code of a phone beside their password.
    pub totp: Vec<String>,
}
