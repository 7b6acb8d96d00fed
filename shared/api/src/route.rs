//! Rules that say which way messages go, and pools.

use contracts::mt::SendError;
use contracts::routes::{Day, Strategy};
use contracts::{KeyId, PoolId, Priority, SimId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /routes`, and to what changes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Routes {
    /// Their version, which who changes them gives back; 0: they were never changed.
    pub version: i64,
    /// The rules, in the order in which they are asked.
    pub rules: Vec<RouteRule>,
    /// The pools for which something is set.
    pub pools: Vec<RoutePool>,
    /// What is to be thought about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<RouteFinding>,
    /// The SIMs of each pool.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<PoolMember>,
}

/// The body of `PUT /routes`: all rules and pools, in place of those that there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoutes {
    /// The version that they take the place of. When the rules were changed meanwhile, nothing is done (409).
    pub version: i64,
    /// The rules, a thousand at most, in the order in which they are asked.
    pub rules: Vec<RouteRule>,
    /// The pools for which something is set; absent: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pools: Vec<RoutePool>,
}

/// A rule. It takes a message that fulfils all of its conditions, and either sends it to the first of its targets that has a
/// modem online, or refuses it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct RouteRule {
    /// What it is called, as no other rule is.
    pub name: String,
    /// Whether it is asked at all; true when absent.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What the number begins with: one of these. With `+`, only international numbers do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
    /// Who sends: one of these accounts, by name or id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// How urgent it is: one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub priorities: Vec<Priority>,
    /// The first word of the text, letter case aside: one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// The key by which it was sent: one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyId>,
    /// Its `tag`: one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The `sender` that it asks for: one of these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub senders: Vec<String>,
    /// When it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<RouteHours>,
    /// Pools and SIMs; the first that has a modem online takes the message, and the first of all when none has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<RouteTarget>,
    /// Why it refuses, in place of `targets`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refuse: Option<String>,
}

const fn yes() -> bool {
    true
}

/// Some hours of some days, by the clocks of a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RouteHours {
    /// The zone by its IANA name: `Asia/Jakarta`.
    pub zone: String,
    /// From when on: `08:00`; midnight when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Until before when: `17:30`; midnight when absent. Before `from`, it is of the next day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// On which days they begin; every day when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
}

/// A pool or a SIM: one of the two.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct RouteTarget {
    /// Any modem of this pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolId>,
    /// The modem that has this SIM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
}

/// What is set for a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoutePool {
    /// The pool.
    pub name: PoolId,
    /// How its SIMs share what goes through it.
    pub strategy: Strategy,
    /// The weights of SIMs, for `weighted`; 1 for one that is not here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<RouteWeight>,
}

/// How much of the work of a pool a SIM gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RouteWeight {
    /// The SIM.
    pub sim: SimId,
    /// Its weight beside those of the others, 1,000 at most; 0: nothing.
    pub weight: u32,
}

/// A SIM of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PoolMember {
    /// The pool.
    pub pool: PoolId,
    /// The SIM.
    pub sim: SimId,
    /// What the modem is called that has it, if one has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modem_name: Option<String>,
    /// Whether messages can go out through it now.
    pub online: bool,
}

/// Something that is wrong with rules, or to be thought about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RouteFinding {
    /// Where: `rule 2 'night'`.
    pub place: String,
    /// What, in a sentence.
    pub text: String,
    /// What can be done about it, in a sentence.
    pub remedy: String,
}

/// The answer to `GET /routes/versions`: those that are kept, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoutesVersions {
    /// The last fifty. The first is in force.
    pub versions: Vec<RoutesVersion>,
}

/// A version that the rules had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoutesVersion {
    /// Its number.
    pub version: i64,
    /// When the rules became so.
    pub at: Timestamp,
    /// Who made them so, by name where that is known.
    pub by: String,
    /// How many rules there were.
    pub rules: u32,
}

/// The body of `POST /routes/restore`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreRoutes {
    /// The version that they are to be like again; the one before the present one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The version that they have now. When the rules were changed meanwhile, nothing is done (409); absent: whichever it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<i64>,
}

/// The body of `POST /routes/test`: a message that might be sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestRoutes {
    /// The recipient.
    pub to: String,
    /// The text; empty when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Who sends, by name or id; the caller when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// How urgent it is; `normal` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The key by which it is sent; none when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyId>,
    /// Its tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The sender that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The SIM that it names, if it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// The pool that it names, if it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolId>,
    /// When; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// The answer to `POST /routes/test`: which way the message would go. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestedRoutes {
    /// In a sentence or two.
    pub summary: String,
    /// The rule that takes it; absent: none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Why it would be refused, if it would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<SendError>,
    /// Where it would go: a pool, whose modem that is ready takes it, or a SIM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<RouteTarget>,
    /// The pool whose strategy chose the SIM, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolId>,
    /// That strategy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<Strategy>,
    /// The names of the modems that could take it now, ten at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modems: Vec<String>,
    /// When, in words.
    pub when: String,
    /// The rules that were asked before and do not take it, each with why.
    pub passed: Vec<PassedRule>,
}

/// A rule that does not take a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PassedRule {
    /// Its name.
    pub rule: String,
    /// Why.
    pub why: String,
}
