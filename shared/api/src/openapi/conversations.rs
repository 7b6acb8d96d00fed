//! The calls of conversations.

use super::call::{Call, Calls};
use crate::{
    ConversationChanges, ConversationLine, ConversationLines, ConversationRead, ConversationState,
    Conversations, ListConversations, NewConversationNote, ReadConversation, ShowConversation,
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
        Call::patch(
            "changeConversation",
            "/conversations/{number}",
            "Assigns, archives, mutes or blocks a conversation, or takes that back.",
        )
        .needs("inbox:read")
        .takes::<ConversationChanges>()
        .answers::<ConversationState>(200, "The conversation as it is now."),
    );
    calls.add(
        Call::post(
            "noteInConversation",
            "/conversations/{number}/notes",
            "Writes a note for colleagues into a conversation. It is sent to nobody.",
        )
        .needs("messages:send")
        .takes::<NewConversationNote>()
        .answers::<ConversationLine>(201, "The note."),
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
