//! Accounts, their keys, and the one-time link that makes the first one.

use contracts::{KeyId, OrgId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /me`: whose key the request came with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The account; none over the local socket.
    pub user: Option<User>,
    /// Whether the caller administers the organisation.
    pub admin: bool,
    /// The organisation.
    pub org: OrgId,
}

/// The answer to `GET /users`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Users {
    /// All accounts of the organisation.
    pub users: Vec<User>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its name.
    pub name: String,
    /// `admin`, `operator`, `manager`, `user`, `read-only` or `service`.
    pub role: String,
    /// Whether it administers the organisation.
    pub admin: bool,
    /// Whether it may do anything at all.
    pub enabled: bool,
    /// Whether it can log in by a password.
    pub has_password: bool,
    /// Whether it gives a code of a phone beside its password.
    #[serde(default)]
    pub totp: bool,
    /// When its person was last seen on a page, to the minute; none: never.
    #[serde(default)]
    pub seen_at: Option<Timestamp>,
    /// The language of its pages: `en` or `id`; none: that of its browser.
    pub language: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The body of `POST /users`. Without a password the account works by key only.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Its name.
    pub name: String,
    /// Its password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Its role: `admin`, `operator`, `manager`, `user`, `read-only` or `service`; `user` when neither this nor `admin` nor
    /// `service` is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// It administers the organisation.
    #[serde(default)]
    pub admin: bool,
    /// It is a program's, and never logs in.
    #[serde(default)]
    pub service: bool,
    /// The language of its pages: `en` or `id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// The body of `POST /users/{id}/{enable,disable,password}`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChanges {
    /// The password from now on; `null` removes it. Only for `password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// The body of `POST /users/{id}/role`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// `admin`, `operator`, `manager`, `user`, `read-only` or `service`.
    pub role: String,
}

/// The answer to `POST /setup-link`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetupLink {
    /// The link; it works once.
    pub url: String,
    /// Until when.
    pub expires_at: Timestamp,
}

/// The answer to `GET /keys/{id}/requests`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyRequests {
    /// The last requests that came by the key, newest first: those that this copy of the gateway answered since it was started.
    pub requests: Vec<KeyRequest>,
}

/// A request that came by a key. Nothing of what it said is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeyRequest {
    /// When it was answered.
    pub at: Timestamp,
    /// Its method.
    pub method: String,
    /// Its path without the query. Of what stands in its places there are ids alone.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// The code of the refusal, where it was refused with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

/// The answer to `GET /keys`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Keys {
    /// The caller's, or all of the organisation for administrators.
    pub keys: Vec<Key>,
}

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// Whose it is.
    pub owner: UserId,
    /// What it is for.
    pub label: String,
    /// Its first characters, by which people know it.
    pub prefix: String,
    /// What it may do, words separated by spaces; `all:any` is all that its account may.
    pub scopes: String,
    /// The addresses and networks that it works from; none: from anywhere.
    #[serde(default)]
    pub allow: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working; none: never.
    pub expires_at: Option<Timestamp>,
    /// When it was last used; none: never.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked; none: it works.
    pub revoked_at: Option<Timestamp>,
    /// The key itself. Only in the answer to `POST /keys`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The name of the account. Only in the answer to `POST /keys`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// The body of `POST /keys`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    /// Whose, by name; the caller's own when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub label: String,
    /// What it may do, such as `messages:send`; all that the caller's key may when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// The addresses and networks that it works from, such as `192.0.2.7` or `10.0.0.0/8`; where the caller's key works from
    /// when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow: Option<Vec<String>>,
    /// When it stops working.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// A password that does at Kannel's endpoint in place of the key, for clients that cannot be given another one. A
    /// user has one at most: the key of the one before has to be revoked first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kannel_password: Option<String>,
    /// A token that does at playSMS's webservices (`h`) in place of the key, as clients of playSMS have it. A user has one at
    /// most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playsms_token: Option<String>,
    /// The hash that playSMS has of a password, bcrypt or MD5: the password is given a token by `get_token`, and nothing else,
    /// until the user is given another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub playsms_password_hash: Option<String>,
}
