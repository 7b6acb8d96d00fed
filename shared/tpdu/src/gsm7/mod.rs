//! GSM 7-bit text: the default alphabet, its extension, and the national language tables (TS 23.038, 6.2.1 and annex A).
//!
//! A *locking shift* replaces the alphabet, a *single shift* replaces the extension behind ESC. A character
//! is one septet when it is in the alphabet and two (ESC first) when it is in the extension.

mod asian_locking;
mod asian_single;
mod latin;

use std::collections::HashSet;
use std::fmt;

/// A character a septet; `NONE` where there is none.
type Locking = [char; 128];
/// Septets behind ESC and their characters.
type Single = &'static [(u8, char)];

const NONE: char = char::REPLACEMENT_CHARACTER;

/// The septet before one of the extension.
pub const ESC: u8 = 0x1B;

/// A language with tables of its own (TS 23.038, 6.2.1.2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Language {
    Turkish = 1,
    /// Has no locking shift table.
    Spanish = 2,
    Portuguese = 3,
    Bengali = 4,
    Gujarati = 5,
    Hindi = 6,
    Kannada = 7,
    Malayalam = 8,
    Oriya = 9,
    Punjabi = 10,
    Tamil = 11,
    Telugu = 12,
    Urdu = 13,
}

impl Language {
    /// All of them, by code.
    pub const ALL: [Self; 13] = [
        Self::Turkish,
        Self::Spanish,
        Self::Portuguese,
        Self::Bengali,
        Self::Gujarati,
        Self::Hindi,
        Self::Kannada,
        Self::Malayalam,
        Self::Oriya,
        Self::Punjabi,
        Self::Tamil,
        Self::Telugu,
        Self::Urdu,
    ];

    /// Its code in the user data header.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// From its code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// Whether there is a locking shift table.
    pub const fn has_locking(self) -> bool {
        !matches!(self, Self::Spanish)
    }

    /// Its two-letter code (ISO 639-1).
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Turkish => "tr",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
            Self::Bengali => "bn",
            Self::Gujarati => "gu",
            Self::Hindi => "hi",
            Self::Kannada => "kn",
            Self::Malayalam => "ml",
            Self::Oriya => "or",
            Self::Punjabi => "pa",
            Self::Tamil => "ta",
            Self::Telugu => "te",
            Self::Urdu => "ur",
        }
    }

    /// From its two-letter code.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(tag))
    }

    const fn locking(self) -> &'static Locking {
        match self {
            Self::Turkish => &latin::TURKISH_LOCKING,
            Self::Spanish => &latin::DEFAULT,
            Self::Portuguese => &latin::PORTUGUESE_LOCKING,
            Self::Bengali => &asian_locking::BENGALI,
            Self::Gujarati => &asian_locking::GUJARATI,
            Self::Hindi => &asian_locking::HINDI,
            Self::Kannada => &asian_locking::KANNADA,
            Self::Malayalam => &asian_locking::MALAYALAM,
            Self::Oriya => &asian_locking::ORIYA,
            Self::Punjabi => &asian_locking::PUNJABI,
            Self::Tamil => &asian_locking::TAMIL,
            Self::Telugu => &asian_locking::TELUGU,
            Self::Urdu => &asian_locking::URDU,
        }
    }

    /// Its own entries, then the ones it shares with others; the extension of the default alphabet comes last.
    const fn single(self) -> [Single; 3] {
        let (own, shared): (Single, Single) = match self {
            Self::Turkish => (latin::TURKISH_SINGLE, &[]),
            Self::Spanish => (latin::SPANISH_SINGLE, &[]),
            Self::Portuguese => (latin::PORTUGUESE_SINGLE, &[]),
            Self::Bengali => (asian_single::BENGALI, asian_single::SHARED),
            Self::Gujarati => (asian_single::GUJARATI, asian_single::SHARED),
            Self::Hindi => (asian_single::HINDI, asian_single::SHARED),
            Self::Kannada => (asian_single::KANNADA, asian_single::SHARED),
            Self::Malayalam => (asian_single::MALAYALAM, asian_single::SHARED),
            Self::Oriya => (asian_single::ORIYA, asian_single::SHARED),
            Self::Punjabi => (asian_single::PUNJABI, asian_single::SHARED),
            Self::Tamil => (asian_single::TAMIL, asian_single::SHARED),
            Self::Telugu => (asian_single::TELUGU, asian_single::SHARED),
            Self::Urdu => (asian_single::URDU, asian_single::SHARED),
        };
        [own, shared, latin::EXTENSION]
    }
}

/// Which tables a text is in; the default ones where there is no language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Shifts {
    /// In place of the default alphabet.
    pub locking: Option<Language>,
    /// In place of its extension.
    pub single: Option<Language>,
}

impl Shifts {
    const fn alphabet(self) -> &'static Locking {
        match self.locking {
            Some(language) => language.locking(),
            None => &latin::DEFAULT,
        }
    }

    fn extension(self) -> impl Iterator<Item = (u8, char)> {
        let tables = self.single.map_or([latin::EXTENSION, &[], &[]], Language::single);
        tables.into_iter().flatten().copied()
    }

    /// The septet of a character, and whether ESC goes before it.
    pub(crate) fn septet(self, c: char) -> Option<(u8, bool)> {
        if c == NONE {
            return None;
        }
        let alphabet = self.alphabet();
        // Letters, digits and most signs have the same place in all alphabets as in ASCII.
        let place = if u32::from(c) < 128 && alphabet[c as usize] == c {
            u8::try_from(c).ok()
        } else {
            alphabet.iter().position(|&there| there == c).and_then(|at| u8::try_from(at).ok())
        };
        place.map(|septet| (septet, false)).or_else(|| {
            self.extension().find(|&(_, there)| there == c).map(|(septet, _)| (septet, true))
        })
    }

    fn escaped(self, septet: u8) -> Option<char> {
        self.extension().find(|&(place, _)| place == septet).map(|(_, c)| c)
    }
}

/// Characters that an alphabet does not have, each once, in the order they came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct NotInAlphabet {
    /// The characters.
    pub characters: Vec<char>,
}

/// Collects what an alphabet does not have. Each is looked up, for a hostile text may hold very many.
#[derive(Default)]
pub(crate) struct Missing {
    seen: HashSet<char>,
    characters: Vec<char>,
}

impl Missing {
    pub(crate) fn add(&mut self, c: char) {
        if self.seen.insert(c) {
            self.characters.push(c);
        }
    }

    /// An error, unless nothing is missing.
    pub(crate) fn check(self) -> Result<(), NotInAlphabet> {
        let characters = self.characters;
        if characters.is_empty() { Ok(()) } else { Err(NotInAlphabet { characters }) }
    }
}

impl fmt::Display for NotInAlphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, more) = self.characters.split_at(self.characters.len().min(10));
        for (n, c) in shown.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            write!(f, "{comma}{c:?} (U+{:04X})", u32::from(*c))?;
        }
        if !more.is_empty() {
            write!(f, " and {} more", more.len())?;
        }
        f.write_str(if self.characters.len() == 1 { " is not in it" } else { " are not in it" })
    }
}

/// Text as septets, unpacked, ESC counted.
pub fn encode(text: &str, shifts: Shifts) -> Result<Vec<u8>, NotInAlphabet> {
    let mut septets = Vec::with_capacity(text.len());
    let mut missing = Missing::default();
    for c in text.chars() {
        match shifts.septet(c) {
            Some((septet, true)) => septets.extend([ESC, septet]),
            Some((septet, false)) => septets.push(septet),
            None => missing.add(c),
        }
    }
    missing.check()?;
    Ok(septets)
}

/// Septets as text; never fails.
///
/// A place behind ESC that has no character reads as the one in the alphabet, as the standard asks, and ESC
/// followed by nothing or by another ESC as a space. A place of a national alphabet that has no character
/// reads as U+FFFD.
pub fn decode(septets: &[u8], shifts: Shifts) -> String {
    let alphabet = shifts.alphabet();
    let mut text = String::with_capacity(septets.len());
    let mut rest = septets.iter().map(|septet| septet & 0x7F);
    while let Some(septet) = rest.next() {
        text.push(if septet == ESC {
            match rest.next() {
                None | Some(ESC) => ' ',
                Some(next) => shifts.escaped(next).unwrap_or(alphabet[usize::from(next)]),
            }
        } else {
            alphabet[usize::from(septet)]
        });
    }
    text
}
