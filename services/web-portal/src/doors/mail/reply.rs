//! What the door answers: a code, an enhanced code (RFC 3463) and words.

use std::fmt;

use crate::acts::draft::{Part, Unsendable};
use crate::doors::refused::Refused;
use crate::limits::TooMuch;

/// The most characters of the words of an answer; a line has at most 512 octets.
const LONGEST: usize = 400;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    enhanced: Option<&'static str>,
    lines: Vec<String>,
}

impl Reply {
    /// Of these words, which may hold what the client sent.
    pub(super) fn new(code: u16, enhanced: &'static str, words: impl AsRef<str>) -> Self {
        Self { code, enhanced: Some(enhanced), lines: vec![plain(words.as_ref())] }
    }

    /// Of these words, without an enhanced code, which the first answers and those that go on have not.
    pub(super) fn bare(code: u16, words: impl AsRef<str>) -> Self {
        Self { code, enhanced: None, lines: vec![plain(words.as_ref())] }
    }

    /// Of several lines, as after EHLO.
    pub(super) fn lines(code: u16, lines: Vec<String>) -> Self {
        Self { code, enhanced: None, lines }
    }

    /// Whether what was asked for was done, or goes on.
    pub(super) const fn is_good(&self) -> bool {
        self.code < 400
    }

    /// What a refusal comes to. One that may be lifted has a code of 400 and more, on which a mail server tries again;
    /// `is_known` says that the same mail would be known again.
    pub(super) fn of_refusal(refused: &Refused, is_known: bool) -> Self {
        let words = refused.to_string();
        match refused {
            Refused::Unsendable(unsendable) => Self::of_unsendable(unsendable),
            Refused::Unknown => Self::new(535, "5.7.8", words),
            Refused::Denied(_) => Self::new(550, "5.7.1", words),
            Refused::Unreadable(_) => Self::new(554, "5.6.0", words),
            // More than ever fits at once.
            Refused::TooMuch(TooMuch { wait: None, .. }) => Self::new(552, "5.7.1", words),
            Refused::TooMuch(_) => Self::new(451, "4.7.1", words),
            Refused::Full => Self::new(452, "4.3.1", words),
            Refused::Later => Self::new(451, "4.3.0", words),
            Refused::Unclear(_) if is_known => Self::new(451, "4.4.2", words),
            Refused::Unclear(_) => Self::new(
                554,
                "5.4.2",
                format!("{words}, and a mail without a Message-ID cannot be known again"),
            ),
        }
    }

    fn of_unsendable(unsendable: &Unsendable) -> Self {
        let words = unsendable.to_string();
        match (unsendable, unsendable.part()) {
            (Unsendable::TooLong { .. }, _) => Self::new(552, "5.3.4", words),
            (_, Part::Recipients) => Self::new(550, "5.1.3", words),
            _ => Self::new(554, "5.6.0", words),
        }
    }
}

/// Words in one line of printable ASCII.
fn plain(words: &str) -> String {
    let is_plain = |c: char| c == ' ' || c.is_ascii_graphic();
    words.chars().take(LONGEST).map(|c| if is_plain(c) { c } else { '?' }).collect()
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.lines.len().saturating_sub(1);
        for (at, line) in self.lines.iter().enumerate() {
            write!(f, "{}{}", self.code, if at == last { ' ' } else { '-' })?;
            if let Some(enhanced) = self.enhanced {
                write!(f, "{enhanced} ")?;
            }
            write!(f, "{line}\r\n")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_line_of_ascii_whatever_is_in_it() {
        let reply = Reply::new(550, "5.1.3", format!("'a\r\n250 é\0'{}", "x".repeat(1_000)));
        let text = reply.to_string();
        assert!(text.starts_with("550 5.1.3 'a??250 ??'x"), "{text}");
        assert!(text.len() < 512 && text.ends_with("x\r\n") && text.is_ascii());
        let lines = Reply::lines(250, vec!["host".to_owned(), "SIZE 1".to_owned()]);
        assert_eq!(lines.to_string(), "250-host\r\n250 SIZE 1\r\n");
    }

    #[test]
    fn what_may_be_lifted_is_tried_again_and_nothing_else() {
        let code = |refused: &Refused, is_known| Reply::of_refusal(refused, is_known).code;
        let unclear = Refused::Unclear("it may be sent".to_owned());
        for (refused, is_known, expected) in [
            (Refused::Later, true, 451),
            (Refused::Full, true, 452),
            (unclear.clone(), true, 451),
            (unclear, false, 554),
            (Refused::Unsendable(Unsendable::TooLong { parts: 11, limit: 10 }), true, 552),
            (Refused::Unsendable(Unsendable::NoRecipient), true, 550),
            (Refused::Unsendable(Unsendable::Empty), true, 554),
            (Refused::Denied("no".to_owned()), true, 550),
        ] {
            assert_eq!(code(&refused, is_known), expected, "{refused}");
        }
    }
}
