//! Hours of the day in which a SIM keeps quiet.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Timestamp;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// From one time of the day up to another, which may be on the next day.
///
/// ```text
/// quiet = time "-" time
/// time  = 2DIGIT ":" 2DIGIT
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    /// In minutes of the day.
    from: u16,
    to: u16,
}

/// A text that is no [`Quiet`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' are no quiet hours; they are written as 22:00-06:00, with two different times")]
pub struct QuietError(String);

impl FromStr for Quiet {
    type Err = QuietError;

    fn from_str(text: &str) -> Result<Self, QuietError> {
        parse(text).ok_or_else(|| QuietError(text.chars().take(40).collect()))
    }
}

fn parse(text: &str) -> Option<Quiet> {
    let (from, to) = text.split_once('-')?;
    let (from, to) = (minute(from)?, minute(to)?);
    (from != to).then_some(Quiet { from, to })
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str, below: u16| {
        let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_two.then(|| digits.parse::<u16>().ok()).flatten().filter(|number| *number < below)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

impl fmt::Display for Quiet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl Serialize for Quiet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quiet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Quiet {
    /// When the hours end that `now` is in; none: it is not in them.
    pub fn end(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let time = now.to_jiff().to_zoned_datetime(zone.clone()).time();
        // Both are less than 60 and 24.
        let at =
            u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs());
        let is_quiet = if self.from < self.to {
            (self.from..self.to).contains(&at)
        } else {
            at >= self.from || at < self.to
        };
        is_quiet.then(|| next(self.to, now, zone))
    }

    /// When the hours begin next.
    pub fn begin(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        next(self.from, now, zone)
    }
}

/// When it is a minute of the day next. A time that the clock leaves out is the first one after it.
fn next(minute: u16, now: Timestamp, zone: &TimeZone) -> Timestamp {
    let at = |date: Date| {
        let hour = i8::try_from(minute % DAY / 60).unwrap_or(0);
        let time = Time::new(hour, i8::try_from(minute % 60).unwrap_or(0), 0, 0).ok()?;
        Some(Timestamp::from(
            date.to_datetime(time).to_zoned_datetime(zone.clone()).ok()?.timestamp(),
        ))
    };
    let today = now.to_jiff().to_zoned_datetime(zone.clone()).date();
    let days = [Some(today), today.tomorrow().ok()].into_iter().flatten();
    let next = days.filter_map(at).find(|at| *at > now);
    // At the end of all times.
    next.unwrap_or_else(|| now.plus(std::time::Duration::from_mins(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for text in ["22:00-06:00", "00:00-23:59", "12:30-12:31"] {
            assert_eq!(text.parse::<Quiet>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "-",
            "22:00",
            "22-06",
            "24:00-06:00",
            "22:60-06:00",
            "22:00-22:00",
            "2:00-06:00",
            "22:00-06:00-07:00",
            "+2:00-06:00",
            "22:00 - 06:00",
            "\u{662}2:00-06:00",
        ] {
            let error = text.parse::<Quiet>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("'{text}' are no quiet hours")), "{error}");
        }
        let long = "9".repeat(100);
        assert!(long.parse::<Quiet>().unwrap_err().to_string().len() < 150);
    }

    #[test]
    fn they_may_go_over_midnight() {
        let zone = TimeZone::get("Asia/Jakarta").unwrap();
        let at = |text: &str| format!("2026-12-01T{text}+07:00").parse::<Timestamp>().unwrap();
        let night: Quiet = "22:00-06:00".parse().unwrap();
        assert_eq!(night.end(at("21:59:59"), &zone), None);
        assert_eq!(night.end(at("22:00:00"), &zone), Some(at("06:00:00").plus(days(1))));
        assert_eq!(night.end(at("05:59:59"), &zone), Some(at("06:00:00")));
        assert_eq!(night.end(at("06:00:00"), &zone), None);
        assert_eq!(night.begin(at("06:00:00"), &zone), at("22:00:00"));
        let noon: Quiet = "12:00-13:00".parse().unwrap();
        assert_eq!(noon.end(at("12:30:00"), &zone), Some(at("13:00:00")));
        assert_eq!(noon.begin(at("12:30:00"), &zone), at("12:00:00").plus(days(1)));
    }

    #[test]
    fn an_hour_that_the_clock_leaves_out_ends_them_all_the_same() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let night: Quiet = "23:00-02:30".parse().unwrap();
        // On this night the clock goes from 02:00 to 03:00.
        let now = "2026-03-29T01:59:00+01:00".parse().unwrap();
        let end = night.end(now, &zone).unwrap();
        assert!(end > now && end <= now.plus(std::time::Duration::from_mins(61)), "{end}");
    }

    fn days(days: u64) -> std::time::Duration {
        std::time::Duration::from_hours(24 * days)
    }
}
