//! What `+CMS ERROR` and `+CME ERROR` have in common: a code or words, and a table that explains the codes.

use std::fmt;
use std::marker::PhantomData;

use crate::error_class::{Described, ErrorClass, by_name};

/// A family of error codes: the name before the colon, and the words for each code.
pub trait Family: 'static {
    /// What stands before the colon: `+CMS ERROR`.
    const NAME: &'static str;

    /// The codes that are known by name, in order.
    const TABLE: &'static [Described];

    /// The words for an error that has no known code. Its name is not used.
    const WITHOUT_CODE: &'static Described;

    /// The words for a code that is not in the table.
    fn unlisted(code: u16) -> &'static Described;
}

/// An error of one family: its code, or the text of one that has no known code.
pub struct CodedError<F> {
    code: Option<u16>,
    text: String,
    family: PhantomData<F>,
}

impl<F: Family> CodedError<F> {
    /// Reads what stands behind the colon, a number or (with `+CMEE=2`) a name.
    pub fn parse(text: &str) -> Self {
        let text = text.trim().trim_matches('"');
        let code = text.parse().ok().or_else(|| by_name(F::TABLE, text));
        let text = if code.is_some() { String::new() } else { text.to_owned() };
        Self { code, text, family: PhantomData }
    }

    /// The code, when there is one.
    pub fn code(&self) -> Option<u16> {
        self.code
    }

    /// The name in the standard, or what the modem said.
    pub fn name(&self) -> &str {
        match self.code {
            Some(_) => self.described().name,
            None if self.text.is_empty() => "unknown error",
            None => &self.text,
        }
    }

    /// What the error means, in a sentence.
    pub fn meaning(&self) -> &'static str {
        self.described().meaning
    }

    /// What to do about the error, in a sentence.
    pub fn advice(&self) -> &'static str {
        self.described().advice
    }

    /// What the error asks for.
    pub fn class(&self) -> ErrorClass {
        self.described().class
    }

    /// All codes that are known by name, in order.
    pub fn all() -> &'static [Described] {
        F::TABLE
    }

    fn described(&self) -> &'static Described {
        let Some(code) = self.code else { return F::WITHOUT_CODE };
        F::TABLE.iter().find(|entry| entry.code == code).unwrap_or_else(|| F::unlisted(code))
    }
}

impl<F: Family> From<u16> for CodedError<F> {
    fn from(code: u16) -> Self {
        Self { code: Some(code), text: String::new(), family: PhantomData }
    }
}

/// `+CMS ERROR: 38 (network out of order)`, as people look codes up.
impl<F: Family> fmt::Display for CodedError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{}: {code} ({})", F::NAME, self.described().name),
            None => write!(f, "{}: {}", F::NAME, self.text),
        }
    }
}

// Written by hand, for derived implementations would ask the same of the family, of which there is no value.

impl<F: Family> fmt::Debug for CodedError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(F::NAME).field("code", &self.code).field("text", &self.text).finish()
    }
}

impl<F> Clone for CodedError<F> {
    fn clone(&self) -> Self {
        Self { code: self.code, text: self.text.clone(), family: PhantomData }
    }
}

impl<F> PartialEq for CodedError<F> {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code && self.text == other.text
    }
}

impl<F> Eq for CodedError<F> {}

/// An entry of a table.
pub(crate) const fn entry(
    code: u16,
    class: ErrorClass,
    name: &'static str,
    meaning: &'static str,
    advice: &'static str,
) -> Described {
    Described { code, name, meaning, advice, class }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Checks that no code of a family is without words.
    pub(crate) fn every_code_has_words<F: Family>() {
        for code in 0..=u16::MAX {
            let error = CodedError::<F>::from(code);
            let words = F::NAME;
            assert!(!error.name().is_empty() && !error.name().ends_with('.'), "{words} {code}");
            assert!(error.meaning().ends_with('.'), "{words} {code}");
            assert!(error.advice().ends_with('.'), "{words} {code}");
        }
    }

    /// Checks that a family's table can be searched by code and by name.
    pub(crate) fn the_table_is_in_order_and_its_names_are_unique<F: Family>() {
        assert!(F::TABLE.is_sorted_by(|a, b| a.code < b.code));
        for entry in F::TABLE {
            assert_eq!(by_name(F::TABLE, entry.name), Some(entry.code), "{}", entry.name);
        }
    }
}
