//! The calls of conversations.

use super::call::{Call, Calls};
use crate::{
    ConversationLines, ConversationRead, Conversations, ListConversations, ReadConversation,
    ShowConversation,
};

/// Adds them.
pub(super) fn add(calls: &mut Calls) {
    calls.group("Conversations");
    calls.add(
        Call::get(
            "listConversations",
            "/conversations",
            "Lists conversations, those with the newest messages first.",
        )
        .needs("inbox:read")
        .asks::<ListConversations>()
        .answers::<Conversations>(200, "A page."),
    );
    calls.add(
        Call::get(
            "showConversation",
            "/conversations/{number}",
            "Shows what was sent to a number and what came from it, newest first.",
        )
        .needs("inbox:read")
        .asks::<ShowConversation>()
        .answers::<ConversationLines>(200, "A page of it."),
    );
    calls.add(
        Call::post(
            "readConversation",
            "/conversations/{number}/read",
            "Notes that whoever asks has read a conversation.",
        )
        .needs("inbox:read")
        .takes::<ReadConversation>()
        .answers::<ConversationRead>(200, "What is unread of it now."),
    );
}
