//! New SIMs that send little at first.

use std::num::NonZeroU32;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Limits, MOST};
use crate::Timestamp;

/// How a new SIM begins: networks block one that sends much from its first day on. The day's limit doubles each week until
/// it is the usual one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarmUp {
    /// The first day.
    pub from: Date,
    /// The parts of that day, and of each day of that week.
    pub first_day: NonZeroU32,
}

impl WarmUp {
    /// The parts of a day; none: the warm-up is over.
    fn on(self, day: Date) -> Option<u32> {
        let days = (day - self.from).get_days();
        let weeks = u32::try_from(days / 7).unwrap_or(0);
        let doubled = 2_u32.checked_pow(weeks)?;
        self.first_day.get().checked_mul(doubled).filter(|most| *most < MOST)
    }
}

impl Limits {
    /// These limits on the day that `now` is in: while the SIM warms up, less than usual.
    #[must_use]
    pub fn on_the_day(&self, now: Timestamp, zone: &TimeZone) -> Self {
        let day = now.to_jiff().to_zoned_datetime(zone.clone()).date();
        let warming = self.warm_up.and_then(|warm_up| NonZeroU32::new(warm_up.on(day)?));
        let per_day = match (self.per_day, warming) {
            (Some(usual), Some(warming)) => Some(usual.min(warming)),
            (usual, warming) => warming.or(usual),
        };
        Self { per_day, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{Limit, LimitsError};

    fn warming(per_day: u32) -> Limits {
        let from = "2026-12-01".parse().unwrap();
        let warm_up = WarmUp { from, first_day: NonZeroU32::new(20).unwrap() };
        Limits { per_day: NonZeroU32::new(per_day), warm_up: Some(warm_up), ..Limits::default() }
    }

    #[test]
    fn a_day_has_twice_as_much_each_week_until_it_is_a_usual_one() {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        let on = |limits: &Limits, day: &str| {
            let now = format!("{day}T00:10:00+07:00").parse().unwrap();
            limits.on_the_day(now, &zone).most(Limit::Day)
        };
        for (day, few, any) in [
            ("2026-11-20", Some(20), Some(20)),
            ("2026-12-01", Some(20), Some(20)),
            ("2026-12-07", Some(20), Some(20)),
            ("2026-12-08", Some(40), Some(40)),
            ("2026-12-15", Some(80), Some(80)),
            ("2026-12-22", Some(100), Some(160)),
            ("2036-12-22", Some(100), None),
            ("9000-12-22", Some(100), None),
        ] {
            assert_eq!((on(&warming(100), day), on(&warming(0), day)), (few, any), "{day}");
        }
    }

    #[test]
    fn the_first_day_has_no_more_than_others() {
        assert_eq!(warming(20).check(), Ok(()));
        assert_eq!(warming(0).check(), Ok(()));
        let error = warming(19).check().unwrap_err();
        assert_eq!(error, LimitsError::NotWarming { found: 20, most: 19 });
        assert!(error.to_string().ends_with("lower it to 19 or less, or raise per_day"), "{error}");
    }
}
