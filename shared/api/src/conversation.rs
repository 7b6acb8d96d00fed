//! Conversations: what was sent to one phone and what came from it.

use contracts::{Address, ContactId, PhoneNumber, SimId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Message, ReceivedMessage};

/// The query of `GET /conversations`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListConversations {
    /// Only those with whoever has this in their number or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
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
    /// Messages and calls, newest first.
    pub lines: Vec<ConversationLine>,
    /// `before` of the next page; none: this is the last.
    pub next: Option<String>,
}

/// One of the messages and calls of a conversation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConversationLine {
    /// `sent`, `received` or `missed_call`, which is the field that has it.
    pub kind: String,
    /// When it was accepted, or received, or when the call came.
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
