//! Who may see what.

use contracts::{OrgId, UserId};

use crate::Cursor;

/// Whose rows are read: nothing outside the organisation is ever seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The organisation.
    pub org: OrgId,
    /// Who in it looks.
    pub viewer: Viewer,
}

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// An administrator or a service: all of the organisation.
    All,
    /// A user: their own, and received messages that belong to everybody.
    User(UserId),
}

impl Scope {
    /// All of an organisation.
    pub const fn all(org: OrgId) -> Self {
        Self { org, viewer: Viewer::All }
    }

    /// What one user of an organisation sees.
    pub const fn user(org: OrgId, user: UserId) -> Self {
        Self { org, viewer: Viewer::User(user) }
    }
}

/// A page of a list, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Only what comes after this place: the `next` of the page before.
    pub before: Option<Cursor>,
    /// How many at most; drawn to 1..=1000.
    pub limit: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self { before: None, limit: 50 }
    }
}

impl Page {
    /// The limit in range.
    pub(crate) fn rows(self) -> usize {
        usize::try_from(self.limit.clamp(1, 1000)).unwrap_or(1000)
    }
}
