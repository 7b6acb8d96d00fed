//! What is wrong with a document, each with its place and what can be done about it. Pure.

use std::fmt;

use super::kind::Kind;

/// The most that are named.
pub(super) const MOST: usize = 100;

/// Something that is wrong, or to be thought about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// Where: `services 2 'jadwal'`.
    pub(crate) place: String,
    /// What, in a sentence.
    pub(crate) text: String,
    /// What can be done about it, in a sentence.
    pub(crate) remedy: String,
}

/// Where something is wrong.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// A list of the document.
    Named(String),
    /// An entry of a list, by its number from 1.
    Numbered(Kind, usize),
    /// The same, with what it is called.
    Entry(Kind, usize, String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Numbered(kind, number) => write!(f, "{kind} {number}"),
            Self::Entry(kind, number, name) => write!(f, "{kind} {number} '{name}'"),
        }
    }
}

/// What was found so far: at most [`MOST`].
#[derive(Debug, Default)]
pub(super) struct Flaws(Vec<Flaw>);

impl Flaws {
    /// Notes one.
    pub(super) fn add(&mut self, place: impl fmt::Display, text: String, remedy: String) {
        if self.0.len() < MOST {
            self.0.push(Flaw { place: place.to_string(), text, remedy });
        }
    }

    /// Whether nothing was found.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub(super) fn into_all(self) -> Vec<Flaw> {
        self.0
    }
}
