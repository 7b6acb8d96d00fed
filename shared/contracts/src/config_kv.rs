//! The bucket `config`: what router and drivers need of the settings, a projection of the database.
//!
//! Keys: `account.<user id>`, `sim.<sim id>`.

use serde::{Deserialize, Serialize};

use crate::{OrgId, PhoneNumber, PoolId, UserId};

/// An account: key `account.<user id>`. A missing entry means enabled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its organisation.
    pub org: OrgId,
    /// It may send.
    pub enabled: bool,
}

/// A SIM's settings: key `sim.<sim id>`. A missing entry means the default pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sim {
    /// Its organisation.
    pub org: OrgId,
    /// Its owner; none: everybody of the organisation.
    #[serde(default)]
    pub owner: Option<UserId>,
    /// Its pool.
    pub pool: PoolId,
    /// Its number, when a person said it.
    #[serde(default)]
    pub number: Option<PhoneNumber>,
}
