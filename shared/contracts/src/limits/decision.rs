//! Whether a SIM may send.

use jiff::tz::TimeZone;

use super::{Closed, Limit, Limits, Usage};
use crate::Timestamp;

impl Limits {
    /// Whether a message of so many parts may not be begun at `now`, and why and until when: because one of the numbers
    /// of parts or sums would be exceeded, or else because of quiet hours. `usage` is of the windows that `now` is in.
    ///
    /// A message is not begun unless all its parts fit, for one that is half sent is of no use and its rest goes out
    /// through the same SIM only. One with more parts than a limit has would never fit: it goes when nothing was sent
    /// in that window yet, for else it would wait for ever.
    pub fn closed(
        &self,
        usage: &Usage,
        parts: u32,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Option<Closed> {
        let quiet_until = |at| self.quiet.and_then(|quiet| quiet.end(at, zone));
        if let Some(closed) = self.full(usage, parts, now).max_by_key(|closed| closed.until) {
            // Then it is not sent yet if it is quiet.
            let until = quiet_until(closed.until).unwrap_or(closed.until);
            return Some(Closed { until, ..closed });
        }
        let until = quiet_until(now)?;
        Some(Closed { limit: Limit::Quiet, most: None, until, passwords: true })
    }

    /// The numbers of parts and the sums that a message of so many parts would exceed, each with the end of its window.
    pub fn full(&self, usage: &Usage, parts: u32, now: Timestamp) -> impl Iterator<Item = Closed> {
        self.set().filter_map(move |(limit, most)| {
            let used = usage.used(limit, now);
            let more = parts.max(1).saturating_mul(self.unit(limit));
            let is_full = used > 0 && used.saturating_add(more) > most;
            let until = usage.of(limit).filter(|_| is_full)?.until;
            Some(Closed { limit, most: Some(most), until, passwords: false })
        })
    }

    /// How many parts may still be sent at `now` before a number of parts is reached; none: as many as one likes.
    pub fn room(&self, usage: &Usage, now: Timestamp) -> Option<u32> {
        let room = |(limit, most): (Limit, u32)| {
            most.saturating_sub(usage.used(limit, now)) / self.unit(limit)
        };
        self.set().map(room).min()
    }

    /// When [`Limits::closed`] may say something else though nothing is sent: a window ends in which something was
    /// sent, or quiet hours begin or end.
    pub fn changes_at(&self, usage: &Usage, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let recipients = self.most(Limit::Recipients).map(|most| (Limit::Recipients, most));
        let ends = self.set().chain(recipients).filter_map(|(limit, _)| {
            let counted = usage.of(limit).filter(|counted| counted.used > 0)?;
            (counted.until > now).then_some(counted.until)
        });
        let quiet =
            self.quiet.map(|quiet| quiet.end(now, zone).unwrap_or_else(|| quiet.begin(now, zone)));
        ends.chain(quiet).min()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::Priority;
    use crate::limits::{LimitsError, MOST, MOST_RECIPIENTS, MOST_SPEND};

    fn limits(numbers: [u32; 4], quiet: &str) -> Limits {
        let [minute, hour, day, month] = numbers.map(NonZeroU32::new);
        Limits {
            per_minute: minute,
            per_hour: hour,
            per_day: day,
            per_month: month,
            quiet: quiet.parse().ok(),
            ..Limits::default()
        }
    }

    fn at(time: &str) -> Timestamp {
        format!("2026-11-30T{time}Z").parse().unwrap()
    }

    #[test]
    fn the_limit_that_opens_last_decides() {
        let night = "22:00-06:00";
        let tomorrow = "2026-12-01T00:00:00Z";
        for (numbers, quiet, used, parts, now, expected) in [
            ([0; 4], "", 1000, 1, "13:10:10", None),
            ([3, 0, 0, 0], "", 2, 1, "13:10:10", None),
            ([3, 0, 0, 0], "", 3, 1, "13:10:10", Some((Limit::Minute, "2026-11-30T13:11:00Z"))),
            ([0, 3, 0, 0], "", 3, 1, "13:10:10", Some((Limit::Hour, "2026-11-30T14:00:00Z"))),
            ([3, 3, 0, 0], "", 3, 1, "13:10:10", Some((Limit::Hour, "2026-11-30T14:00:00Z"))),
            ([3, 3, 9, 0], "", 9, 1, "13:10:10", Some((Limit::Day, tomorrow))),
            // All parts of a message fit, or it is not begun.
            ([0, 10, 0, 0], "", 8, 2, "13:10:10", None),
            ([0, 10, 0, 0], "", 8, 3, "13:10:10", Some((Limit::Hour, "2026-11-30T14:00:00Z"))),
            // One that never fits goes first.
            ([0, 2, 0, 0], "", 0, 3, "13:10:10", None),
            ([0, 2, 0, 0], "", 1, 3, "13:10:10", Some((Limit::Hour, "2026-11-30T14:00:00Z"))),
            ([0; 4], night, 0, 1, "21:59:59", None),
            ([0; 4], night, 0, 1, "22:00:00", Some((Limit::Quiet, "2026-12-01T06:00:00Z"))),
            // Until the hour is over it is quiet, and a password waits for the hour only.
            ([0, 3, 0, 0], night, 3, 1, "21:30:00", Some((Limit::Hour, "2026-12-01T06:00:00Z"))),
            ([0, 3, 0, 0], night, 3, 1, "22:30:00", Some((Limit::Hour, "2026-12-01T06:00:00Z"))),
        ] {
            let mut usage = Usage::default();
            usage.advance(at(now), &TimeZone::UTC);
            usage.count(used, 0);
            let closed = limits(numbers, quiet).closed(&usage, parts, at(now), &TimeZone::UTC);
            let found = closed.map(|closed| (closed.limit, closed.until));
            let expected = expected.map(|(limit, until)| (limit, until.parse().unwrap()));
            assert_eq!(found, expected, "{numbers:?} {quiet} {used} {parts} {now}");
        }
    }

    #[test]
    fn a_sum_is_counted_beside_the_parts() {
        let now = at("13:10:10");
        let number = |number| NonZeroU32::new(number);
        let limits = Limits {
            price: number(350),
            spend_per_day: number(1_000),
            spend_per_month: number(20_000),
            ..Limits::default()
        };
        assert_eq!(limits.check(), Ok(()));
        let mut usage = Usage::default();
        usage.advance(now, &TimeZone::UTC);
        usage.count(2, limits.price());
        assert_eq!((usage.used(Limit::SpendDay, now), limits.room(&usage, now)), (700, Some(0)));
        let closed = limits.closed(&usage, 1, now, &TimeZone::UTC).unwrap();
        assert_eq!((closed.limit, closed.most), (Limit::SpendDay, Some(1_000)));
        assert_eq!(closed.to_string(), "the limit of 1000 spent a day is reached");
        // A price that falls counts from then on.
        let cheaper = Limits { price: number(100), ..limits.clone() };
        assert_eq!(cheaper.room(&usage, now), Some(3));
        for (limits, field) in [
            (Limits { price: None, ..limits.clone() }, LimitsError::NoPrice(Limit::SpendDay)),
            (
                Limits { price: number(1_001), ..limits.clone() },
                LimitsError::BelowPrice { limit: Limit::SpendDay, most: 1_000, price: 1_001 },
            ),
            (
                Limits { spend_per_month: number(999), ..limits.clone() },
                LimitsError::NeverReached {
                    shorter: Limit::SpendDay,
                    above: 1_000,
                    longer: Limit::SpendMonth,
                    below: 999,
                },
            ),
            (
                Limits { price: number(MOST_SPEND + 1), ..limits.clone() },
                LimitsError::Price(MOST_SPEND + 1),
            ),
        ] {
            assert_eq!(limits.check(), Err(field));
        }
    }

    #[test]
    fn a_window_opens_by_itself() {
        let limits = limits([0, 3, 0, 0], "");
        let (now, next) = (at("13:10:10"), at("14:00:00"));
        let mut usage = Usage::default();
        usage.advance(now, &TimeZone::UTC);
        assert_eq!(limits.changes_at(&usage, now, &TimeZone::UTC), None, "nothing was sent");
        usage.count(3, 0);
        assert_eq!((limits.room(&usage, now), limits.room(&usage, next)), (Some(0), Some(3)));
        assert_eq!(limits.changes_at(&usage, now, &TimeZone::UTC), Some(next));
        assert_eq!(limits.closed(&usage, 1, next, &TimeZone::UTC), None);
    }

    #[test]
    fn only_passwords_pass_quiet_hours() {
        let mut usage = Usage::default();
        let now = at("23:10:00");
        usage.advance(now, &TimeZone::UTC);
        usage.count(100, 0);
        let limits = limits([0, 100, 0, 0], "22:00-06:00");
        let full = limits.closed(&usage, 1, now, &TimeZone::UTC).unwrap();
        assert!(!full.lets_through(Priority::Otp));
        assert_eq!(full.to_string(), "the limit of 100 messages an hour is reached");
        let quiet = limits.closed(&Usage::default(), 1, now, &TimeZone::UTC).unwrap();
        assert!(quiet.lets_through(Priority::Otp) && !quiet.lets_through(Priority::Normal));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_the_remedy() {
        for good in [[0; 4], [1, 1, 1, 1], [0, 100, 0, 100], [MOST; 4]] {
            assert_eq!(limits(good, "").check(), Ok(()), "{good:?}");
        }
        let error = limits([0, 500, 0, 100], "").check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the limit per_hour is 500 and per_month only 100, so per_hour would never be reached: lower it to 100 or less, \
             raise per_month, or leave one of them out"
        );
        let found = MOST + 1;
        let error = limits([0, 0, found, 0], "").check();
        assert_eq!(error, Err(LimitsError::TooLarge { limit: Limit::Day, found }));
        let recipients = |found| Limits {
            recipients_per_month: NonZeroU32::new(found),
            ..limits([0, 0, 0, 500], "")
        };
        assert_eq!(recipients(500).check(), Ok(()));
        assert_eq!(
            recipients(501).check(),
            Err(LimitsError::NeverReached {
                shorter: Limit::Recipients,
                above: 501,
                longer: Limit::Month,
                below: 500
            })
        );
        let found = MOST_RECIPIENTS + 1;
        let limit = Limit::Recipients;
        assert_eq!(recipients(found).check(), Err(LimitsError::TooLarge { limit, found }));
        assert!(limits([0; 4], "").is_none() && !limits([0; 4], "22:00-06:00").is_none());
    }

    #[test]
    fn a_block_is_a_hundredth_of_the_smallest_limit() {
        for (numbers, block) in [([0; 4], 1), ([3, 0, 0, 0], 1), ([0, 500, 0, 20_000], 5)] {
            assert_eq!(limits(numbers, "").block(), block, "{numbers:?}");
        }
    }

    #[test]
    fn a_zone_that_is_not_known_is_that_of_the_host() {
        let in_zone = |zone: &str| Limits { zone: Some(zone.to_owned()), ..Limits::default() };
        assert_eq!(in_zone("Asia/Jakarta").time_zone().iana_name(), Some("Asia/Jakarta"));
        let unknown = in_zone("Mars/Olympus");
        assert!(unknown.is_of_unknown_zone() && !in_zone("UTC").is_of_unknown_zone());
        assert_eq!(unknown.time_zone(), TimeZone::system());
        assert!(!Limits::default().is_of_unknown_zone());
    }

    #[test]
    fn settings_of_a_later_version_are_read() {
        let json = r#"{"per_hour":3,"per_week":9,"quiet":"22:00-06:00"}"#;
        let read: Limits = serde_json::from_str(json).unwrap();
        assert_eq!(read, limits([0, 3, 0, 0], "22:00-06:00"));
        assert_eq!(serde_json::to_string(&Limits::default()).unwrap(), "{}");
    }
}
