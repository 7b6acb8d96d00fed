//! The languages whose GSM tables a sender allows (TS 23.038, 6.2.1.2).

use std::fmt;

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use tpdu::Language;

/// What stands for all of them.
const AUTO: &str = "auto";

/// A set of languages: their tables of GSM letters may be used where that saves parts.
///
/// None is the default, for not every phone has the tables. In JSON a list of two-letter codes, `["tr"]`; `"auto"`,
/// alone or in the list, is all that this version knows. A reader passes over languages of a later version.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Languages(u16);

/// A word that is no language with tables.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a language with GSM tables: use {known}, or auto for all", known = Languages::ALL)]
pub struct ParseLanguagesError(String);

impl Languages {
    /// None.
    pub const NONE: Self = Self(0);
    /// Every one there is.
    pub const ALL: Self = {
        let (mut all, mut n) = (0, 0);
        while n < Language::ALL.len() {
            all |= 1 << Language::ALL[n].code();
            n += 1;
        }
        Self(all)
    };

    /// From two-letter codes and `auto`; a code that is not known is an error.
    pub fn parse<'a>(tags: impl IntoIterator<Item = &'a str>) -> Result<Self, ParseLanguagesError> {
        let mut languages = Self::NONE;
        for tag in tags {
            let found = Self::named(tag);
            languages.0 |=
                found.ok_or_else(|| ParseLanguagesError(tag.chars().take(32).collect()))?.0;
        }
        Ok(languages)
    }

    /// Whether there is none.
    pub const fn is_none(&self) -> bool {
        self.0 == 0
    }

    /// Each of them, by code.
    pub fn iter(self) -> impl Iterator<Item = Language> {
        Language::ALL.into_iter().filter(move |language| self.0 & (1 << language.code()) != 0)
    }

    fn named(tag: &str) -> Option<Self> {
        if tag.trim().eq_ignore_ascii_case(AUTO) {
            return Some(Self::ALL);
        }
        Language::from_tag(tag.trim()).map(Self::from)
    }
}

impl From<Language> for Languages {
    fn from(language: Language) -> Self {
        Self(1 << language.code())
    }
}

/// The codes with commas.
impl fmt::Display for Languages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, language) in self.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{}", language.tag())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Languages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Languages({self})")
    }
}

impl Serialize for Languages {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Language::tag))
    }
}

impl<'de> Deserialize<'de> for Languages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tags)
    }
}

struct Tags;

impl<'de> Visitor<'de> for Tags {
    type Value = Languages;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of two-letter language codes, or \"auto\"")
    }

    fn visit_str<E>(self, tag: &str) -> Result<Languages, E> {
        Ok(Languages::named(tag).unwrap_or_default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut tags: A) -> Result<Languages, A::Error> {
        let mut languages = Languages::NONE;
        while let Some(tag) = tags.next_element::<String>()? {
            languages.0 |= Languages::named(&tag).unwrap_or_default().0;
        }
        Ok(languages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> String {
        serde_json::from_str::<Languages>(json).unwrap().to_string()
    }

    #[test]
    fn a_list_of_codes_or_all() {
        assert_eq!(read(r#"["tr","ES"]"#), "tr, es");
        assert_eq!(read(r#"["hi","tr","hi"]"#), "tr, hi");
        assert_eq!(read("[]"), "");
        assert_eq!(read(r#""auto""#), Languages::ALL.to_string());
        assert_eq!(read(r#"["auto"]"#), Languages::ALL.to_string());
        assert_eq!(Languages::ALL.iter().count(), 13);
        assert!(serde_json::from_str::<Languages>("7").is_err());
        assert_eq!(serde_json::to_string(&Languages::from(Language::Urdu)).unwrap(), r#"["ur"]"#);
    }

    #[test]
    fn a_language_of_a_later_version_is_passed_over_by_readers_and_refused_from_people() {
        assert_eq!(read(r#"["tlh","tr"]"#), "tr");
        let error = Languages::parse(["tr", "id"]).unwrap_err().to_string();
        assert!(
            error.starts_with("'id' is not a language with GSM tables: use tr, es, "),
            "{error}"
        );
        assert_eq!(Languages::parse(["tr", "auto"]), Ok(Languages::ALL));
    }
}
