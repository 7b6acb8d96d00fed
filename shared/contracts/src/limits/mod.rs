//! How much a SIM may send, and when: its limits, and what is decided by them and by what was sent. Pure: the time is an
//! argument.
//!
//! Parts are counted, not messages, for that is what networks charge and what their rules of fair use count: a text of
//! three parts is three. What parts cost is counted beside them, where the SIM has a price, and different recipients,
//! where the SIM may have only so many in a month: such a SIM still sends to those that it had. A minute, an hour, a day and a month are those of the clock in the SIM's zone and not the last
//! sixty seconds, so it can be said when a limit that is reached opens again: one of an hour opens at the next full hour.

mod account;
mod decision;
mod quiet;
mod recipients;
mod usage;
mod warm_up;

use std::num::NonZeroU32;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::{Priority, Timestamp};

pub use account::{AccountCounter, AccountLimits, AccountLimitsError, MOST_WEIGHT};
pub use quiet::{Quiet, QuietError};
pub use recipients::{NEW_RECIPIENT, Recipient};
pub use usage::{Counted, Usage, Windows};
pub use warm_up::WarmUp;

/// The largest number of parts that a limit can be; no SIM sends as many in a month.
pub const MOST: u32 = 10_000_000;
/// The largest number of different recipients that a limit can be. Each of them is remembered until the month is over.
pub const MOST_RECIPIENTS: u32 = 1_000;
/// The largest sum that a limit can be, and the highest price of a part.
pub const MOST_SPEND: u32 = 1_000_000_000;
/// Characters of the name of a time zone.
pub const LONGEST_ZONE: usize = 64;

crate::named! {
    /// What of a SIM's limits it is about.
    #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Limit in json {
        /// Parts a minute.
        Minute = "per_minute",
        /// Parts an hour.
        Hour = "per_hour",
        /// Parts a day.
        Day = "per_day",
        /// Parts a month.
        Month = "per_month",
        /// What the parts of a day cost.
        SpendDay = "spend_per_day",
        /// What the parts of a month cost.
        SpendMonth = "spend_per_month",
        /// Different recipients a month.
        Recipients = "recipients_per_month",
        /// Quiet hours, in which only one-time passwords go out.
        Quiet = "quiet",
    } else {
        /// A limit of a later version.
        Unknown = "unknown"
    }
}

impl Limit {
    /// Those that each part uses some of: numbers of parts, then sums, each from the shortest time to the longest.
    pub const COUNTED: [Self; 6] =
        [Self::Minute, Self::Hour, Self::Day, Self::Month, Self::SpendDay, Self::SpendMonth];
    /// Those that have a window of time in which something is counted.
    pub const WINDOWS: [Self; 7] = [
        Self::Minute,
        Self::Hour,
        Self::Day,
        Self::Month,
        Self::SpendDay,
        Self::SpendMonth,
        Self::Recipients,
    ];

    /// Whether people are told by an event that it is reached. One of a minute only sets the pace, and quiet hours come
    /// each day.
    pub const fn is_told(self) -> bool {
        matches!(
            self,
            Self::Hour
                | Self::Day
                | Self::Month
                | Self::SpendDay
                | Self::SpendMonth
                | Self::Recipients
        )
    }

    /// The largest number that it can be.
    pub const fn largest(self) -> u32 {
        match self {
            Self::SpendDay | Self::SpendMonth => MOST_SPEND,
            Self::Recipients => MOST_RECIPIENTS,
            Self::Minute | Self::Hour | Self::Day | Self::Month | Self::Quiet | Self::Unknown => {
                MOST
            }
        }
    }
}

/// How much a SIM may send, and when. The default limits nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Limits {
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
    /// What a part costs, in whole units of whatever money the SIM is paid with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<NonZeroU32>,
    /// What the parts of a day may cost, in the same units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend_per_day: Option<NonZeroU32>,
    /// What the parts of a calendar month may cost, in the same units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend_per_month: Option<NonZeroU32>,
    /// Different recipients a calendar month. A SIM that had so many sends to those only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipients_per_month: Option<NonZeroU32>,
    /// When only one-time passwords go out: somebody waits for those, whatever the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// The days on which a new SIM sends less than [`Limits::per_day`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<WarmUp>,
    /// The IANA name of the zone by whose clock all of it is; none: that of the host of the modem's driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// Why limits cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// A limit is larger than [`Limit::largest`].
    #[error(
        "the limit {limit} is {found}, and at most {most} can be said; leave it out to limit nothing",
        most = .limit.largest()
    )]
    TooLarge {
        /// Which.
        limit: Limit,
        /// What was said.
        found: u32,
    },
    /// The first day of a warm-up has more than any other day.
    #[error(
        "the first day of the warm-up has {found} and a day only {most}: lower it to {most} or less, or raise per_day"
    )]
    NotWarming {
        /// What the first day has.
        found: u32,
        /// What a day has.
        most: u32,
    },
    /// The price of a part is above [`MOST_SPEND`].
    #[error("the price of a part is {0}, and at most {MOST_SPEND} can be said")]
    Price(u32),
    /// A sum is limited, and what a part costs is not known.
    #[error("{0} is set without a price: say what a part costs, or leave {0} out")]
    NoPrice(Limit),
    /// A sum is limited that is less than a part costs.
    #[error(
        "the limit {limit} is {most} and a part costs {price}, so nothing could be sent: raise {limit}, or lower the price"
    )]
    BelowPrice {
        /// Which.
        limit: Limit,
        /// What it is.
        most: u32,
        /// What a part costs.
        price: u32,
    },
    /// The limit of a shorter time is above that of a longer one, so it would never be reached.
    #[error(
        "the limit {shorter} is {above} and {longer} only {below}, so {shorter} would never be reached: lower it to {below} or less, \
         raise {longer}, or leave one of them out"
    )]
    NeverReached {
        /// The limit of the shorter time.
        shorter: Limit,
        /// What it is.
        above: u32,
        /// The limit of the longer time.
        longer: Limit,
        /// What that is.
        below: u32,
    },
}

impl Limits {
    /// Whether nothing was set.
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    /// Whether nothing is limited. Zone and price alone limit nothing.
    pub const fn is_none(&self) -> bool {
        self.per_minute.is_none()
            && self.per_hour.is_none()
            && self.per_day.is_none()
            && self.per_month.is_none()
            && self.spend_per_day.is_none()
            && self.spend_per_month.is_none()
            && self.recipients_per_month.is_none()
            && self.quiet.is_none()
            && self.warm_up.is_none()
    }

    /// How much a limit is: parts, money, or recipients; none: it was not set, or is no number.
    pub fn most(&self, limit: Limit) -> Option<u32> {
        let most = match limit {
            Limit::Minute => self.per_minute,
            Limit::Hour => self.per_hour,
            Limit::Day => self.per_day,
            Limit::Month => self.per_month,
            Limit::SpendDay => self.spend_per_day,
            Limit::SpendMonth => self.spend_per_month,
            Limit::Recipients => self.recipients_per_month,
            Limit::Quiet | Limit::Unknown => None,
        };
        most.map(NonZeroU32::get)
    }

    /// Refuses limits that cannot be meant.
    ///
    /// # Errors
    /// The first that cannot.
    pub fn check(&self) -> Result<(), LimitsError> {
        if let Some(WarmUp { first_day, .. }) = self.warm_up {
            let (found, most) = (first_day.get(), self.per_day.map_or(MOST, NonZeroU32::get));
            if found > most {
                return Err(LimitsError::NotWarming { found, most });
            }
        }
        for limit in Limit::WINDOWS {
            if let Some(found) = self.most(limit).filter(|most| *most > limit.largest()) {
                return Err(LimitsError::TooLarge { limit, found });
            }
        }
        self.check_spend()?;
        let parts = [Limit::Minute, Limit::Hour, Limit::Day, Limit::Month];
        // A month has no more recipients than parts.
        let recipients = [Limit::Recipients, Limit::Month];
        let sums = [Limit::SpendDay, Limit::SpendMonth];
        for order in [parts.as_slice(), sums.as_slice(), recipients.as_slice()] {
            let set: Vec<(Limit, u32)> =
                order.iter().filter_map(|limit| Some((*limit, self.most(*limit)?))).collect();
            for pair in set.windows(2) {
                if let [(shorter, above), (longer, below)] = *pair
                    && above > below
                {
                    return Err(LimitsError::NeverReached { shorter, above, longer, below });
                }
            }
        }
        Ok(())
    }

    fn check_spend(&self) -> Result<(), LimitsError> {
        if let Some(price) = self.price.filter(|price| price.get() > MOST_SPEND) {
            return Err(LimitsError::Price(price.get()));
        }
        for limit in [Limit::SpendDay, Limit::SpendMonth] {
            match (self.most(limit), self.price.map(NonZeroU32::get)) {
                (Some(_), None) => return Err(LimitsError::NoPrice(limit)),
                (Some(most), Some(price)) if price > most => {
                    return Err(LimitsError::BelowPrice { limit, most, price });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The limits that were set and that each part uses some of, in the order of [`Limit::COUNTED`].
    pub fn set(&self) -> impl Iterator<Item = (Limit, u32)> {
        Limit::COUNTED.into_iter().filter_map(|limit| Some((limit, self.most(limit)?)))
    }

    /// What a part costs; 0: nothing is counted.
    pub fn price(&self) -> u32 {
        self.price.map_or(0, NonZeroU32::get)
    }

    /// How much of a limit a part uses: one, or of a sum what the part costs.
    pub fn unit(&self, limit: Limit) -> u32 {
        match limit {
            Limit::SpendDay | Limit::SpendMonth => self.price().max(1),
            _ => 1,
        }
    }

    /// The zone by whose clock the limits are. A zone that this host does not know is that of the host.
    pub fn time_zone(&self) -> TimeZone {
        self.named_zone().unwrap_or_else(TimeZone::system)
    }

    /// Whether a zone is named that this host does not know.
    pub fn is_of_unknown_zone(&self) -> bool {
        self.zone.is_some() && self.named_zone().is_none()
    }

    fn named_zone(&self) -> Option<TimeZone> {
        self.zone.as_deref().and_then(|name| TimeZone::get(name).ok())
    }

    /// How many parts are counted ahead of being sent: a hundredth of the smallest limit, at least one. So what is
    /// counted is stored a hundred times until a limit is reached, and a crash costs at most a hundredth of it.
    pub fn block(&self) -> u32 {
        let hundredths = self.set().map(|(limit, most)| most / self.unit(limit) / 100);
        hundredths.min().unwrap_or(1).max(1)
    }
}

/// That a SIM sends nothing for now, because of one of its limits.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Which: of several, the one that opens last.
    pub limit: Limit,
    /// How much that is: parts, money, or recipients; none of quiet hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u32>,
    /// When the SIM sends again.
    pub until: Timestamp,
    /// One-time passwords go out all the same: it is quiet, or what is left is kept for a message of several parts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub passwords: bool,
}

impl Closed {
    /// Whether a message of this priority goes out all the same.
    pub fn lets_through(&self, priority: Priority) -> bool {
        self.passwords && priority == Priority::Otp
    }
}

/// As in `the limit of 100 messages an hour is reached`, without an end.
impl std::fmt::Display for Closed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = match self.limit {
            Limit::Minute => "messages a minute",
            Limit::Hour => "messages an hour",
            Limit::Day => "messages a day",
            Limit::Month => "messages a month",
            Limit::SpendDay => "spent a day",
            Limit::SpendMonth => "spent a month",
            Limit::Recipients => "different recipients a month",
            Limit::Quiet => return f.write_str("it is within the quiet hours"),
            Limit::Unknown => return f.write_str("a limit is reached"),
        };
        write!(f, "the limit of {} {what} is reached", self.most.unwrap_or(0))
    }
}
