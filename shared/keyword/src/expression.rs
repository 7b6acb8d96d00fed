//! Regular expressions that texts are matched with, letter case aside: in a time that is linear in the text, and of a
//! bounded size.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

/// The most characters of an expression.
pub const LONGEST: usize = 256;
/// The most bytes of an expression that is compiled, and of what is kept of a text while it is looked through.
const SIZE: usize = 32 * 1024;
/// The most expressions that are kept compiled.
const KEPT: usize = 256;

/// Why a text is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadExpression {
    /// It is empty.
    #[error("it is empty; .* takes every text")]
    Empty,
    /// It is too long.
    #[error("it has more than {LONGEST} characters")]
    TooLong,
    /// It has a character that nobody sees.
    #[error("it has a character that cannot be seen; write \\n or \\s")]
    Invisible,
    /// It is not written as one is.
    #[error("{what} (character {at})")]
    Malformed {
        /// What is wrong.
        what: String,
        /// At which character, the first being 1.
        at: usize,
    },
    /// It says too much at once.
    #[error("it becomes too large; repeat less, or fewer characters of all alphabets")]
    TooLarge,
}

/// Reads an expression.
///
/// # Errors
/// When it is none, or becomes too large.
pub fn parse(pattern: &str) -> Result<Regex, BadExpression> {
    if pattern.is_empty() {
        return Err(BadExpression::Empty);
    }
    if pattern.chars().count() > LONGEST {
        return Err(BadExpression::TooLong);
    }
    if pattern.chars().any(char::is_control) {
        return Err(BadExpression::Invisible);
    }
    let mut builder = RegexBuilder::new(pattern);
    builder.case_insensitive(true).size_limit(SIZE).dfa_size_limit(SIZE);
    builder.build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => BadExpression::TooLarge,
        error => malformed(&error.to_string()),
    })
}

/// Reads what the parser draws: the expression, a line that points at the place, and what is wrong.
fn malformed(drawn: &str) -> BadExpression {
    let pointing = drawn.lines().find_map(|line| {
        let is_pointer = line.contains('^') && line.chars().all(|c| c == ' ' || c == '^');
        line.find('^').filter(|_| is_pointer)
    });
    let what = drawn.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
    // The drawing is indented by four.
    let at = pointing.map_or(1, |column| column.saturating_sub(4) + 1);
    BadExpression::Malformed { what, at }
}

/// Expressions that were compiled, each once as long as there are not too many.
#[derive(Debug, Default)]
pub struct Expressions {
    kept: Mutex<HashMap<String, Option<Regex>>>,
}

impl Expressions {
    /// Whether a text has something in it that an expression matches. What is no expression matches nothing.
    pub fn matches(&self, pattern: &str, text: &str) -> bool {
        self.compiled(pattern).is_some_and(|expression| expression.is_match(text))
    }

    fn compiled(&self, pattern: &str) -> Option<Regex> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(pattern) {
            return known.clone();
        }
        if kept.len() >= KEPT {
            kept.clear();
        }
        let compiled = parse(pattern).ok();
        kept.insert(pattern.to_owned(), compiled.clone());
        compiled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_expression_is_refused_with_the_place() {
        assert_eq!(parse("").unwrap_err(), BadExpression::Empty);
        assert_eq!(parse(&"x".repeat(LONGEST + 1)).unwrap_err(), BadExpression::TooLong);
        assert!(parse(&"x".repeat(LONGEST)).is_ok());
        assert_eq!(parse("a\nb").unwrap_err(), BadExpression::Invisible);
        let BadExpression::Malformed { what, at } = parse("ab(c").unwrap_err() else { panic!() };
        assert_eq!((what.as_str(), at), ("unclosed group", 3));
        for bad in ["*", "[a", "a{2", "(?<", "\\", r"(a)\1", "(?=a)"] {
            assert!(matches!(parse(bad), Err(BadExpression::Malformed { .. })), "{bad}");
        }
        for large in [r"\w{200}", "((a{99}){99}){99}"] {
            assert_eq!(parse(large).unwrap_err(), BadExpression::TooLarge, "{large}");
        }
    }

    #[test]
    fn letter_case_does_not_count_and_what_is_no_expression_matches_nothing() {
        let expressions = Expressions::default();
        assert!(expressions.matches("^info +[0-9]+$", "INFO 12"));
        assert!(expressions.matches("çok", "Çok iyi"));
        assert!(!expressions.matches("^info$", "informasi"));
        assert!(!expressions.matches("(", "("));
    }

    /// An expression that makes other machines of this kind look for hours.
    #[test]
    fn no_text_is_looked_through_for_long_and_few_are_kept() {
        let expressions = Expressions::default();
        assert!(!expressions.matches("(a+)+(a*)*b$", &"a".repeat(40_000)));
        for n in 0..=KEPT {
            assert!(expressions.matches(&format!("x{n}$"), &format!("x{n}")));
        }
        assert_eq!(expressions.kept.lock().unwrap().len(), 2);
    }
}
