//! TP-VP, the validity period (TS 23.040, 9.2.3.12).

use std::time::Duration;

use crate::scts::Scts;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// How long the service centre tries to deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Validity {
    /// One octet, from 5 minutes to 63 weeks. What every service centre understands.
    Relative(u8),
    /// A time. Some service centres refuse it.
    Absolute(Scts),
    /// Seven octets of a rarely understood form.
    Enhanced([u8; 7]),
}

impl Validity {
    /// The shortest relative period of at least this length; the longest there is when it is longer.
    pub fn at_least(period: Duration) -> Self {
        let octet = (0..=u8::MAX).find(|&octet| relative(octet) >= period.as_secs());
        Self::Relative(octet.unwrap_or(u8::MAX))
    }

    /// How long it is; none for a time, and for enhanced forms that say nothing or are reserved.
    pub fn period(self) -> Option<Duration> {
        let seconds = match self {
            Self::Relative(octet) => relative(octet),
            Self::Absolute(_) => return None,
            Self::Enhanced([indicator, first, second, third, ..]) => match indicator & 7 {
                1 => relative(first),
                2 => u64::from(first),
                3 => {
                    let [h, m, s] = [first, second, third]
                        .map(|octet| u64::from(octet & 0x0F) * 10 + u64::from(octet >> 4));
                    h * HOUR + m * MINUTE + s
                }
                _ => return None,
            },
        };
        Some(Duration::from_secs(seconds))
    }

    /// TP-VPF, the two bits in the first octet that say which form follows.
    pub(crate) const fn format(validity: Option<Self>) -> u8 {
        match validity {
            None => 0b00,
            Some(Self::Enhanced(_)) => 0b01,
            Some(Self::Relative(_)) => 0b10,
            Some(Self::Absolute(_)) => 0b11,
        }
    }
}

fn relative(octet: u8) -> u64 {
    let n = u64::from(octet);
    match octet {
        0..=143 => (n + 1) * 5 * MINUTE,
        144..=167 => 12 * HOUR + (n - 143) * 30 * MINUTE,
        168..=196 => (n - 166) * DAY,
        197..=255 => (n - 192) * WEEK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The borders of the table in TS 23.040, 9.2.3.12.1.
    #[test]
    fn relative_periods() {
        for (octet, seconds) in [
            (0, 5 * MINUTE),
            (143, 12 * HOUR),
            (144, 12 * HOUR + 30 * MINUTE),
            (167, DAY),
            (168, 2 * DAY),
            (196, 30 * DAY),
            (197, 5 * WEEK),
            (255, 63 * WEEK),
        ] {
            let period = Duration::from_secs(seconds);
            assert_eq!(Validity::Relative(octet).period(), Some(period), "{octet}");
            assert_eq!(Validity::at_least(period), Validity::Relative(octet));
        }
        assert_eq!(Validity::at_least(Duration::MAX), Validity::Relative(255));
        assert_eq!(Validity::at_least(Duration::ZERO), Validity::Relative(0));
        assert_eq!(Validity::at_least(Duration::from_secs(HOUR + 1)), Validity::Relative(12));
    }

    #[test]
    fn enhanced_periods() {
        let period = |octets| Validity::Enhanced(octets).period().map(|p| p.as_secs());
        assert_eq!(period([0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(period([1, 143, 0, 0, 0, 0, 0]), Some(12 * HOUR));
        assert_eq!(period([2, 30, 0, 0, 0, 0, 0]), Some(30));
        assert_eq!(period([3, 0x21, 0x43, 0x50, 0, 0, 0]), Some(12 * HOUR + 34 * MINUTE + 5));
    }
}
