//! Sums of money.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Decimals that are kept: tariffs have up to four.
const DECIMALS: usize = 4;
const UNIT: u64 = 10_000;
/// Digits before the decimals, so that nothing overflows.
const MOST_DIGITS: usize = 14;

/// A sum of money in whatever currency it is: a decimal number with up to four decimals, exact.
///
/// In JSON a text, for a number there loses decimals: `"12345"`, `"0.5"`, `"-3.125"`.
///
/// ```text
/// amount = [ "-" ] 1*14DIGIT [ "." 1*4DIGIT ]
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(i64);

impl Amount {
    /// An amount of so many ten-thousandths of a unit.
    pub const fn from_ten_thousandths(value: i64) -> Self {
        Self(value)
    }

    /// How many ten-thousandths of a unit it is.
    pub const fn ten_thousandths(self) -> i64 {
        self.0
    }

    /// So many times the amount; the largest amount where that is larger.
    #[must_use]
    pub fn times(self, count: u8) -> Self {
        Self(self.0.saturating_mul(i64::from(count)))
    }
}

/// A text that is no [`Amount`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not an amount; it is written as 5000 or 12.50, with at most four decimals")]
pub struct AmountError(String);

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        parse(text).ok_or_else(|| AmountError(text.chars().take(40).collect()))
    }
}

fn parse(text: &str) -> Option<Amount> {
    let number = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = !whole.is_empty()
        && whole.trim_start_matches('0').len() <= MOST_DIGITS
        && (1..=DECIMALS).contains(&decimals.len());
    if !fits || !is_digits(whole) || !is_digits(decimals) {
        return None;
    }
    let value: i64 = format!("{whole}{decimals:0<DECIMALS$}").parse().ok()?;
    Some(Amount(if number == text { value } else { -value }))
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        let decimals = format!("{:0DECIMALS$}", value % UNIT);
        let decimals = decimals.trim_end_matches('0');
        let point = if decimals.is_empty() { "" } else { "." };
        write!(f, "{sign}{}{point}{decimals}", value / UNIT)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// From a text; from people, who write configurations, also from a number.
impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;

        impl de::Visitor<'_> for Written {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount such as 5000 or 12.50")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Amount, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Amount, E> {
                self.visit_str(&number.to_string())
            }

            // A float is shown by the shortest number that means it, which is what was written.
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Amount, E> {
                self.visit_str(&number.to_string())
            }
        }

        deserializer.deserialize_any(Written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, shown) in [
            ("5000", "5000"),
            ("0", "0"),
            ("-0", "0"),
            ("-0.50", "-0.5"),
            ("12.125", "12.125"),
            ("0.0001", "0.0001"),
            ("007.10", "7.1"),
            ("99999999999999.9999", "99999999999999.9999"),
        ] {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), shown);
        }
        for text in [
            "",
            "-",
            "--1",
            ".5",
            "5.",
            "1,000",
            "1.23456",
            "1.2.3",
            "1.-2",
            "+5",
            "5e3",
            " 5",
            "\u{665}",
            "100000000000000",
        ] {
            let error = text.parse::<Amount>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("'{text}' is not an amount")), "{error}");
        }
    }

    #[test]
    fn an_amount_is_ten_thousandths_of_a_unit() {
        let amount: Amount = "0.35".parse().unwrap();
        assert_eq!(amount.ten_thousandths(), 3_500);
        assert_eq!(amount.times(3), Amount::from_ten_thousandths(10_500));
        assert_eq!(Amount::from_ten_thousandths(i64::MAX).times(2).ten_thousandths(), i64::MAX);
    }

    #[test]
    fn order_is_that_of_numbers() {
        let amount = |text: &str| text.parse::<Amount>().unwrap();
        assert!(amount("-0.01") < Amount::default());
        assert!(amount("9.5") < amount("10"));
        assert_eq!(amount("5.00"), amount("5"));
    }

    #[test]
    fn json_is_text_and_configurations_may_have_numbers() {
        let read = |json: &str| serde_json::from_str::<Amount>(json);
        for (json, shown) in [
            ("\"12.50\"", "\"12.5\""),
            ("5000", "\"5000\""),
            ("-2.125", "\"-2.125\""),
            ("2.5", "\"2.5\""),
        ] {
            assert_eq!(serde_json::to_string(&read(json).unwrap()).unwrap(), shown);
        }
        for json in ["\"some\"", "1e300", "1.23456", "null", "18446744073709551615", "{}"] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
