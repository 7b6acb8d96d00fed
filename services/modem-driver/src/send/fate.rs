//! What the outcome of a try means for the message and for the modem.

use contracts::mt::SendError;
use modem::{ErrorClass, NotSent, Outcome, SendFailure, Uncertain};

/// What follows for the part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The network has it.
    Sent {
        /// TP-MR, when told.
        reference: Option<u8>,
    },
    /// It did not go out: again, by the policy.
    Retry {
        /// Why.
        error: SendError,
        /// Whether another try can help is not known.
        doubtful: bool,
    },
    /// It was not tried at all: again soon, which counts as no try.
    Return {
        /// Why.
        error: SendError,
    },
    /// It can never go out.
    Fail {
        /// Why.
        error: SendError,
    },
    /// The service centre takes no validity period: at once again without.
    WithoutValidity,
    /// Nobody knows.
    Uncertain {
        /// What happened.
        error: SendError,
    },
}

/// `has_validity`: the TPDU carries a validity period.
pub(crate) fn of(outcome: Outcome, has_validity: bool) -> Fate {
    match outcome {
        Outcome::Accepted { reference } => Fate::Sent { reference },
        Outcome::NotSent(why) => Fate::Return { error: not_sent(why) },
        Outcome::Uncertain(why) => Fate::Uncertain { error: uncertain(why) },
        Outcome::Rejected(failure) => rejected(&failure, has_validity),
    }
}

fn rejected(failure: &SendFailure, has_validity: bool) -> Fate {
    let error = SendError {
        code: failure.code.clone(),
        text: format!("{} {}", failure.text, failure.advice).trim().to_owned(),
    };
    match failure.class {
        ErrorClass::Permanent if failure.cms == Some(198) && has_validity => Fate::WithoutValidity,
        ErrorClass::Permanent => Fate::Fail { error },
        ErrorClass::AlreadySent => Fate::Sent { reference: None },
        ErrorClass::Temporary => Fate::Retry { error, doubtful: false },
        ErrorClass::Ambiguous => Fate::Retry { error, doubtful: true },
        ErrorClass::MaybeSent => Fate::Uncertain { error },
        ErrorClass::Busy
        | ErrorClass::Ill
        | ErrorClass::Storage
        | ErrorClass::NoSmsc
        | ErrorClass::NothingToAck => Fate::Return { error },
    }
}

impl Fate {
    /// What it says of the modem: well, unwell, or nothing.
    pub(crate) fn speaks_well(&self) -> Option<bool> {
        match self {
            Self::Sent { .. } => Some(true),
            // Of single messages; health counts only different ones.
            Self::Retry { .. } | Self::Fail { .. } | Self::Uncertain { .. } => Some(false),
            Self::Return { error } => (error.code == "no-prompt").then_some(false),
            Self::WithoutValidity => None,
        }
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

fn uncertain(why: Uncertain) -> SendError {
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

    fn failure(cms: u16, class: ErrorClass) -> Outcome {
        Outcome::Rejected(SendFailure {
            code: format!("cms-{cms}"),
            cms: Some(cms),
            text: "Network out of order (+CMS ERROR: 38).".to_owned(),
            advice: "Check the balance.".to_owned(),
            class,
        })
    }

    #[test]
    fn each_outcome_has_its_fate() {
        let Fate::Retry { error, doubtful: true } = of(failure(38, ErrorClass::Ambiguous), false)
        else {
            panic!("38 is tried again")
        };
        assert_eq!(error.code, "cms-38");
        assert_eq!(error.text, "Network out of order (+CMS ERROR: 38). Check the balance.");
        assert!(matches!(of(failure(1, ErrorClass::Permanent), true), Fate::Fail { .. }));
        assert_eq!(of(failure(198, ErrorClass::Permanent), true), Fate::WithoutValidity);
        assert!(matches!(of(failure(198, ErrorClass::Permanent), false), Fate::Fail { .. }));
        assert_eq!(
            of(failure(197, ErrorClass::AlreadySent), false),
            Fate::Sent { reference: None }
        );
        assert!(matches!(of(failure(332, ErrorClass::MaybeSent), false), Fate::Uncertain { .. }));
        assert!(matches!(of(failure(314, ErrorClass::Busy), false), Fate::Return { .. }));
        let Fate::Uncertain { error } = of(Outcome::Uncertain(Uncertain::PortLost), false) else {
            panic!("a lost port leaves it open")
        };
        assert_eq!(
            error.text,
            "The port was lost after the message was given to the modem. It may have gone out."
        );
    }
}
