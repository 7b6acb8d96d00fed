//! Texts with fields that are filled in from a contact.
//!
//! ```text
//! text  = *( character / "{{" / "{" field "}" )   ; "{{" is a brace
//! field = "name" / "number" / "email" / "note" / "field:" own
//! own   = 1*character                            ; the name of a field that people gave contacts
//! ```
//!
//! What people call fields of theirs stands behind `field:`, so that a slip in a usual name is one, and not a field nobody has.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

contracts::named! {
    /// What can be filled in.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum PersonalField {
        /// The name of the contact.
        Name = "name",
        /// The number.
        Number = "number",
        /// The e-mail address.
        Email = "email",
        /// What is written of the contact.
        Note = "note",
    }
}

/// The most characters of a name of a field that are said again.
const SHOWN: usize = 20;
/// What stands before the name of a field that people gave contacts.
const OWN: &str = "field:";
/// The most characters of such a name.
const LONGEST_OWN: usize = 100;

/// What is known of one recipient.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Personalia {
    /// The name of the contact; empty for a number that was written down.
    pub name: String,
    /// The number.
    pub number: String,
    /// The e-mail address of the contact.
    pub email: String,
    /// What is written of the contact.
    pub note: String,
    /// What else is known of the contact, by name.
    pub fields: BTreeMap<String, String>,
}

/// Shows nothing of it.
impl fmt::Debug for Personalia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Personalia(..)")
    }
}

impl Personalia {
    /// Returns what stands in a field.
    pub fn of(&self, field: PersonalField) -> &str {
        match field {
            PersonalField::Name => &self.name,
            PersonalField::Number => &self.number,
            PersonalField::Email => &self.email,
            PersonalField::Note => &self.note,
        }
    }

    /// Returns what stands in a field that people gave contacts, letter case aside; nothing where there is none.
    pub fn of_own(&self, name: &str) -> &str {
        let small = name.to_lowercase();
        let exactly = self.fields.get(name);
        let found = exactly.or_else(|| {
            self.fields
                .iter()
                .find(|(known, _)| known.to_lowercase() == small)
                .map(|(_, text)| text)
        });
        found.map_or("", String::as_str)
    }
}

/// A text with fields.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalText(Vec<Piece>);

/// Shows no text.
impl fmt::Debug for PersonalText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonalText({:?})", self.fields())
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(PersonalField),
    Own(String),
}

/// Why a text has no fields that can be filled in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPersonalText {
    /// There is no such field.
    #[error(
        "there is no field {{{0}}}; there are {{name}}, {{number}}, {{email}}, {{note}} and {{field:NAME}} for others, and {{{{ is a brace"
    )]
    NoSuchField(String),
    /// A brace that nothing closes.
    #[error("the brace at character {0} is not closed; {{{{ is a brace")]
    Open(usize),
}

impl FromStr for PersonalText {
    type Err = BadPersonalText;

    fn from_str(text: &str) -> Result<Self, BadPersonalText> {
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
                        let field = field(&name).ok_or_else(|| {
                            BadPersonalText::NoSuchField(name.chars().take(SHOWN).collect())
                        })?;
                        if !plain.is_empty() {
                            pieces.push(Piece::Text(std::mem::take(&mut plain)));
                        }
                        pieces.push(field);
                        break;
                    }
                    Some((_, c)) => name.push(c),
                    None => return Err(BadPersonalText::Open(at + 1)),
                }
            }
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }
}

/// What stands between braces.
fn field(name: &str) -> Option<Piece> {
    let Some(own) = name.strip_prefix(OWN) else { return name.parse().ok().map(Piece::Field) };
    let own = own.trim();
    (1..=LONGEST_OWN).contains(&own.chars().count()).then(|| Piece::Own(own.to_owned()))
}

impl PersonalText {
    /// Returns the names of the fields that people gave contacts, in the order in which the text has them.
    pub fn own_fields(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for piece in &self.0 {
            if let Piece::Own(name) = piece
                && !names.contains(&name.as_str())
            {
                names.push(name);
            }
        }
        names
    }

    /// Returns the usual fields that the text has, each once.
    pub fn fields(&self) -> Vec<PersonalField> {
        let has = |field: &PersonalField| {
            self.0.iter().any(|piece| matches!(piece, Piece::Field(known) if known == field))
        };
        PersonalField::ALL.into_iter().filter(has).collect()
    }

    /// Returns the text for one recipient. What stands in a field is not looked at again, so no contact fills in another field.
    pub fn fill(&self, of: &Personalia) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Field(field) => of.of(*field).to_owned(),
            Piece::Own(name) => of.of_own(name).to_owned(),
        };
        self.0.iter().map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_filled_in_once() {
        let text: PersonalText = "Hai {name}, {{1} {number} {name}".parse().unwrap();
        assert_eq!(text.fields(), [PersonalField::Name, PersonalField::Number]);
        let siti = Personalia {
            name: "{email} Siti".to_owned(),
            number: "+62811".to_owned(),
            ..Personalia::default()
        };
        assert_eq!(text.fill(&siti), "Hai {email} Siti, {1} +62811 {email} Siti");
        assert_eq!(text.fill(&Personalia::default()), "Hai , {1}  ");
        assert!("Halo".parse::<PersonalText>().unwrap().fields().is_empty());
    }

    #[test]
    fn fields_of_people_are_filled_in() {
        let text: PersonalText = "{field:kota} {field: Kota }{field:x}{name}".parse().unwrap();
        assert_eq!(text.own_fields(), ["kota", "Kota", "x"]);
        let fields = BTreeMap::from([("Kota".to_owned(), "{name}".to_owned())]);
        let siti = Personalia { fields, ..Personalia::default() };
        assert_eq!(text.fill(&siti), "{name} {name}");
        let wrong = "{field: }".parse::<PersonalText>().unwrap_err();
        assert_eq!(wrong, BadPersonalText::NoSuchField("field: ".to_owned()));
    }

    #[test]
    fn a_slip_is_named() {
        let wrong = |text: &str| text.parse::<PersonalText>().unwrap_err();
        assert_eq!(wrong("Hai {nama}"), BadPersonalText::NoSuchField("nama".to_owned()));
        assert_eq!(wrong("Hai {"), BadPersonalText::Open(5));
        let long = format!("{{{}}}", "x".repeat(1_000));
        assert_eq!(wrong(&long), BadPersonalText::NoSuchField("x".repeat(SHOWN)));
        assert!(wrong("{x}").to_string().ends_with("and {{ is a brace"));
    }
}
