//! What a modem's answer means for the message, and what it says of the modem. Pure.

use contracts::mt::SendError;
use dispatch::{Again, Outcome};
use modem::{ErrorClass, NotSent, SendFailure, Uncertain};

/// What the service centre answers that takes no validity period (+CMS ERROR: 198).
const NO_VALIDITY: u16 = 198;

/// Returns what a modem's answer means for the message.
pub(crate) fn outcome(answer: modem::Outcome) -> Outcome {
    match answer {
        modem::Outcome::Accepted { reference } => Outcome::Sent { reference },
        modem::Outcome::NotSent(why) => Outcome::NotTried(not_sent(why)),
        modem::Outcome::Uncertain(why) => Outcome::Uncertain(unanswered(why)),
        modem::Outcome::Rejected(failure) => rejected(&failure),
    }
}

fn rejected(failure: &SendFailure) -> Outcome {
    let error = SendError {
        code: failure.code.clone(),
        text: format!("{} {}", failure.text, failure.advice).trim().to_owned(),
    };
    let again = match failure.class {
        ErrorClass::Permanent if failure.cms == Some(NO_VALIDITY) => Again::WithoutValidity,
        ErrorClass::Permanent => Again::No,
        ErrorClass::Temporary => Again::Yes,
        ErrorClass::Ambiguous => Again::Perhaps,
        ErrorClass::AlreadySent => return Outcome::Sent { reference: None },
        ErrorClass::MaybeSent => return Outcome::Uncertain(error),
        ErrorClass::Busy
        | ErrorClass::Ill
        | ErrorClass::Storage
        | ErrorClass::NoSmsc
        | ErrorClass::NothingToAck => return Outcome::NotTried(error),
    };
    Outcome::Refused { error, again }
}

/// Returns what an answer says of the modem: that it is well, that it is not, or nothing.
pub(crate) fn speaks_well(answer: &modem::Outcome, has_validity: bool) -> Option<bool> {
    match answer {
        modem::Outcome::Accepted { .. } => Some(true),
        // One refusal may be the message's fault; health counts only different messages.
        modem::Outcome::Uncertain(_) => Some(false),
        modem::Outcome::NotSent(why) => (*why == NotSent::NoPrompt).then_some(false),
        modem::Outcome::Rejected(failure) => match failure.class {
            ErrorClass::AlreadySent => Some(true),
            ErrorClass::Permanent if has_validity && failure.cms == Some(NO_VALIDITY) => None,
            ErrorClass::Permanent
            | ErrorClass::Temporary
            | ErrorClass::Ambiguous
            | ErrorClass::MaybeSent => Some(false),
            ErrorClass::Busy
            | ErrorClass::Ill
            | ErrorClass::Storage
            | ErrorClass::NoSmsc
            | ErrorClass::NothingToAck => None,
        },
    }
}

fn not_sent(why: NotSent) -> SendError {
    let code = match why {
        NotSent::NoPrompt => "no-prompt",
        NotSent::PortLost => "port-lost",
        NotSent::Rebooted => "modem-restarted",
        NotSent::NotReady => "modem-not-ready",
        NotSent::NotStored => "not-stored",
    };
    SendError { code: code.to_owned(), text: sentence(&why.to_string()) }
}

fn unanswered(why: Uncertain) -> SendError {
    let code = match why {
        Uncertain::NoAnswer => "no-answer",
        Uncertain::PortLost => "port-lost",
        Uncertain::Rebooted => "modem-restarted",
    };
    let text = format!("{} It may have gone out.", sentence(&why.to_string()));
    SendError { code: code.to_owned(), text }
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(cms: u16, class: ErrorClass) -> modem::Outcome {
        modem::Outcome::Rejected(SendFailure {
            code: format!("cms-{cms}"),
            cms: Some(cms),
            text: "Network out of order (+CMS ERROR: 38).".to_owned(),
            advice: "Check the balance.".to_owned(),
            class,
        })
    }

    #[test]
    fn each_answer_has_its_meaning() {
        let again = |cms, class| match outcome(failure(cms, class)) {
            Outcome::Refused { again, .. } => again,
            other => panic!("{other:?}"),
        };
        assert_eq!(again(38, ErrorClass::Ambiguous), Again::Perhaps);
        assert_eq!(again(42, ErrorClass::Temporary), Again::Yes);
        assert_eq!(again(1, ErrorClass::Permanent), Again::No);
        assert_eq!(again(198, ErrorClass::Permanent), Again::WithoutValidity);
        let sent = outcome(failure(197, ErrorClass::AlreadySent));
        assert_eq!(sent, Outcome::Sent { reference: None });
        let maybe = outcome(failure(332, ErrorClass::MaybeSent));
        assert!(matches!(maybe, Outcome::Uncertain(_)));
        let busy = outcome(failure(314, ErrorClass::Busy));
        assert!(matches!(busy, Outcome::NotTried(_)));
    }

    #[test]
    fn errors_are_told_in_sentences() {
        let Outcome::Refused { error, .. } = outcome(failure(38, ErrorClass::Ambiguous)) else {
            panic!("38 is a refusal")
        };
        assert_eq!(error.code, "cms-38");
        assert_eq!(error.text, "Network out of order (+CMS ERROR: 38). Check the balance.");
        let Outcome::Uncertain(error) = outcome(modem::Outcome::Uncertain(Uncertain::PortLost))
        else {
            panic!("a lost port leaves it open")
        };
        assert_eq!(
            error.text,
            "The port was lost after the message was given to the modem. It may have gone out."
        );
    }

    #[test]
    fn an_answer_says_how_the_modem_is() {
        let well = |answer: &modem::Outcome| speaks_well(answer, true);
        assert_eq!(well(&modem::Outcome::Accepted { reference: None }), Some(true));
        assert_eq!(well(&failure(197, ErrorClass::AlreadySent)), Some(true));
        assert_eq!(well(&failure(38, ErrorClass::Ambiguous)), Some(false));
        assert_eq!(well(&modem::Outcome::NotSent(NotSent::NoPrompt)), Some(false));
        assert_eq!(well(&modem::Outcome::NotSent(NotSent::PortLost)), None);
        assert_eq!(well(&failure(314, ErrorClass::Busy)), None);
        assert_eq!(well(&failure(198, ErrorClass::Permanent)), None);
        assert_eq!(speaks_well(&failure(198, ErrorClass::Permanent), false), Some(false));
    }
}
