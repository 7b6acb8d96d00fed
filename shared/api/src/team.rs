//! Teams: users of an organisation with SIMs of their own.

use contracts::{SimId, TeamId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The answer to `GET /teams`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Teams {
    /// All of them, by name; at most two hundred.
    pub teams: Vec<Team>,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// What it is called; no other team is called so, letter case aside.
    pub name: String,
    /// Whether its users send through SIMs of their teams only.
    pub own_sims_only: bool,
    /// Its users, by name.
    pub users: Vec<String>,
    /// Its SIMs: only messages of its users go out through them.
    pub sims: Vec<SimId>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The body of `POST /teams`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTeam {
    /// What it is called.
    pub name: String,
    /// Whether its users send through SIMs of their teams only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_sims_only: bool,
    /// Its users, by name or id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// Its SIMs, which may belong to no other team.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sims: Vec<SimId>,
}

/// The body of `PATCH /teams/{id}`; what is absent stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamChanges {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether its users send through SIMs of their teams only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub own_sims_only: Option<bool>,
    /// All of its users, by name or id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<String>>,
    /// All of its SIMs. Through one that is taken out everybody sends from then on, and only administrators read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sims: Option<Vec<SimId>>,
}

/// The query of `DELETE /teams/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct RemoveTeam {
    /// `true`: its SIMs belong to nobody from then on, and everybody sends through them. A team that has SIMs is removed only so.
    /// This needs `sims:manage` too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_sims: Option<bool>,
}
