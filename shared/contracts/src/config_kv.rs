//! The bucket `config`: what router, drivers and portals need of the settings, a projection of the database.
//!
//! Keys: `account.<user id>`, `sim.<sim id>`, `modem.<modem id>`, `webhooks.<org id>`, `optout.<id>`, `gateway.<org id>`,
//! `limits.<user id>`, `routes.<org id>` ([`crate::routes::Routes`]), `prices.<org id>` ([`crate::credit::Prices`]),
//! `credit.<user id>` ([`crate::credit::Limited`]), `team.<team id>`. Each value also has `version`, a number that
//! grows with each change of the key, so that no value is ever the same as an earlier one. Values are replaced and never
//! deleted.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::limits::{AccountLimits, Limits};
use crate::{EventId, ModemId, OrgId, PhoneNumber, PoolId, SimId, TeamId, UserId};

/// An account: key `account.<user id>`. A missing entry means enabled.
///
/// The entry is written again, with the next version, whenever something that the account may do by its sessions and
/// keys is taken away: a new password, a session that is ended, a key that is revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its organisation.
    pub org: OrgId,
    /// Whether the account may send.
    pub enabled: bool,
    /// Whether the account is an administrator of its organisation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub admin: bool,
}

/// How much an account may send: key [`LimitedAccount::key`]. A missing entry means as much as comes, and a weight of 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitedAccount {
    /// Its organisation.
    pub org: OrgId,
    /// Its limits.
    #[serde(flatten)]
    pub limits: AccountLimits,
}

impl LimitedAccount {
    /// The key of an account's entry: `limits.<user id>`.
    pub fn key(account: UserId) -> String {
        format!("limits.{account}")
    }
}

/// A SIM's settings: key `sim.<sim id>`. A missing entry means [`Sim::unset`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sim {
    /// Its organisation.
    pub org: OrgId,
    /// The account that its received messages belong to; none: they belong to nobody.
    #[serde(default)]
    pub owner: Option<UserId>,
    /// Its pool.
    pub pool: PoolId,
    /// Its number, when a person said it.
    #[serde(default)]
    pub number: Option<PhoneNumber>,
    /// Who may send through it, beside administrators. Unless that is everybody, the SIM is in no pool: only messages
    /// that name it go out through it.
    #[serde(default = "Access::everybody", skip_serializing_if = "Access::is_everybody")]
    pub senders: Access,
    /// Who may read what it receives and belongs to nobody, beside administrators.
    #[serde(default, skip_serializing_if = "Access::is_nobody")]
    pub readers: Access,
    /// How much it may send, and when.
    #[serde(default, skip_serializing_if = "Limits::is_unset")]
    pub limits: Limits,
    /// The team that it belongs to; none: it belongs to none. The users of the team are those who send through it and who
    /// read it: `senders` and `readers` name them, so that whoever knows nothing of teams keeps to them, too. Of such a SIM they
    /// are all who send, administrators too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<SimTeam>,
}

/// The team that a SIM belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimTeam {
    /// Its id.
    pub id: TeamId,
    /// What it is called.
    pub name: String,
}

impl Sim {
    /// A SIM of `org` for which nothing was set.
    pub fn unset(org: OrgId) -> Self {
        Self {
            org,
            owner: None,
            pool: PoolId::default_pool(),
            number: None,
            senders: Access::everybody(),
            readers: Access::default(),
            limits: Limits::default(),
            team: None,
        }
    }

    /// Whether messages of an account go out through it, beside what administrators may: of a SIM of a team, only those of the
    /// users of the team, whoever else may do anything elsewhere.
    pub fn lets_through(&self, account: UserId, is_trusted: bool) -> bool {
        self.senders.allows(account) || (is_trusted && self.team.is_none())
    }
}

/// A team: key [`Team::key`]. One that was removed keeps its entry, without users and SIMs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Its organisation.
    pub org: OrgId,
    /// What it is called.
    pub name: String,
    /// Whether its users send through SIMs of their teams only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_sims_only: bool,
    /// Its users.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub users: BTreeSet<UserId>,
    /// Its SIMs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sims: BTreeSet<SimId>,
}

impl Team {
    /// The key of a team's entry: `team.<team id>`.
    pub fn key(team: TeamId) -> String {
        format!("team.{team}")
    }
}

/// Which accounts of an organisation may do something, beside its administrators. The default is none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Access {
    /// All accounts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everybody: bool,
    /// These accounts.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub users: BTreeSet<UserId>,
}

impl Access {
    /// All accounts.
    pub const fn everybody() -> Self {
        Self { everybody: true, users: BTreeSet::new() }
    }

    /// Only these accounts.
    pub fn only(users: impl IntoIterator<Item = UserId>) -> Self {
        Self { everybody: false, users: users.into_iter().collect() }
    }

    /// Whether `user` is among them.
    pub fn allows(&self, user: UserId) -> bool {
        self.everybody || self.users.contains(&user)
    }

    /// Whether no account has to be asked for.
    pub const fn is_everybody(&self) -> bool {
        self.everybody
    }

    /// Whether only administrators are left.
    pub fn is_nobody(&self) -> bool {
        !self.everybody && self.users.is_empty()
    }
}

/// A modem's settings: key `modem.<modem id>`. A missing entry means enabled and named by its port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modem {
    /// The organisation of whoever set them.
    pub org: OrgId,
    /// What people call it; none: its port says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the modem sends. A modem that is not enabled sends nothing; what it receives is kept.
    pub enabled: bool,
}

/// Whether a number is sent anything: key [`OptOut::key`]. A missing entry means that the number is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptOut {
    /// The organisation that is to send nothing.
    pub org: OrgId,
    /// The number.
    pub number: PhoneNumber,
    /// Whether its holder opted out. A number whose holder asked for messages again keeps its entry.
    pub out: bool,
}

impl OptOut {
    /// The key of a number's entry: `optout.<event id>`, where the id is derived, for a key may hold no `+` and is to show no
    /// number.
    pub fn key(org: OrgId, number: &PhoneNumber) -> String {
        format!("optout.{}", EventId::derived(&format!("{org}:{number}")))
    }
}

/// That endpoints of an organisation were changed, or have something to be sent that no event told of: key
/// `webhooks.<org id>`. What they are is in the database, which the service `webhooks` reads then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhooks {
    /// The organisation.
    pub org: OrgId,
}

/// What was done to the gateway as a whole for an organisation, until it is undone: key `gateway.<org id>`. A missing entry
/// means nothing was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gateway {
    /// The organisation.
    pub org: OrgId,
    /// What is received is kept and told to no program until this ends. Messages go out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub isolated: bool,
    /// The modems that were stopped together; none: they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<BTreeSet<ModemId>>,
}

impl Gateway {
    /// A gateway to which nothing was done.
    pub const fn unset(org: OrgId) -> Self {
        Self { org, isolated: false, suspended: None }
    }
}
