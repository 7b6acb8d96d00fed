//! Texts with fields that are filled in from a message.
//!
//! ```text
//! template = *( character / "{{" / "{" name "}" )   ; "{{" is a brace
//! name     = "from" / "text" / "keyword" / "rest" / "word1" … "word9" / "time" / "sim"
//! ```

use std::str::FromStr;

use contracts::mo::MoReceived;
use contracts::{PhoneNumber, Timestamp};
use jiff::tz::TimeZone;
use store::Service;

use crate::text_of;
use crate::times::Times;

/// The most characters of a text that is filled in: more than any message has that is sent.
pub const LONGEST_FILLED: usize = 4_096;

/// The names of the fields.
const NAMES: [&str; 15] = [
    "from", "text", "keyword", "rest", "word1", "word2", "word3", "word4", "word5", "word6",
    "word7", "word8", "word9", "time", "sim",
];
/// The most characters of an unknown name that are repeated.
const SHOWN: usize = 20;

/// A text with fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// By its place among the names.
    Field(usize),
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// There is no such field.
    #[error(
        "there is no field {{{name}}}; did you mean {{{nearest}}}? There are {}; {{{{ is a brace",
        field_names()
    )]
    NoSuchField {
        /// What it is called.
        name: String,
        /// The field that is called most like it.
        nearest: &'static str,
    },
    /// A brace that nothing closes.
    #[error("the brace at character {at} is not closed; {{{{ is a brace")]
    Open {
        /// At which character, the first being 1.
        at: usize,
    },
}

/// Returns the names of all fields in their braces, as they stand in a sentence.
pub fn field_names() -> String {
    NAMES.map(|name| format!("{{{name}}}")).join(", ")
}

impl FromStr for Template {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
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
                        let field = field(&name)?;
                        if !plain.is_empty() {
                            pieces.push(Piece::Text(std::mem::take(&mut plain)));
                        }
                        pieces.push(Piece::Field(field));
                        break;
                    }
                    Some((_, c)) => name.push(c),
                    None => return Err(BadTemplate::Open { at: at + 1 }),
                }
            }
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }
}

fn field(name: &str) -> Result<usize, BadTemplate> {
    NAMES.iter().position(|known| *known == name).ok_or_else(|| {
        let name: String = name.chars().take(SHOWN).collect();
        let small = name.to_lowercase();
        let near = |known: &&&str| strsim::levenshtein(&small, known);
        let nearest = NAMES.iter().min_by_key(near).copied().unwrap_or_default();
        BadTemplate::NoSuchField { name, nearest }
    })
}

/// What stands in the fields.
#[derive(Clone, PartialEq, Eq)]
pub struct Filling([String; NAMES.len()]);

impl Filling {
    /// Of a message that a service takes, which came to a SIM of this number, where it is known. The time is that of the zone
    /// in which the service takes messages, when there is one.
    pub fn by_service(
        service: &Service,
        message: &MoReceived,
        number: Option<&PhoneNumber>,
    ) -> Self {
        let times = service.rule.times.as_deref().and_then(|times| times.parse::<Times>().ok());
        let zone = times.map_or_else(TimeZone::system, |times| times.zone().clone());
        let sim = number.map_or_else(|| message.sim.to_string(), ToString::to_string);
        Self::of(message, &sim, &zone)
    }

    /// Of a message that came to a SIM of this name, with the time as clocks in this zone show it.
    pub fn of(message: &MoReceived, sim: &str, zone: &TimeZone) -> Self {
        let text = text_of(message);
        let begin = text.trim_start();
        let end = begin.find(char::is_whitespace).unwrap_or(begin.len());
        let (keyword, rest) = begin.split_at(end);
        let mut words = rest.split_whitespace();
        let at = message.smsc_at.unwrap_or(message.received_at);
        Self(NAMES.map(|name| match name {
            "from" => message.from.to_string(),
            "text" => text.clone().into_owned(),
            "keyword" => keyword.to_owned(),
            "rest" => rest.trim().to_owned(),
            "time" => shown(at, zone),
            "sim" => sim.to_owned(),
            // The words come in the order of their names.
            _ => words.next().unwrap_or_default().to_owned(),
        }))
    }
}

fn shown(at: Timestamp, zone: &TimeZone) -> String {
    at.to_jiff().to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

impl Template {
    /// The text with its fields filled in, and cut to [`LONGEST_FILLED`] characters. What stands in a field is not looked at
    /// again, so nobody who sends a message fills in a field.
    pub fn fill(&self, filling: &Filling) -> String {
        let mut left = LONGEST_FILLED;
        let mut filled = String::new();
        for piece in &self.0 {
            let text = match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Field(field) => filling.0.get(*field).map_or("", String::as_str),
            };
            for c in text.chars().take(left) {
                filled.push(c);
                left -= 1;
            }
        }
        filled
    }
}

/// Fills in a text that is kept. One from before there were fields, which is no template, stays as it is.
pub fn filled(text: &str, filling: &Filling) -> String {
    text.parse::<Template>().map_or_else(|_| text.to_owned(), |template| template.fill(filling))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::message;

    fn fill(template: &str, text: &str) -> String {
        let zone = TimeZone::get("UTC").unwrap();
        filled(template, &Filling::of(&message(text), "+62811000001", &zone))
    }

    #[test]
    fn fields_are_filled_in_from_the_message() {
        let text = " Pesan  2  nasi goreng ";
        for (template, filled) in [
            ("{keyword}|{rest}|{word1}|{word2}|{word9}", "Pesan|2  nasi goreng|2|nasi|"),
            (
                "Dari {from} ke {sim} jam {time}",
                "Dari +628123456789 ke +62811000001 jam 2026-11-30 10:00",
            ),
            ("[{text}]", "[ Pesan  2  nasi goreng ]"),
            ("{{from} } }} {{{keyword}", "{from} } }} {Pesan"),
            ("Buka jam 9.", "Buka jam 9."),
        ] {
            assert_eq!(fill(template, text), filled, "{template}");
        }
        assert_eq!(fill("{keyword}{rest}{word1}", ""), "");
        assert_eq!(fill("{rest}", "{from} {from}"), "{from}", "a sender fills in no field");
    }

    #[test]
    fn an_unknown_field_is_refused_with_the_nearest() {
        for (text, nearest) in
            [("{form}", "from"), ("{KEYWORD}", "keyword"), ("{word0}", "word1"), ("{}", "sim")]
        {
            let refused = text.parse::<Template>().unwrap_err();
            assert!(
                matches!(&refused, BadTemplate::NoSuchField { nearest: near, .. } if *near == nearest),
                "{text}: {refused}"
            );
        }
        let words = "{frm}".parse::<Template>().unwrap_err().to_string();
        assert!(
            words.starts_with("there is no field {frm}; did you mean {from}? There are {from}, "),
            "{words}"
        );
        assert!(words.ends_with("{sim}; {{ is a brace"), "{words}");
        assert_eq!("ab {from".parse::<Template>(), Err(BadTemplate::Open { at: 4 }));
        let long = format!("{{{}}}", "x".repeat(5_000));
        assert!(long.parse::<Template>().unwrap_err().to_string().len() < 400);
        // From before there were fields.
        assert_eq!(fill("{frm} {", "x"), "{frm} {");
    }

    #[test]
    fn a_short_template_does_not_become_megabytes() {
        let text = "Ж".repeat(3_000);
        assert_eq!(fill(&"{text}".repeat(300), &text).chars().count(), LONGEST_FILLED);
    }
}
