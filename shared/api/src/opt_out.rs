//! Numbers whose holders asked to be sent nothing more.

use contracts::{MessageId, PhoneNumber, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The query of `GET /optouts`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListOptOuts {
    /// How many at most; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The answer to `GET /optouts`, sorted by number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OptOuts {
    /// Numbers that are sent nothing.
    pub optouts: Vec<OptOut>,
    /// The number after which the next page begins; absent: this was the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<PhoneNumber>,
}

/// What was said of a number at last, or at some time before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OptOut {
    /// The number.
    pub number: PhoneNumber,
    /// Whether it is sent nothing from then on.
    pub out: bool,
    /// How it came to that: `message` (the holder of the number sent a word that says so), `account` (somebody said so here), or
    /// `import`.
    pub source: String,
    /// Who said so, unless it was the holder of the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    /// The message in which the holder of the number said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// When.
    pub at: Timestamp,
}

/// The answer to `GET /optouts/{number}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OptOutHistory {
    /// Whether the number is sent nothing now.
    pub out: bool,
    /// All that was said of it, newest first, a hundred at most.
    pub changes: Vec<OptOut>,
}

/// The body of `POST /optouts`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOptOuts {
    /// The numbers that are to be sent nothing, a thousand at most.
    pub numbers: Vec<String>,
    /// They are brought from another gateway.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
}

/// The answer to `POST /optouts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OptedOut {
    /// How many were not out before.
    pub changed: u64,
}
