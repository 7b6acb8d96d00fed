//! How much a SIM may send: limits as people write them, refused as a whole when one of them cannot be meant, and what of
//! them is used.

use std::num::NonZeroU32;

use bus::{Bucket, KvError};
use contracts::limits::{
    LONGEST_ZONE, Limit, Limits, LimitsError, Quiet, QuietError, Usage, WarmUp,
};
use contracts::{SimId, Timestamp};
use jiff::tz::TimeZone;

use crate::app::App;
use crate::causes::in_full;

/// Why limits cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotLimits {
    /// They do not go together, or one is too large.
    #[error(transparent)]
    Numbers(#[from] LimitsError),
    /// The quiet hours cannot be read.
    #[error(transparent)]
    Quiet(#[from] QuietError),
    /// The warm-up cannot be read.
    #[error(
        "a warm-up has the number of messages of its first day, and that day as 2026-12-01; without one it begins today"
    )]
    WarmUp,
    /// There is no such zone.
    #[error("there is no time zone '{found}'{}; zones are named as Asia/Jakarta", or_rather(.nearest.as_deref()))]
    Zone {
        /// What was said.
        found: String,
        /// The one whose name is most like it.
        nearest: Option<String>,
    },
}

impl NotLimits {
    /// The field that is wrong, as the API names it.
    pub(crate) const fn field(&self) -> &'static str {
        match self {
            Self::Numbers(
                LimitsError::TooLarge { limit, .. }
                | LimitsError::NeverReached { shorter: limit, .. },
            ) => limit.as_str(),
            Self::Numbers(LimitsError::NoPrice(limit) | LimitsError::BelowPrice { limit, .. }) => {
                limit.as_str()
            }
            Self::Numbers(LimitsError::Price(_)) => "price",
            Self::Numbers(LimitsError::NotWarming { .. }) | Self::WarmUp => "warm_up",
            Self::Quiet(_) => Limit::Quiet.as_str(),
            Self::Zone { .. } => "zone",
        }
    }
}

fn or_rather(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; the nearest is {nearest}")).unwrap_or_default()
}

/// Quiet hours as people write them; none: an empty text.
pub(crate) fn quiet(written: &str) -> Result<Option<Quiet>, NotLimits> {
    let written = written.trim();
    if written.is_empty() { Ok(None) } else { Ok(Some(written.parse()?)) }
}

/// Limits with a warm-up as people write it: the parts of its first day, and that day; empty: today in the zone of the
/// limits.
pub(crate) fn warmed_up(
    limits: Limits,
    first_day: Option<u32>,
    from: &str,
    now: Timestamp,
) -> Result<Limits, NotLimits> {
    let from = match from.trim() {
        "" => None,
        from => Some(from.parse().map_err(|_| NotLimits::WarmUp)?),
    };
    let warm_up = match (first_day.and_then(NonZeroU32::new), from) {
        (Some(first_day), from) => {
            let today = || now.to_jiff().to_zoned_datetime(limits.time_zone()).date();
            Some(WarmUp { from: from.unwrap_or_else(today), first_day })
        }
        (None, None) => None,
        (None, Some(_)) => return Err(NotLimits::WarmUp),
    };
    Ok(Limits { warm_up, ..limits })
}

/// Refuses limits that cannot be meant, and writes the name of their zone as it is written.
pub(crate) fn checked(limits: &Limits) -> Result<Limits, NotLimits> {
    limits.check()?;
    let zone = limits.zone.as_deref().map(str::trim).filter(|zone| !zone.is_empty());
    let zone = zone.map(zone_of).transpose()?;
    Ok(Limits { zone, ..limits.clone() })
}

fn zone_of(written: &str) -> Result<String, NotLimits> {
    let found: String = written.chars().take(LONGEST_ZONE).collect();
    match TimeZone::get(&found) {
        Ok(zone) => Ok(zone.iana_name().map_or_else(|| found.clone(), str::to_owned)),
        Err(_) => Err(NotLimits::Zone { nearest: nearest(&found), found }),
    }
}

/// The zone whose name, or whose city, is most like a text.
pub(crate) fn nearest(written: &str) -> Option<String> {
    let written = written.to_lowercase().replace(' ', "_");
    let far = |name: &str| {
        let name = name.to_lowercase();
        let city = name.rsplit('/').next().unwrap_or_default();
        strsim::levenshtein(&written, &name).min(strsim::levenshtein(&written, city))
    };
    let zones = jiff::tz::db().available().map(|name| (far(name.as_str()), name.to_string()));
    let (far, name) = zones.min()?;
    (far <= written.chars().count() / 2).then_some(name)
}

/// What of the limits of a SIM is used, where the broker says it. Parts are counted some at a time before they are sent, so it may be a hundredth
/// of the smallest limit more than what went out.
pub(crate) async fn used(app: &App, sim: SimId) -> Option<Usage> {
    match read(app, sim).await {
        Ok(usage) => Some(usage),
        Err(error) => {
            tracing::debug!(sim = %sim, error = %in_full(&error), "what a SIM has sent cannot be said");
            None
        }
    }
}

async fn read(app: &App, sim: SimId) -> Result<Usage, KvError> {
    let usage = app.bus.kv::<Usage>(Bucket::Usage).await?.get(&sim.to_string()).await?;
    Ok(usage.map(|entry| entry.value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_zone(zone: &str) -> Limits {
        Limits { zone: Some(zone.to_owned()), per_hour: NonZeroU32::new(3), ..Limits::default() }
    }

    #[test]
    fn a_zone_is_named_as_it_is_written() {
        let zone = |written| checked(&in_zone(written)).map(|limits| limits.zone);
        assert_eq!(zone("asia/jakarta"), Ok(Some("Asia/Jakarta".to_owned())));
        assert_eq!(zone("  "), Ok(None));
        let error = checked(&in_zone("Asia/Jakata")).unwrap_err();
        assert_eq!(error.field(), "zone");
        assert_eq!(
            error.to_string(),
            "there is no time zone 'Asia/Jakata'; the nearest is Asia/Jakarta; zones are named as Asia/Jakarta"
        );
        let error = checked(&in_zone("jakarta")).unwrap_err().to_string();
        assert!(error.contains("the nearest is Asia/Jakarta"), "{error}");
        let error = checked(&in_zone(&"\u{1f54a}".repeat(5_000))).unwrap_err().to_string();
        assert!(!error.contains("nearest") && error.chars().count() < 200, "{error}");
    }

    #[test]
    fn a_warm_up_begins_today_unless_somebody_says_when() {
        let now = "2026-11-30T20:00:00Z".parse().unwrap();
        let warmed = |first_day, from| {
            warmed_up(in_zone("Asia/Jakarta"), first_day, from, now).map(|limits| limits.warm_up)
        };
        let from = |day: &str| {
            let first_day = NonZeroU32::new(20).unwrap();
            Ok(Some(WarmUp { from: day.parse().unwrap(), first_day }))
        };
        assert_eq!(warmed(Some(20), ""), from("2026-12-01"));
        assert_eq!(warmed(Some(20), "2027-01-31"), from("2027-01-31"));
        assert_eq!(warmed(None, ""), Ok(None));
        assert_eq!(warmed(None, "2027-01-31"), Err(NotLimits::WarmUp));
        assert_eq!(warmed(Some(20), "tomorrow"), Err(NotLimits::WarmUp));
    }

    #[test]
    fn what_does_not_go_together_names_its_field() {
        let limits = Limits { per_day: NonZeroU32::new(2), ..in_zone("UTC") };
        assert_eq!(checked(&limits).unwrap_err().field(), "per_hour");
        let spend = |price| Limits {
            price: NonZeroU32::new(price),
            spend_per_day: NonZeroU32::new(100),
            ..in_zone("UTC")
        };
        assert!(checked(&spend(100)).is_ok());
        assert_eq!(checked(&spend(0)).unwrap_err().field(), "spend_per_day");
        assert_eq!(checked(&spend(u32::MAX)).unwrap_err().field(), "price");
        assert_eq!(quiet("22-6").unwrap_err().field(), "quiet");
        assert_eq!(quiet(" ").unwrap(), None);
    }
}
