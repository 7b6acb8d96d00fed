//! Refusals.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A refusal, as `application/problem+json` (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:merpati:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What kind of refusal it is, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what can be done about it, in a sentence.
    pub detail: String,
    /// A name that stays the same in all versions.
    pub code: String,
    /// Members of single problems: `field`, `limit`, `recipients`, `ids`, ….
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub members: serde_json::Map<String, serde_json::Value>,
}
