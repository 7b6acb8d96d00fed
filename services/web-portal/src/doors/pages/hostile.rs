//! Text that others wrote. Anybody can send anything in an SMS: markup, characters that turn the line
//! round, invisible ones that hide a word.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::acts::name::{is_invisible, is_mark};

/// The most marks above and below one letter that are shown; more would paint over what stands around the text.
const MOST_MARKS: usize = 8;
/// How many octets it takes, at most, to say how many marks are left out.
const LEFT_OUT: usize = "<span class=\"mark\">+18446744073709551615</span>".len();

/// A text of others, escaped for HTML, what is invisible in it made visible, and of marks that are stacked on a letter only the first
/// shown, with how many more there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hostile(pub(crate) String);

impl Hostile {
    /// What of it is shown, in octets of the page: as one of many choices, as a name in a list, as what is said about that, as
    /// a message in a list, as a message in a conversation, and where it stands alone.
    pub(crate) const CHOICE: usize = 80;
    /// See [`Self::CHOICE`].
    pub(crate) const NAME: usize = 160;
    /// See [`Self::CHOICE`].
    pub(crate) const ABOUT: usize = 240;
    /// See [`Self::CHOICE`].
    pub(crate) const TEXT: usize = 700;
    /// See [`Self::CHOICE`].
    pub(crate) const TALK: usize = 1_000;
    /// See [`Self::CHOICE`].
    pub(crate) const WHOLE: usize = 60_000;

    /// The beginning of it, where the whole would take more than `most` octets of a page: for lists, whose rows lead to
    /// the whole. What is escaped counts as it is written, for a page is as heavy as what others wrote makes it.
    #[must_use]
    pub(crate) fn short(self, most: usize) -> Self {
        let (mut length, mut marks) = (0, 0_usize);
        for (at, c) in self.0.char_indices() {
            marks = if is_mark(c) { marks + 1 } else { 0 };
            // However many marks are left out, they are said in one place.
            length += match marks.saturating_sub(MOST_MARKS) {
                0 => written(c),
                1 => LEFT_OUT,
                _ => 0,
            };
            if length > most {
                return Self(format!("{}…", &self.0[..at]));
            }
        }
        self
    }

    /// There is nothing to say.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut marks = 0;
        for c in self.0.chars() {
            if is_mark(c) {
                marks += 1;
                if marks <= MOST_MARKS {
                    write!(f, "{c}")?;
                }
                continue;
            }
            left_out(f, marks)?;
            marks = 0;
            match c {
                '<' => f.write_str("&#60;")?,
                '>' => f.write_str("&#62;")?,
                '&' => f.write_str("&#38;")?,
                '"' => f.write_str("&#34;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' => f.write_str("\n")?,
                '\r' => {}
                c if is_marked(c) => {
                    write!(f, "<span class=\"mark\">U+{:04X}</span>", u32::from(c))?;
                }
                c => write!(f, "{c}")?,
            }
        }
        left_out(f, marks)
    }
}

/// Says how many marks of a letter are not shown, if any.
fn left_out(f: &mut fmt::Formatter<'_>, marks: usize) -> fmt::Result {
    match marks.saturating_sub(MOST_MARKS) {
        0 => Ok(()),
        more => write!(f, "<span class=\"mark\">+{more}</span>"),
    }
}

impl HtmlSafe for Hostile {}

/// Whether a character is shown by its number.
fn is_marked(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// How many octets a character is on a page, at most.
fn written(c: char) -> usize {
    match c {
        '<' | '>' | '&' | '"' | '\'' => "&#60;".len(),
        '\n' => 1,
        '\r' => 0,
        c if is_marked(c) => "<span class=\"mark\">U+10FFFF</span>".len(),
        c => c.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_is_markup() {
        let text = Hostile("<script>alert('x')</script> & \"q\"".to_owned()).to_string();
        assert!(!text.contains('<') && !text.contains('"'), "{text}");
    }

    #[test]
    fn a_short_one_is_no_longer_than_it_may_be_on_the_page() {
        let short = |text: &str, most| Hostile(text.to_owned()).short(most).0;
        assert_eq!(short("halo", 4), "halo");
        assert_eq!(short("halo", 3), "hal…");
        assert_eq!(short("<a>", 10), "<a…");
        assert_eq!(short("", 0), "");
        let marks = "\u{202e}é<\0\r\n".repeat(10_000);
        for most in [0, 1, 40, 700, 5_000] {
            let shown = Hostile(marks.clone()).short(most).to_string();
            assert!(shown.len() <= most + "…".len(), "{most}: {}", shown.len());
        }
        // What is left out of a stack of marks takes nothing of the page.
        let stacked = format!("Z{}algo", "\u{301}".repeat(10_000));
        assert_eq!(short(&stacked, 100), stacked);
        let stacks = stacked.repeat(3);
        for most in [0, 10, 17, 40, 64, 100, 180] {
            let shown = Hostile(stacks.clone()).short(most).to_string();
            assert!(shown.len() <= most + "…".len(), "{most}: {}", shown.len());
        }
    }

    #[test]
    fn what_hides_is_shown() {
        let text = Hostile("a\u{202e}b\0c\u{200b}d\nx".to_owned()).to_string();
        assert_eq!(
            text,
            "a<span class=\"mark\">U+202E</span>b<span class=\"mark\">U+0000</span>c\
             <span class=\"mark\">U+200B</span>d\nx"
        );
        assert_eq!(Hostile("👨\u{200d}👩".to_owned()).to_string(), "👨\u{200d}👩");
    }

    #[test]
    fn marks_are_stacked_so_high_and_no_higher() {
        let text = format!("a{}b", "\u{301}".repeat(10_000));
        let shown = format!("a{}<span class=\"mark\">+9992</span>b", "\u{301}".repeat(8));
        assert_eq!(Hostile(text).to_string(), shown);
        let text = format!("ส{}", "\u{e49}".repeat(9));
        assert!(Hostile(text).to_string().ends_with("<span class=\"mark\">+1</span>"));
        assert_eq!(Hostile("Nguye\u{302}\u{303}n".to_owned()).to_string(), "Nguye\u{302}\u{303}n");
    }
}
