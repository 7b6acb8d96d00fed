//! How many parts a message is of, by the code that sends it.

use contracts::mt::{Body, Encoding, SendOptions};
use tpdu::text::{self, Options, TextError};
use tpdu::{Alphabet, Element, Shifts, Udh, gsm7};

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
    /// What look-alikes take the place of.
    pub(crate) replaced: Vec<(char, &'static str)>,
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

/// Counts a body with its header and ports.
pub(crate) fn count(
    body: &Body,
    udh: Option<&str>,
    options: &SendOptions,
) -> Result<Count, Uncountable> {
    let header = header(udh, options)?;
    match body {
        Body::Text { text, encoding } => of_text(text, *encoding, header),
        Body::Data { data } => of_data(data, &header),
    }
}

fn header(udh: Option<&str>, options: &SendOptions) -> Result<Udh, Uncountable> {
    let bad = |error: tpdu::DecodeError| {
        Uncountable::Because(format!("the user data header is not one: {error}"))
    };
    let mut header = match udh {
        Some(hex) => Udh::decode(&tpdu::from_hex(hex).map_err(bad)?).map_err(bad)?,
        None => Udh::NONE,
    };
    header.0.extend(
        options.ports.map(|(destination, source)| Element::Ports16 { destination, source }),
    );
    Ok(header)
}

fn of_text(text: &str, encoding: Encoding, udh: Udh) -> Result<Count, Uncountable> {
    let wanted = match encoding {
        Encoding::Auto => text::Encoding::Auto,
        Encoding::Gsm7 => text::Encoding::Gsm7,
        Encoding::Smart => text::Encoding::Smart,
        Encoding::Ucs2 => text::Encoding::Ucs2,
    };
    let options = Options { udh, ..Options::new(wanted) };
    let plan = text::plan(text, &options).map_err(|error| match error {
        TextError::TooLong { parts } => Uncountable::TooLong { parts },
        other => Uncountable::Because(other.to_string()),
    })?;
    let is_ucs2 = plan.alphabet == Alphabet::Ucs2;
    let forced = if is_ucs2 && wanted != text::Encoding::Ucs2 { outside(text) } else { Vec::new() };
    Ok(Count {
        encoding: if is_ucs2 { "ucs2" } else { "gsm7" },
        characters: text.chars().count(),
        units: plan.units,
        parts: plan.parts.len(),
        per_part: plan.per_part,
        left: plan.left(),
        forced,
        replaced: plan.replaced.iter().map(|r| (r.from, r.to)).collect(),
    })
}

/// The characters GSM 7-bit lacks, each once.
fn outside(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    for c in text.chars() {
        let fits = gsm7::encode(c.encode_utf8(&mut [0; 4]), Shifts::default()).is_ok();
        if !fits && !found.contains(&c) {
            found.push(c);
        }
    }
    found
}

fn of_data(hex: &str, udh: &Udh) -> Result<Count, Uncountable> {
    let data = tpdu::from_hex(hex)
        .map_err(|error| Uncountable::Because(format!("the data is not hex: {error}")))?;
    let octets = data.len();
    let room = |header: usize| tpdu::MOST_OCTETS.saturating_sub(header);
    let single = room(udh.size());
    let (parts, per_part) = if octets <= single {
        (1, single)
    } else {
        if udh.concat().is_some() {
            return Err(Uncountable::Because(
                "the user data header is that of one part, and the data is more".into(),
            ));
        }
        // The element that numbers parts: five octets, and the header's length where there was none.
        let per_part = room(udh.size().max(1) + 5);
        if per_part == 0 {
            return Err(Uncountable::Because(
                "the user data header leaves no room for the data".into(),
            ));
        }
        (octets.div_ceil(per_part), per_part)
    };
    let left = (parts * per_part).saturating_sub(octets);
    Ok(Count {
        encoding: "data",
        characters: octets,
        units: octets,
        parts,
        per_part,
        left,
        forced: Vec::new(),
        replaced: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
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
