//! How much an account may send, whatever it sends by, and how many turns it gets where accounts take turns.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::{Limits, LimitsError, MOST};
use crate::{Priority, UserId};

/// The most turns that an account can have in a round.
pub const MOST_WEIGHT: u32 = 100;

/// How much an account may send, and its weight. The default limits nothing.
///
/// Parts are counted, as for SIMs, when a message is given to the modems. A minute, an hour, a day and a month are those of the
/// clock in the zone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AccountLimits {
    /// Parts a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<NonZeroU32>,
    /// Parts an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_hour: Option<NonZeroU32>,
    /// Parts a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_day: Option<NonZeroU32>,
    /// Parts a calendar month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_month: Option<NonZeroU32>,
    /// Parts of one-time passwords an hour. With it they are counted by this alone, so that other messages take none of their
    /// places; without it they count with all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otp_per_hour: Option<NonZeroU32>,
    /// How many turns the account has where another has one; none: one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<NonZeroU32>,
    /// The IANA name of the zone by whose clock all of it is; none: that of the router's host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// Why limits of an account cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountLimitsError {
    /// The numbers of parts.
    #[error(transparent)]
    Numbers(#[from] LimitsError),
    /// The limit of one-time passwords is larger than [`MOST`].
    #[error(
        "the limit otp_per_hour is {found}, and at most {MOST} can be said; leave it out to limit nothing"
    )]
    PasswordsTooLarge {
        /// What was said.
        found: u32,
    },
    /// The weight is larger than [`MOST_WEIGHT`].
    #[error("the weight is {found}, and it is from 1 to {MOST_WEIGHT}; leave it out for 1")]
    WeightTooLarge {
        /// What was said.
        found: u32,
    },
}

impl AccountLimitsError {
    /// The field that is wrong.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Numbers(
                LimitsError::TooLarge { limit, .. }
                | LimitsError::NeverReached { shorter: limit, .. },
            ) => limit.as_str(),
            // An account has no warm-up.
            Self::Numbers(_) => "per_day",
            Self::PasswordsTooLarge { .. } => "otp_per_hour",
            Self::WeightTooLarge { .. } => "weight",
        }
    }
}

impl AccountLimits {
    /// Whether nothing was set.
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    /// How many turns the account has in a round, from 1 to [`MOST_WEIGHT`].
    pub fn turns(&self) -> u32 {
        self.weight.map_or(1, NonZeroU32::get).min(MOST_WEIGHT)
    }

    /// Whether one-time passwords are counted apart from everything else.
    pub const fn counts_passwords_apart(&self) -> bool {
        self.otp_per_hour.is_some()
    }

    /// The limits that messages of a priority count by.
    pub fn of(&self, priority: Priority) -> Limits {
        let zone = self.zone.clone();
        if priority == Priority::Otp && self.counts_passwords_apart() {
            return Limits { per_hour: self.otp_per_hour, zone, ..Limits::default() };
        }
        Limits {
            per_minute: self.per_minute,
            per_hour: self.per_hour,
            per_day: self.per_day,
            per_month: self.per_month,
            zone,
            ..Limits::default()
        }
    }

    /// Refuses limits that cannot be meant.
    ///
    /// # Errors
    /// The first that cannot.
    pub fn check(&self) -> Result<(), AccountLimitsError> {
        self.of(Priority::Normal).check()?;
        if let Some(found) = self.otp_per_hour.map(NonZeroU32::get).filter(|most| *most > MOST) {
            return Err(AccountLimitsError::PasswordsTooLarge { found });
        }
        match self.weight.map(NonZeroU32::get).filter(|weight| *weight > MOST_WEIGHT) {
            Some(found) => Err(AccountLimitsError::WeightTooLarge { found }),
            None => Ok(()),
        }
    }
}

/// What parts of an account are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountCounter {
    /// The account.
    pub account: UserId,
    /// Its one-time passwords, counted apart; else whatever is not.
    pub passwords: bool,
}

impl AccountCounter {
    /// The keys of all counts of accounts in the bucket `usage`, for a watch.
    pub const KEYS: &'static str = "account.>";

    /// The key of the count in the bucket `usage`: `account.<user id>`, of one-time passwords that are counted apart
    /// `account.<user id>.otp`. The value is a [`super::Usage`].
    pub fn key(self) -> String {
        let Self { account, passwords } = self;
        if passwords { format!("account.{account}.otp") } else { format!("account.{account}") }
    }

    /// The counter of a key; none: it is a key of something else.
    pub fn of_key(key: &str) -> Option<Self> {
        let rest = key.strip_prefix("account.")?;
        let (account, passwords) = match rest.strip_suffix(".otp") {
            Some(account) => (account, true),
            None => (rest, false),
        };
        Some(Self { account: account.parse().ok()?, passwords })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limit;

    fn limits(json: &str) -> AccountLimits {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn passwords_have_their_own_limit_or_share_that_of_all() {
        let shared = limits(r#"{"per_hour":10,"per_day":100}"#);
        assert_eq!(shared.of(Priority::Otp), shared.of(Priority::Bulk));
        assert_eq!(shared.of(Priority::Otp).most(Limit::Hour), Some(10));
        let apart = limits(r#"{"per_hour":10,"otp_per_hour":3,"per_week":5}"#);
        assert_eq!(apart.of(Priority::Otp).most(Limit::Hour), Some(3));
        assert_eq!(apart.of(Priority::Otp).most(Limit::Day), None);
        assert_eq!(apart.of(Priority::Normal).most(Limit::Hour), Some(10));
        for passwords in [false, true] {
            let counter = AccountCounter { account: UserId::derived("a"), passwords };
            assert_eq!(AccountCounter::of_key(&counter.key()), Some(counter));
        }
        assert_eq!(AccountCounter::of_key(&UserId::derived("a").to_string()), None);
    }

    #[test]
    fn what_cannot_be_meant_names_its_field() {
        for good in ["{}", r#"{"weight":100}"#, r#"{"otp_per_hour":9,"per_hour":1}"#] {
            assert_eq!(limits(good).check(), Ok(()), "{good}");
        }
        for (bad, field, words) in [
            (r#"{"weight":101}"#, "weight", "from 1 to 100"),
            (r#"{"otp_per_hour":10000001}"#, "otp_per_hour", "at most 10000000"),
            (r#"{"per_hour":10000001}"#, "per_hour", "at most 10000000"),
            (r#"{"per_hour":9,"per_day":1}"#, "per_hour", "would never be reached"),
        ] {
            let error = limits(bad).check().unwrap_err();
            assert_eq!(error.field(), field, "{bad}");
            assert!(error.to_string().contains(words), "{error}");
        }
        assert!(serde_json::from_str::<AccountLimits>(r#"{"weight":0}"#).is_err());
    }

    #[test]
    fn a_weight_of_a_later_version_stays_within_the_bounds() {
        assert_eq!(AccountLimits::default().turns(), 1);
        assert_eq!(limits(r#"{"weight":7}"#).turns(), 7);
        assert_eq!(limits(r#"{"weight":4000}"#).turns(), MOST_WEIGHT);
        assert_eq!(serde_json::to_string(&AccountLimits::default()).unwrap(), "{}");
    }
}
