//! The gateway as a whole.

use std::collections::BTreeSet;

use contracts::ModemId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is done to the gateway as a whole, until `resume`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GatewayState {
    /// Suspended goes before isolated, when it is both.
    pub status: GatewayStatus,
    /// What is received is kept, and told to no endpoint and no keyword service.
    pub isolated: bool,
    /// The modems that were stopped together.
    pub suspended: BTreeSet<ModemId>,
}

/// The gateway in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GatewayStatus {
    /// Nothing is done to it.
    Running,
    /// All modems were stopped: nothing is sent, and what is received is kept.
    Suspended,
    /// What is received is told to no program. Messages go out.
    Isolated,
}
