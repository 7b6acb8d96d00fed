//! Schedules: what is sent at a time, once or again and again.

use contracts::{
    BatchId, GroupId, PhoneNumber, PoolId, Priority, ScheduleId, SimId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Encoding;

/// The answer to `GET /schedules`, sorted by name.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Schedules {
    /// Those of this page.
    pub schedules: Vec<Schedule>,
    /// `after` of the next page; none: this is the last.
    pub next: Option<String>,
}

/// What is sent at a time, once or again and again.
// Without `Debug`, as all that holds a text: it is not for logs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// The account whose messages it sends.
    pub owner: UserId,
    /// Its name.
    pub name: String,
    /// The numbers it is sent to.
    pub to: Vec<PhoneNumber>,
    /// The groups whose contacts it is sent to. Who is in them is read at each time.
    pub groups: Vec<GroupId>,
    /// The text.
    pub text: String,
    /// How urgent it is.
    pub priority: Priority,
    /// Message class 0 to 3; none: no class.
    pub class: Option<u8>,
    /// How long the network tries; none: as long as it likes.
    pub validity_minutes: Option<u32>,
    /// The SIM it must go out through; none: any.
    pub sim: Option<SimId>,
    /// The pool of modems it must go out through; none: the default one.
    pub pool: Option<PoolId>,
    /// The local date and time at which it begins.
    pub at: String,
    /// The IANA zone of that time.
    pub zone: String,
    /// How it is repeated; none: it is sent once.
    pub repeat: Option<String>,
    /// Its times go by, and nothing is sent.
    pub paused: bool,
    /// The next times, five at most. None are left when it is paused or over.
    pub next: Vec<Timestamp>,
    /// What came of its last time.
    pub last: Option<ScheduleRun>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A time of a schedule that went by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleRun {
    /// The time.
    pub at: Timestamp,
    /// The batch that the messages are; none: there are none.
    pub batch: Option<BatchId>,
    /// How many messages there are.
    pub messages: u32,
    /// Why there are none: `missed` (nobody was there to send it, and then it was too late), `nobody` (there was nobody to send it
    /// to), `too-many` (more than 10,000 recipients), `over-limit` (more than the account may send), `unreadable` (zone or repetition were not known where it was to be sent).
    pub trouble: Option<String>,
}

/// The body of `POST /schedules`.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSchedule {
    /// Its name.
    pub name: String,
    /// The numbers it is sent to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// The groups whose contacts it is sent to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupId>,
    /// The text.
    pub text: String,
    /// The local date and time, such as `2026-12-01 08:00`.
    pub at: String,
    /// The IANA zone of that time, such as `Asia/Jakarta`.
    pub zone: String,
    /// How it is repeated, such as `FREQ=WEEKLY;BYDAY=MO`; once when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<String>,
    /// Its times go by until it is resumed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paused: bool,
    /// The alphabet; `auto` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// How urgent it is.
    #[serde(default)]
    pub priority: Priority,
    /// Message class 0 to 3; 0 is shown at once and not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<u8>,
    /// The same as class 0.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flash: bool,
    /// How long the network tries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validity_minutes: Option<u32>,
    /// The SIM it must go out through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// The pool of modems it must go out through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolId>,
    /// The name of the account whose messages it sends; the caller's own when absent. Another's: for administrators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

/// The body of `PATCH /schedules/{id}`. What is absent stays as it is.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleChanges {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The numbers it is sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Vec<String>>,
    /// The groups whose contacts it is sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupId>>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How urgent it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The local date and time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The IANA zone of that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// How it is repeated; empty: it is sent once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<String>,
    /// Whether its times go by, and nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
}
