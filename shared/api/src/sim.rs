//! SIMs, and who may use them.

use contracts::{ModemId, PhoneNumber, SimId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /sims`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sims {
    /// Those in modems that are known, and those for which something was set.
    pub sims: Vec<Sim>,
}

/// A SIM, and whether the caller may use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sim {
    /// Its id.
    pub id: SimId,
    /// Its number, where known.
    pub number: Option<PhoneNumber>,
    /// The modem it is in.
    pub modem: Option<ModemId>,
    /// What that is called.
    pub modem_name: Option<String>,
    /// Whether messages can go out through it now.
    pub online: bool,
    /// Whether the caller may send through it.
    pub may_send: bool,
    /// Whether the caller may read what it receives.
    pub may_read: bool,
    /// Its ICCID, where known. Only for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iccid: Option<String>,
    /// Who may send through it. Only for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub senders: Option<Who>,
    /// Who may read what it receives. Only for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readers: Option<Who>,
}

/// Everybody of the organisation, or single accounts by name or id; with none, only administrators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "\"everybody\", or a list of users' names")]
pub enum Who {
    /// `"everybody"`.
    Everybody(Everybody),
    /// These.
    Only(Vec<String>),
}

impl Who {
    /// Everybody of the organisation.
    pub const fn everybody() -> Self {
        Self::Everybody(Everybody::Everybody)
    }
}

/// The word for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Everybody {
    /// `everybody`.
    Everybody,
}

/// The body of `PATCH /sims/{id}`; what is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimChanges {
    /// Who may send through it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub senders: Option<Who>,
    /// Who may read what it receives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readers: Option<Who>,
}
