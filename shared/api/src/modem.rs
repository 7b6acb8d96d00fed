//! Modems.

use contracts::ModemId;
use contracts::modem::ModemState;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /modems`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Modems {
    /// Those of the organisation, by name.
    pub modems: Vec<Modem>,
}

/// A modem as it is now. Its IMEI and what identifies its SIM are for administrators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Modem {
    /// What its driver says of it.
    #[serde(flatten)]
    pub state: ModemState,
    /// Whether messages can go out by it.
    pub online: bool,
}

/// The body of `PATCH /modems/{id}`; what is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModemChanges {
    /// What people call it; an empty name takes the last one back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// The answer to `PATCH /modems/{id}`: what is set for the modem now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModemSettings {
    /// Its id.
    pub id: ModemId,
    /// What people call it; none: by its port.
    pub name: Option<String>,
    /// Whether it sends.
    pub enabled: bool,
}
