//! The time of a report.

use contracts::Timestamp;
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Trouble;
use crate::app::App;
use crate::doors::pages::failure::Failure;
use crate::words::Words;

contracts::named! {
    /// The time of a report, to the end of today.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) enum Period {
        /// This day.
        Today = "today",
        /// Seven days.
        Week = "7d",
        /// Thirty days.
        Month = "30d",
        /// This month and eleven before it.
        Year = "12m",
        /// From one day to another.
        Own = "own",
    }
}

impl Period {
    /// Those that a link leads to.
    pub(super) const LINKS: [Self; 4] = [Self::Today, Self::Week, Self::Month, Self::Year];

    /// The period of a word; that of a week for any other word.
    pub(super) fn of(word: &str) -> Self {
        word.parse().unwrap_or(Self::Week)
    }

    /// In the reader's words.
    pub(super) fn words(self, w: Words) -> String {
        match self {
            Self::Today => w.reports_today(),
            Self::Week => w.reports_days(7),
            Self::Month => w.reports_days(30),
            Self::Year => w.reports_months(12),
            Self::Own => w.reports_own(),
        }
    }

    /// Its begin and its end by the clocks of a zone. `from` and `to` are the days of one's own.
    pub(super) fn time(
        self,
        from: &str,
        to: &str,
        zone: &TimeZone,
        app: &App,
    ) -> Result<(Timestamp, Timestamp), Trouble> {
        let today = zone.to_datetime(app.clock.now().to_jiff()).date();
        let (first, last) = self.days(from, to, today).ok_or(Failure::Malformed)?;
        let after = last.tomorrow().map_err(|_| Failure::Malformed)?;
        Ok((begin(first, zone)?, begin(after, zone)?))
    }

    /// The first day and the last. None: what was written is no day.
    fn days(self, from: &str, to: &str, today: Date) -> Option<(Date, Date)> {
        let back = |days: i64| today.checked_sub(Span::new().try_days(days).ok()?).ok();
        Some(match self {
            Self::Today => (today, today),
            Self::Week => (back(6)?, today),
            Self::Month => (back(29)?, today),
            Self::Year => {
                let months = Span::new().try_months(11).ok()?;
                (today.first_of_month().checked_sub(months).ok()?, today)
            }
            Self::Own => {
                let day = |written: &str, usual: Date| match written.trim() {
                    "" => Some(usual),
                    written => written.parse().ok(),
                };
                let last = day(to, today)?;
                (day(from, last)?, last)
            }
        })
    }
}

/// The begin of a day.
fn begin(day: Date, zone: &TimeZone) -> Result<Timestamp, Failure> {
    let begin = day.to_zoned_datetime(zone.clone()).map_err(|_| Failure::Malformed)?;
    Ok(Timestamp::from(begin.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_its_days() {
        let today = Date::constant(2026, 3, 31);
        let days = |period: Period, from: &str, to: &str| {
            let (first, last) = period.days(from, to, today)?;
            Some(format!("{first} {last}"))
        };
        let told = |period| days(period, "", "").unwrap();
        assert_eq!(told(Period::Today), "2026-03-31 2026-03-31");
        assert_eq!(told(Period::Week), "2026-03-25 2026-03-31");
        assert_eq!(told(Period::Month), "2026-03-02 2026-03-31");
        assert_eq!(told(Period::Year), "2025-04-01 2026-03-31");
        assert_eq!(told(Period::Own), told(Period::Today));
        let own = days(Period::Own, "2026-01-01", " 2026-01-31 ");
        assert_eq!(own.unwrap(), "2026-01-01 2026-01-31");
        for (from, to) in [("2026-02-30", ""), ("", "tomorrow"), ("1", "2")] {
            assert_eq!(days(Period::Own, from, to), None, "{from} {to}");
        }
        assert_eq!(Period::of("nothing"), Period::Week);
    }
}
