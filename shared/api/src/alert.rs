//! What is wrong with the gateway, and where its messages are.

use contracts::alert::Alert;
use contracts::{MtState, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The query of `GET /alerts`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListAlerts {
    /// Those that are over too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<bool>,
    /// At most so many; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// The answer to `GET /alerts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Alerts {
    /// What is wrong, newest first.
    pub alerts: Vec<Alert>,
    /// The messages that have not come to an end, by their state.
    pub queue: Vec<Queued>,
}

/// The messages in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Queued {
    /// The state.
    pub state: MtState,
    /// How many there are.
    pub count: u64,
    /// There are more, which were not counted.
    pub more: bool,
    /// When the oldest of them was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<Timestamp>,
}
