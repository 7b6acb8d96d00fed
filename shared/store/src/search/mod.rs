//! What lists are searched for: words of a text, and parts of a number.
//!
//! A message has its words in a column, which both engines have an index over: each word of its text once, and each three
//! digits that stand together in its number. So a part of a number is found by the index, as far as its digits go, and
//! then compared with the number itself. Words are cut here alone, of a text as of what is looked for, so that neither
//! engine's idea of a word counts, and nothing of what somebody types is syntax to an engine: a word is letters and digits.

use std::collections::HashSet;

/// The most characters of what is looked for.
pub const LONGEST_SEARCH: usize = 200;

/// The most characters of a word; what is longer is cut.
const LONGEST_WORD: usize = 64;
/// The digits that are looked up together.
const TOGETHER: usize = 3;
/// What stands before them. It is for private use, so it is no letter and no digit, and no word that is typed has it;
/// to both engines it is a character as any other.
const OF_A_NUMBER: char = '\u{e000}';
/// The fewest digits of a number that is written nationally, with a zero before it.
const NATIONAL: usize = 4;

/// What is looked for: all of it has to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    pub(crate) terms: Vec<Term>,
}

/// What is looked for is too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what is looked for has at most {LONGEST_SEARCH} characters")]
pub struct SearchTooLong;

/// A word, or a part of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Term {
    /// The text has this word.
    Word(String),
    /// The text has this word, or the number has these digits in it.
    Digits {
        /// The word.
        word: String,
        /// The digits, without the zero before a number that is written nationally.
        part: String,
    },
}

impl Search {
    /// Reads what somebody typed. None: nothing was typed. Of signs alone nothing is found.
    pub fn parse(text: &str) -> Result<Option<Self>, SearchTooLong> {
        if text.chars().count() > LONGEST_SEARCH {
            return Err(SearchTooLong);
        }
        if text.trim().is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { terms: words(text).map(Term::of).collect() }))
    }

    /// Returns whether nothing can be found.
    pub(crate) fn is_of_signs(&self) -> bool {
        self.terms.is_empty()
    }

    /// Writes it as a query of either engine's: terms of words, each within these quotes, joined by these operators.
    pub(crate) fn written(&self, quote: char, and: &str, or: &str) -> String {
        let quoted = |word: &str| format!("{quote}{word}{quote}");
        let term = |term: &Term| match term {
            Term::Word(word) => quoted(word),
            Term::Digits { word, part } => {
                let parts: Vec<String> = together(part).map(|part| quoted(&part)).collect();
                format!("({} {or} ({}))", quoted(word), parts.join(&format!(" {and} ")))
            }
        };
        self.terms.iter().map(term).collect::<Vec<_>>().join(&format!(" {and} "))
    }
}

impl Term {
    fn of(word: String) -> Self {
        let is_number = word.len() >= TOGETHER && word.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            return Self::Word(word);
        }
        let is_national =
            word.len() >= NATIONAL && word.starts_with('0') && !word.starts_with("00");
        let part = if is_national { word[1..].to_owned() } else { word.clone() };
        Self::Digits { word, part }
    }
}

/// Returns what a contact, a group or a template is searched in: its texts in small letters, each on a line of its own. Engines
/// differ in what they hold small letters to be, so neither is asked.
pub(crate) fn key_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let small = texts.into_iter().map(|text| crate::column::storable(text).trim().to_lowercase());
    small.collect::<Vec<_>>().join("\n")
}

/// Returns the pattern of what has a text in it, for `LIKE … ESCAPE '\'`. Nothing of the text is a pattern itself.
pub(crate) fn pattern_of(text: &str) -> String {
    let mut pattern = "%".to_owned();
    for c in key_of([text]).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Returns the pattern of what has this very word in it between spaces, for `LIKE … ESCAPE '\'`.
pub(crate) fn word_pattern_of(word: &str) -> String {
    let pattern = pattern_of(word);
    // The signs for anything at its ends stay outside of the spaces.
    format!("% {} %", pattern.trim_start_matches('%').strip_suffix('%').unwrap_or_default())
}

/// Returns the words by which a message is found: those of its text, and what stands together in the number of whoever
/// sent or gets it, or the words of a name.
pub(crate) fn of_message(text: Option<&str>, other: &str) -> String {
    let digits = other.strip_prefix('+').unwrap_or(other);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let of_number: Vec<String> =
        if is_number { together(digits).collect() } else { words(other).collect() };
    let mut seen = HashSet::new();
    let all = words(text.unwrap_or_default()).chain(of_number);
    all.filter(|word| seen.insert(word.clone())).collect::<Vec<_>>().join(" ")
}

/// The words of a text in small letters, each as often as it is there.
fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let cut = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    cut.map(|word| {
        let small = word.chars().flat_map(char::to_lowercase);
        // Some letters become a letter and a sign, which is none.
        small.filter(|c| c.is_alphanumeric()).take(LONGEST_WORD).collect()
    })
}

/// Each three digits that stand together, marked as those of a number. Fewer stand for themselves.
fn together(digits: &str) -> impl Iterator<Item = String> + '_ {
    let last = digits.len().saturating_sub(TOGETHER);
    (0..=last)
        .map(move |at| format!("{OF_A_NUMBER}{}", &digits[at..digits.len().min(at + TOGETHER)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Search {
        Search::parse(text).unwrap().unwrap()
    }

    #[test]
    fn a_text_and_what_is_looked_for_are_cut_alike() {
        assert_eq!(
            of_message(Some("Buka JAM 9, jam-9! Ünïcode Жук"), "+62812"),
            "buka jam 9 ünïcode жук \u{e000}628 \u{e000}281 \u{e000}812"
        );
        assert_eq!(of_message(None, "BANK-BCA"), "bank bca");
        assert_eq!(of_message(Some("İstanbul"), "88"), "istanbul \u{e000}88");
        let terms: Vec<String> =
            parse("JAM İSTANBUL").terms.iter().map(|term| format!("{term:?}")).collect();
        assert_eq!(terms, ["Word(\"jam\")", "Word(\"istanbul\")"]);
        assert_eq!(words(&"x".repeat(100)).collect::<Vec<_>>(), ["x".repeat(64)]);
    }

    #[test]
    fn digits_are_a_word_or_a_part_of_a_number() {
        let written = parse("+62 0812-3456").written('"', "AND", "OR");
        assert_eq!(
            written.replace(OF_A_NUMBER, "#"),
            r##""62" AND ("0812" OR ("#812")) AND ("3456" OR ("#345" AND "#456"))"##
        );
        // Nobody types what stands before the digits of a number.
        assert!(!OF_A_NUMBER.is_alphanumeric());
        assert_eq!(
            parse("\u{e000}812").written('"', "AND", "OR"),
            parse("812").written('"', "AND", "OR")
        );
        // The zero of a number that is written nationally is not in one that is written with its country.
        let part = |text: &str| match parse(text).terms.remove(0) {
            Term::Digits { part, .. } => part,
            Term::Word(word) => word,
        };
        assert_eq!((part("0812345"), part("0062812")), ("812345".to_owned(), "0062812".to_owned()));
    }

    #[test]
    fn small_letters_are_those_of_every_alphabet() {
        assert_eq!(key_of(["ЖУК Ünal ", "ΑΒΓ\0"]), "жук ünal\nαβγ\u{fffd}");
        assert_eq!(pattern_of(" 50%_\\ЖУК "), "%50\\%\\_\\\\жук%");
    }

    #[test]
    fn nothing_that_is_typed_is_syntax() {
        for text in [
            "a\" OR b",
            "a' & 'b",
            "NEAR(a b)",
            "-a",
            "a*",
            "found : a",
            "^a",
            "a:*",
            "{a} ! b",
            "%_",
            "\\",
            "a\0b",
            "'; DROP TABLE messages; --",
            "\u{e000}",
            "１２３ ²",
        ] {
            let search = parse(text);
            for quote in ['"', '\''] {
                let written = search.written(quote, "&", "|");
                let between = |c: char| c.is_alphanumeric() || c == quote || " &|()".contains(c);
                assert!(written.chars().all(between), "{text:?} is {written}");
            }
        }
        assert!(parse("%_*\"").is_of_signs());
        assert_eq!(Search::parse(" \n"), Ok(None));
        assert_eq!(Search::parse(&"x".repeat(LONGEST_SEARCH + 1)), Err(SearchTooLong));
        assert!(parse(&"1 ".repeat(LONGEST_SEARCH / 2)).terms.len() == LONGEST_SEARCH / 2);
    }
}
