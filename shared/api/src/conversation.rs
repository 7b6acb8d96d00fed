//! Conversations: what was sent to one phone and what came from it.

use contracts::{Address, ContactId, NoteId, PhoneNumber, SimId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Message, ReceivedMessage};

/// The query of `GET /conversations`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListConversations {
    /// Only those with whoever has this in their number or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Which: `open`, `mine`, `unassigned`, `archived`, `blocked`, or `any`. When absent, `open` without `q` and `any` with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub show: Option<String>,
    /// At most so many; 50 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Those after `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// The query of `GET /conversations/{number}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ShowConversation {
    /// At most so many; 50 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Those after `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// The answer to `GET /conversations`, those with the newest messages first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conversations {
    /// Those of this page. There may be fewer than were asked for, and a next page all the same.
    pub conversations: Vec<Conversation>,
    /// `before` of the next page; none: this is the last.
    pub next: Option<String>,
}

/// All messages with one phone, of which the last is shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conversation {
    /// With whom: a number, in the writing of the last message, or a name.
    pub with: Address,
    /// The name of the contact with this number.
    pub name: Option<String>,
    /// The contact with this number.
    pub contact: Option<ContactId>,
    /// How many received messages whoever asks has not read, 100 at most.
    pub unread: u32,
    /// The account to which it is assigned.
    #[serde(default)]
    pub assigned_to: Option<ConversationAssignee>,
    /// Whether it is archived: out of the list until a message comes in.
    #[serde(default)]
    pub archived: bool,
    /// Whether whoever asks muted it: nothing of it is `unread`.
    #[serde(default)]
    pub muted: bool,
    /// Whether the number is blocked: what comes from it is kept, is not `unread`, and is answered by nothing.
    #[serde(default)]
    pub blocked: bool,
    /// The last message.
    pub last: ConversationLine,
}

/// The answer to `GET /conversations/{number}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConversationLines {
    /// With whom.
    pub with: Address,
    /// The name of the contact with this number.
    pub name: Option<String>,
    /// The contact with this number.
    pub contact: Option<ContactId>,
    /// How many received messages whoever asks has not read, 100 at most.
    pub unread: u32,
    /// The account to which it is assigned.
    #[serde(default)]
    pub assigned_to: Option<ConversationAssignee>,
    /// Whether it is archived: out of the list until a message comes in.
    #[serde(default)]
    pub archived: bool,
    /// Whether whoever asks muted it: nothing of it is `unread`.
    #[serde(default)]
    pub muted: bool,
    /// Whether the number is blocked: what comes from it is kept, is not `unread`, and is answered by nothing.
    #[serde(default)]
    pub blocked: bool,
    /// Messages, calls and notes, newest first.
    pub lines: Vec<ConversationLine>,
    /// `before` of the next page; none: this is the last.
    pub next: Option<String>,
}

/// An account to which a conversation is assigned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConversationAssignee {
    /// The account.
    pub id: UserId,
    /// What it is called.
    pub name: String,
}

/// One of the messages, calls and notes of a conversation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConversationLine {
    /// `sent`, `received`, `missed_call` or `note`, which is the field that has it.
    pub kind: String,
    /// When it was accepted, or received, or written, or when the call came.
    pub at: Timestamp,
    /// A message that was sent, or is on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Message>,
    /// A message that was received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<ReceivedMessage>,
    /// A call that nobody answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed_call: Option<MissedCall>,
    /// A note for colleagues, which was sent to nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<ConversationNote>,
}

/// A note in a conversation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConversationNote {
    /// Its id.
    pub id: NoteId,
    /// The account that wrote it.
    pub author: UserId,
    /// What the account was called then.
    pub author_name: String,
    /// The text.
    pub text: String,
}

/// The body of `POST /conversations/{number}/notes`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConversationNote {
    /// The text.
    pub text: String,
}

/// The body of `PATCH /conversations/{number}`. What is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversationChanges {
    /// The name or the id of the account that it is assigned to; empty: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<String>,
    /// Whether it is archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// Whether whoever asks is told nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<bool>,
    /// Whether the number is blocked. For administrators and managers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<bool>,
}

/// The answer to `PATCH /conversations/{number}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConversationState {
    /// With whom.
    pub with: Address,
    /// How many received messages whoever asks has not read, 100 at most.
    pub unread: u32,
    /// The account to which it is assigned.
    pub assigned_to: Option<ConversationAssignee>,
    /// Whether it is archived: out of the list until a message comes in.
    pub archived: bool,
    /// Whether whoever asks muted it: nothing of it is `unread`.
    pub muted: bool,
    /// Whether the number is blocked: what comes from it is kept, is not `unread`, and is answered by nothing.
    pub blocked: bool,
}

/// A call that nobody answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MissedCall {
    /// Who called.
    pub from: PhoneNumber,
    /// The SIM that was called, where known.
    pub sim: Option<SimId>,
}

/// The body of `POST /conversations/{number}/read`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadConversation {
    /// Up to when it was read; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// What is unread of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConversationRead {
    /// How many received messages whoever asks has not read, 100 at most.
    pub unread: u32,
}
