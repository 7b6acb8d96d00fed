//! Countries.

use std::fmt;
use std::str::FromStr;

use phonenumber::country::Id;
use phonenumber::metadata::DATABASE;

use crate::network;

/// A country that has telephone numbers of its own, by the two letters of ISO 3166.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Country(Id);

/// A text that names no country.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{written}' is no country: write its two letters of ISO 3166, such as ID{}", guessed(.meant.as_ref()))]
pub struct NoCountry {
    written: String,
    meant: Option<String>,
}

fn guessed(meant: Option<&String>) -> String {
    meant.map(|code| format!("; did you mean {code}?")).unwrap_or_default()
}

impl Country {
    /// Its two letters.
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    /// The country of a SIM, by what its IMSI begins with; none: it is not known.
    pub fn of_imsi(imsi: &str) -> Option<Self> {
        network::country(imsi)?.parse().ok()
    }
}

impl FromStr for Country {
    type Err = NoCountry;

    fn from_str(text: &str) -> Result<Self, NoCountry> {
        let written = text.trim();
        let code = written.to_ascii_uppercase();
        // The names of the enum are the codes.
        Id::from_str(&code).map(Self).map_err(|_| NoCountry {
            written: written.chars().take(40).collect(),
            meant: meant(&code),
        })
    }
}

/// The code that somebody meant who wrote this in its place.
fn meant(written: &str) -> Option<String> {
    if written == "UK" {
        return Some("GB".to_owned());
    }
    if let Ok(code) = written.trim_start_matches('+').parse::<u16>() {
        let first = DATABASE.by_code(&code)?.first()?.id().to_owned();
        return Id::from_str(&first).is_ok().then_some(first);
    }
    let is_near =
        |code: &&str| (2..=3).contains(&written.len()) && strsim::levenshtein(code, written) == 1;
    // Of codes that are equally near, the one that begins alike.
    let mut near: Vec<&str> =
        DATABASE.iter().map(phonenumber::Metadata::id).filter(is_near).collect();
    near.retain(|code| Id::from_str(code).is_ok());
    near.sort_by_key(|code| {
        (!written.starts_with(*code), code.as_bytes()[0] != written.as_bytes()[0], *code)
    });
    near.first().map(|code| (*code).to_owned())
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!("ID".parse::<Country>().unwrap().as_str(), "ID");
        assert_eq!(" id ".parse::<Country>().unwrap().to_string(), "ID");
        for wrong in ["", "I", "Indonesia", "ÄÖ", "001", "+", "XX"] {
            assert!(wrong.parse::<Country>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_slip_is_answered_with_what_was_meant() {
        let words = |written: &str| written.parse::<Country>().unwrap_err().to_string();
        for (written, meant) in
            [("IDN", "ID"), ("uk", "GB"), ("+62", "ID"), ("44", "GB"), ("1", "US")]
        {
            assert!(
                words(written).ends_with(&format!("did you mean {meant}?")),
                "{}",
                words(written)
            );
        }
        assert_eq!(
            words("Indonesia"),
            "'Indonesia' is no country: write its two letters of ISO 3166, such as ID"
        );
    }
}
