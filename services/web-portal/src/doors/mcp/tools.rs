//! The tools, a row each.

use std::sync::Arc;

use axum::http::Method;
use rmcp::model::ToolAnnotations;
use serde_json::{Map, Value, json};

use crate::power::Power;

/// One tool.
#[derive(Debug)]
pub(super) struct Tool {
    pub(super) name: &'static str,
    title: &'static str,
    description: &'static str,
    /// What a key needs for the tool to be shown. The calls that the tool makes ask again.
    pub(super) powers: &'static [Power],
    pub(super) does: Does,
    pub(super) arguments: &'static [Argument],
}

/// What a tool does.
#[derive(Debug)]
pub(super) enum Does {
    /// A call of the API, with the arguments in the places of `{…}`, and the others in the query or the body.
    Call {
        /// Its method.
        method: Method,
        /// Its path, below `/api/v1`.
        path: &'static str,
    },
    /// Shows what would be sent, or sends it.
    Send,
}

/// One argument.
#[derive(Debug)]
pub(super) struct Argument {
    pub(super) name: &'static str,
    kind: Kind,
    pub(super) is_needed: bool,
    description: &'static str,
}

/// What an argument is.
#[derive(Debug)]
enum Kind {
    Text,
    Flag,
    Count,
    Numbers,
    OneOf(&'static [&'static str]),
}

const fn needs(name: &'static str, kind: Kind, description: &'static str) -> Argument {
    Argument { name, kind, is_needed: true, description }
}

const fn may(name: &'static str, kind: Kind, description: &'static str) -> Argument {
    Argument { name, kind, is_needed: false, description }
}

const MESSAGE: Argument = needs("id", Kind::Text, "The message's id: msg_…");
const LIMIT: Argument = may("limit", Kind::Count, "How many at most; 50 if it is left out");
const BEFORE: Argument =
    may("before", Kind::Text, "The 'next' of an answer: goes on where that one ended");
const SINCE: Argument =
    may("since", Kind::Text, "Only those from this time on, such as 2026-11-30T08:00:00Z");

/// The tools, in the order in which agents are shown them.
pub(super) static TOOLS: [Tool; 10] = [
    Tool {
        name: "send_message",
        title: "Send an SMS",
        description: "Shows what would be sent: recipients, parts and alphabet. With 'confirm', sends it. Each recipient \
            and each part costs as much as one SMS.",
        powers: &[Power::MessagesSend],
        does: Does::Send,
        arguments: &[
            needs("to", Kind::Numbers, "The recipients' numbers, such as [\"+628123456789\"]"),
            needs("text", Kind::Text, "What the message says"),
            may(
                "confirm",
                Kind::Flag,
                "Send it. Only when the person you work for agreed to what is sent, and to whom",
            ),
            may(
                "priority",
                Kind::OneOf(&["otp", "normal", "bulk"]),
                "normal if it is left out; otp only for one-time passwords",
            ),
            may("sim", Kind::Text, "The id of the SIM it goes out through; any if it is left out"),
            may(
                "idempotency_key",
                Kind::Text,
                "A word of yours for this attempt: sent again with the same word, it is sent once",
            ),
        ],
    },
    Tool {
        name: "message_status",
        title: "What became of a message",
        description: "One sent message: its state, why it waits or failed, and all that happened to it.",
        powers: &[Power::MessagesRead],
        does: Does::Call { method: Method::GET, path: "/messages/{id}" },
        arguments: &[MESSAGE],
    },
    Tool {
        name: "list_sent",
        title: "Sent messages",
        description: "Messages that were sent or are on their way, newest first.",
        powers: &[Power::MessagesRead],
        does: Does::Call { method: Method::GET, path: "/messages" },
        arguments: &[
            may(
                "state",
                Kind::Text,
                "Only those in these states, with commas: accepted, sent, delivered, failed, …",
            ),
            may("to", Kind::Text, "Only those to this number"),
            may("batch", Kind::Text, "Only those of this batch"),
            SINCE,
            LIMIT,
            BEFORE,
        ],
    },
    Tool {
        name: "cancel_message",
        title: "Take a message back",
        description: "Takes back a message that no modem has yet. Says so when it is too late.",
        powers: &[Power::MessagesCancel],
        does: Does::Call { method: Method::DELETE, path: "/messages/{id}" },
        arguments: &[MESSAGE],
    },
    Tool {
        name: "list_received",
        title: "Received messages",
        description: "Messages that were received, newest first. Their texts are written by strangers.",
        powers: &[Power::InboxRead],
        does: Does::Call { method: Method::GET, path: "/inbox" },
        arguments: &[
            may("from", Kind::Text, "Only those from this number"),
            may("sim", Kind::Text, "Only those that this SIM received"),
            SINCE,
            LIMIT,
            BEFORE,
        ],
    },
    Tool {
        name: "conversation",
        title: "Messages with one number",
        description: "What was sent to a number and what came from it, newest first, with calls that nobody answered. \
            What came is written by strangers.",
        powers: &[Power::InboxRead],
        does: Does::Call { method: Method::GET, path: "/conversations/{number}" },
        arguments: &[
            needs("number", Kind::Text, "The number, such as +628123456789"),
            LIMIT,
            BEFORE,
        ],
    },
    Tool {
        name: "list_modems",
        title: "Modems",
        description: "The modems as they are now: whether each is online, its signal, operator and SIM, and what keeps it from working.",
        powers: &[Power::ModemsRead],
        does: Does::Call { method: Method::GET, path: "/modems" },
        arguments: &[],
    },
    Tool {
        name: "list_sims",
        title: "SIM cards",
        description: "The SIM cards, with their numbers, and whether one may send through them.",
        powers: &[Power::ModemsRead],
        does: Does::Call { method: Method::GET, path: "/sims" },
        arguments: &[],
    },
    Tool {
        name: "batch_status",
        title: "How far a batch is",
        description: "How many messages of a batch are in each state.",
        powers: &[Power::MessagesRead],
        does: Does::Call { method: Method::GET, path: "/batches/{id}" },
        arguments: &[needs("id", Kind::Text, "The batch's id: batch_…")],
    },
    Tool {
        name: "cancel_batch",
        title: "Take a batch back",
        description: "Takes back what no modem has yet of a batch.",
        powers: &[Power::MessagesCancel],
        does: Does::Call { method: Method::POST, path: "/batches/{id}/cancel" },
        arguments: &[needs("id", Kind::Text, "The batch's id: batch_…")],
    },
];

impl Tool {
    /// As agents read it.
    pub(super) fn described(&self) -> rmcp::model::Tool {
        let properties: Map<String, Value> = self
            .arguments
            .iter()
            .map(|argument| (argument.name.to_owned(), argument.schema()))
            .collect();
        let needed: Vec<&str> = self
            .arguments
            .iter()
            .filter(|argument| argument.is_needed)
            .map(|argument| argument.name)
            .collect();
        let mut schema = Map::new();
        schema.insert("type".to_owned(), json!("object"));
        schema.insert("properties".to_owned(), Value::Object(properties));
        schema.insert("required".to_owned(), json!(needed));
        schema.insert("additionalProperties".to_owned(), json!(false));
        let reads = match &self.does {
            Does::Call { method, .. } => *method == Method::GET,
            Does::Send => false,
        };
        let hints = ToolAnnotations::with_title(self.title)
            .read_only(reads)
            .destructive(!reads)
            .idempotent(reads || !matches!(self.does, Does::Send))
            .open_world(matches!(self.does, Does::Send));
        rmcp::model::Tool::new(self.name, self.description, Arc::new(schema))
            .with_annotations(hints)
    }
}

impl Argument {
    fn schema(&self) -> Value {
        let mut schema = match self.kind {
            Kind::Text => json!({ "type": "string" }),
            Kind::Flag => json!({ "type": "boolean" }),
            Kind::Count => json!({ "type": "integer", "minimum": 1 }),
            Kind::Numbers => {
                json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 })
            }
            Kind::OneOf(words) => json!({ "type": "string", "enum": words }),
        };
        schema["description"] = json!(self.description);
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_is_a_call_of_the_api_and_needs_what_the_call_needs() {
        let declared = crate::declared();
        for tool in &TOOLS {
            let Does::Call { method, path } = &tool.does else { continue };
            let call = declared
                .iter()
                .find(|call| call.method == method.as_str() && call.path == *path)
                .unwrap_or_else(|| panic!("{}: there is no {method} {path}", tool.name));
            let [power] = tool.powers else { panic!("{} makes one call", tool.name) };
            assert_eq!(call.power, Some(power.as_str()), "{}", tool.name);
            for place in path.split(['{', '}']).skip(1).step_by(2) {
                let argument = tool.arguments.iter().find(|argument| argument.name == place);
                assert!(
                    argument.is_some_and(|argument| argument.is_needed),
                    "{} {place}",
                    tool.name
                );
            }
        }
    }

    #[test]
    fn names_are_distinct_and_plain() {
        let mut names: Vec<_> = TOOLS.iter().map(|tool| tool.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TOOLS.len());
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
    }
}
