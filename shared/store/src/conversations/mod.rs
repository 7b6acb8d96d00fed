//! Conversations: what was sent to one phone, what came from it, and who has read that.
//!
//! A phone is known by what all writings of its number have in common ([`contracts::PhoneNumber::phone`]), which messages
//! have in a column with an index. The table `threads` says which message was the last with each writing of a number, in each
//! of the scopes that somebody may reach, so a list of conversations is read in the order of an index, however many messages
//! there are. It is written with the messages, or a moment later where many are written at once.

use std::fmt;

use contracts::{Address, ContactId, MessageId, PhoneNumber, SimId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Cursor, Message, Page, Reach, Received, Store, StoreError};

/// The most received messages that are counted as unread of one conversation.
pub const MOST_UNREAD: u32 = 100;

/// The most characters of a name by which a conversation is known.
pub const LONGEST_COUNTERPART: usize = 64;

/// Who reads conversations, and what of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    /// The account whose marks of what was read count.
    pub account: UserId,
    /// Whether what was sent is read, too.
    pub sent: bool,
    /// Whether the names of contacts are.
    pub names: bool,
}

/// A conversation in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// With whom, in the writing of the last message.
    pub with: Address,
    /// Whose number it is, and how much of it is unread.
    pub heading: Heading,
    /// The last message.
    pub last: Line,
}

/// What stands over a conversation.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Heading {
    /// The contact in reach that has the number.
    pub contact: Option<ContactId>,
    /// The name of the contact.
    pub name: Option<String>,
    /// How many received messages the reader has not read, [`MOST_UNREAD`] at most.
    pub unread: u32,
}

/// Shows no name.
impl fmt::Debug for Heading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Heading({:?}, {} unread)", self.contact, self.unread)
    }
}

/// Something that was said in a conversation, or a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A message that was sent, or is to be.
    Sent(Box<Message>),
    /// A message that was received.
    Received(Box<Received>),
    /// A call that nobody answered.
    Missed(MissedCall),
}

/// A call that nobody answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissedCall {
    /// Where the call stands among messages of its moment.
    pub id: MessageId,
    /// Who called.
    pub from: PhoneNumber,
    /// The SIM that was called.
    pub sim: Option<SimId>,
    /// When.
    pub at: Timestamp,
}

impl Line {
    /// Returns the place of the line in its conversation.
    pub fn cursor(&self) -> Cursor {
        match self {
            Self::Sent(message) => message.cursor(),
            Self::Received(message) => message.cursor(),
            Self::Missed(call) => Cursor { at: call.at, id: call.id },
        }
    }
}

/// A page of conversations, the one with the newest message first. A page may have fewer than it was asked for, and another
/// follow all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationPage {
    /// The conversations.
    pub conversations: Vec<Conversation>,
    /// The place at which the next page begins. None when this page is the last.
    pub next: Option<Cursor>,
}

/// A page of one conversation, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePage {
    /// The lines.
    pub lines: Vec<Line>,
    /// The place at which the next page begins. None when this page is the last.
    pub next: Option<Cursor>,
}

impl Store {
    /// Returns a page of the conversations in reach, those with the newest messages first. With `search`, only those with
    /// whoever has this in number or name.
    pub async fn conversations(
        &self,
        reach: Reach,
        reader: Reader,
        search: Option<&str>,
        page: Page,
    ) -> Result<ConversationPage, StoreError> {
        on_engine!(self, db => db.conversations(reach, reader, search, page))
    }

    /// Returns a page of what is in reach of the conversation with a number, in whatever writing, or with a name.
    pub async fn conversation(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
        page: Page,
    ) -> Result<LinePage, StoreError> {
        on_engine!(self, db => db.conversation(reach, reader, with, page))
    }

    /// Returns what stands over the conversation with a number or a name.
    pub async fn conversation_heading(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
    ) -> Result<Heading, StoreError> {
        on_engine!(self, db => db.conversation_heading(reach, reader, with))
    }

    /// Notes that an account has read what came from a number or a name up to this time. Returns whether that is new.
    pub async fn read_conversation(
        &self,
        reach: Reach,
        account: UserId,
        with: &Address,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.read_conversation(reach, account, with, until))
    }
}
