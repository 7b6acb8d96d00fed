//! Subjects of version 1. The bus publishes only to these.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{MtState, Priority, SimId, UserId};

/// The name of a pool of modems: lower-case letters, digits and dashes, so it is one subject token.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PoolId(String);

/// A text that cannot name a pool.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' cannot name a pool: use 1 to 32 of a-z, 0-9 and -")]
pub struct ParsePoolError(String);

impl PoolId {
    /// The pool every SIM is in that is in no other.
    pub fn default_pool() -> Self {
        Self("default".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PoolId {
    type Err = ParsePoolError;

    fn from_str(text: &str) -> Result<Self, ParsePoolError> {
        let fits = (1..=32).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParsePoolError(text.chars().take(64).collect()))
        }
    }
}

impl TryFrom<String> for PoolId {
    type Error = ParsePoolError;

    fn try_from(text: String) -> Result<Self, ParsePoolError> {
        text.parse()
    }
}

impl From<PoolId> for String {
    fn from(pool: PoolId) -> Self {
        pool.0
    }
}

impl fmt::Display for PoolId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which modems may send a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// Any modem of the pool.
    Pool(PoolId),
    /// The modem that holds this SIM.
    Sim(SimId),
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pool(pool) => write!(f, "pool.{pool}"),
            Self::Sim(sim) => write!(f, "sim.{sim}"),
        }
    }
}

/// A subject of the broker.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A message is to be sent.
    MtRequest(Priority),
    /// Admitted, waiting its account's turn for one of these modems.
    MtWait(UserId, Priority, Target),
    /// To be sent now by one of these modems.
    MtDispatch(Target, Priority),
    /// Something happened to a message that is being sent.
    MtEvent(MtState),
    /// A part of a message was received.
    MoPart,
    /// A whole message was received.
    MoReceived,
    /// A delivery report, matched or not.
    Dlr,
    /// Something happened to a modem.
    Modem(crate::modem::ModemEventKind),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MtRequest(priority) => write!(f, "sms.v1.mt.request.{priority}"),
            Self::MtWait(account, priority, target) => {
                write!(f, "sms.v1.mt.wait.{account}.{priority}.{target}")
            }
            Self::MtDispatch(target, priority) => {
                write!(f, "sms.v1.mt.dispatch.{target}.{priority}")
            }
            Self::MtEvent(state) => write!(f, "sms.v1.event.mt.{state}"),
            Self::MoPart => f.write_str("sms.v1.event.mo.part"),
            Self::MoReceived => f.write_str("sms.v1.event.mo.received"),
            Self::Dlr => f.write_str("sms.v1.event.dlr"),
            Self::Modem(kind) => write!(f, "sms.v1.event.modem.{kind}"),
        }
    }
}

/// The subject under which a message that was given up is kept: `sms.v1.mt.request.normal` becomes
/// `sms.v1.dead.mt.request.normal`.
pub fn dead(original: &str) -> String {
    format!("sms.v1.dead.{}", original.strip_prefix("sms.v1.").unwrap_or(original))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_the_documented_ones() {
        assert_eq!(Subject::MtRequest(Priority::Otp).to_string(), "sms.v1.mt.request.otp");
        let pool = Target::Pool(PoolId::default_pool());
        assert_eq!(
            Subject::MtDispatch(pool, Priority::Bulk).to_string(),
            "sms.v1.mt.dispatch.pool.default.bulk"
        );
        assert_eq!(Subject::MtEvent(MtState::Sent).to_string(), "sms.v1.event.mt.sent");
        assert_eq!(dead("sms.v1.mt.request.normal"), "sms.v1.dead.mt.request.normal");
    }

    #[test]
    fn a_pool_cannot_break_a_subject() {
        for bad in ["", "a.b", "*", ">", "A", "a b"] {
            assert!(bad.parse::<PoolId>().is_err(), "{bad}");
        }
    }
}
