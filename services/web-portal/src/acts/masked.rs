//! What is kept of numbers, codes and commands in the audit log: enough to tell one from another, and not what they hide.

use contracts::PhoneNumber;

/// The most digits that stand beside each other; a longer run may be a number, a PIN or a voucher.
const LONGEST_RUN: usize = 3;
/// Characters that stay at the begin and at the end of a number.
const ENDS: (usize, usize) = (4, 3);

/// A number without its middle; a short one, which is a service's, stays.
pub(super) fn number(number: &PhoneNumber) -> String {
    let text = number.as_str();
    let length = text.chars().count();
    if length <= ENDS.0 + ENDS.1 {
        return text.to_owned();
    }
    let begin: String = text.chars().take(ENDS.0).collect();
    let end: String = text.chars().skip(length - ENDS.1).collect();
    format!("{begin}…{end}")
}

/// A USSD code, or the answer to one, without its long runs of digits.
pub(super) fn code(text: &str) -> String {
    let mut masked = String::new();
    let mut run = String::new();
    for c in text.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            run.push(c);
            continue;
        }
        masked.push_str(if run.len() > LONGEST_RUN { "…" } else { &run });
        run.clear();
        if c != '\0' {
            masked.push(c);
        }
    }
    masked
}

/// An AT command without what it is given, and without long runs of digits.
pub(super) fn command(text: &str) -> String {
    match text.split_once('=') {
        Some((name, "?")) => format!("{}=?", code(name)),
        Some((name, _)) => format!("{}=…", code(name)),
        None => code(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_not_kept() {
        let whole = |text: &str| number(&PhoneNumber::parse(text).unwrap());
        assert_eq!(whole("+628123456789"), "+628…789");
        assert_eq!(whole("888"), "888");
        assert_eq!(code("*888#"), "*888#");
        assert_eq!(code("*123*8123456789012345#"), "*123*…#");
        assert_eq!(code("1234"), "…");
        assert_eq!(code("1"), "1");
        assert_eq!(command("AT+CSQ"), "AT+CSQ");
        assert_eq!(command("AT+CPIN=1234"), "AT+CPIN=…");
        assert_eq!(command("AT+COPS=?"), "AT+COPS=?");
        assert_eq!(command("ATD081234567;"), "ATD…;");
    }
}
