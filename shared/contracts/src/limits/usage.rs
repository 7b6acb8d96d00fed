//! What a SIM has sent, as far as its limits are about that.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Limit, Recipient};
use crate::Timestamp;

/// What a SIM has sent in this minute, hour, day and month: bucket `usage`, key the SIM's id.
///
/// What is stored there may be ahead of what was sent: parts are counted before they go out, some at a time, so after a
/// crash nothing that went out is uncounted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// In this minute.
    #[serde(default)]
    pub per_minute: Counted,
    /// In this hour.
    #[serde(default)]
    pub per_hour: Counted,
    /// In this day.
    #[serde(default)]
    pub per_day: Counted,
    /// In this month.
    #[serde(default)]
    pub per_month: Counted,
    /// What the parts of this day cost.
    #[serde(default, skip_serializing_if = "Counted::is_unused")]
    pub spend_per_day: Counted,
    /// What the parts of this month cost.
    #[serde(default, skip_serializing_if = "Counted::is_unused")]
    pub spend_per_month: Counted,
    /// How many different recipients there were in this month.
    #[serde(default, skip_serializing_if = "Counted::is_unused")]
    pub recipients_per_month: Counted,
    /// A print of each of them, in order: see [`Recipient`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<Recipient>,
}

/// What was sent in one window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Parts, money, or recipients.
    pub used: u32,
    /// When the window ends. From then on nothing was sent in the next one.
    pub until: Timestamp,
    /// It was told that little is left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub low: bool,
    /// It was told that the limit is reached.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub full: bool,
}

impl Default for Counted {
    /// Of a window that is over.
    fn default() -> Self {
        Self { used: 0, until: Timestamp::from_micros(0), low: false, full: false }
    }
}

impl Counted {
    /// Whether nothing was counted in the window.
    const fn is_unused(&self) -> bool {
        self.used == 0 && !self.low && !self.full
    }
}

impl Usage {
    /// What was counted for a limit; none: nothing is counted for it.
    pub const fn of(&self, limit: Limit) -> Option<&Counted> {
        match limit {
            Limit::Minute => Some(&self.per_minute),
            Limit::Hour => Some(&self.per_hour),
            Limit::Day => Some(&self.per_day),
            Limit::Month => Some(&self.per_month),
            Limit::SpendDay => Some(&self.spend_per_day),
            Limit::SpendMonth => Some(&self.spend_per_month),
            Limit::Recipients => Some(&self.recipients_per_month),
            Limit::Quiet | Limit::Unknown => None,
        }
    }

    /// The same, to be changed.
    pub const fn of_mut(&mut self, limit: Limit) -> Option<&mut Counted> {
        match limit {
            Limit::Minute => Some(&mut self.per_minute),
            Limit::Hour => Some(&mut self.per_hour),
            Limit::Day => Some(&mut self.per_day),
            Limit::Month => Some(&mut self.per_month),
            Limit::SpendDay => Some(&mut self.spend_per_day),
            Limit::SpendMonth => Some(&mut self.spend_per_month),
            Limit::Recipients => Some(&mut self.recipients_per_month),
            Limit::Quiet | Limit::Unknown => None,
        }
    }

    /// How much of a limit was used in the window that `now` is in: parts, money, or recipients.
    pub fn used(&self, limit: Limit, now: Timestamp) -> u32 {
        self.of(limit).filter(|counted| now < counted.until).map_or(0, |counted| counted.used)
    }

    /// Goes on to the windows that `now` is in. Returns the limits that were told to be reached in a window that is over.
    ///
    /// What was counted is kept until its window is over, whatever is done to clock and zone: a clock that is set back
    /// gives nothing back, and a SIM whose window would end far in the future waits no longer than any other.
    pub fn advance(&mut self, now: Timestamp, zone: &TimeZone) -> Vec<Limit> {
        let mut over = Vec::new();
        if self.recipients_per_month.until <= now {
            self.recipients.clear();
        }
        for limit in Limit::WINDOWS {
            let Some(counted) = self.of_mut(limit) else { continue };
            if counted.until <= now {
                if counted.full {
                    over.push(limit);
                }
                *counted = Counted::default();
            }
            counted.until = end(limit, now, zone);
        }
        over
    }

    /// Counts parts of a price in the windows that it is in.
    pub fn count(&mut self, parts: u32, price: u32) {
        for limit in Limit::COUNTED {
            let amount = parts.saturating_mul(unit(limit, price));
            if let Some(counted) = self.of_mut(limit) {
                counted.used = counted.used.saturating_add(amount);
            }
        }
    }

    /// Takes a part of a price back that did not go out, from those windows in which it was counted.
    pub fn take_back(&mut self, when_counted: &Windows, price: u32) {
        for (limit, then) in when_counted.0 {
            if let Some(counted) = self.of_mut(limit).filter(|counted| counted.until == then) {
                counted.used = counted.used.saturating_sub(unit(limit, price));
            }
        }
    }

    /// The windows that it is in.
    pub fn windows(&self) -> Windows {
        let never = Timestamp::from_micros(0);
        Windows(
            Limit::COUNTED
                .map(|limit| (limit, self.of(limit).map_or(never, |counted| counted.until))),
        )
    }

    /// Whether both are of the same minute, and so of the same hour, day and month.
    pub fn is_of_windows_of(&self, other: &Self) -> bool {
        self.windows() == other.windows()
    }
}

/// The windows in which something was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows([(Limit, Timestamp); Limit::COUNTED.len()]);

/// How much of what is counted for a limit a part of a price is.
const fn unit(limit: Limit, price: u32) -> u32 {
    match limit {
        Limit::SpendDay | Limit::SpendMonth => price,
        _ => 1,
    }
}

/// When the window ends that `now` is in.
fn end(limit: Limit, now: Timestamp, zone: &TimeZone) -> Timestamp {
    const SECOND: i64 = 1_000_000;
    let of_clock = |micros: i64| {
        let offset = i64::from(zone.to_offset(now.to_jiff()).seconds()) * SECOND;
        let local = now.as_micros().saturating_add(offset);
        let begin = local - local.rem_euclid(micros);
        Timestamp::from_micros(begin.saturating_add(micros).saturating_sub(offset))
    };
    let today = || now.to_jiff().to_zoned_datetime(zone.clone()).date();
    let midnight = |date: jiff::civil::Date| {
        let next = date.tomorrow().and_then(|date| date.to_zoned_datetime(zone.clone()));
        // At the end of all times no day follows.
        next.map_or_else(|_| of_clock(24 * 3600 * SECOND), |next| next.timestamp().into())
    };
    match limit {
        Limit::Minute => of_clock(60 * SECOND),
        Limit::Hour => of_clock(3600 * SECOND),
        Limit::Month | Limit::SpendMonth | Limit::Recipients => midnight(today().last_of_month()),
        Limit::Day | Limit::SpendDay | Limit::Quiet | Limit::Unknown => midnight(today()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    #[test]
    fn windows_are_those_of_the_clock_in_the_zone() {
        for (zone_name, now, minute, hour, day, month) in [
            (
                "Asia/Jakarta",
                "2026-11-30T23:30:10+07:00",
                "2026-11-30T23:31:00+07:00",
                "2026-12-01T00:00:00+07:00",
                "2026-12-01T00:00:00+07:00",
                "2026-12-01T00:00:00+07:00",
            ),
            (
                "UTC",
                "2026-11-30T23:30:10+07:00",
                "2026-11-30T23:31:00+07:00",
                "2026-11-30T17:00:00Z",
                "2026-12-01T00:00:00Z",
                "2026-12-01T00:00:00Z",
            ),
            // An hour begins at half past, seen from elsewhere.
            (
                "Asia/Kathmandu",
                "2026-02-10T12:15:00Z",
                "2026-02-10T12:16:00Z",
                "2026-02-10T13:15:00Z",
                "2026-02-10T18:15:00Z",
                "2026-02-28T18:15:00Z",
            ),
            // A day of 23 hours.
            (
                "Europe/Berlin",
                "2026-03-29T00:30:00+01:00",
                "2026-03-29T00:31:00+01:00",
                "2026-03-29T01:00:00+01:00",
                "2026-03-30T00:00:00+02:00",
                "2026-04-01T00:00:00+02:00",
            ),
        ] {
            let mut usage = Usage::default();
            usage.advance(at(now), &zone(zone_name));
            let ends = Limit::WINDOWS.map(|limit| usage.of(limit).unwrap().until);
            let [minute, hour, day, month] = [minute, hour, day, month].map(at);
            let expected = [minute, hour, day, month, day, month, month];
            assert_eq!(ends, expected, "{zone_name} {now}");
        }
    }

    #[test]
    fn what_was_counted_is_kept_until_its_window_is_over() {
        let utc = TimeZone::UTC;
        let mut usage = Usage::default();
        let now = at("2026-12-01T10:59:30Z");
        usage.advance(now, &utc);
        usage.count(3, 1);
        usage.per_hour.full = true;
        let used = |usage: &Usage, now| Limit::COUNTED.map(|limit| usage.used(limit, now));
        assert_eq!(used(&usage, now), [3; 6]);
        // The clock is set back by a year, and nothing is given back; nor is it waited for a year.
        let back = at("2025-12-01T10:59:30Z");
        assert_eq!(usage.advance(back, &utc), []);
        assert_eq!(used(&usage, back), [3; 6]);
        assert_eq!(usage.per_month.until, at("2026-01-01T00:00:00Z"));
        usage.advance(now, &utc);
        assert_eq!(used(&usage, now), [0; 6], "a year later");
        usage.count(3, 1);
        usage.per_hour.full = true;
        let next = at("2026-12-01T11:00:00Z");
        assert_eq!(usage.used(Limit::Hour, next), 0, "before anybody went on");
        assert_eq!(usage.advance(next, &utc), [Limit::Hour]);
        assert_eq!(used(&usage, next), [0, 0, 3, 3, 3, 3]);
        assert!(!usage.per_hour.full);
        // In another zone the day ends at another time, and what was sent in it stays sent.
        usage.advance(next, &zone("Asia/Jakarta"));
        assert_eq!(usage.used(Limit::Day, next), 3);
        assert_eq!(usage.per_day.until, at("2026-12-01T17:00:00Z"));
    }

    #[test]
    fn what_did_not_go_out_is_taken_back_where_it_was_counted() {
        let utc = TimeZone::UTC;
        let (now, next) = (at("2026-12-01T10:59:30Z"), at("2026-12-01T11:00:10Z"));
        let mut usage = Usage::default();
        usage.advance(now, &utc);
        usage.count(2, 350);
        let when_counted = usage.windows();
        usage.advance(next, &utc);
        usage.count(1, 400);
        assert_ne!(usage.windows(), when_counted);
        usage.take_back(&when_counted, 350);
        let used = Limit::COUNTED.map(|limit| usage.used(limit, next));
        assert_eq!(used, [1, 1, 2, 2, 750, 750]);
    }
}
