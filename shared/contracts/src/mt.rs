//! Messages to be sent (MT, mobile terminated): the request, the item on its way, what happened to it.

mod dlr_form;
mod event;

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::batch::MtRecipient;
use crate::composition;
use crate::subject::Target;
use crate::{
    BatchId, KeyId, Languages, Message, MessageId, OrgId, PhoneNumber, PoolId, Priority, SimId,
    Subject, Timestamp, TraceId, UserId,
};

pub use dlr_form::{
    DlrForm, JasminBatch, JasminForm, StatusSignature, TWILIO_STATUSES, TwilioForm,
};
pub use event::{
    AlsoAdmitted, Gate, Given, Keeper, MtChange, MtEvent, SendError, SentPart, Through,
};

/// How text becomes octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// GSM 7-bit; other characters are an error.
    Gsm7,
    /// GSM 7-bit with look-alikes for characters outside it when that saves parts.
    Smart,
    /// UCS-2 (sent as UTF-16).
    Ucs2,
    /// GSM 7-bit when all characters are in it, else UCS-2. Also for an encoding of a later version.
    #[default]
    #[serde(other)]
    Auto,
}

/// What is to be sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a message needs either `text` or `data`, as a JSON string")]
pub enum Body {
    /// Text.
    Text {
        /// The text.
        text: String,
        /// How it becomes octets.
        #[serde(default)]
        encoding: Encoding,
    },
    /// 8-bit data, in hex.
    Data {
        /// The octets in hex.
        data: String,
    },
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { text, encoding } => {
                write!(f, "Text({} characters, {encoding:?})", text.chars().count())
            }
            Self::Data { data } => write!(f, "Data({} octets)", data.len() / 2),
        }
    }
}

/// What to do when a crash leaves it unknown whether a message went out.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WhenUncertain {
    /// Send it again: it may arrive twice.
    Resend,
    /// Leave it, visibly, for a delivery report or a person to settle. Also for a policy of a later
    /// version.
    #[default]
    #[serde(other)]
    Hold,
}

/// Where a program wants to be told what happened: Kannel's `dlr-url`.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DlrCallback {
    /// The URL with Kannel's escape codes.
    pub url: String,
    /// Which events: 1 delivered, 2 undelivered, 4 buffered, 8 sent, 16 rejected.
    pub mask: u8,
}

impl fmt::Debug for DlrCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DlrCallback(mask {})", self.mask)
    }
}

/// How the message is to be sent, beyond its text. Fields of 3GPP TS 23.040.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SendOptions {
    /// Message class 0 to 3; 0 is a flash message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<u8>,
    /// TP-DCS, to the bit (3GPP TS 23.038, 4), for receivers that look at the octet: in place of one made of the
    /// alphabet and `class`, and not together with `class`. A text is written in the alphabet it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dcs: Option<u8>,
    /// How long the network tries, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validity_minutes: Option<u32>,
    /// No status report is asked for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_report: bool,
    /// TP-PID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol_id: Option<u8>,
    /// TP-RP.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reply_path: bool,
    /// Destination and source port (port-addressed message).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ports: Option<(u16, u16)>,
    /// Languages whose GSM tables may be used for a text where that saves parts.
    #[serde(skip_serializing_if = "Languages::is_none")]
    pub languages: Languages,
}

/// A message to be sent, as any service publishes it to `sms.v1.mt.request.<priority>`.
///
/// Only `to` and `text` (or `data`) are needed. The priority is the subject's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MtRequest {
    /// Its id; made from its place in the stream when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MessageId>,
    /// Its number, for clients that need an integer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<i64>,
    /// The organisation it is sent for; the default one when absent.
    #[serde(default = "OrgId::default_org")]
    pub org: OrgId,
    /// The account it is sent for; the internal one when absent.
    #[serde(default = "UserId::internal")]
    pub owner: UserId,
    /// The recipient.
    pub to: PhoneNumber,
    /// What is to be sent: `text` and `encoding`, or `data`.
    #[serde(flatten)]
    pub body: Body,
    /// When it was accepted; the time of storing when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// Not to be sent before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Not to be sent after: then it is expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Timestamp>,
    /// The SIM it must go out through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// The pool it must go out through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolId>,
    /// A user data header to go before each part, in hex, its length octet first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub udh: Option<String>,
    /// Fields of the TPDU.
    #[serde(default)]
    pub options: SendOptions,
    /// What to do when nobody knows whether it went out.
    #[serde(default)]
    pub when_uncertain: WhenUncertain,
    /// Where to tell what happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dlr: Option<DlrCallback>,
    /// In which form to tell it there; none: in Kannel's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dlr_form: Option<DlrForm>,
    /// The batch that the message belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchId>,
    /// How many messages the batch has, by which its end is known; none: nobody is told of its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<u32>,
    /// The message that did not go out and of which this one is a repetition that somebody asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_of: Option<MessageId>,
    /// A word of whoever sends it, by which rules can tell what it is for; of at most [`crate::bounds::TAG`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The sender that was asked for, of at most [`crate::bounds::SENDER`] characters. What goes out through a SIM has the
    /// number of the SIM; rules can be asked by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The key by which it was sent; none: by a person, or by another service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyId>,
    /// The trace within which it was accepted, where what happens is traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceId>,
    /// It goes out though the same text went to the same number a moment before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_double: bool,
    /// How often it was held and requested again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub round: u32,
    /// How often it was tried at a modem in earlier rounds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tries: u32,
    /// It was paid for in an earlier round, and costs nothing more. Said by persistence alone, of what it requests again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paid: bool,
    /// It was given to modems in an earlier round, and counts no more against the limits of its account and its recipient. Said by
    /// persistence alone, of what it requests again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counted: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl MtRequest {
    /// A request for `text` to `to` with everything else as by default.
    pub fn text(to: PhoneNumber, text: impl Into<String>) -> Self {
        Self {
            id: None,
            number: None,
            org: OrgId::default_org(),
            owner: UserId::internal(),
            to,
            body: Body::Text { text: text.into(), encoding: Encoding::Auto },
            created_at: None,
            not_before: None,
            not_after: None,
            sim: None,
            pool: None,
            udh: None,
            options: SendOptions::default(),
            when_uncertain: WhenUncertain::default(),
            dlr: None,
            dlr_form: None,
            batch: None,
            batch_size: None,
            again_of: None,
            tag: None,
            sender: None,
            key: None,
            trace: None,
            allow_double: false,
            round: 0,
            tries: 0,
            paid: false,
            counted: false,
        }
    }

    /// Whether it was counted in an earlier round against the limits of its account and its recipient.
    pub const fn is_counted(&self) -> bool {
        self.tries > 0 || (self.counted && self.round > 0)
    }

    /// Until when it may be sent: its own end, else `at_most` after it was accepted or, if that is later, after the time
    /// before which it must not be sent.
    pub fn end(&self, accepted: Timestamp, at_most: Duration) -> Timestamp {
        let from = self.not_before.unwrap_or(accepted).max(accepted);
        self.not_after.unwrap_or_else(|| from.plus(at_most))
    }

    /// With id and time filled in from its place in the stream, the same for every reader.
    #[must_use]
    pub fn stored(mut self, at: Timestamp, sequence: u64) -> Self {
        self.id.get_or_insert_with(|| MessageId::from_stored(at, sequence));
        self.created_at.get_or_insert(at);
        self
    }
}

/// A request with its priority: what is published.
#[derive(Debug, Clone)]
pub struct PrioritisedRequest<'a> {
    /// The subject's last token.
    pub priority: Priority,
    /// The request; its id must be set, for it makes the `Nats-Msg-Id`.
    pub request: &'a MtRequest,
}

impl Serialize for PrioritisedRequest<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.request.serialize(serializer)
    }
}

impl Message for PrioritisedRequest<'_> {
    fn subject(&self) -> Subject {
        Subject::MtRequest(self.priority)
    }

    fn msg_id(&self) -> String {
        match self.request.id {
            Some(id) => format!("{id}:request:{}", self.request.round),
            None => format!("{}:request", crate::EventId::new()),
        }
    }
}

/// An admitted message on its way through `mt.wait` and `mt.dispatch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MtItem {
    /// Its id.
    pub id: MessageId,
    /// Its priority.
    pub priority: Priority,
    /// Which modems may send it.
    pub target: Target,
    /// Of how many parts it is.
    pub parts: u8,
    /// The request, its id and time filled in.
    pub request: MtRequest,
    /// The rule by which it goes to these modems; none: no rule chose the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Other recipients of a batch that waits as one item. An item that is to be sent now has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<MtRecipient>,
}

impl MtItem {
    /// How many messages the item is.
    #[expect(clippy::len_without_is_empty, reason = "an item is a message")]
    pub fn len(&self) -> usize {
        1 + self.others.len()
    }

    /// The messages of the item, each an item of its own.
    pub fn messages(&self) -> impl Iterator<Item = Self> + '_ {
        let alone = |id, parts, request| Self {
            id,
            priority: self.priority,
            target: self.target.clone(),
            parts,
            request,
            rule: self.rule.clone(),
            others: Vec::new(),
        };
        let others = self.others.iter().map(move |other| {
            let request = other.request(&self.request);
            // It was counted before it was admitted.
            let parts = composition::submits(other.id, &request).map(|submits| submits.len());
            let parts = parts.ok().and_then(|parts| u8::try_from(parts).ok());
            alone(other.id, parts.unwrap_or(self.parts), request)
        });
        std::iter::once(alone(self.id, self.parts, self.request.clone())).chain(others)
    }
}

/// An item published to wait.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Waiting<'a>(pub &'a MtItem);

impl Message for Waiting<'_> {
    fn subject(&self) -> Subject {
        Subject::MtWait(self.0.request.owner, self.0.priority, self.0.target.clone())
    }

    fn msg_id(&self) -> String {
        let MtItem { id, request, others, .. } = self.0;
        if others.is_empty() {
            return format!("{id}:wait:{}", request.round);
        }
        // Which way each message of a batch goes may be decided otherwise when the request comes again, so the id says which
        // messages are in the item: two items that differ are two.
        let all: String = others.iter().map(|other| other.id.to_string()).collect();
        format!("{id}:wait:{}:{}", request.round, MessageId::derived(&all))
    }
}

/// An item published to be sent now.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Dispatched<'a>(pub &'a MtItem);

impl Message for Dispatched<'_> {
    fn subject(&self) -> Subject {
        Subject::MtDispatch(self.0.target.clone(), self.0.priority)
    }

    fn msg_id(&self) -> String {
        format!("{}:dispatch:{}", self.0.id, self.0.request.round)
    }
}
