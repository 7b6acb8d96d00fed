//! Texts whose fields are filled in from the cells of a row.
//!
//! ```text
//! text  = *( character / "{{" / "{" name "}" )   ; "{{" is a brace
//! name  = the name of a column, in capital or small letters
//! ```

/// The most characters of a text that is filled in: more than any message has parts for.
const LONGEST_FILLED: usize = 40_000;
/// The most characters of an unknown name that are repeated.
const SHOWN: usize = 40;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filled(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// By the place of the column.
    Field(usize),
}

/// Why a text cannot be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadText {
    /// No column is called so.
    #[error("there is no column '{name}'; {{{{ is a brace")]
    NoSuchColumn {
        /// What is written between the braces.
        name: String,
    },
    /// A brace that nothing closes.
    #[error("the brace at character {at} is not closed; {{{{ is a brace")]
    Open {
        /// At which character, the first being 1.
        at: usize,
    },
}

impl Filled {
    /// Reads a text, whose fields are columns of these names.
    pub(crate) fn parse(text: &str, names: &[String]) -> Result<Self, BadText> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text.chars().enumerate();
        while let Some((at, c)) = rest.next() {
            if c != '{' {
                plain.push(c);
                continue;
            }
            let mut name = String::new();
            loop {
                match rest.next() {
                    Some((_, '{')) if name.is_empty() => {
                        plain.push('{');
                        break;
                    }
                    Some((_, '}')) => {
                        let field = place(&name, names)?;
                        if !plain.is_empty() {
                            pieces.push(Piece::Text(std::mem::take(&mut plain)));
                        }
                        pieces.push(Piece::Field(field));
                        break;
                    }
                    Some((_, c)) => name.push(c),
                    None => return Err(BadText::Open { at: at + 1 }),
                }
            }
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// Whether all rows have the same text.
    pub(crate) fn is_same_for_all(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// The text of a row. What stands in a cell is not looked at again, so no cell fills in a field.
    pub(crate) fn of(&self, cells: &[String]) -> String {
        let mut left = LONGEST_FILLED;
        let mut filled = String::new();
        for piece in &self.0 {
            let text = match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Field(column) => cells.get(*column).map_or("", |cell| cell.trim()),
            };
            for c in text.chars().take(left) {
                filled.push(c);
                left -= 1;
            }
        }
        filled
    }
}

fn place(name: &str, names: &[String]) -> Result<usize, BadText> {
    let wanted = name.trim();
    let exactly = names.iter().position(|known| known == wanted);
    let small = wanted.to_lowercase();
    let found = exactly.or_else(|| names.iter().position(|known| known.to_lowercase() == small));
    found.ok_or_else(|| BadText::NoSuchColumn { name: wanted.chars().take(SHOWN).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn fields_are_filled_in_from_the_cells() {
        let names = strings(&["Nomor", "nama", "Jatuh tempo"]);
        let cells = strings(&["0811", " Siti {nama} ", "1 Mei"]);
        for (text, filled) in [
            ("Halo {nama}, {JATUH TEMPO}.", "Halo Siti {nama}, 1 Mei."),
            ("{{nama} } {nomor}{nama}", "{nama} } 0811Siti {nama}"),
            ("tanpa", "tanpa"),
        ] {
            let read = Filled::parse(text, &names).unwrap();
            assert_eq!(read.of(&cells), filled, "{text}");
            assert_eq!(read.is_same_for_all(), text == "tanpa");
        }
        assert_eq!(Filled::parse("{nama}", &names).unwrap().of(&[]), "");
    }

    #[test]
    fn what_cannot_be_filled_in_is_named() {
        let names = strings(&["nama"]);
        let none = BadText::NoSuchColumn { name: "nam".to_owned() };
        assert_eq!(Filled::parse("{nam}", &names), Err(none));
        assert_eq!(Filled::parse("ab {nama", &names), Err(BadText::Open { at: 4 }));
        let long = format!("{{{}}}", "x".repeat(5_000));
        assert!(Filled::parse(&long, &names).unwrap_err().to_string().len() < 100);
    }

    #[test]
    fn a_short_text_does_not_become_megabytes() {
        let text = Filled::parse(&"{a}".repeat(3_000), &strings(&["a"])).unwrap();
        assert_eq!(text.of(&["Ж".repeat(4_000)]).chars().count(), LONGEST_FILLED);
    }
}
