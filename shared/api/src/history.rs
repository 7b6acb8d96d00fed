//! Messages of the gateway before this one.

use contracts::{MessageId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of `POST /history`: messages that another gateway sent and received. Nothing is done with them here.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHistory {
    /// The gateway, such as `playSMS`.
    pub from: String,
    /// At most 500 that it was to send.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<PastSent>,
    /// At most 500 that it received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub received: Vec<PastReceived>,
}

/// A message that another gateway was to send.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PastSent {
    /// By what it is known there: one that is brought again is not made again.
    pub source: String,
    /// Its number there, for clients that need an integer; kept when it is free here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// The account that sent it; none: nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// The recipient.
    pub to: String,
    /// The text.
    pub text: String,
    /// How it ended: `sent`, `delivered`, `undelivered`, `failed`, `expired` or `cancelled`.
    pub state: String,
    /// When it was accepted.
    pub at: Timestamp,
    /// When it ended; the same when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// A message that another gateway received.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PastReceived {
    /// By what it is known there: one that is brought again is not made again.
    pub source: String,
    /// Its number there, for clients that need an integer; kept when it is free here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// The account that it belongs to; none: administrators read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// The sender: a number, or a name.
    pub from: String,
    /// The number that it came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The text.
    pub text: String,
    /// When it came.
    pub at: Timestamp,
}

/// The answer to `POST /history`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct HistoryMade {
    /// How many were made.
    pub made: u64,
    /// How many were there already.
    pub there: u64,
    /// Those that cannot be messages.
    pub refused: Vec<HistoryRefused>,
    /// Those of `sent` that are there now.
    #[serde(default)]
    pub sent: Vec<HistorySent>,
}

/// A message that another gateway was to send, and that is there now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HistorySent {
    /// By what it is known where it comes from.
    pub source: String,
    /// Its id here.
    pub id: MessageId,
    /// It was not there before.
    pub made: bool,
}

/// A message that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HistoryRefused {
    /// By what it is known where it comes from.
    pub source: String,
    /// Why it was refused.
    pub error: String,
}
