//! Times of the week: on which days, between which hours, in which zone.
//!
//! ```text
//! times = [days] [hours] [zone]    ; with blanks between, and days or hours at least
//! days  = day ["-" day] *("," day ["-" day])
//! day   = "mon" / "tue" / "wed" / "thu" / "fri" / "sat" / "sun"
//! hours = HH ":" MM "-" HH ":" MM  ; over midnight when the second is the earlier one
//! zone  = a name such as Asia/Jakarta; without one, the zone of this machine
//! ```

use std::str::FromStr;

use contracts::Timestamp;
use jiff::tz::TimeZone;

/// The most characters of times.
pub const LONGEST: usize = 128;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY: u16 = 24 * 60;

/// Times of the week.
#[derive(Debug, Clone)]
pub struct Times {
    /// The days from Monday on on which they begin.
    days: [bool; 7],
    /// The minutes of the day from which and to which they are.
    from: u16,
    until: u16,
    zone: TimeZone,
}

/// Why a text says no times.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTimes {
    /// It is too long, or says a thing twice.
    #[error("write days, hours and a zone, such as mon-fri 08:00-17:00 Asia/Jakarta")]
    Form,
    /// Something that is no day.
    #[error("'{0}' is no day; the days are mon, tue, wed, thu, fri, sat, sun")]
    Day(String),
    /// Something that is no time of the day.
    #[error("'{0}' are no hours; write such as 08:00-17:00")]
    Hours(String),
    /// Something that is no zone.
    #[error("'{0}' is no time zone; write one such as Asia/Jakarta or UTC")]
    Zone(String),
}

impl Times {
    /// The zone in which they are.
    pub const fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether a point in time is among them.
    pub fn contains(&self, at: Timestamp) -> bool {
        let local = at.to_jiff().to_zoned_datetime(self.zone.clone());
        let (hour, minute) = (local.hour().unsigned_abs(), local.minute().unsigned_abs());
        let minute = u16::from(hour) * 60 + u16::from(minute);
        let today = usize::from(local.weekday().to_monday_zero_offset().unsigned_abs());
        let begins = |day: usize| self.days.get(day % 7).copied().unwrap_or_default();
        if self.from < self.until {
            return begins(today) && (self.from..self.until).contains(&minute);
        }
        // What began the evening before goes on in the morning.
        (begins(today) && minute >= self.from) || (begins(today + 6) && minute < self.until)
    }
}

impl FromStr for Times {
    type Err = BadTimes;

    fn from_str(text: &str) -> Result<Self, BadTimes> {
        if text.chars().count() > LONGEST {
            return Err(BadTimes::Form);
        }
        let (mut days, mut hours, mut zone) = (None, None, None);
        for word in text.split_whitespace() {
            let begins_with_day = || {
                let first = word.split(['-', ',']).next().unwrap_or_default();
                day(first).is_some()
            };
            let is_new = if word.contains(':') {
                hours.replace(read_hours(word)?).is_none()
            } else if word.contains(',') || begins_with_day() {
                days.replace(read_days(word)?).is_none()
            } else {
                let found = TimeZone::get(word).map_err(|_| BadTimes::Zone(word.to_owned()))?;
                zone.replace(found).is_none()
            };
            if !is_new {
                return Err(BadTimes::Form);
            }
        }
        if days.is_none() && hours.is_none() {
            return Err(BadTimes::Form);
        }
        let (from, until) = hours.unwrap_or((0, DAY));
        let days = days.unwrap_or([true; 7]);
        Ok(Self { days, from, until, zone: zone.unwrap_or_else(TimeZone::system) })
    }
}

fn day(word: &str) -> Option<usize> {
    DAYS.iter().position(|day| word.eq_ignore_ascii_case(day))
}

fn read_days(word: &str) -> Result<[bool; 7], BadTimes> {
    let read = |word: &str| day(word).ok_or_else(|| BadTimes::Day(word.to_owned()));
    let mut days = [false; 7];
    for range in word.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (read(first)?, read(last)?);
        // From Saturday to Monday is over the end of the week.
        let count = (last + 7 - first) % 7;
        for day in first..=first + count {
            if let Some(day) = days.get_mut(day % 7) {
                *day = true;
            }
        }
    }
    Ok(days)
}

fn read_hours(word: &str) -> Result<(u16, u16), BadTimes> {
    let read = || {
        let (from, until) = word.split_once('-')?;
        let (from, until) = (minute(from)?, minute(until)?);
        (from != until && from < DAY).then_some((from, until))
    };
    read().ok_or_else(|| BadTimes::Hours(word.to_owned()))
}

/// A time of the day in minutes; 24:00 is its end.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| is_number)
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let of_day = hour * 60 + minute;
    (minute < 60 && of_day <= DAY).then_some(of_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(times: &str, at: &str) -> bool {
        times.parse::<Times>().unwrap().contains(at.parse().unwrap())
    }

    #[test]
    fn days_and_hours_are_those_of_the_zone() {
        // 2026-11-30 is a Monday.
        let office = "mon-fri 08:00-17:00 Asia/Jakarta";
        assert!(is(office, "2026-11-30T01:00:00Z") && is(office, "2026-11-30T09:59:59Z"));
        assert!(!is(office, "2026-11-30T00:59:59Z") && !is(office, "2026-11-30T10:00:00Z"));
        assert!(!is(office, "2026-11-28T03:00:00Z"), "a Saturday");
        assert!(
            is("Sat-Mon UTC", "2026-11-30T00:00:00Z") && !is("tue,fri UTC", "2026-11-30T00:00:00Z")
        );
        assert!(is("00:00-24:00 UTC", "2026-11-30T23:59:00Z"));
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        let night = "mon 22:00-06:00 UTC";
        assert!(is(night, "2026-11-30T22:00:00Z") && is(night, "2026-12-01T05:59:00Z"));
        assert!(!is(night, "2026-11-30T05:59:00Z") && !is(night, "2026-12-01T06:00:00Z"));
        assert!(!is(night, "2026-12-01T23:00:00Z"));
    }

    #[test]
    fn what_says_no_times_is_refused() {
        let refused = |text: &str| text.parse::<Times>().unwrap_err();
        for form in
            ["", "Asia/Jakarta", "mon tue", "08:00-09:00 10:00-11:00", &"x".repeat(LONGEST + 1)]
        {
            assert_eq!(refused(form), BadTimes::Form, "{form}");
        }
        assert_eq!(refused("mon-xxx"), BadTimes::Day("xxx".to_owned()));
        assert_eq!(refused("mon Mars/Base"), BadTimes::Zone("Mars/Base".to_owned()));
        for hours in [
            "8:00-17:00",
            "08:00",
            "08:00-08:00",
            "25:00-26:00",
            "08:60-09:00",
            "24:00-01:00",
            "a:b-c:d",
        ] {
            assert_eq!(refused(hours), BadTimes::Hours(hours.to_owned()));
        }
    }
}
