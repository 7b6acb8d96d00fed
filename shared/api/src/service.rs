//! Keyword services.

use contracts::{CallbackId, MessageId, ServiceId, Timestamp, UserId};
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
