//! Keyword services.

use contracts::{CallbackId, MessageId, ServiceId, SimId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /services`, oldest first, which is the order in which they are asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Services {
    /// The caller's, or all of the organisation for administrators.
    pub services: Vec<Service>,
}

/// What is called when a message comes whose first word is a keyword.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Whose it is. It takes messages that this account may read, and this account sends its replies.
    pub owner: UserId,
    /// What it is called.
    pub name: String,
    /// Its keyword in small letters; `default` takes what no other takes.
    pub keyword: String,
    /// Other words that do as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// A URL with Kannel's escape codes that is fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub get_url: Option<String>,
    /// A URL that the text is sent to, with the rest in Kannel's headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_url: Option<String>,
    /// A URL that Kannel's XML is sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_xml: Option<String>,
    /// A text that is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// Whether the plain text that the URL answers is sent back to the sender.
    pub reply_with_body: bool,
    /// Of how many parts a reply is at most; the rest is cut off. 0: nothing is sent back.
    pub max_messages: u8,
    /// Whether an empty answer is no reply.
    pub omit_empty: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its last calls, newest first. Only in the answer to `GET /services/{id}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<Vec<ServiceCall>>,
}

/// What came of a message that a service took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceCall {
    /// Its id.
    pub id: CallbackId,
    /// The message that was received.
    pub message: MessageId,
    /// `pending`, `done` or `failed`.
    pub state: String,
    /// How many tries there were.
    pub attempts: u32,
    /// What the URL answered at last, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// What went wrong, or why nothing was sent back, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The message that was sent back, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<MessageId>,
    /// When the next try is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Timestamp>,
    /// When the message came.
    pub created_at: Timestamp,
}

/// The body of `POST /services`: one of `get_url`, `post_url`, `post_xml` and `reply`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewService {
    /// What it is called.
    pub name: String,
    /// Its keyword, letter case aside; `default` takes what no other takes.
    pub keyword: String,
    /// Other words that do as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// A URL with Kannel's escape codes that is fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub get_url: Option<String>,
    /// A URL that the text is sent to, with the rest in Kannel's headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_url: Option<String>,
    /// A URL that Kannel's XML is sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_xml: Option<String>,
    /// A text that is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// Whether the plain text that the URL answers is sent back to the sender.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reply_with_body: bool,
    /// Of how many parts a reply is at most; 1 when absent. 0: nothing is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_messages: Option<u8>,
    /// Whether an empty answer is no reply.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub omit_empty: bool,
}

/// The body of `PATCH /services/{id}`. What is absent stays as it is; one of `get_url`, `post_url`, `post_xml` and `reply`
/// takes the place of what the service did.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceChanges {
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its keyword, letter case aside; `default` takes what no other takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyword: Option<String>,
    /// Other words that do as well, in place of those that it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Vec<String>>,
    /// A URL with Kannel's escape codes that is fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub get_url: Option<String>,
    /// A URL that the text is sent to, with the rest in Kannel's headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_url: Option<String>,
    /// A URL that Kannel's XML is sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_xml: Option<String>,
    /// A text that is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// Whether the plain text that the URL answers is sent back to the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_with_body: Option<bool>,
    /// Of how many parts a reply is at most. 0: nothing is sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_messages: Option<u8>,
    /// Whether an empty answer is no reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub omit_empty: Option<bool>,
}

/// The body of `POST /services/test`: a message that might come.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestServices {
    /// From whom: a number or a name.
    pub from: String,
    /// Its text.
    pub text: String,
    /// The SIM that it comes to; the first that there is when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
}

/// The answer to `POST /services/test`: what would become of the message. Nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestedServices {
    /// In a sentence.
    pub summary: String,
    /// The first word of the message, in small letters.
    pub word: String,
    /// The SIM that it would come to, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// The service that would take it, if one would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// Whether a service of another account would take it, of which nothing is said.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub elsewhere: bool,
    /// What would be called, with its escape codes replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The text that would be sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// Whether what the URL answers would be sent back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reply_with_body: bool,
    /// Why nothing would be sent back, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_reply: Option<String>,
}
