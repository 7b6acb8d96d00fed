//! Amounts as networks write them: `Rp 12.345`, `12,345.67`, `12.345,67`, `1 234,50`, `IDR12345`.
//!
//! The rule:
//!
//! 1. The amount reaches from the first digit to the last; a minus anywhere before it makes it negative. Between them
//!    stand only digits, points, commas, blanks and apostrophes; else it is no amount.
//! 2. Blanks and apostrophes part thousands.
//! 3. Of points and commas, when both are there, the last one begins the decimals, and the other kind parts thousands.
//! 4. When one kind is there more than once, it parts thousands. When it is there once, it parts thousands if exactly
//!    three digits follow it and one to three, not a lone zero, precede it; else it begins the decimals.
//! 5. What is parted must be so by three digits (`12.345.678`), or by two but for the last (`1,23,456`).
//!
//! So `12.345` is twelve thousand; a network that writes three decimals is misread by a thousand, and needs a pattern
//! that leaves out the last one. Decimals beyond the fourth are cut off.

use contracts::Amount;

/// Longer ones are none.
const LONGEST: usize = 40;
/// An [`Amount`] has no more.
const DECIMALS: usize = 4;

/// Reads an amount, with what stands around it; none when it is none.
pub(crate) fn read(text: &str) -> Option<Amount> {
    let first = text.find(is_digit)?;
    let last = text.rfind(is_digit)?;
    let negative = text[..first].contains(['-', '\u{2212}']);
    let number = &text[first..=last];
    let digits: String = number.chars().filter(|c| !parts_only(*c)).collect();
    let groups: String = number.chars().map(|c| if parts_only(c) { ' ' } else { c }).collect();
    if groups.len() > LONGEST || !groups.chars().all(|c| is_digit(c) || " .,".contains(c)) {
        return None;
    }
    let point = decimal_sign(&digits);
    let (whole, decimals) = match point {
        Some(point) => groups.rsplit_once(point)?,
        None => (groups.as_str(), ""),
    };
    // No other sign may come after the decimals' own, nor that one twice.
    if !decimals.chars().all(is_digit) || point.is_some_and(|point| whole.contains(point)) {
        return None;
    }
    let groups: Vec<&str> = whole.split([' ', '.', ',']).collect();
    if !are_thousands(&groups) {
        return None;
    }
    let sign = if negative { "-" } else { "" };
    let decimals: String = decimals.chars().take(DECIMALS).collect();
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{decimals}", groups.concat()).parse().ok()
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

/// Returns whether a sign parts thousands and never begins decimals: blanks of any width, apostrophes.
fn parts_only(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\'' | '\u{2019}')
}

/// Returns the sign that begins the decimals, if any does: rules 3 and 4.
fn decimal_sign(digits: &str) -> Option<char> {
    let last = digits.rfind(['.', ','])?;
    let sign = if digits[last..].starts_with('.') { '.' } else { ',' };
    let other = if sign == '.' { ',' } else { '.' };
    if digits.contains(other) {
        return Some(sign);
    }
    let (before, after) = digits.split_once(sign)?;
    if after.contains(sign) {
        return None;
    }
    let parts = after.len() == 3 && (1..=3).contains(&before.len()) && before != "0";
    (!parts).then_some(sign)
}

/// Returns whether the groups of digits are thousands: rule 5.
fn are_thousands(groups: &[&str]) -> bool {
    let [first, middle @ .., last] = groups else {
        return groups.iter().all(|group| !group.is_empty());
    };
    let by = |size: usize| {
        (1..=size).contains(&first.len()) && middle.iter().all(|group| group.len() == size)
    };
    last.len() == 3 && (by(3) || by(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Option<String> {
        read(text).map(|amount| amount.to_string())
    }

    #[test]
    fn amounts_are_read_as_networks_write_them() {
        for (text, amount) in [
            ("Rp 12.345", "12345"),
            ("Rp. 12.345,-", "12345"),
            ("Rp25.000.", "25000"),
            ("12,345.67", "12345.67"),
            ("12.345,67", "12345.67"),
            ("1.234.567", "1234567"),
            ("1,234,567", "1234567"),
            ("1.234.567,8", "1234567.8"),
            ("IDR12345", "12345"),
            ("$5.00", "5"),
            ("5,5 EUR", "5.5"),
            ("0.125", "0.125"),
            ("0", "0"),
            ("007", "7"),
            ("1234.567", "1234.567"),
            ("Rs.1,23,456.78", "123456.78"),
            ("1 234,50 ₽", "1234.5"),
            ("1\u{a0}234\u{202f}567", "1234567"),
            ("CHF 12'345.60", "12345.6"),
            ("-Rp 500", "-500"),
            ("Rp \u{2212}1.500", "-1500"),
            ("3.14159", "3.1415"),
            ("USD 0.00", "0"),
        ] {
            assert_eq!(written(text).as_deref(), Some(amount), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_not_guessed() {
        for text in [
            "",
            "Rp -",
            "12.345 s/d 31/12",
            "1.2.3",
            "1.234,56,78",
            "1.234,567.89",
            "12.34.567.8",
            "1,2345,678",
            "12 34",
            "1..234",
            "10:30",
            "1é2",
            "\u{661}\u{662}\u{663}",
            "99999999999999999999",
            "1 234 567 890 123 456 789 012 345 678 901 234 567",
        ] {
            assert_eq!(written(text), None, "{text}");
        }
    }
}
