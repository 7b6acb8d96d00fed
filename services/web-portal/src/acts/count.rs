//! How many parts a message is of, by the code that sends it.

use contracts::composition::{self, Uncomposable};
use contracts::mt::{Body, Encoding, SendOptions};
use tpdu::text::{Replacement, TextError};
use tpdu::{Alphabet, Shifts, gsm7};

/// What a person or program wants to know before sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Count {
    /// `gsm7`, `ucs2` or `data`.
    pub(crate) encoding: &'static str,
    /// Characters, as a reader counts them: code points; octets of data.
    pub(crate) characters: usize,
    /// Septets, UTF-16 units or octets.
    pub(crate) units: usize,
    /// Of how many parts it is.
    pub(crate) parts: usize,
    /// Units that fit into one of its parts.
    pub(crate) per_part: usize,
    /// Units that are left in the last part.
    pub(crate) left: usize,
    /// What makes it UCS-2, each character once.
    pub(crate) forced: Vec<char>,
    /// The tables of a language that it is written in.
    pub(crate) tables: Shifts,
    /// What look-alikes take the place of, and how often.
    pub(crate) replaced: Vec<Replacement>,
}

/// Why a body cannot be encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Uncountable {
    /// More parts than can be numbered.
    TooLong {
        /// How many it would be.
        parts: usize,
    },
    /// In an English sentence.
    Because(String),
}

/// Counts a body with its header and options.
pub(crate) fn count(
    body: &Body,
    udh: Option<&str>,
    options: &SendOptions,
) -> Result<Count, Uncountable> {
    let outline = composition::outline(body, udh, options).map_err(|error| match error {
        Uncomposable::Text(TextError::TooLong { parts }) => Uncountable::TooLong { parts },
        other => Uncountable::Because(other.to_string()),
    })?;
    let (characters, forced) = match body {
        Body::Text { text, encoding } => {
            let is_forced = outline.alphabet == Alphabet::Ucs2 && *encoding != Encoding::Ucs2;
            (text.chars().count(), if is_forced { outside(text) } else { Vec::new() })
        }
        Body::Data { .. } => (outline.units, Vec::new()),
    };
    Ok(Count {
        encoding: match outline.alphabet {
            Alphabet::Gsm7 => "gsm7",
            Alphabet::Ucs2 => "ucs2",
            Alphabet::Data => "data",
        },
        characters,
        units: outline.units,
        parts: outline.parts,
        per_part: outline.per_part,
        left: outline.left,
        forced,
        tables: outline.shifts,
        replaced: outline.replaced,
    })
}

/// The characters GSM 7-bit lacks, each once.
fn outside(text: &str) -> Vec<char> {
    gsm7::encode(text, Shifts::default()).map_or_else(|missing| missing.characters, |_| Vec::new())
}

#[cfg(test)]
mod tests {
    use contracts::Languages;

    use super::*;

    fn text(text: &str) -> Count {
        let body = Body::Text { text: text.to_owned(), encoding: Encoding::Auto };
        count(&body, None, &SendOptions::default()).unwrap()
    }

    #[test]
    fn plain_letters_are_160_to_a_part() {
        let one = text(&"a".repeat(160));
        assert_eq!((one.encoding, one.parts, one.left), ("gsm7", 1, 0));
        let two = text(&"a".repeat(161));
        assert_eq!((two.parts, two.per_part, two.left), (2, 153, 145));
        assert_eq!(text("€").units, 2);
    }

    #[test]
    fn what_makes_it_unicode_is_named() {
        let count = text("Привет 😀 П");
        assert_eq!(count.encoding, "ucs2");
        assert_eq!(count.forced.first(), Some(&'П'));
        assert!(count.forced.contains(&'😀'));
        assert_eq!(text(&"😀".repeat(35)).parts, 1);
        assert_eq!(text(&"😀".repeat(36)).parts, 2);
    }

    #[test]
    fn tables_and_look_alikes_are_told() {
        let turkish = "İyi günler! ".repeat(12);
        let body = Body::Text { text: turkish.clone(), encoding: Encoding::Auto };
        let allowed = SendOptions { languages: Languages::ALL, ..SendOptions::default() };
        let with = count(&body, None, &allowed).unwrap();
        assert_eq!((with.parts, with.tables.locking), (1, Some(tpdu::Language::Turkish)));
        assert_eq!((with.encoding, with.forced), ("gsm7", Vec::new()));
        assert_eq!((text(&turkish).parts, text(&turkish).tables), (3, Shifts::default()));

        let body = Body::Text { text: "“hi” ".repeat(20), encoding: Encoding::Smart };
        let smart = count(&body, None, &SendOptions::default()).unwrap();
        assert_eq!((smart.encoding, smart.parts), ("gsm7", 1));
        assert_eq!(smart.replaced[0], Replacement { from: '“', to: "\"", times: 20 });
    }

    #[test]
    fn data_is_counted_in_octets() {
        let data = |octets: usize, udh: Option<&str>| {
            let body = Body::Data { data: "00".repeat(octets) };
            count(&body, udh, &SendOptions::default())
        };
        assert_eq!(data(140, None).unwrap().parts, 1);
        assert_eq!(data(141, None).unwrap().parts, 2);
        assert_eq!(data(134, Some("06050423F40000")).unwrap().parts, 2);
        assert!(data(1, Some("0605")).is_err());
    }
}
