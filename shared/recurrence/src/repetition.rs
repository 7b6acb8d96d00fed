//! How something is repeated: a part of the recurrence rules of iCalendar (RFC 5545, 3.3.10).
//!
//! ```text
//! rule     = part *( ";" part )                each part once, in any order
//! part     = "FREQ=" ( "DAILY" / "WEEKLY" / "MONTHLY" )                 must be there
//!          / "INTERVAL=" 1*3DIGIT              1 to 366: every second, third, … day, week, month
//!          / "BYDAY=" day *( "," day )         with WEEKLY: MO TU WE TH FR SA SU
//!          / "BYMONTHDAY=" n *( "," n )        with MONTHLY: 1 to 31, and -1 for the last day
//!          / "UNTIL=" 8DIGIT [ "T" 6DIGIT "Z" ] the last day, in the zone of the plan; or a moment in UTC
//!          / "COUNT=" 1*4DIGIT                 1 to 1000 times
//! ```
//!
//! Without `BYDAY`, the weekday is that of the beginning; without `BYMONTHDAY`, so is the day of the month. A month that lacks a
//! day is left out. Weeks begin on Monday. Whatever else RFC 5545 has is refused by its name and never ignored, for a rule that
//! is half understood sends messages when nobody expects them.

use std::fmt;

use jiff::civil::{Date, Weekday};
use jiff::{Span, Timestamp};

use crate::cut;

/// The most characters of a repetition.
pub const LONGEST: usize = 200;
/// The longest time between two: every so many days, weeks or months.
const LONGEST_INTERVAL: u32 = 366;
/// The most times: who counts them counts from the beginning.
const MOST_TIMES: u32 = 1_000;

/// The days of the week as they are written.
pub(crate) const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

/// How something is repeated. Its [`fmt::Display`] is what [`Repetition::parse`] reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repetition {
    pub(crate) each: Each,
    pub(crate) interval: u32,
    pub(crate) end: Option<End>,
}

/// What it is repeated each of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Each {
    Day,
    /// On these days, in the order of the week. None: on that of the beginning.
    Week(Vec<Weekday>),
    /// On these days, in order, the last day of the month, -1, at the end. None: on that of the beginning.
    Month(Vec<i8>),
}

/// When it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// After this local day.
    Day(Date),
    /// After this moment.
    Moment(Timestamp),
    /// After so many times.
    Count(u32),
}

/// What was written is no repetition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RepetitionError {
    /// Nothing says how often.
    #[error("the repetition does not say FREQ: write one such as FREQ=WEEKLY;BYDAY=MO")]
    NoFrequency,
    /// It is too long.
    #[error("a repetition has at most {LONGEST} characters")]
    TooLong,
    /// There is no such part, or none that is understood.
    #[error(
        "'{0}' is no part of a repetition that is understood: there are FREQ, INTERVAL, BYDAY, BYMONTHDAY, UNTIL and COUNT, each with = and its value"
    )]
    Part(String),
    /// A part stands twice.
    #[error("{0} stands twice in the repetition")]
    Twice(&'static str),
    /// A part has a value that it cannot have.
    #[error("{part}={found} is not understood: {part} is {expected}")]
    Value {
        /// The part.
        part: &'static str,
        /// What it has.
        found: String,
        /// What it may have.
        expected: &'static str,
    },
    /// A part goes with another frequency.
    #[error("{part} goes with FREQ={with} only")]
    Misplaced {
        /// The part.
        part: &'static str,
        /// The frequency.
        with: &'static str,
    },
    /// It ends in two ways.
    #[error("UNTIL and COUNT do not go together: say one of them")]
    TwoEnds,
}

/// The parts, as they were written.
#[derive(Default)]
struct Parts<'a>([Option<&'a str>; 6]);

const NAMES: [&str; 6] = ["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "UNTIL", "COUNT"];

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Result<Self, RepetitionError> {
        let mut parts = Self::default();
        for part in text.split(';') {
            let known = part.split_once('=').and_then(|(name, value)| {
                let place = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name))?;
                Some((place, value))
            });
            let (place, value) = known.ok_or_else(|| RepetitionError::Part(cut(part)))?;
            if parts.0[place].replace(value).is_some() {
                return Err(RepetitionError::Twice(NAMES[place]));
            }
        }
        Ok(parts)
    }
}

fn wrong(part: &'static str, found: &str, expected: &'static str) -> RepetitionError {
    RepetitionError::Value { part, found: cut(found), expected }
}

/// A whole number without a sign, from 1 to `most`.
fn number(text: &str, most: u32) -> Option<u32> {
    let is_number = (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    is_number
        .then(|| text.parse::<u32>().ok())
        .flatten()
        .filter(|number| (1..=most).contains(number))
}

impl Repetition {
    /// Reads a repetition; the grammar stands in the source, and in docs/api.md in words.
    ///
    /// # Errors
    /// The first part that is not understood, by its name.
    pub fn parse(text: &str) -> Result<Self, RepetitionError> {
        if text.len() > LONGEST {
            return Err(RepetitionError::TooLong);
        }
        if text.trim().is_empty() {
            return Err(RepetitionError::NoFrequency);
        }
        let Parts([frequency, interval, days, month_days, until, count]) = Parts::split(text)?;
        let frequency = frequency.ok_or(RepetitionError::NoFrequency)?;
        let each = match frequency.to_ascii_uppercase().as_str() {
            "DAILY" => Each::Day,
            "WEEKLY" => Each::Week(days.map(weekdays).transpose()?.unwrap_or_default()),
            "MONTHLY" => {
                Each::Month(month_days.map(days_of_month).transpose()?.unwrap_or_default())
            }
            _ => return Err(wrong("FREQ", frequency, "DAILY, WEEKLY or MONTHLY")),
        };
        if days.is_some() && !matches!(each, Each::Week(_)) {
            return Err(RepetitionError::Misplaced { part: "BYDAY", with: "WEEKLY" });
        }
        if month_days.is_some() && !matches!(each, Each::Month(_)) {
            return Err(RepetitionError::Misplaced { part: "BYMONTHDAY", with: "MONTHLY" });
        }
        let interval = match interval {
            None => 1,
            Some(text) => number(text, LONGEST_INTERVAL)
                .ok_or_else(|| wrong("INTERVAL", text, "a whole number from 1 to 366"))?,
        };
        let end = match (until, count) {
            (Some(_), Some(_)) => return Err(RepetitionError::TwoEnds),
            (None, None) => None,
            (Some(text), None) => Some(last_day(text)?),
            (None, Some(text)) => Some(End::Count(
                number(text, MOST_TIMES)
                    .ok_or_else(|| wrong("COUNT", text, "a whole number from 1 to 1000"))?,
            )),
        };
        Ok(Self { each, interval, end })
    }

    /// Whether its end can only be found by counting from the beginning.
    pub(crate) const fn is_counted(&self) -> bool {
        matches!(self.end, Some(End::Count(_)))
    }

    /// Whether it is over on this day, which is the `count`th.
    pub(crate) fn is_over(&self, day: Date, count: u32) -> bool {
        match self.end {
            Some(End::Day(last)) => day > last,
            Some(End::Count(most)) => count > most,
            Some(End::Moment(_)) | None => false,
        }
    }

    /// Whether it is over at this moment.
    pub(crate) fn is_too_late(&self, at: Timestamp) -> bool {
        matches!(self.end, Some(End::Moment(last)) if at > last)
    }

    /// The period, counted from the one of the beginning as 0, that this day is in or comes after.
    pub(crate) fn period(&self, begins: Date, day: Date) -> i64 {
        let days = |from: Date, to: Date| to.duration_since(from).as_hours() / 24;
        let passed = match self.each {
            Each::Day => days(begins, day),
            Each::Week(_) => days(monday(begins), day) / 7,
            Each::Month(_) => {
                let months = |date: Date| i64::from(date.year()) * 12 + i64::from(date.month());
                months(day) - months(begins)
            }
        };
        (passed / i64::from(self.interval)).max(0)
    }

    /// The days of a period that are not before the beginning, in order. None: no calendar has that period.
    pub(crate) fn dates(&self, begins: Date, period: i64) -> Option<Vec<Date>> {
        let place = period.checked_mul(i64::from(self.interval))?;
        let dates: Vec<Date> = match &self.each {
            Each::Day => vec![begins.checked_add(Span::new().try_days(place).ok()?).ok()?],
            Each::Week(days) => {
                let weeks = Span::new().try_weeks(place).ok()?;
                let week = monday(begins).checked_add(weeks).ok()?;
                let own = [begins.weekday()];
                let days: &[Weekday] = if days.is_empty() { &own } else { days };
                let mut dates: Vec<Date> = Vec::with_capacity(days.len());
                for day in days {
                    let after = Span::new().try_days(day.to_monday_zero_offset()).ok()?;
                    dates.push(week.checked_add(after).ok()?);
                }
                dates
            }
            Each::Month(days) => {
                let months = Span::new().try_months(place).ok()?;
                let month = begins.first_of_month().checked_add(months).ok()?;
                let own = [begins.day()];
                let days: &[i8] = if days.is_empty() { &own } else { days };
                let mut dates: Vec<Date> = Vec::with_capacity(days.len());
                for day in days {
                    let day = if *day < 0 { month.days_in_month() } else { *day };
                    // A month may lack a day, and its last day may be named by its number, too.
                    let Ok(date) = Date::new(month.year(), month.month(), day) else { continue };
                    if dates.last() != Some(&date) {
                        dates.push(date);
                    }
                }
                dates
            }
        };
        Some(dates.into_iter().filter(|date| *date >= begins).collect())
    }
}

/// The Monday of the week of a day.
fn monday(day: Date) -> Date {
    let mut day = day;
    while day.weekday() != Weekday::Monday {
        let Ok(before) = day.yesterday() else { break };
        day = before;
    }
    day
}

fn weekdays(text: &str) -> Result<Vec<Weekday>, RepetitionError> {
    let mut days = Vec::new();
    for name in text.split(',') {
        let known = WEEKDAYS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let (_, day) = known.ok_or_else(|| {
            wrong("BYDAY", text, "a list of MO, TU, WE, TH, FR, SA and SU with commas between them")
        })?;
        days.push(*day);
    }
    days.sort_by_key(|day| day.to_monday_zero_offset());
    days.dedup();
    Ok(days)
}

fn days_of_month(text: &str) -> Result<Vec<i8>, RepetitionError> {
    let mut days = Vec::new();
    for name in text.split(',') {
        let day = match name {
            "-1" => Some(-1),
            name => number(name, 31).and_then(|day| i8::try_from(day).ok()),
        };
        days.push(day.ok_or_else(|| {
            wrong(
                "BYMONTHDAY",
                text,
                "a list of 1 to 31, and -1 for the last day, with commas between them",
            )
        })?);
    }
    // The last day of the month comes last.
    days.sort_by_key(|day| if *day < 0 { i8::MAX } else { *day });
    days.dedup();
    Ok(days)
}

fn last_day(text: &str) -> Result<End, RepetitionError> {
    let unreadable =
        || wrong("UNTIL", text, "a day such as 20271231, or a moment such as 20271231T165959Z");
    let digits = |from: usize, to: usize| {
        text.get(from..to).filter(|part| part.bytes().all(|b| b.is_ascii_digit()))
    };
    let (Some(year), Some(month), Some(day)) = (digits(0, 4), digits(4, 6), digits(6, 8)) else {
        return Err(unreadable());
    };
    let date = format!("{year}-{month}-{day}");
    if text.len() == 8 {
        return date.parse::<Date>().map(End::Day).map_err(|_| unreadable());
    }
    let is_moment = text.len() == 16 && text.get(8..9) == Some("T") && text.ends_with('Z');
    let (Some(hour), Some(minute), Some(second)) = (digits(9, 11), digits(11, 13), digits(13, 15))
    else {
        return Err(unreadable());
    };
    if !is_moment {
        return Err(unreadable());
    }
    let moment = format!("{date}T{hour}:{minute}:{second}Z");
    moment.parse::<Timestamp>().map(End::Moment).map_err(|_| unreadable())
}

impl fmt::Display for Repetition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.each {
            Each::Day => "FREQ=DAILY",
            Each::Week(_) => "FREQ=WEEKLY",
            Each::Month(_) => "FREQ=MONTHLY",
        })?;
        if self.interval > 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        match &self.each {
            Each::Week(days) if !days.is_empty() => {
                let names = WEEKDAYS.iter().filter(|(_, day)| days.contains(day));
                let names: Vec<&str> = names.map(|(name, _)| *name).collect();
                write!(f, ";BYDAY={}", names.join(","))?;
            }
            Each::Month(days) if !days.is_empty() => {
                let days: Vec<String> = days.iter().map(ToString::to_string).collect();
                write!(f, ";BYMONTHDAY={}", days.join(","))?;
            }
            Each::Day | Each::Week(_) | Each::Month(_) => {}
        }
        match self.end {
            Some(End::Day(day)) => {
                write!(f, ";UNTIL={:04}{:02}{:02}", day.year(), day.month(), day.day())
            }
            Some(End::Moment(moment)) => {
                write!(f, ";UNTIL={}", moment.strftime("%Y%m%dT%H%M%SZ"))
            }
            Some(End::Count(count)) => write!(f, ";COUNT={count}"),
            None => Ok(()),
        }
    }
}
