//! Times of the service centre: TP-SCTS, TP-DT, absolute TP-VP (TS 23.040, 9.2.3.11).
//!
//! Seven octets of swapped decimal digits: year, month, day, hour, minute, second, and the zone in
//! quarters of an hour, whose sign is bit 3. Real networks send days and zones that do not exist, so the
//! octets are kept as they came and read only on demand.

use std::fmt;

/// A time as the service centre wrote it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Scts(pub [u8; 7]);

/// A time of day somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Civil {
    /// 1990 to 2089.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// East of Greenwich, in minutes.
    pub offset_minutes: i16,
}

/// The greatest zone there is: 14 hours, in quarters.
const MOST_QUARTERS: i16 = 56;

impl Scts {
    /// The octets of a time; none when a field is out of its range.
    pub fn from_civil(civil: Civil) -> Option<Self> {
        let quarters = civil.offset_minutes / 15;
        let fits = (1990..=2089).contains(&civil.year)
            && (1..=12).contains(&civil.month)
            && (1..=days_in(civil.year, civil.month)).contains(&civil.day)
            && civil.hour < 24
            && civil.minute < 60
            && civil.second < 60
            && civil.offset_minutes % 15 == 0
            && quarters.abs() <= MOST_QUARTERS;
        if !fits {
            return None;
        }
        let year = u8::try_from(civil.year % 100).ok()?;
        let sign = if quarters < 0 { 0x08 } else { 0 };
        let zone = swapped(u8::try_from(quarters.abs()).ok()?) | sign;
        let [month, day, hour, minute, second] =
            [civil.month, civil.day, civil.hour, civil.minute, civil.second].map(swapped);
        Some(Self([swapped(year), month, day, hour, minute, second, zone]))
    }

    /// The octets of a moment, in seconds since 1970 UTC, as a clock shows it so many minutes east of Greenwich.
    pub fn from_timestamp(seconds: i64, offset_minutes: i16) -> Option<Self> {
        let local = seconds.checked_add(i64::from(offset_minutes) * 60)?;
        let (days, in_day) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let (year, month, day) = date_of(days)?;
        let part = |n: i64| u8::try_from(n).ok();
        Self::from_civil(Civil {
            year,
            month,
            day,
            hour: part(in_day / 3600)?,
            minute: part(in_day / 60 % 60)?,
            second: part(in_day % 60)?,
            offset_minutes,
        })
    }

    /// The time of day; none when there is no such time or zone.
    pub fn civil(self) -> Option<Civil> {
        let [year, month, day, hour, minute, second, zone] = self.0;
        let two_digits = u16::from(read(year)?);
        let quarters = i16::from(read(zone & !0x08)?);
        let civil = Civil {
            year: if two_digits < 90 { 2000 } else { 1900 } + two_digits,
            month: read(month)?,
            day: read(day)?,
            hour: read(hour)?,
            minute: read(minute)?,
            second: read(second)?,
            offset_minutes: if zone & 0x08 == 0 { quarters } else { -quarters } * 15,
        };
        let fits = (1..=12).contains(&civil.month)
            && (1..=days_in(civil.year, civil.month)).contains(&civil.day)
            && civil.hour < 24
            && civil.minute < 60
            && civil.second < 60
            && quarters <= MOST_QUARTERS;
        fits.then_some(civil)
    }

    /// Seconds since 1970 UTC; none when there is no such time, and the time of receipt is the best guess.
    pub fn to_timestamp(self) -> Option<i64> {
        let civil = self.civil()?;
        let days = days_since_1970(civil.year, civil.month, civil.day);
        let in_day = i64::from(civil.hour) * 3600
            + (i64::from(civil.minute) - i64::from(civil.offset_minutes)) * 60
            + i64::from(civil.second);
        Some(days * 86_400 + in_day)
    }
}

/// RFC 3339, as `2006-02-16T09:14:26+07:00`; what is no time is shown in hexadecimal.
impl fmt::Display for Scts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(c) = self.civil() else {
            return f.write_str(&crate::octets::to_hex(&self.0));
        };
        let sign = if c.offset_minutes < 0 { '-' } else { '+' };
        let offset = c.offset_minutes.unsigned_abs();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{sign}{:02}:{:02}",
            c.year,
            c.month,
            c.day,
            c.hour,
            c.minute,
            c.second,
            offset / 60,
            offset % 60
        )
    }
}

impl fmt::Debug for Scts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scts({self})")
    }
}

const fn swapped(value: u8) -> u8 {
    ((value % 10) << 4) | (value / 10)
}

fn read(octet: u8) -> Option<u8> {
    let (tens, ones) = (octet & 0x0F, octet >> 4);
    (tens < 10 && ones < 10).then_some(tens * 10 + ones)
}

const fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: u16, month: u8, day: u8) -> i64 {
    let years: i64 = (1970..year).map(|y| if is_leap(y) { 366 } else { 365 }).sum();
    let months: i64 = (1..month).map(|m| i64::from(days_in(year, m))).sum();
    years + months + i64::from(day) - 1
}

/// The date so many days after 1970-01-01; none before 1990 and after 2089.
fn date_of(days: i64) -> Option<(u16, u8, u8)> {
    let year = (1990..2090).rev().find(|&y| days_since_1970(y, 1, 1) <= days)?;
    let month = (1..=12).rev().find(|&m| days_since_1970(year, m, 1) <= days)?;
    let day = u8::try_from(days - days_since_1970(year, month, 1) + 1).ok()?;
    Some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_is_bit_three() {
        let at = |zone| Scts([0x99, 0x30, 0x92, 0x51, 0x61, 0x95, zone]).to_string();
        // "99 30 92 51 61 95 80" is 1999-03-29 15:16:59 GMT+2 on the page "SMS and the PDU format" (dreamfabric.com).
        assert_eq!(at(0x80), "1999-03-29T15:16:59+02:00");
        assert_eq!(at(0x8A), "1999-03-29T15:16:59-07:00");
    }

    #[test]
    fn what_is_no_time_is_kept() {
        for garbage in [[0; 7], [0xFF; 7], [0x62, 0x20, 0x03, 0, 0, 0, 0]] {
            assert_eq!(Scts(garbage).to_timestamp(), None);
        }
        assert_eq!(Scts([0; 7]).to_string(), "00000000000000");
    }

    #[test]
    fn moments_both_ways() {
        // 1140056066: `date -d 2006-02-16T09:14:26+07:00 +%s`.
        let time = Scts([0x60, 0x20, 0x61, 0x90, 0x41, 0x62, 0x82]);
        assert_eq!(time.to_timestamp(), Some(1_140_056_066));
        assert_eq!(Scts::from_timestamp(1_140_056_066, 7 * 60), Some(time));
        assert_eq!(Scts::from_timestamp(0, 0), None);
    }
}
