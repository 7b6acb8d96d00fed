//! Reports: how many messages of a time came to which end, and how long they took.

use contracts::{Priority, SimId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// The query of `GET /reports`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ShowReport {
    /// Messages that were accepted or received at this time or later, to the hour; in the seven days before `until` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Messages of before this time, to the hour; until now when absent. At most 400 days after `since`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// By what they are counted apart: `day`, `month`, `hour` (of the day), `user`, `sim`, `priority` or `error`; only all together when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Only those of this user: a name or an id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Only those through this SIM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// Only those of this priority. What was received has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The zone whose days and hours are meant, such as `Asia/Jakarta`; UTC when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// The answer to `GET /reports`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// The begin of the first hour that is counted.
    pub since: Timestamp,
    /// The end of the last one.
    pub until: Timestamp,
    /// All messages of the time together.
    pub total: ReportCounts,
    /// The same counted apart: days, months and hours in their order, all others by how many messages they have. Empty without `by`.
    pub rows: Vec<ReportRow>,
    /// How many rows more there would be: those of the fewest messages are left out.
    #[serde(default)]
    pub more: u64,
}

/// Messages that have something in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportRow {
    /// A day such as `2026-12-01`, a month such as `2026-12`, an hour of the day (`00` to `23`), an id, a priority, or the code of what went wrong; empty: those
    /// that have none, such as messages that no SIM has yet.
    pub key: String,
    /// What the user or the SIM is called; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many there are.
    pub counts: ReportCounts,
}

/// How many messages came to which end. A message counts in the hour in which it was accepted, whenever it came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct ReportCounts {
    /// All that were accepted.
    pub accepted: u64,
    /// Of these, those that wait or are on their way.
    pub waiting: u64,
    /// Those that the network took, whatever became of them.
    pub sent: u64,
    /// Of these, those that are on their recipients' phones.
    pub delivered: u64,
    /// And those that the network gave up.
    pub undelivered: u64,
    /// Those that no modem could send.
    pub failed: u64,
    /// Those that were refused.
    pub rejected: u64,
    /// Those that were too late to be sent.
    pub expired: u64,
    /// Those that were taken back.
    pub cancelled: u64,
    /// The parts of those that the network took.
    pub parts: u64,
    /// Messages received.
    pub received: u64,
    /// How long they took until the network had them, from when they were accepted or, if that is later, were to be sent; absent
    /// where there are none, and for `error`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to_send: Option<ReportTimes>,
    /// How long it took from there until the report of their delivery came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to_deliver: Option<ReportTimes>,
}

/// How long messages took. Times are counted in bins, each twice as long as the one before, so median and 95th percentile are right to a factor of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct ReportTimes {
    /// Of how many messages it is known.
    pub messages: u64,
    /// The average, in milliseconds.
    pub mean_ms: u64,
    /// Half of them took no longer.
    pub median_ms: u64,
    /// 95 of a hundred took no longer.
    pub p95_ms: u64,
}
