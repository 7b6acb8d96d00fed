//! How much accounts may send, and how many turns they get.

use contracts::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to `GET /limits`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct LimitedUsers {
    /// The accounts of the organisation that have limits or a weight.
    pub users: Vec<LimitedUser>,
}

/// How much an account may send, and how much of it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LimitedUser {
    /// The account.
    pub user: UserId,
    /// Its name.
    pub name: String,
    /// What is set.
    pub limits: UserLimits,
    /// How much of it is used. Only in the answer to `GET /users/{id}/limits`, of an account that has limits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<UserUsed>,
}

/// How much an account may send, whatever it sends by. What is absent limits nothing.
///
/// Parts of messages are counted, as for SIMs, when a message is given to the modems. A minute, an hour, a day and a month are
/// those of the clock in the zone. What is more is held until the limit opens.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserLimits {
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
    /// Parts of one-time passwords an hour. With it they are counted by this alone, and without it with all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otp_per_hour: Option<u32>,
    /// How many turns the account has where another has one, from 1 to 100. Absent: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<u32>,
    /// The IANA name of the zone by whose clock all of it is, such as `Asia/Jakarta`. Absent: that of the router's host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// How many parts an account has sent. They are counted some at a time before they are sent, so it may be a hundredth of the
/// smallest limit more than what went out, for each router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserUsed {
    /// In this minute.
    pub per_minute: u32,
    /// In this hour.
    pub per_hour: u32,
    /// In this day.
    pub per_day: u32,
    /// In this month.
    pub per_month: u32,
    /// One-time passwords in this hour, where they are counted apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otp_per_hour: Option<u32>,
}
