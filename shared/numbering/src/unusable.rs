//! Why a number is sent nothing.

use contracts::phone::PhoneError;

use crate::country::Country;

/// Why a number is sent nothing. None of the words has the number's digits in it, so that they may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It cannot be dialled at all.
    #[error(transparent)]
    Unreadable(#[from] PhoneError),
    /// No number of its country is so short, or so long.
    #[error(
        "numbers of {} have {} after +{code}, and this one has {found}",
        named(.country.as_ref()), counted(.possible)
    )]
    Impossible {
        /// Whose numbers begin so; none: those of no country.
        country: Option<Country>,
        /// The country's calling code.
        code: u16,
        /// Digits after it.
        found: usize,
        /// How many there may be, the fewest first.
        possible: Vec<usize>,
    },
    /// No country's numbers begin so.
    #[error(
        "no country's numbers begin so: a + stands before a country's calling code, such as +{0}"
    )]
    OfNoCountry(u16),
    /// Its country is not allowed.
    #[error(
        "it is a number of {}, and messages go to {allowed} only; the operator can allow more (numbers.destinations)",
        named(.country.as_ref())
    )]
    Abroad {
        /// Whose it is; none: no country's.
        country: Option<Country>,
        /// Where messages may go.
        allowed: String,
    },
    /// It costs more than others.
    #[error(
        "it is a premium-rate or shared-cost number, which nothing is sent to; the operator can allow that \
         (numbers.premium)"
    )]
    Premium,
    /// Whoever helps in need is called, and a message would not be read in time.
    #[error("it is an emergency number, which nothing is sent to: call it")]
    Emergency,
    /// Services of networks are sent nothing.
    #[error(
        "it is a short code, which nothing is sent to; the operator can allow that (numbers.short_codes)"
    )]
    ShortCode,
}

impl Unusable {
    /// A stable name for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) | Self::Impossible { .. } | Self::OfNoCountry(_) => {
                "number-impossible"
            }
            Self::Abroad { .. } | Self::Emergency | Self::ShortCode => "destination-not-allowed",
            Self::Premium => "premium-number",
        }
    }

    /// Whether it is a number that could be sent to, and may not be.
    pub const fn is_forbidden(&self) -> bool {
        match self {
            Self::Unreadable(_) | Self::Impossible { .. } | Self::OfNoCountry(_) => false,
            Self::Abroad { .. } | Self::Premium | Self::Emergency | Self::ShortCode => true,
        }
    }
}

fn named(country: Option<&Country>) -> &str {
    country.map_or("no country", Country::as_str)
}

/// `8 digits`, `7 to 12 digits`, `8, 10 or 11 digits`.
fn counted(possible: &[usize]) -> String {
    let is_range = |all: &[usize]| all.windows(2).all(|two| two[0] + 1 == two[1]);
    let numbers = match possible {
        [] => "other".to_owned(),
        [one] => one.to_string(),
        [first, .., last] if possible.len() > 2 && is_range(possible) => {
            format!("{first} to {last}")
        }
        [first @ .., last] => {
            let first: Vec<String> = first.iter().map(ToString::to_string).collect();
            format!("{} or {last}", first.join(", "))
        }
    };
    format!("{numbers} digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_right_is_said() {
        let words = |possible: &[usize]| {
            let country = "ID".parse().ok();
            Unusable::Impossible { country, code: 62, found: 5, possible: possible.to_vec() }
                .to_string()
        };
        for (possible, said) in [
            (&[8][..], "8 digits"),
            (&[7, 8], "7 or 8 digits"),
            (&[7, 8, 9, 10], "7 to 10 digits"),
            (&[8, 10, 11], "8, 10 or 11 digits"),
        ] {
            let said = format!("numbers of ID have {said} after +62, and this one has 5");
            assert_eq!(words(possible), said);
        }
    }
}
