//! Text that others wrote. Anybody can send anything in an SMS: markup, characters that turn the line
//! round, invisible ones that hide a word.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::acts::name::is_invisible;

/// A text of others, escaped for HTML, what is invisible in it made visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hostile(pub(crate) String);

impl Hostile {
    /// There is nothing to say.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&#60;")?,
                '>' => f.write_str("&#62;")?,
                '&' => f.write_str("&#38;")?,
                '"' => f.write_str("&#34;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' => f.write_str("\n")?,
                '\r' => {}
                c if c.is_control() || is_invisible(c) => {
                    write!(f, "<span class=\"mark\">U+{:04X}</span>", u32::from(c))?;
                }
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

impl HtmlSafe for Hostile {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_it_is_markup() {
        let text = Hostile("<script>alert('x')</script> & \"q\"".to_owned()).to_string();
        assert!(!text.contains('<') && !text.contains('"'), "{text}");
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
}
