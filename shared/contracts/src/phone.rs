//! Who a message goes to or comes from.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number as it is dialled: international with `+`, or national, or a short code without.
///
/// Grammar after parsing: `+` and 4 to 15 digits (E.164), or 1 to 20 of `0-9 * #`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(String);

/// Networks have short codes of up to so many digits.
const LONGEST_SHORT_CODE: usize = 6;
/// The shortest numbers of subscribers: 3 digits of the country and 4 of the island.
const SHORTEST_INTERNATIONAL: usize = 7;

/// Why a text is no number that can be dialled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Nothing in it.
    #[error("the number is empty")]
    Empty,
    /// Something that no keypad has.
    #[error("'{0}' cannot be in a phone number")]
    Character(char),
    /// More digits than there are in any number.
    #[error("the number has {0} digits; at most {1} are possible")]
    TooLong(usize, usize),
    /// An international number cannot be this short.
    #[error("the number has only {0} digits after the +; at least {1} are needed")]
    TooShort(usize, usize),
}

impl PhoneNumber {
    /// Reads what people write: spaces, dots, dashes, slashes and brackets are dropped, a leading `00` becomes `+`.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let mut digits = String::new();
        let mut international = false;
        for c in text.trim().chars() {
            match c {
                '+' if digits.is_empty() && !international => international = true,
                '0'..='9' | '*' | '#' => digits.push(c),
                ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}' => {}
                other => return Err(PhoneError::Character(other)),
            }
        }
        if !international && digits.len() > 6 && digits.starts_with("00") {
            digits.drain(..2);
            international = true;
        }
        let count = digits.len();
        if count == 0 {
            return Err(PhoneError::Empty);
        }
        if !international {
            return if count > 20 { Err(PhoneError::TooLong(count, 20)) } else { Ok(Self(digits)) };
        }
        if let Some(c) = digits.chars().find(|c| !c.is_ascii_digit()) {
            return Err(PhoneError::Character(c));
        }
        match count {
            0..4 => Err(PhoneError::TooShort(count, 4)),
            4..=15 => Ok(Self(format!("+{digits}"))),
            _ => Err(PhoneError::TooLong(count, 15)),
        }
    }

    /// The number as dialled.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it starts with `+`.
    pub fn is_international(&self) -> bool {
        self.0.starts_with('+')
    }

    /// Whether it is a short code: a service of the network, such as 888, not a subscriber.
    pub fn is_short_code(&self) -> bool {
        !self.is_international() && self.0.len() <= LONGEST_SHORT_CODE
    }

    /// Refuses what is dialled as an international number and is shorter than that of any subscriber, country code
    /// included: most of it was left out.
    ///
    /// # Errors
    /// [`PhoneError::TooShort`].
    pub fn is_whole(&self) -> Result<(), PhoneError> {
        let count = self.digits().len();
        if self.is_international() && count < SHORTEST_INTERNATIONAL {
            return Err(PhoneError::TooShort(count, SHORTEST_INTERNATIONAL));
        }
        Ok(())
    }

    /// Its digits without the `+`.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// The last `n` digits or fewer: what survives national and international writing, by which reports are matched.
    pub fn tail(&self, n: usize) -> &str {
        let digits = self.digits();
        &digits[digits.len().saturating_sub(n)..]
    }

    /// The digits that all writings of one phone's number have in common: the last nine, or fewer. Two numbers that have them in
    /// common are of one phone when [`Self::is_same_phone`] says so.
    pub fn phone(&self) -> &str {
        self.tail(9)
    }

    /// Whether two numbers are of one phone, each of which may be written with its country or without. Of two that are both
    /// written with a country, only the same is meant.
    pub fn is_same_phone(&self, other: &Self) -> bool {
        let both = self.is_international() && other.is_international();
        self == other || (!both && self.phone() == other.phone())
    }

    /// For logs: all but the first and last three characters hidden.
    pub fn masked(&self) -> String {
        mask(&self.0)
    }
}

fn mask(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= 6 {
        return "*".repeat(chars.len());
    }
    let head: String = chars[..3].iter().collect();
    let tail: String = chars[chars.len() - 3..].iter().collect();
    format!("{head}{}{tail}", "*".repeat(chars.len() - 6))
}

impl FromStr for PhoneNumber {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        Self::parse(text)
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Masked, so that a number does not reach a log by `{:?}`.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Serialize for PhoneNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The sender of a received message: a number, or a name that cannot be answered.
///
/// In JSON a plain string: what parses as a number is one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// A number, which can be answered.
    Number(PhoneNumber),
    /// A name such as `TELKOMSEL`.
    Name(String),
}

impl Address {
    /// A number when the text is one, else a name.
    pub fn from_text(text: &str) -> Self {
        PhoneNumber::parse(text).map_or_else(|_| Self::Name(text.to_owned()), Self::Number)
    }

    /// What all writings of whoever it is have in common: see [`PhoneNumber::phone`]. A name has one writing.
    pub fn phone(&self) -> &str {
        match self {
            Self::Number(number) => number.phone(),
            Self::Name(name) => name,
        }
    }

    /// Whether two are of one phone, as [`PhoneNumber::is_same_phone`] says, or the same name.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.is_same_phone(other),
            (one, other) => one == other,
        }
    }

    /// For logs.
    pub fn masked(&self) -> String {
        match self {
            Self::Number(number) => number.masked(),
            Self::Name(name) => mask(name),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.write_str(number.as_str()),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Ok(Self::from_text(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_known_with_its_country_and_without() {
        let same = |one: &str, other: &str| {
            let (one, other): (PhoneNumber, PhoneNumber) =
                (one.parse().unwrap(), other.parse().unwrap());
            assert_eq!(one.is_same_phone(&other), other.is_same_phone(&one));
            one.is_same_phone(&other)
        };
        for other in ["+628123456789", "08123456789", "628123456789", "8123456789"] {
            assert!(same("+628123456789", other) && same("08123456789", other), "{other}");
        }
        assert!(!same("+628123456789", "+618123456789"), "of another country");
        assert!(!same("08123456789", "08123456780"));
        assert!(!same("+628123456789", "888") && !same("08123456789", "3456789"));
    }

    #[test]
    fn what_people_write_is_read() {
        for (written, read) in [
            ("+62 812-3456.789", "+628123456789"),
            ("0062 (812) 3456789", "+628123456789"),
            ("08123456789", "08123456789"),
            ("888", "888"),
            ("*123#", "*123#"),
        ] {
            assert_eq!(PhoneNumber::parse(written).map(|n| n.to_string()), Ok(read.to_owned()));
        }
    }

    #[test]
    fn what_no_keypad_has_is_refused() {
        assert_eq!(PhoneNumber::parse(" "), Err(PhoneError::Empty));
        assert_eq!(PhoneNumber::parse("+"), Err(PhoneError::Empty));
        assert_eq!(PhoneNumber::parse("bob"), Err(PhoneError::Character('b')));
        assert_eq!(PhoneNumber::parse("+62812\r\nAT"), Err(PhoneError::Character('\r')));
        assert_eq!(PhoneNumber::parse("+1234567890123456"), Err(PhoneError::TooLong(16, 15)));
        assert_eq!(PhoneNumber::parse("+12"), Err(PhoneError::TooShort(2, 4)));
        assert_eq!(PhoneNumber::parse("+62*12"), Err(PhoneError::Character('*')));
    }

    #[test]
    fn debug_hides_the_number() {
        let number = PhoneNumber::parse("+628123456789").unwrap();
        assert_eq!(format!("{number:?}"), "+62*******789");
        assert_eq!(number.tail(8), "23456789");
    }
}
