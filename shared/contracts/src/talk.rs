//! What people do with conversations: told live by the portal, to the pages of others that are open, and kept by nobody.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Address, NoteId, OrgId, Subject, Timestamp, UserId};

crate::named! {
    /// What somebody does.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum TalkedKind in json {
        /// An answer is being written.
        Writing = "writing",
        /// A note was written: [`Talked::note`].
        Noted = "noted",
        /// The conversation was assigned, archived or blocked, or that was taken back.
        Refiled = "refiled",
    } else {
        /// Something of a later version.
        Unknown = "unknown"
    }
}

/// Somebody does something with a conversation. It may be lost; who loads a page sees what holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talked {
    /// The organisation.
    pub org: OrgId,
    /// With whom the conversation is.
    pub with: Address,
    /// What is done.
    pub kind: TalkedKind,
    /// The account that does it.
    pub by: UserId,
    /// What the account is called.
    pub name: String,
    /// The note that was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<TalkedNote>,
    /// When.
    pub at: Timestamp,
}

impl Talked {
    /// The subject it is told on, which no stream keeps.
    pub const SUBJECT: Subject = Subject::Talked;
}

/// A note in a conversation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TalkedNote {
    /// Its id.
    pub id: NoteId,
    /// Its text.
    pub text: String,
}

/// Shows no text.
impl fmt::Debug for TalkedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TalkedNote({})", self.id)
    }
}
