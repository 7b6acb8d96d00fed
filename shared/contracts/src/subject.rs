//! Subjects of version 1. The bus publishes only to these.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::modem::ModemEventKind;
use crate::{MtState, Priority, SimId, UserId};

/// What every subject begins with: the version of all that is published.
const VERSION: &str = "sms.v1.";

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

impl FromStr for Target {
    type Err = ParseSubjectError;

    fn from_str(text: &str) -> Result<Self, ParseSubjectError> {
        let target = text.split_once('.').and_then(|(kind, name)| target(kind, name));
        target.ok_or_else(|| ParseSubjectError(text.chars().take(100).collect()))
    }
}

/// Reads back what [`Target`] writes into a subject.
fn target(kind: &str, name: &str) -> Option<Target> {
    match kind {
        "pool" => name.parse().ok().map(Target::Pool),
        "sim" => name.parse().ok().map(Target::Sim),
        _ => None,
    }
}

/// A subject of the broker. [`fmt::Display`] and [`FromStr`] are the grammar, and nothing else writes or reads it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A message is to be sent.
    MtRequest(Priority),
    /// Messages to many recipients are to be sent.
    MtBatch(Priority),
    /// Admitted, waiting its account's turn for one of these modems.
    MtWait(UserId, Priority, Target),
    /// To be sent now by one of these modems.
    MtDispatch(Target, Priority),
    /// Something happened to a message that is being sent.
    MtEvent(MtState),
    /// Something happened to a one-time password that is being sent: see [`crate::mt::MtEvent::otp`].
    OtpEvent(MtState),
    /// Something happens to a message that is being sent, and is told to whoever watches: no stream keeps it.
    MtLive(MtState),
    /// A part of a message was received.
    MoPart,
    /// A whole message was received.
    MoReceived,
    /// A delivery report, matched or not.
    Dlr,
    /// Something happened to a modem.
    Modem(ModemEventKind),
    /// Every message of a batch was sent, or ended.
    BatchFinished,
    /// Something is wrong with the gateway.
    AlertOpened,
    /// Something that was wrong with the gateway is over.
    AlertClosed,
    /// Messages were paid for.
    Charged,
    /// Messages were written to the database; told live.
    Written,
    /// Something is to be sent at a time; told live.
    Scheduled,
    /// Somebody does something with a conversation; told live.
    Talked,
}

impl Subject {
    /// Whether what has this subject has the lane of one-time passwords, which nothing else is before.
    pub const fn has_otp_lane(&self) -> bool {
        match self {
            Self::MtRequest(priority)
            | Self::MtBatch(priority)
            | Self::MtWait(_, priority, _)
            | Self::MtDispatch(_, priority) => matches!(priority, Priority::Otp),
            Self::OtpEvent(_) => true,
            Self::MtEvent(_)
            | Self::MoPart
            | Self::MoReceived
            | Self::Dlr
            | Self::Modem(_)
            | Self::BatchFinished
            | Self::AlertOpened
            | Self::AlertClosed
            | Self::MtLive(_)
            | Self::Charged
            | Self::Written
            | Self::Scheduled
            | Self::Talked => false,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(VERSION)?;
        match self {
            Self::MtRequest(priority) => write!(f, "mt.request.{priority}"),
            Self::MtBatch(priority) => write!(f, "mt.batch.{priority}"),
            Self::MtWait(account, priority, target) => {
                write!(f, "mt.wait.{account}.{priority}.{target}")
            }
            Self::MtDispatch(target, priority) => write!(f, "mt.dispatch.{target}.{priority}"),
            Self::MtEvent(state) => write!(f, "event.mt.{state}"),
            Self::OtpEvent(state) => write!(f, "event.mt.{state}.otp"),
            Self::MtLive(state) => write!(f, "live.mt.{state}"),
            Self::MoPart => f.write_str("event.mo.part"),
            Self::MoReceived => f.write_str("event.mo.received"),
            Self::Dlr => f.write_str("event.dlr"),
            Self::Modem(kind) => write!(f, "event.modem.{kind}"),
            Self::BatchFinished => f.write_str("event.batch.finished"),
            Self::AlertOpened => f.write_str("event.alert.opened"),
            Self::AlertClosed => f.write_str("event.alert.closed"),
            Self::Charged => f.write_str("event.credit.charged"),
            Self::Written => f.write_str("live.written"),
            Self::Scheduled => f.write_str("live.scheduled"),
            Self::Talked => f.write_str("live.talked"),
        }
    }
}

/// A subject that this version does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no subject of this version")]
pub struct ParseSubjectError(String);

impl FromStr for Subject {
    type Err = ParseSubjectError;

    fn from_str(text: &str) -> Result<Self, ParseSubjectError> {
        let parse = || {
            let tokens: Vec<&str> = text.strip_prefix(VERSION)?.split('.').collect();
            Some(match *tokens.as_slice() {
                ["mt", "request", priority] => Self::MtRequest(priority.parse().ok()?),
                ["mt", "batch", priority] => Self::MtBatch(priority.parse().ok()?),
                ["mt", "wait", account, priority, kind, name] => {
                    Self::MtWait(account.parse().ok()?, priority.parse().ok()?, target(kind, name)?)
                }
                ["mt", "dispatch", kind, name, priority] => {
                    Self::MtDispatch(target(kind, name)?, priority.parse().ok()?)
                }
                // Of a later version: [`MtState::Unknown`], as in its JSON.
                ["event", "mt", state] => Self::MtEvent(MtState::from_name(state)),
                ["event", "mt", state, "otp"] => Self::OtpEvent(MtState::from_name(state)),
                ["live", "mt", state] => Self::MtLive(MtState::from_name(state)),
                ["event", "mo", "part"] => Self::MoPart,
                ["event", "mo", "received"] => Self::MoReceived,
                ["event", "dlr"] => Self::Dlr,
                ["event", "modem", kind] => Self::Modem(ModemEventKind::from_name(kind)),
                ["event", "batch", "finished"] => Self::BatchFinished,
                ["event", "alert", "opened"] => Self::AlertOpened,
                ["event", "alert", "closed"] => Self::AlertClosed,
                ["event", "credit", "charged"] => Self::Charged,
                ["live", "written"] => Self::Written,
                ["live", "scheduled"] => Self::Scheduled,
                ["live", "talked"] => Self::Talked,
                _ => return None,
            })
        };
        parse().ok_or_else(|| ParseSubjectError(text.chars().take(100).collect()))
    }
}

/// The subjects that a stream keeps, a consumer reads or a subscription hears.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Filter {
    /// One subject.
    Only(Subject),
    /// All that is about messages to be sent, but for events.
    Mt,
    /// Requests of every priority.
    MtRequests,
    /// Batches of every priority.
    MtBatches,
    /// Waiting items of every lane.
    MtWait,
    /// Items for every modem.
    MtDispatch,
    /// All events, also those of a later version.
    Events,
    /// Requests and batches of one-time passwords.
    OtpRequests,
    /// Events of messages that are being sent, but for those that have the lane of one-time passwords.
    MtEvents,
    /// Events of one-time passwords that are being sent.
    OtpEvents,
    /// What is told live of messages that are being sent, and kept by no stream.
    MtLive,
    /// What was given up.
    Dead,
    /// Whatever a stream has.
    All,
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = match self {
            Self::Only(subject) => return subject.fmt(f),
            Self::All => return f.write_str(">"),
            Self::Mt => "mt.>",
            Self::MtRequests => "mt.request.*",
            Self::MtBatches => "mt.batch.*",
            Self::MtWait => "mt.wait.*.*.*.*",
            Self::MtDispatch => "mt.dispatch.*.*.*",
            Self::Events => "event.>",
            Self::OtpRequests => "mt.*.otp",
            Self::MtEvents => "event.mt.*",
            Self::OtpEvents => "event.mt.*.otp",
            Self::MtLive => "live.mt.*",
            Self::Dead => "dead.>",
        };
        write!(f, "{VERSION}{rest}")
    }
}

impl From<Subject> for Filter {
    fn from(subject: Subject) -> Self {
        Self::Only(subject)
    }
}

/// The subject under which a message that was given up is kept: `sms.v1.mt.request.normal` becomes
/// `sms.v1.dead.mt.request.normal`.
pub fn dead(original: &str) -> String {
    format!("{VERSION}dead.{}", original.strip_prefix(VERSION).unwrap_or(original))
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
        assert_eq!(Subject::OtpEvent(MtState::Sent).to_string(), "sms.v1.event.mt.sent.otp");
        assert_eq!(dead("sms.v1.mt.request.normal"), "sms.v1.dead.mt.request.normal");
    }

    #[test]
    fn subjects_are_read_back() {
        let targets = || [Target::Pool(PoolId::default_pool()), Target::Sim(SimId::derived("1"))];
        for target in targets() {
            assert_eq!(target.to_string().parse(), Ok(target));
        }
        assert!("pool".parse::<Target>().is_err() && "host.a".parse::<Target>().is_err());
        let account = UserId::derived("a");
        let priorities = [Priority::Otp, Priority::Normal, Priority::Bulk];
        let mut all = vec![Subject::MoPart, Subject::MoReceived, Subject::Dlr, Subject::Written];
        all.extend([Subject::BatchFinished, Subject::Scheduled, Subject::Talked]);
        all.extend([Subject::AlertOpened, Subject::AlertClosed]);
        all.push(Subject::Charged);
        all.extend(MtState::ALL.map(Subject::MtEvent));
        all.extend(MtState::ALL.map(Subject::OtpEvent));
        all.extend(MtState::ALL.map(Subject::MtLive));
        all.extend(ModemEventKind::ALL.map(Subject::Modem));
        for priority in priorities {
            all.push(Subject::MtRequest(priority));
            all.push(Subject::MtBatch(priority));
            all.extend(targets().map(|target| Subject::MtWait(account, priority, target)));
            all.extend(targets().map(|target| Subject::MtDispatch(target, priority)));
        }
        for subject in all {
            assert_eq!(subject.to_string().parse(), Ok(subject));
        }
        assert_eq!("sms.v1.event.mt.later".parse(), Ok(Subject::MtEvent(MtState::Unknown)));
        for none in [
            "",
            "sms.v1.",
            "sms.v2.event.dlr",
            "sms.v1.event.dlr.more",
            "sms.v1.event.later.kind",
            "sms.v1.event.mt.sent.later",
            "sms.v1.mt.request.urgent",
            "sms.v1.mt.wait.x.otp",
            "sms.v1.mt.dispatch.pool.Bad.otp",
            "sms.v1.probe.SMS_WAIT",
        ] {
            assert!(none.parse::<Subject>().is_err(), "{none}");
        }
    }

    #[test]
    fn a_pool_cannot_break_a_subject() {
        for bad in ["", "a.b", "*", ">", "A", "a b"] {
            assert!(bad.parse::<PoolId>().is_err(), "{bad}");
        }
    }
}
