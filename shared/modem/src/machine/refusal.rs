//! What a refusal says, in words, and what is tried against one of its kinds.

use at::{CodedError, ErrorClass, Family, Final};

use crate::event::SendFailure;

/// A refusal in words.
pub(super) fn failure(result: &Final) -> SendFailure {
    match result {
        Final::Cms(error) => SendFailure { cms: error.code(), ..explained("cms", error) },
        Final::Cme(error) => explained("cme", error),
        Final::Ok | Final::Error | Final::NoCarrier => SendFailure {
            code: "modem-error".into(),
            cms: None,
            text: "ERROR: The modem refused the message and does not say why.".into(),
            advice: "Check the SIM's balance and the recipient's number; if it happens with every \
                     message, restart the modem."
                .into(),
            class: ErrorClass::Ambiguous,
        },
    }
}

/// The words of an error of one family, whose code is shown as `cms-38` when the family's `prefix` is `cms`.
fn explained<F: Family>(prefix: &str, error: &CodedError<F>) -> SendFailure {
    let shown = match error.code() {
        Some(code) => format!("{} ({}: {code})", error.name(), F::NAME),
        None => error.name().to_owned(),
    };
    SendFailure {
        code: error.code().map_or(prefix.to_owned(), |code| format!("{prefix}-{code}")),
        cms: None,
        text: format!("{}: {}", capital(&shown), error.meaning()),
        advice: error.advice().to_owned(),
        class: error.class(),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// The same SMS-SUBMIT without TP-VP (23.040, 9.2.2.2); `None` when it has none, or is no SMS-SUBMIT.
pub(super) fn without_validity(pdu: &[u8]) -> Option<Vec<u8>> {
    let first = *pdu.first()?;
    if first & 0b11 != 0b01 {
        return None;
    }
    let octets = match first >> 3 & 0b11 {
        0b10 => 1,
        0b01 | 0b11 => 7,
        _ => return None,
    };
    // First octet, reference, then the address: digits, type, two digits an octet; then PID and DCS.
    let digits = usize::from(*pdu.get(2)?);
    let at = 4 + digits.div_ceil(2) + 2;
    let rest = pdu.get(at + octets..)?;
    let mut shorter = pdu.get(..at)?.to_vec();
    shorter[0] = first & !0b1_1000;
    shorter.extend_from_slice(rest);
    Some(shorter)
}

#[cfg(test)]
mod tests {
    use at::command;

    use super::*;

    #[test]
    fn an_empty_balance_in_words() {
        let failure = failure(&Final::Cms(38.into()));
        assert_eq!(failure.code, "cms-38");
        assert!(failure.text.starts_with("Network out of order (+CMS ERROR: 38): "));
        assert!(failure.advice.contains("empty balance"));
    }

    #[test]
    fn validity_is_cut_out() {
        // 23.040, 9.2.2.2: SMS-SUBMIT, relative validity 0xAA, to 46708251358, "hello" in 5 septets.
        let with = command::unhex("11000B916407281553F80000AA05E8329BFD06").unwrap();
        let without = command::unhex("01000B916407281553F8000005E8329BFD06").unwrap();
        assert_eq!(without_validity(&with), Some(without.clone()));
        assert_eq!(without_validity(&without), None);
        for length in 0..with.len() {
            let _ = without_validity(&with[..length]);
        }
    }
}
