//! What happens to a message that is being sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dlr::Dlr;
use crate::limits::NEW_RECIPIENT;
use crate::mt::MtRequest;
use crate::subject::Target;
use crate::{
    Message, MessageId, ModemId, MtState, OrgId, Priority, SimId, Subject, Timestamp, UserId,
};

crate::named! {
    /// Why a message waits outside the broker.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Gate in json {
        /// Its time has not come.
        Schedule = "schedule",
        /// A try failed, and the next comes later.
        BackOff = "back_off",
        /// The SIM that was chosen for it takes it no longer, and another is chosen.
        Route = "route",
        /// The account's credit does not pay for it.
        Credit = "credit",
        /// Whether the account's credit pays for it could not be found out.
        CreditUnknown = "credit_unknown",
        /// Its account has sent what its limits allow.
        Limit = "limit",
        /// Its recipient was sent what one number is sent in a time.
        Recipient = "recipient",
        /// The same text went to the same number a moment ago.
        Double = "double",
    } else {
        /// A gate of a later version.
        Other = "other"
    }
}

impl Gate {
    /// Why it waits, as part of a sentence.
    const fn words(self) -> &'static str {
        match self {
            Self::Schedule => "it is scheduled",
            Self::BackOff => "the last try failed",
            Self::Route => "another SIM is chosen for it",
            Self::Credit => "the account has not enough credit",
            Self::CreditUnknown => {
                "whether the account has enough credit is not known at the moment"
            }
            Self::Limit => "its account has sent what its limits allow",
            Self::Recipient => "its recipient was sent as many messages as one number is sent",
            Self::Double => "the same text went to the same number a moment before",
            Self::Other => "a rule holds it",
        }
    }
}

/// What went wrong, in words for the outside.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendError {
    /// A stable name: `cms-38`, `cme-10`, `no-prompt`, `no-answer`, `port-lost`, `text-too-long`, ….
    pub code: String,
    /// What happened, and what to do, in one or two English sentences.
    pub text: String,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The modem and SIM that did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Through {
    /// The modem.
    pub modem: ModemId,
    /// The SIM in it.
    pub sim: SimId,
}

/// A part that the network took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SentPart {
    /// 1 is the first.
    pub part: u8,
    /// TP-MR, from `+CMGS`.
    pub reference: u8,
    /// When the modem said so.
    pub at: Timestamp,
}

/// A part that was given to a modem, as an event tells it that comes after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Given {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub through: Through,
    /// 1 is the first.
    pub part: u8,
    /// Of how many.
    pub parts: u8,
    /// Which try this was; 1 is the first.
    pub tries: u32,
}

impl Given {
    /// Returns the change that this is.
    pub const fn change(self) -> MtChange {
        let Self { through, part, parts, tries, .. } = self;
        MtChange::Sending { through, part, parts, tries }
    }
}

/// Who keeps a deferred message until its next try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keeper {
    /// The router holds it: the wait is long.
    Router,
    /// The broker redelivers it: the wait is short. Also for a keeper of a later version: it is not ours
    /// to keep.
    #[serde(other)]
    Broker,
}

/// A message that was admitted with another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlsoAdmitted {
    /// The message.
    pub message: MessageId,
    /// The round it was admitted in.
    #[serde(default)]
    pub round: u32,
    /// Of how many parts it is.
    pub parts: u8,
    /// The rule by which it goes there; none: no rule chose the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// What happened to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum MtChange {
    /// Checked and queued.
    Admitted {
        /// Of how many parts it is.
        parts: u8,
        /// Which modems may send it.
        target: Target,
        /// Messages of the same account that were admitted for the same modems at the same time, and are told of by this
        /// alone.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        others: Vec<AlsoAdmitted>,
        /// The rule by which it goes there; none: no rule chose the way.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<String>,
    },
    /// Refused.
    Rejected {
        /// Why.
        error: SendError,
    },
    /// Put aside.
    Held {
        /// Why.
        gate: Gate,
        /// Until when.
        until: Timestamp,
        /// Tries so far.
        #[serde(default)]
        tries: u32,
        /// The round that will be requested when due. In JSON `next_round`: the event has its own `round`.
        #[serde(default, rename = "next_round")]
        round: u32,
    },
    /// Given to the modems of its target.
    Released {
        /// Of how many parts it is: it was admitted at the same time, and that is told by this alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parts: Option<u8>,
        /// Which modems may send it, told as `parts` is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<Target>,
        /// The rule by which it goes there, told as `parts` is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<String>,
    },
    /// A try failed and another follows.
    Deferred {
        /// What went wrong.
        error: SendError,
        /// When it is tried again.
        until: Timestamp,
        /// Tries so far.
        tries: u32,
        /// Who keeps it meanwhile.
        kept_by: Keeper,
        /// Where.
        through: Option<Through>,
    },
    /// A part is being written to a modem.
    Sending {
        /// Where.
        through: Through,
        /// 1 is the first.
        part: u8,
        /// Of how many.
        parts: u8,
        /// Which try this is; 1 is the first.
        tries: u32,
    },
    /// The network took every part.
    Sent {
        /// Where.
        through: Through,
        /// The parts.
        parts: Vec<SentPart>,
    },
    /// Given up.
    Failed {
        /// What went wrong.
        error: SendError,
        /// Where it was tried last, if it was.
        through: Option<Through>,
        /// Tries in all.
        tries: u32,
    },
    /// Every part is on the recipient's phone.
    Delivered {
        /// When the network says it was.
        discharged_at: Timestamp,
    },
    /// The network gave up.
    Undelivered {
        /// What the report says.
        error: SendError,
    },
    /// Too late to send.
    Expired {},
    /// Taken back.
    Cancelled {
        /// Who did it.
        by: Option<UserId>,
    },
    /// Nobody knows whether it went out.
    Uncertain {
        /// What happened.
        error: SendError,
        /// Where.
        through: Through,
        /// Which part.
        part: u8,
    },
    /// A change of a later version.
    #[serde(other)]
    Unknown,
}

impl MtChange {
    /// Released, and nothing else is told by it.
    pub const RELEASED: Self = Self::Released { parts: None, target: None, rule: None };

    /// One message was admitted.
    pub const fn admitted(parts: u8, target: Target) -> Self {
        Self::Admitted { parts, target, others: Vec::new(), rule: None }
    }

    /// The same of a message that a rule sent this way.
    #[must_use]
    pub fn by_rule(mut self, by: Option<String>) -> Self {
        if let Self::Admitted { rule, .. } = &mut self {
            *rule = by;
        }
        self
    }

    /// The state it leads to.
    pub const fn state(&self) -> MtState {
        match self {
            Self::Admitted { .. } => MtState::Admitted,
            Self::Rejected { .. } => MtState::Rejected,
            Self::Held { .. } => MtState::Held,
            Self::Released { .. } => MtState::Released,
            Self::Deferred { .. } => MtState::Deferred,
            Self::Sending { .. } => MtState::Sending,
            Self::Sent { .. } => MtState::Sent,
            Self::Failed { .. } => MtState::Failed,
            Self::Delivered { .. } => MtState::Delivered,
            Self::Undelivered { .. } => MtState::Undelivered,
            Self::Expired { .. } => MtState::Expired,
            Self::Cancelled { .. } => MtState::Cancelled,
            Self::Uncertain { .. } => MtState::Uncertain,
            Self::Unknown => MtState::Unknown,
        }
    }

    /// What went wrong, if something did.
    pub const fn error(&self) -> Option<&SendError> {
        match self {
            Self::Rejected { error }
            | Self::Deferred { error, .. }
            | Self::Failed { error, .. }
            | Self::Undelivered { error }
            | Self::Uncertain { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Where it happened, if at a modem.
    pub const fn through(&self) -> Option<Through> {
        match self {
            Self::Sending { through, .. }
            | Self::Sent { through, .. }
            | Self::Uncertain { through, .. } => Some(*through),
            Self::Deferred { through, .. } | Self::Failed { through, .. } => *through,
            _ => None,
        }
    }
}

/// One line of a message's timeline, in English.
impl fmt::Display for MtChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admitted { parts, target, rule, .. } => {
                f.write_str("Queued as ")?;
                match parts {
                    1 => f.write_str("one part")?,
                    parts => write!(f, "{parts} parts")?,
                }
                match (rule, target) {
                    (None, _) => f.write_str("."),
                    (Some(rule), Target::Pool(pool)) => {
                        write!(f, ", by rule '{rule}' through the pool {pool}.")
                    }
                    (Some(rule), Target::Sim(sim)) => {
                        write!(f, ", by rule '{rule}' through the SIM {sim}.")
                    }
                }
            }
            Self::Rejected { error } => write!(f, "Refused: {error}"),
            Self::Held { gate, until, .. } => write!(f, "Waits until {until}: {}.", gate.words()),
            Self::Released { .. } => f.write_str("Waits for a free modem."),
            // No modem tried.
            Self::Deferred { error, kept_by: Keeper::Broker, .. }
                if error.code == NEW_RECIPIENT =>
            {
                write!(f, "Handed on: {error}")
            }
            Self::Deferred { error, until, .. } if error.code == NEW_RECIPIENT => {
                write!(f, "Waits until {until}: {error}")
            }
            Self::Deferred { error, until, tries, .. } => {
                write!(f, "Try {tries} failed: {error} It is tried again at {until}.")
            }
            Self::Sending { part, parts, tries, .. } if *parts == 1 => {
                debug_assert_eq!(*part, 1);
                write!(f, "Given to the modem, try {tries}.")
            }
            Self::Sending { part, parts, tries, .. } => {
                write!(f, "Part {part} of {parts} given to the modem, try {tries}.")
            }
            Self::Sent { .. } => f.write_str("The network took it."),
            Self::Failed { error, tries: 0 | 1, .. } => write!(f, "Given up: {error}"),
            Self::Failed { error, tries, .. } => write!(f, "Given up after {tries} tries: {error}"),
            Self::Delivered { .. } => f.write_str("Delivered to the recipient's phone."),
            Self::Undelivered { error } => write!(f, "Not delivered: {error}"),
            Self::Expired {} => f.write_str("Its time was over before it could be sent."),
            Self::Cancelled { .. } => f.write_str("Cancelled."),
            Self::Uncertain { error, part, .. } => {
                write!(f, "Nobody knows whether part {part} went out: {error}")
            }
            Self::Unknown => f.write_str("Something this version does not know."),
        }
    }
}

/// An event of a message, published to `sms.v1.event.mt.<state>`, or to `sms.v1.event.mt.<state>.otp`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MtEvent {
    /// The message.
    pub message: MessageId,
    /// Its organisation.
    pub org: OrgId,
    /// Its account.
    pub owner: UserId,
    /// When it happened.
    pub at: Timestamp,
    /// The round it happened in.
    #[serde(default)]
    pub round: u32,
    /// The message is known to be a one-time password. What modems and persistence tell of it has a lane of its own then,
    /// so that nobody hears of it behind the events of many other messages. What routers follow by its subject has not:
    /// that it was admitted, released, deferred or cancelled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub otp: bool,
    /// What happened.
    #[serde(flatten)]
    pub change: MtChange,
    /// The parts that were given to modems before that. That is told live when it happens ([`Subject::MtLive`]), and stored by this
    /// alone, unless a modem was slow. What another event told may be told again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<Given>,
    /// The delivery report that says so, of a message of one part: it is not published on its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<Dlr>>,
}

impl MtEvent {
    /// Returns the event, and what it tells too: before it, that a message that was released at once was admitted, and that
    /// one that was sent was given to a modem; after it, which others were admitted with this one. A report is left to
    /// [`MtEvent::report`].
    pub fn told_apart(mut self) -> impl Iterator<Item = Self> {
        let given = std::mem::take(&mut self.given);
        self.report = None;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        match &mut self.change {
            MtChange::Released { parts: Some(parts), target: Some(target), rule } => {
                let change = MtChange::admitted(*parts, target.clone()).by_rule(rule.clone());
                before.push(Self { change, ..self.clone() });
            }
            MtChange::Admitted { target, others, .. } => {
                let (others, target) = (std::mem::take(others), target.clone());
                after = others
                    .into_iter()
                    .map(|AlsoAdmitted { message, round, parts, rule }| {
                        let change = MtChange::admitted(parts, target.clone()).by_rule(rule);
                        Self { message, round, change, ..self.clone() }
                    })
                    .collect();
            }
            _ => {}
        }
        for given in given {
            before.push(Self { at: given.at, change: given.change(), ..self.clone() });
        }
        before.into_iter().chain([self]).chain(after)
    }

    /// An event of the message of `request`, whose id must be filled in.
    pub fn of(id: MessageId, request: &MtRequest, at: Timestamp, change: MtChange) -> Self {
        Self {
            message: id,
            org: request.org,
            owner: request.owner,
            at,
            round: request.round,
            otp: false,
            change,
            given: Vec::new(),
            report: None,
        }
    }

    /// The same event of a message of this priority.
    #[must_use]
    pub fn of_priority(self, priority: Priority) -> Self {
        Self { otp: priority == Priority::Otp, ..self }
    }
}

impl Message for MtEvent {
    fn subject(&self) -> Subject {
        let state = self.change.state();
        match state {
            MtState::Admitted | MtState::Released | MtState::Deferred | MtState::Cancelled => {
                Subject::MtEvent(state)
            }
            _ if self.otp => Subject::OtpEvent(state),
            _ => Subject::MtEvent(state),
        }
    }

    fn msg_id(&self) -> String {
        if let Some(report) = &self.report {
            return report.msg_id();
        }
        let step = match &self.change {
            // Once in a message's life, whoever tells it and whatever round they know of.
            MtChange::Cancelled { .. } => return format!("{}:cancelled", self.message),
            MtChange::Deferred { tries, .. } => format!("{tries}"),
            MtChange::Sending { part, tries, .. } => format!("{part}.{tries}"),
            MtChange::Uncertain { part, .. } => format!("{part}"),
            MtChange::Admitted { others, .. } => match others.last() {
                Some(last) => format!("{}+{}", last.message, others.len()),
                None => String::new(),
            },
            _ => String::new(),
        };
        format!("{}:{}:{}:{step}", self.message, self.change.state(), self.round)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::PhoneNumber;

    use super::*;

    #[test]
    fn a_message_is_cancelled_once() {
        let mut request = MtRequest::text(PhoneNumber::parse("888").unwrap(), "hi");
        let cancelled = |request: &MtRequest| {
            let change = MtChange::Cancelled { by: None };
            MtEvent::of(MessageId::derived("1"), request, Timestamp::from_micros(0), change)
        };
        let first = cancelled(&request).msg_id();
        request.round = 3;
        assert_eq!(
            cancelled(&request).msg_id(),
            first,
            "told by a driver that has a later round of it"
        );
    }

    #[test]
    fn what_no_modem_tried_is_told_as_no_try() {
        let until = Timestamp::from_micros(0);
        let told = |code: &str, kept_by| {
            let error = SendError { code: code.to_owned(), text: "Why.".to_owned() };
            MtChange::Deferred { error, until, tries: 0, kept_by, through: None }.to_string()
        };
        assert_eq!(told(NEW_RECIPIENT, Keeper::Broker), "Handed on: Why.");
        let waits = format!("Waits until {until}: Why.");
        assert_eq!(told(NEW_RECIPIENT, Keeper::Router), waits);
        assert!(told("cms-38", Keeper::Router).starts_with("Try 0 failed: Why."));
    }

    #[test]
    fn an_event_and_its_change_share_no_field() {
        let request = MtRequest::text(PhoneNumber::parse("888").unwrap(), "hi");
        let at = Timestamp::from_micros(0);
        let until = at.plus(Duration::from_mins(1));
        let held = MtChange::Held { gate: Gate::BackOff, until, tries: 2, round: 1 };
        let event = MtEvent::of(MessageId::derived("1"), &request, at, held);
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<MtEvent>(&json).unwrap(), event);
    }

    #[test]
    fn what_an_event_tells_too_comes_before_it_in_order() {
        let request = MtRequest::text(PhoneNumber::parse("888").unwrap(), "hi");
        let through = Through { modem: ModemId::derived("m"), sim: SimId::derived("s") };
        let at = Timestamp::from_micros;
        let given = |part: u8| Given { at: at(i64::from(part)), through, part, parts: 2, tries: 1 };
        let sent = MtChange::Sent { through, parts: vec![] };
        let event = MtEvent {
            given: vec![given(1), given(2)],
            ..MtEvent::of(MessageId::derived("1"), &request, at(9), sent.clone())
        };
        let apart: Vec<_> = event.told_apart().collect();
        assert!(apart.iter().all(|event| event.given.is_empty()));
        let told: Vec<_> = apart.into_iter().map(|event| (event.at, event.change)).collect();
        assert_eq!(told, [(at(1), given(1).change()), (at(2), given(2).change()), (at(9), sent)]);
    }
}
