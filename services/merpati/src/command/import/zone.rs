//! The time zone in which another gateway has its times.

use std::str::FromStr;

use contracts::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// See the module.
pub(super) struct Zone(TimeZone);

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words =
            || format!("'{text}' is no time zone: write one such as Asia/Jakarta, UTC or +07:00");
        let Some(rest) = text.strip_prefix(['+', '-']) else {
            return TimeZone::get(text).map(Self).map_err(|_| words());
        };
        let (hours, minutes) = rest.split_once(':').ok_or_else(words)?;
        let number = |text: &str, most: u8| {
            let number = text.parse::<u8>().ok().filter(|number| *number <= most);
            number.map(i32::from).ok_or_else(words)
        };
        let seconds = number(hours, 24)? * 3_600 + number(minutes, 59)? * 60;
        let seconds = if text.starts_with('-') { -seconds } else { seconds };
        let offset = Offset::from_seconds(seconds).map_err(|_| words())?;
        Ok(Self(TimeZone::fixed(offset)))
    }
}

impl Zone {
    /// A time as a clock in the zone shows it; none: there is none such.
    pub(super) fn at(&self, shown: DateTime) -> Option<Timestamp> {
        let at = self.0.to_timestamp(shown).ok()?;
        Some(Timestamp::from_micros(at.as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_names_or_offsets() {
        for good in ["UTC", "Asia/Jakarta", "+07:00", "-03:30"] {
            assert!(good.parse::<Zone>().is_ok(), "{good}");
        }
        for bad in ["", "Jakarta", "+7", "+99:00", "+a:b", "+99999999:00"] {
            assert!(bad.parse::<Zone>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_is_one_of_the_zone() {
        let at = DateTime::constant(2024, 5, 6, 7, 0, 0, 0);
        let shown = |zone: &str| zone.parse::<Zone>().unwrap().at(at).unwrap().to_string();
        assert_eq!(shown("UTC"), "2024-05-06T07:00:00Z");
        assert_eq!(shown("+07:00"), "2024-05-06T00:00:00Z");
        assert_eq!(shown("Asia/Jakarta"), "2024-05-06T00:00:00Z");
    }
}
