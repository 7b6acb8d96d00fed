//! Lists in pages: a page begins after the place at which the page before ended (keyset pagination), so rows that come
//! meanwhile move nothing.

use std::fmt;
use std::str::FromStr;

use contracts::{MessageId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A place in a list: what its row there is sorted by. So it stays good when that row is gone, or never was in scope.
///
/// Its text form, `TIME.ID` with the time in microseconds, is for programs to keep and bring back, not to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The time the list is sorted by.
    pub at: Timestamp,
    /// Tells rows of one time apart.
    pub id: MessageId,
}

impl Cursor {
    /// No text form is longer.
    pub const LONGEST: usize = 64;
}

/// A text that is no place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no place in a list: use the `next` of one of its pages")]
pub struct ParseCursorError;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at.as_micros(), self.id)
    }
}

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        let (at, id) = text.split_once('.').ok_or(ParseCursorError)?;
        let at = at.parse().map(Timestamp::from_micros).map_err(|_| ParseCursorError)?;
        Ok(Self { at, id: id.parse().map_err(|_| ParseCursorError)? })
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A page of a list, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Only what comes after this place: the `next` of the page before.
    pub before: Option<Cursor>,
    /// How many at most; drawn to 1..=1000.
    pub limit: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self { before: None, limit: 50 }
    }
}

impl Page {
    /// The limit in range.
    pub(crate) fn rows(self) -> usize {
        usize::try_from(self.limit.clamp(1, 1000)).unwrap_or(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_text_form_is_read_back() {
        for micros in [0, -1, 1_790_000_000_000_000, i64::MAX] {
            let cursor = Cursor { at: Timestamp::from_micros(micros), id: MessageId::new() };
            let text = cursor.to_string();
            assert!(text.len() <= Cursor::LONGEST, "{text}");
            assert_eq!(text.parse(), Ok(cursor));
        }
        let id = MessageId::new();
        for bad in [String::new(), id.to_string(), format!("x.{id}"), "1.msg_1".to_owned()] {
            assert_eq!(bad.parse::<Cursor>(), Err(ParseCursorError), "{bad}");
        }
    }
}
