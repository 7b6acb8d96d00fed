//! The limits of a SIM as bars, with what of them is used.

use contracts::Timestamp;
use contracts::limits::{Limit, Limits, Usage};

use crate::words::Words;

/// One limit. The bar changes its colour at three quarters and at nine tenths, and the words say the same without colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LimitBar {
    /// "45 of 100 this hour".
    pub(crate) words: String,
    pub(crate) used: u32,
    pub(crate) most: u32,
    /// Three quarters and nine tenths.
    pub(crate) low: u64,
    pub(crate) high: u64,
}

impl LimitBar {
    /// The limits that are set and counted, from the shortest time to the longest, as they are on the day that `now` is in.
    pub(crate) fn all(w: Words, limits: &Limits, usage: &Usage, now: Timestamp) -> Vec<Self> {
        if limits.is_none() {
            return Vec::new();
        }
        let today = limits.on_the_day(now, &limits.time_zone());
        let set = Limit::WINDOWS.into_iter().filter_map(|limit| Some((limit, today.most(limit)?)));
        set.map(|(limit, most)| {
            let used = usage.used(limit, now);
            Self {
                words: words(w, limit, used, most),
                used: used.min(most),
                most,
                low: u64::from(most) * 3 / 4,
                high: u64::from(most) * 9 / 10,
            }
        })
        .collect()
    }
}

fn words(w: Words, limit: Limit, used: u32, most: u32) -> String {
    match limit {
        Limit::Minute => w.modem_used_minute(most, used),
        Limit::Hour => w.modem_used_hour(most, used),
        Limit::Day => w.modem_used_day(most, used),
        Limit::Month => w.modem_used_month(most, used),
        Limit::SpendDay => w.modem_used_spend_day(most, used),
        Limit::SpendMonth => w.modem_used_spend_month(most, used),
        Limit::Recipients => w.modem_used_recipients(most, used),
        // Nothing is counted for them.
        Limit::Quiet | Limit::Unknown => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use jiff::tz::TimeZone;

    use super::*;
    use crate::words::Language;

    #[test]
    fn only_what_is_limited_has_a_bar() {
        let w = Words::of(Language::English);
        let now: Timestamp = "2026-12-01T10:30:00Z".parse().unwrap();
        let mut usage = Usage::default();
        usage.advance(now, &TimeZone::UTC);
        usage.count(45, 0);
        assert!(LimitBar::all(w, &Limits::default(), &usage, now).is_empty());
        let limits = Limits {
            per_hour: NonZeroU32::new(100),
            per_day: NonZeroU32::new(40),
            zone: Some("UTC".to_owned()),
            ..Limits::default()
        };
        let bars = LimitBar::all(w, &limits, &usage, now);
        let words: Vec<&str> = bars.iter().map(|bar| &*bar.words).collect();
        assert_eq!(words, ["45 of 100 this hour", "45 of 40 today"]);
        assert_eq!((bars[0].used, bars[0].low, bars[0].high), (45, 75, 90));
        assert_eq!(bars[1].used, 40, "a bar is no longer than its limit");
    }
}
