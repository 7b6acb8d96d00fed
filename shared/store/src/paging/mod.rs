//! Lists in pages. A page begins after the place at which the page before ended (keyset pagination), so rows that
//! come meanwhile move nothing.

use std::fmt;
use std::str::FromStr;

use contracts::{MessageId, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A place in a list: the values that the list is sorted by. A place stays good when its row is gone, and when the
/// row never was in reach.
///
/// The text form is `TIME.ID` with the time in microseconds. It is for programs to keep and to bring back, not to
/// read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The time by which the list is sorted.
    pub at: Timestamp,
    /// The id, which tells rows of one time apart.
    pub id: MessageId,
}

impl Cursor {
    /// The most characters that a text form has.
    pub const LONGEST: usize = 64;
}

/// A text is no place in a list.
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

/// Which page of a list is read. Lists are sorted newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// The place after which the page begins, which is the `next` of the page before. None is the first page.
    pub before: Option<Cursor>,
    /// The most items of the page, at least 1 and at most 1000.
    pub limit: u32,
}

impl Default for Page {
    fn default() -> Self {
        Self { before: None, limit: 50 }
    }
}

impl Page {
    /// Returns the limit in its range.
    pub(crate) fn rows(self) -> usize {
        usize::try_from(self.limit.clamp(1, 1000)).unwrap_or(1000)
    }
}

/// A place in a list that is sorted by name. It stays good when its row is gone.
///
/// The text form is `ID.NAME`. It is for programs to keep and to bring back, not to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePlace {
    /// The name in lower case.
    pub name_key: String,
    /// The id, which tells rows of one name apart.
    pub id: String,
}

impl NamePlace {
    /// The most characters that a text form has.
    pub const LONGEST: usize = 400;
}

impl fmt::Display for NamePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.id, self.name_key)
    }
}

impl FromStr for NamePlace {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        if text.chars().count() > Self::LONGEST {
            return Err(ParseCursorError);
        }
        let (id, name_key) = text.split_once('.').ok_or(ParseCursorError)?;
        let is_id = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if id.is_empty() || !id.chars().all(is_id) || name_key.contains('\0') {
            return Err(ParseCursorError);
        }
        Ok(Self { name_key: name_key.to_owned(), id: id.to_owned() })
    }
}

/// Which page of a list that is sorted by name is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamePage {
    /// The place after which the page begins, which is the `next` of the page before. None is the first page.
    pub after: Option<NamePlace>,
    /// The most items of the page, at least 1 and at most 1000.
    pub limit: u32,
}

impl NamePage {
    /// Returns the limit in its range.
    pub(crate) fn rows(&self) -> usize {
        usize::try_from(self.limit.clamp(1, 1000)).unwrap_or(1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_by_name_is_read_back() {
        let place = NamePlace { name_key: "a.b\u{202e} c".to_owned(), id: "con_1".to_owned() };
        assert_eq!(place.to_string().parse(), Ok(place));
        let long = format!("con_1.{}", "x".repeat(NamePlace::LONGEST));
        for bad in ["", "con_1", ".a", "CON.a", "con_1.\0", &long] {
            assert_eq!(bad.parse::<NamePlace>(), Err(ParseCursorError), "{bad}");
        }
    }

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
