//! A place in the list of entries.

use std::fmt;
use std::str::FromStr;

use contracts::Timestamp;

use crate::ParseCursorError;

/// A place in the list of entries, which is sorted by time and then by sequence.
///
/// The text form is `TIME.SEQUENCE` with the time in microseconds. It is for programs to keep and to bring back, not to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditPlace {
    /// The time of the entry.
    pub at: Timestamp,
    /// Its sequence, which tells entries of one time apart.
    pub sequence: i64,
}

impl AuditPlace {
    /// The most characters that a text form has.
    pub const LONGEST: usize = 41;
}

impl fmt::Display for AuditPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.as_micros(), self.sequence)
    }
}

impl FromStr for AuditPlace {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        let (at, sequence) = text.split_once('.').ok_or(ParseCursorError)?;
        let at = at.parse().map(Timestamp::from_micros).map_err(|_| ParseCursorError)?;
        Ok(Self { at, sequence: sequence.parse().map_err(|_| ParseCursorError)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_text_form_is_read_back() {
        for (micros, sequence) in [(0, 1), (i64::MIN, i64::MAX), (1_790_000_000_000_000, 7)] {
            let place = AuditPlace { at: Timestamp::from_micros(micros), sequence };
            let text = place.to_string();
            assert!(text.len() <= AuditPlace::LONGEST, "{text}");
            assert_eq!(text.parse(), Ok(place));
        }
        for bad in ["", "1", "1.", ".1", "1.x", "1.2.3"] {
            assert_eq!(bad.parse::<AuditPlace>(), Err(ParseCursorError), "{bad}");
        }
    }
}
