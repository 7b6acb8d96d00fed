//! Conversations: what was sent to one phone, what came from it, and who has read that.
//!
//! A phone is known by what all writings of its number have in common ([`contracts::PhoneNumber::phone`]), which messages
//! have in a column with an index. The table `threads` says which message was the last with each writing of a number, in each
//! of the scopes that somebody may reach, so a list of conversations is read in the order of an index, however many messages
//! there are. It is written with the messages, or a moment later where many are written at once.
//!
//! What a team keeps of a conversation belongs to the number in the organisation, and not to whoever reads it: to whom it is
//! assigned, that it is archived or blocked, and notes. Whoever has a message of the conversation in reach sees and changes
//! that. The table `thread_marks` has it, and `threads` a copy of what lists are filtered by. A mute is an account's own.

use std::fmt;

use contracts::{Address, ContactId, MessageId, NoteId, PhoneNumber, SimId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Cursor, Message, Page, Reach, Received, Store, StoreError};

/// The most received messages that are counted as unread of one conversation.
pub const MOST_UNREAD: u32 = 100;

/// The most characters of a name by which a conversation is known.
pub const LONGEST_COUNTERPART: usize = 64;

/// The most characters of a note in a conversation.
pub const LONGEST_THREAD_NOTE: usize = 2_000;

/// The most notes in the conversation with a phone. The oldest go when messages as old as they are do.
pub const MOST_THREAD_NOTES: u32 = 1_000;

/// The most conversations that an account mutes.
pub const MOST_MUTES: u32 = 1_000;

/// The most accounts that are offered to assign a conversation to.
pub const MOST_ASSIGNEES: u32 = 200;

contracts::named! {
    /// Which conversations are listed.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub enum Shelf {
        /// Those that are neither archived nor blocked.
        #[default]
        Open = "open",
        /// Of these the ones that are assigned to whoever reads.
        Mine = "mine",
        /// Of these the ones that are assigned to nobody.
        Unassigned = "unassigned",
        /// Those that are archived.
        Archived = "archived",
        /// Those with numbers that are blocked.
        Blocked = "blocked",
        /// All of them.
        Any = "any",
    }
}

/// Which conversations are listed, and with whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConversationFilter<'a> {
    /// Only those with whoever has this in number or name.
    pub search: Option<&'a str>,
    /// Only those of this shelf.
    pub shelf: Shelf,
}

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
    /// How many received messages the reader has not read, [`MOST_UNREAD`] at most. Nothing is unread of what the reader muted,
    /// nor of what is blocked.
    pub unread: u32,
    /// To whom the conversation is assigned.
    pub assigned: Option<Colleague>,
    /// Whether the conversation is archived: it is out of the list until a message comes in.
    pub archived: bool,
    /// Whether the number is blocked: what comes from it is kept, and answered by nothing.
    pub blocked: bool,
    /// Whether the reader is told nothing of it.
    pub muted: bool,
}

/// An account to which a conversation is assigned, or may be, or that wrote a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    /// The account.
    pub id: UserId,
    /// What the account is called.
    pub name: String,
}

/// To whom a conversation is to be assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignment {
    /// To nobody.
    Nobody,
    /// To an account.
    To(UserId),
}

/// What is changed of a conversation. What is none stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConversationChange {
    /// To whom it is assigned.
    pub assigned: Option<Assignment>,
    /// Whether it is archived.
    pub archived: Option<bool>,
    /// Whether the number is blocked.
    pub blocked: Option<bool>,
}

/// Something that somebody wrote into a conversation for colleagues. It is sent to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    /// The id of the note.
    pub id: NoteId,
    /// Who wrote it, and what that account was called then.
    pub by: Colleague,
    /// The text.
    pub text: String,
    /// When it was written.
    pub at: Timestamp,
}

/// Shows no text.
impl fmt::Debug for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Note({}, {:?})", self.id, self.by.id)
    }
}

impl Note {
    /// Returns where the note stands among messages of its moment.
    pub const fn place(&self) -> MessageId {
        MessageId::from_uuid(self.id.uuid())
    }
}

/// That somebody wrote to a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnsweredBy {
    /// What the account is called that did. None: it has no name any more.
    pub name: Option<String>,
    /// The place of the message in the conversation.
    pub place: Cursor,
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
    /// A note of a colleague.
    Note(Note),
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
            Self::Note(note) => Cursor { at: note.at, id: note.place() },
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

/// A note was not written into a conversation.
#[derive(Debug, thiserror::Error)]
pub enum WriteNoteError {
    /// The conversation has as many notes as it may have.
    #[error(
        "this conversation has {MOST_THREAD_NOTES} notes already, which is the most there may be"
    )]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A conversation was not muted.
#[derive(Debug, thiserror::Error)]
pub enum MuteError {
    /// The account mutes as many conversations as it may.
    #[error("{MOST_MUTES} conversations are muted already, which is the most there may be")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Returns a page of the conversations in reach that a filter leaves, those with the newest messages first.
    pub async fn conversations(
        &self,
        reach: Reach,
        reader: Reader,
        filter: ConversationFilter<'_>,
        page: Page,
    ) -> Result<ConversationPage, StoreError> {
        on_engine!(self, db => db.conversations(reach, reader, filter, page))
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

    /// Returns whether something of the conversation with a number or a name is in reach.
    pub async fn conversation_is_there(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.conversation_is_there(reach, reader, with))
    }

    /// Returns the accounts to which the conversation may be assigned: those that may answer and have something of it in
    /// their reach, [`MOST_ASSIGNEES`] at most, by name. Without the conversation in reach there are none.
    pub async fn conversation_assignees(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
    ) -> Result<Vec<Colleague>, StoreError> {
        on_engine!(self, db => db.conversation_assignees(reach, reader, with))
    }

    /// Assigns, archives or blocks the conversation with a number or a name, or takes that back. Returns false when nothing of
    /// it is in reach, or when the account to which it is to be assigned is disabled or of a role that answers nobody.
    pub async fn change_conversation(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
        change: ConversationChange,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.change_conversation(reach, reader, with, change, at))
    }

    /// Notes that the reader is told nothing of a conversation since a time; none: is told of it again. Returns false when nothing of
    /// it is in reach.
    pub async fn mute_conversation(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
        muted: Option<Timestamp>,
    ) -> Result<bool, MuteError> {
        on_engine!(self, db => db.mute_conversation(reach, reader, with, muted))
    }

    /// Writes a note into the conversation with a number or a name. Returns none when nothing of it is in reach.
    pub async fn note_in_conversation(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
        (by, text): (&Colleague, &str),
        at: Timestamp,
    ) -> Result<Option<Note>, WriteNoteError> {
        on_engine!(self, db => db.note_in_conversation(reach, reader, with, (by, text), at))
    }

    /// Returns the last message after a place that somebody other than the reader sent to a number, whose conversation has to be in
    /// reach. The message itself need not be: who answered is told to whoever may answer.
    pub async fn answered_since(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
        since: Cursor,
    ) -> Result<Option<AnsweredBy>, StoreError> {
        on_engine!(self, db => db.answered_since(reach, reader, with, since))
    }
}
