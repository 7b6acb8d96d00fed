//! What was given up.

use contracts::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The query of `GET /dead`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListDead {
    /// At most so many; 50 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Those after `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
}

/// The answer to `GET /dead`, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeadLetters {
    /// Those of this page.
    pub dead: Vec<DeadLetter>,
    /// `before` of the next page; none: this is the last.
    pub next: Option<u64>,
}

/// A message of the broker that nobody could read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeadLetter {
    /// Its place in the stream `SMS_DEAD`.
    pub sequence: u64,
    /// The subject under which it is kept.
    pub subject: String,
    /// When it was given up.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// The whole of it; octets that are no UTF-8 are replaced.
    pub payload: String,
}
