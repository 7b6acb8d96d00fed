//! SIMs, who may use them, and how much they may send.

use contracts::limits::Closed;
use contracts::{ModemId, PhoneNumber, PoolId, SimId};
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
    /// The pool that it is in, unless it is not for everybody: then it is in none.
    pub pool: PoolId,
    /// The team that it belongs to, by its name: then only messages of the users of the team go out through it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Its ICCID, where known. Only for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iccid: Option<String>,
    /// Who may send through it. Only for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub senders: Option<Who>,
    /// Who may read what it receives. Only for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readers: Option<Who>,
    /// How much it may send, and when. Absent: as much as comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<SimLimits>,
    /// That it sends nothing for now, because of one of its limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    /// That it sends to nobody whom it did not send to in this month, because of a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_to_new: Option<Closed>,
    /// How much of its limits is used. Only of one SIM that has limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<SimUsed>,
}

/// How much a SIM may send, and when. What is absent limits nothing.
///
/// Parts of messages are counted, as networks do: a text of three parts is three. A minute, an hour, a day and a month are those
/// of the clock in the zone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimLimits {
    /// Parts a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<u32>,
    /// Parts an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_hour: Option<u32>,
    /// Parts a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u32>,
    /// Parts a calendar month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_month: Option<u32>,
    /// What a part costs, in whole units of whatever money the SIM is paid with. The sums need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<u32>,
    /// What the parts of a day may cost, in the same units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend_per_day: Option<u32>,
    /// What the parts of a calendar month may cost, in the same units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend_per_month: Option<u32>,
    /// Different recipients a calendar month. A SIM that had so many sends to those only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipients_per_month: Option<u32>,
    /// When only one-time passwords go out, such as `22:00-06:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<String>,
    /// The parts a day with which a new SIM begins, which double each week until they are `per_day`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<u32>,
    /// The first day of that, such as `2026-12-01`; today when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up_from: Option<String>,
    /// The IANA name of the zone by whose clock all of it is, such as `Asia/Jakarta`. Absent: that of the modem's host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// How many parts a SIM has sent. They are counted some at a time before they are sent, so it may be a hundredth of the
/// smallest limit more than what went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SimUsed {
    /// In this minute.
    pub per_minute: u32,
    /// In this hour.
    pub per_hour: u32,
    /// In this day.
    pub per_day: u32,
    /// In this month.
    pub per_month: u32,
    /// How many different recipients there were in this month. Absent: they are not limited, and not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipients_per_month: Option<u32>,
    /// What the parts of this day cost. Absent: no price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend_per_day: Option<u32>,
    /// What the parts of this month cost. Absent: no price is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend_per_month: Option<u32>,
    /// How many it may send in this day: less than `per_day` while it warms up. Absent: as many as come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day_limit: Option<u32>,
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
    /// How much it may send, and when. All limits are set together, and an empty object removes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<SimLimits>,
    /// The pool that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolId>,
}
