//! What a refusal says, in words.

use at::{CodedError, ErrorClass, Family, Final};

use crate::event::{RequestError, SendFailure};

/// A refusal in words.
pub(crate) fn failure(result: &Final) -> SendFailure {
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

/// Whether a modem waits for no acknowledgement any more after it was given one, by its answer: it took it, or did not
/// wait for any (`+CMS ERROR: 340`).
pub(crate) fn nothing_is_withheld(result: &Final) -> bool {
    result.is_ok() || result.cms_code() == Some(340)
}

/// A refused request in words.
pub(crate) fn refused(result: &Final) -> RequestError {
    RequestError::Refused(match result {
        Final::Cme(error) => format!("{error}: {}", error.meaning()),
        Final::Cms(error) => format!("{error}: {}", error.meaning()),
        _ => "the modem says ERROR".into(),
    })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_balance_in_words() {
        let failure = failure(&Final::Cms(38.into()));
        assert_eq!(failure.code, "cms-38");
        assert!(failure.text.starts_with("Network out of order (+CMS ERROR: 38): "));
        assert!(failure.advice.contains("empty balance"));
    }
}
