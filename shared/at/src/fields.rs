//! The fields of an information line.

/// One field between commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field<'a> {
    /// The field stood in quotes, which are removed.
    Quoted(&'a str),
    /// The field did not stand in quotes. It is trimmed and may be empty.
    Bare(&'a str),
}

impl<'a> Field<'a> {
    /// The text, in quotes or not.
    pub fn text(&self) -> &'a str {
        match self {
            Self::Quoted(text) | Self::Bare(text) => text,
        }
    }

    /// The number, when it is one.
    pub fn number<T: std::str::FromStr>(&self) -> Option<T> {
        self.text().trim().parse().ok()
    }

    /// Whether the field stood in quotes.
    pub fn is_quoted(&self) -> bool {
        matches!(self, Self::Quoted(_))
    }
}

/// Cuts at commas outside quotes and brackets. A quote counts at the start of a field only, and when it is closed:
/// some modems lose one of the two (`"",+7913…",145` and `0,0,"TELE2,0`).
pub fn fields(text: &str) -> Vec<Field<'_>> {
    let mut fields = Vec::new();
    let mut start = 0;
    let mut depth = 0_u32;
    let mut quoted = false;
    for (at, letter) in text.char_indices() {
        let is_first = depth > 0 || text[start..at].trim().is_empty();
        match letter {
            '"' if quoted => quoted = false,
            '"' => quoted = is_first && text[at + 1..].contains('"'),
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            ',' if !quoted && depth == 0 => {
                fields.push(field(&text[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    fields.push(field(&text[start..]));
    fields
}

fn field(text: &str) -> Field<'_> {
    let text = text.trim();
    match text.strip_prefix('"') {
        Some(inner) => Field::Quoted(inner.strip_suffix('"').unwrap_or(inner)),
        None => Field::Bare(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Field::{Bare, Quoted};

    #[test]
    fn commas_quotes_and_brackets() {
        assert_eq!(fields(r#"1,"a,b",,2"#), [Bare("1"), Quoted("a,b"), Bare(""), Bare("2")]);
        assert_eq!(fields(r#"("SM","ME"),(0-2)"#), [Bare(r#"("SM","ME")"#), Bare("(0-2)")]);
        assert_eq!(fields(""), [Bare("")]);
        assert_eq!(fields(r#"0,"open"#), [Bare("0"), Quoted("open")]);
        assert_eq!(fields("),,("), [Bare(")"), Bare(""), Bare("(")]);
        // A name with quotes and commas of its own.
        assert_eq!(fields(r#"1,"a "b" c",2"#), [Bare("1"), Quoted(r#"a "b" c"#), Bare("2")]);
    }

    #[test]
    fn a_quote_that_got_lost() {
        assert_eq!(fields(r#"0,0,"TELE2,0"#), [Bare("0"), Bare("0"), Quoted("TELE2"), Bare("0")]);
        assert_eq!(fields(r#""",+7913",145"#), [Quoted(""), Bare(r#"+7913""#), Bare("145")]);
    }
}
