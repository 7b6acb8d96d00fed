//! Why a program's request was not done, told apart as far as the interfaces of other gateways tell it. Each has its own
//! numbers and words for it, and none looks at the inside: what is for the log is in the log.

use std::error::Error;
use std::time::Duration;

use crate::acts::acceptance::Unaccepted;
use crate::acts::draft::Unsendable;
use crate::acts::not_read::NotRead;
use crate::authority::{Denied, Unchecked};
use crate::causes::in_full;
use crate::form::Unreadable;
use crate::limits::TooMuch;

/// The seconds that a client is told to wait where nobody knows them better.
const LATER: u64 = 5;

/// See the module. Its words are for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// The request cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// No account has this key, or the name is another account's.
    #[error("this key is not known, or it is not a key of this user")]
    Unknown,
    /// The account or the key may not.
    #[error("{0}")]
    Denied(String),
    /// It cannot be sent.
    #[error(transparent)]
    Unsendable(#[from] Unsendable),
    /// It is more than a key or an account may ask for or send.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// There is no room for more messages.
    #[error("the gateway's disk is full, and nothing was accepted: ask again later")]
    Full,
    /// It may have been done.
    #[error("{0}")]
    Unclear(String),
    /// Something inside does not answer.
    #[error("the gateway cannot do it at the moment, and nothing was done: ask again later")]
    Later,
}

impl Refused {
    /// For what did not work inside.
    pub(crate) fn later(error: &(dyn Error + 'static)) -> Self {
        tracing::warn!(error = %in_full(error), "a program's request could not be done");
        Self::Later
    }

    /// What it is, for the log, where numbers and texts do not belong.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::Unknown => "unknown key",
            Self::Denied(_) => "denied",
            Self::Unsendable(_) => "unsendable",
            Self::TooMuch(_) => "too much",
            Self::Full => "full",
            Self::Unclear(_) => "unclear",
            Self::Later => "later",
        }
    }

    /// The whole seconds after which the same may be asked for again. None where that would change nothing, or where what may
    /// have been done would perhaps be done twice.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        match self {
            // Without a wait it never fits.
            Self::TooMuch(TooMuch { wait, .. }) => {
                wait.map(|wait| (wait + Duration::from_secs(1)).as_secs())
            }
            Self::Full | Self::Later => Some(LATER),
            Self::Unreadable(_)
            | Self::Unknown
            | Self::Denied(_)
            | Self::Unsendable(_)
            | Self::Unclear(_) => None,
        }
    }
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied.to_string())
    }
}

impl From<Unchecked> for Refused {
    fn from(unchecked: Unchecked) -> Self {
        match unchecked {
            Unchecked::TooMuch(refused) => refused.into(),
            Unchecked::TooOften(_) => Self::Later,
            Unchecked::Elsewhere => Self::Denied(unchecked.to_string()),
            Unchecked::Store(error) => Self::later(&error),
        }
    }
}

impl From<NotRead> for Refused {
    fn from(not_read: NotRead) -> Self {
        match not_read {
            NotRead::Denied(denied) => denied.into(),
            NotRead::Store(error) => Self::later(&error),
        }
    }
}

impl From<Unaccepted> for Refused {
    fn from(unaccepted: Unaccepted) -> Self {
        match unaccepted {
            Unaccepted::Denied(denied) => denied.into(),
            Unaccepted::Unsendable(unsendable) => unsendable.into(),
            Unaccepted::TooMuch(refused) => refused.into(),
            Unaccepted::SimNotYours => Self::Denied(unaccepted.to_string()),
            Unaccepted::Disk(_) | Unaccepted::Full(_) => Self::Full,
            Unaccepted::Unclear { .. } => {
                tracing::warn!(error = %in_full(&unaccepted), "a message may or may not be accepted");
                Self::Unclear(unaccepted.to_string())
            }
            Unaccepted::KeyReused | Unaccepted::Broker(_) | Unaccepted::Store(_) => {
                Self::later(&unaccepted)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_have_been_done_is_not_to_be_asked_for_again() {
        assert_eq!(Refused::Unclear("it may have been sent".to_owned()).retry_after(), None);
        assert_eq!(Refused::Unknown.retry_after(), None);
        assert_eq!(Refused::Later.retry_after(), Some(LATER));
        assert_eq!(Refused::Full.retry_after(), Some(LATER));
    }
}
