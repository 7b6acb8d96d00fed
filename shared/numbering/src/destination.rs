//! Where messages may go.

use std::fmt;
use std::str::FromStr;

use crate::country::{Country, NoCountry};

/// The most digits of a prefix: as many as a number has.
const LONGEST: usize = 15;

/// Some numbers that may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Those of all countries. Written `*`.
    Everywhere,
    /// Those of a country. Written as its two letters.
    Country(Country),
    /// Those that begin so. Written as `+` and digits.
    Prefix(String),
}

/// A text that is no destination.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoDestination {
    /// What follows a `+` is not the beginning of a number.
    #[error("'{0}' is no beginning of a number: write + and 1 to {LONGEST} digits, such as +65")]
    Prefix(String),
    /// It is no country.
    #[error(
        "{0}. Others are the beginnings of numbers, such as +65, and *, which is every country"
    )]
    Country(#[from] NoCountry),
}

impl Destination {
    /// Whether a number is one of them, by its digits, the country's first, and its country.
    pub(crate) fn has(&self, digits: &str, country: Option<Country>) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Country(allowed) => Some(*allowed) == country,
            Self::Prefix(prefix) => digits.starts_with(prefix.as_str()),
        }
    }
}

impl FromStr for Destination {
    type Err = NoDestination;

    fn from_str(text: &str) -> Result<Self, NoDestination> {
        let written = text.trim();
        if written == "*" {
            return Ok(Self::Everywhere);
        }
        let Some(digits) = written.strip_prefix('+') else {
            return Ok(Self::Country(written.parse()?));
        };
        let fits = (1..=LONGEST).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if fits {
            Ok(Self::Prefix(digits.to_owned()))
        } else {
            Err(NoDestination::Prefix(written.chars().take(40).collect()))
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everywhere => f.write_str("*"),
            Self::Country(country) => fmt::Display::fmt(country, f),
            Self::Prefix(digits) => write!(f, "+{digits}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_read_as_it_is_shown() {
        for text in ["*", "SG", "+65", "+1876", &format!("+{}", "9".repeat(LONGEST))] {
            assert_eq!(text.parse::<Destination>().unwrap().to_string(), text);
        }
        assert_eq!(" sg ".parse::<Destination>().unwrap().to_string(), "SG");
        for wrong in ["", "+", "+065", "+6a", "65", "**", &format!("+{}", "9".repeat(LONGEST + 1))]
        {
            assert!(wrong.parse::<Destination>().is_err(), "{wrong}");
        }
    }
}
