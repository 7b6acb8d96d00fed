//! When something happens that is to happen at a local time, once or again and again.
//!
//! A [`Plan`] is a local date and time, the IANA zone in which a clock on the wall shows it, and a [`Repetition`] if there is one. Its
//! times are points in time: [`Plan::after`] finds the next one after a given moment, so nothing has to be kept between
//! two of them, and nothing here knows what time it is.
//!
//! A local time that does not exist, because clocks go forward over it, stands for the first moment after the gap. One that exists
//! twice, because clocks go back, stands for the first of the two. So what is to happen each day happens once on each local
//! day, whatever the clocks do. Where a zone leaves out a whole day, that day and the next one may come to one moment, which is one time.

mod repetition;
mod words;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};

pub use repetition::{LONGEST as LONGEST_REPETITION, Repetition, RepetitionError};
pub use words::Language;

/// The most characters of a zone's name.
pub const LONGEST_ZONE: usize = 64;
/// The most characters of a local date and time.
pub const LONGEST_LOCAL: usize = "2026-12-01T08:00:00".len();

/// The years in which something may begin.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;
/// How many days, weeks or months are looked at for the next time. One that is further away is none: the 30th of each
/// February.
const MOST_PERIODS: i64 = 20_000;
/// The ways to write a local date and time: each digit as 0.
const LOCAL_FORMS: [&str; 4] =
    ["0000-00-00 00:00", "0000-00-00T00:00", "0000-00-00 00:00:00", "0000-00-00T00:00:00"];

/// When something is to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    begins: DateTime,
    zone: TimeZone,
    name: String,
    repetition: Option<Repetition>,
}

/// What was written is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The local date and time.
    #[error("'{0}' is no local date and time: write one such as 2026-12-01 08:00")]
    Begins(String),
    /// The year.
    #[error("the year {0} is too far away: {first} to {last} can be planned", first = YEARS.start(), last = YEARS.end())]
    Year(i16),
    /// The zone.
    #[error("'{0}' is no time zone that is known here: write one such as Asia/Jakarta")]
    Zone(String),
    /// The repetition.
    #[error(transparent)]
    Repetition(#[from] RepetitionError),
}

impl Plan {
    /// Reads a plan: a local date and time such as `2026-12-01 08:00`, with seconds and with a `T` if wanted, the name of a
    /// zone such as `Asia/Jakarta`, and a repetition ([`Repetition::parse`]).
    ///
    /// # Errors
    /// The first of the three that cannot be read.
    pub fn parse(begins: &str, zone: &str, repetition: Option<&str>) -> Result<Self, PlanError> {
        let begins = local(begins)?;
        let unknown = || PlanError::Zone(cut(zone));
        let found = (zone.len() <= LONGEST_ZONE).then(|| TimeZone::get(zone).ok()).flatten();
        let zone = found.filter(|zone| !zone.is_unknown()).ok_or_else(unknown)?;
        let name = zone.iana_name().ok_or_else(unknown)?.to_owned();
        let repetition = repetition.map(Repetition::parse).transpose()?;
        Ok(Self { begins, zone, name, repetition })
    }

    /// The local date and time at which it begins.
    pub const fn begins(&self) -> DateTime {
        self.begins
    }

    /// The name of the zone.
    pub fn zone(&self) -> &str {
        &self.name
    }

    /// How it is repeated.
    pub const fn repetition(&self) -> Option<&Repetition> {
        self.repetition.as_ref()
    }

    /// How it is repeated, for people; none: it happens once.
    pub fn words(&self, language: Language) -> Option<String> {
        self.repetition.as_ref().map(|one| one.words(self.begins.date(), language))
    }

    /// The first time that is later than `moment`. None: there is none.
    ///
    /// Times are those of the repetition from the beginning on. The beginning itself is one of them only where the repetition
    /// says so: what begins on a Tuesday and is for each Monday happens on the first Monday after that.
    pub fn after(&self, moment: Timestamp) -> Option<Timestamp> {
        let later = |at: &Timestamp| *at > moment;
        let begins = self.begins.date();
        let Some(repetition) = &self.repetition else { return self.at(begins).filter(later) };
        // No local day is further from the moment than that.
        let day = self.zone.to_datetime(moment).date();
        let near = (0..3).fold(day, |day, _| day.yesterday().unwrap_or(day));
        let mut count = 0;
        let first = if repetition.is_counted() { 0 } else { repetition.period(begins, near) };
        for period in first..first.saturating_add(MOST_PERIODS) {
            for date in repetition.dates(begins, period)? {
                count += 1;
                if repetition.is_over(date, count) {
                    return None;
                }
                if date < near {
                    continue;
                }
                let at = self.at(date)?;
                if repetition.is_too_late(at) {
                    return None;
                }
                if later(&at) {
                    return Some(at);
                }
            }
        }
        None
    }

    /// The times after `moment`, in order.
    pub fn times_after(&self, moment: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        std::iter::successors(self.after(moment), |last| self.after(*last))
    }

    /// The moment at which it happens on this local day.
    fn at(&self, day: Date) -> Option<Timestamp> {
        let local = day.to_datetime(self.begins.time());
        let found = self.zone.to_ambiguous_timestamp(local);
        if let AmbiguousOffset::Gap { after, .. } = found.offset() {
            // Read by the offset that holds after the gap, it is less than the gap's length before it.
            let before = after.to_timestamp(local).ok()?;
            let gap = self.zone.following(before).next();
            if let Some(gap) = gap {
                return Some(gap.timestamp());
            }
        }
        found.compatible().ok()
    }
}

/// Reads a local date and time.
fn local(text: &str) -> Result<DateTime, PlanError> {
    let unreadable = || PlanError::Begins(cut(text));
    let form: String = text
        .chars()
        .take(LONGEST_LOCAL + 1)
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    if !LOCAL_FORMS.contains(&form.as_str()) {
        return Err(unreadable());
    }
    let at: DateTime = text.parse().map_err(|_| unreadable())?;
    if YEARS.contains(&at.year()) { Ok(at) } else { Err(PlanError::Year(at.year())) }
}

/// As much of what was written as is said again.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

#[cfg(test)]
mod tests;
