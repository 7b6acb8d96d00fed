//! Messages to be sent.

use contracts::dlr::DlrOutcome;
use contracts::mt::{DlrCallback, SendError, WhenUncertain};
use contracts::{
    Amount, BatchId, MessageId, ModemId, MtState, PhoneNumber, PoolId, Priority, SimId, Timestamp,
    TraceId, UserId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::AlphabetUse;

/// The body of `POST /messages`, `POST /messages/preview` and `POST /batches`: a text or data, to one or many.
// Without `Debug`, as all that holds a text: it is not for logs.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// One number or several.
    #[serde(default)]
    pub to: Recipients,
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// 8-bit data in hex, in place of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// The alphabet; `auto` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// Languages whose GSM tables may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub languages: Option<Languages>,
    /// How urgent it is.
    #[serde(default)]
    pub priority: Priority,
    /// Message class 0 to 3; 0 is shown at once and not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<u8>,
    /// The same as class 0.
    #[serde(default)]
    pub flash: bool,
    /// TP-DCS, to the bit (3GPP TS 23.038, 4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dcs: Option<u8>,
    /// How long the network tries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validity_minutes: Option<u32>,
    /// `false`: no delivery report is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<bool>,
    /// TP-PID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol_id: Option<u8>,
    /// TP-RP.
    #[serde(default)]
    pub reply_path: bool,
    /// Destination and source port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ports: Option<(u16, u16)>,
    /// A user data header to go before each part, in hex, its length octet first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub udh: Option<String>,
    /// Not to be sent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Not to be sent after: then it is expired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Timestamp>,
    /// The SIM it must go out through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// The pool of modems it must go out through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolId>,
    /// A word by which rules tell what it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The sender that is asked for. What goes out through a SIM has the number of the SIM; rules can be asked by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// What is done when nobody knows whether it went out; `hold` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when_uncertain: Option<WhenUncertain>,
    /// It goes out though the same text went to the same number a moment before, where the gateway holds such doubles.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_double: bool,
    /// Where to tell what happened, as Kannel's `dlr-url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dlr: Option<DlrCallback>,
    /// Everything is checked as if it were sent, and nothing is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}

/// One number or several.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "'to' is a number or a list of numbers, as JSON strings")]
pub enum Recipients {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
    /// Several, each with a text of its own. Only in `POST /batches`.
    Each(Vec<RecipientWithText>),
}

/// A recipient who gets a text of its own.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecipientWithText {
    /// The number.
    pub to: String,
    /// The text for this recipient; absent: the text of the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Default for Recipients {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

/// The alphabet of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// GSM 7-bit where it can write the text, else UCS-2.
    Auto,
    /// GSM 7-bit, or the message is refused.
    Gsm7,
    /// As `auto`, and similar characters take the place of some where that saves parts.
    Smart,
    /// UCS-2.
    Ucs2,
}

impl Encoding {
    /// All.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Gsm7, Self::Smart, Self::Ucs2];

    /// The name, as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Gsm7 => "gsm7",
            Self::Smart => "smart",
            Self::Ucs2 => "ucs2",
        }
    }
}

/// One language code or several; `"auto"`: any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "languages are a list of two-letter codes, or \"auto\"")]
pub enum Languages {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

/// The answer to `POST /messages` and `POST /messages/{id}/again`: the broker has all of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Acceptance {
    /// A message to each recipient, in their order.
    pub messages: Vec<Receipt>,
    /// Of how many parts each is.
    pub parts: usize,
    /// In which alphabet.
    #[serde(flatten)]
    pub alphabet: AlphabetUse,
    /// The message that it repeats. Only in the answer to `POST /messages/{id}/again`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_of: Option<MessageId>,
}

/// The answer to `POST /messages` and `POST /batches` with `dry_run`: what would be accepted. Nothing was.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DryRun {
    /// It was one: `true`.
    pub dry_run: bool,
    /// How many messages it would be.
    pub total: usize,
    /// A message to each recipient, in their order. Only in the answer to `POST /messages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<DryReceipt>>,
    /// Of how many parts each would be, or the longest of a batch.
    pub parts: usize,
    /// What all of them would cost, by the prices of the organisation; absent: there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
    /// In which alphabet.
    #[serde(flatten)]
    pub alphabet: AlphabetUse,
}

/// A message that would be accepted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DryReceipt {
    /// Its recipient, as the gateway understood it.
    pub to: PhoneNumber,
    /// The recipient is a service of the network, not a phone.
    pub short_code: bool,
}

/// A message that was accepted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// Its id.
    pub id: MessageId,
    /// Its recipient, as the gateway understood it.
    pub to: PhoneNumber,
    /// Where it is; further than accepted when the same request came before.
    pub state: MtState,
    /// The recipient is a service of the network, not a phone.
    pub short_code: bool,
}

/// The query of `GET /messages`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct ListMessages {
    /// Only those in these states, with commas between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Only those to this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Only those of this batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchId>,
    /// Only those that go or went out through this SIM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sim: Option<SimId>,
    /// Only those of this user: a name or an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Only those accepted at this time or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Only those accepted before this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Only those in which all of this is found: words of the text, and parts of the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// At most so many; 50 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Those after `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// The query of `GET /messages/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
pub struct WatchMessage {
    /// The version that the caller knows: the answer waits for the next one, 20 seconds at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The answer to `GET /messages`, newest first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Messages {
    /// Those of this page.
    pub messages: Vec<Message>,
    /// `before` of the next page; none: this is the last.
    pub next: Option<String>,
}

/// A message on its way, or at its end.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its number, for clients that need an integer.
    pub number: i64,
    /// The recipient.
    pub to: PhoneNumber,
    /// Its text; none for data.
    pub text: Option<String>,
    /// Its data in hex. Only where it is no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// How urgent it is.
    pub priority: Priority,
    /// Where it is.
    pub state: MtState,
    /// Of how many parts it is; none: it was not looked at yet.
    pub parts: Option<u8>,
    /// The modem it goes or went out by.
    pub modem: Option<ModemId>,
    /// The SIM it goes or went out through.
    pub sim: Option<SimId>,
    /// What went wrong last, until it was sent.
    pub error: Option<SendError>,
    /// How often a modem tried.
    pub tries: u32,
    /// Why it is not on its way; none: it is, or it is at its end.
    pub waiting: Option<Waiting>,
    /// What its account was charged for it, 0 when that was given back because it was not sent; absent: it cost nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Amount>,
    /// The gateway before this one that was to send it, when it was brought from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_from: Option<String>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub updated_at: Timestamp,
}

/// Why a message waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Waiting {
    /// A name that stays the same in all versions.
    pub code: String,
    /// The same in an English sentence.
    pub reason: String,
    /// Until when, where that is known.
    pub until: Option<Timestamp>,
    /// When it expires, should it not be sent before.
    pub expires_at: Option<Timestamp>,
}

/// The answer to `GET /messages/{id}`: a message with its timeline.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessageDetail {
    /// The message.
    #[serde(flatten)]
    pub message: Message,
    /// In which alphabet it goes out. Absent where that cannot be said any more.
    #[serde(flatten)]
    pub alphabet: Option<AlphabetUse>,
    /// A number that grows with each thing that happens to it, for `after`.
    pub version: u64,
    /// What happened to it, oldest first.
    pub timeline: Vec<TimelineLine>,
    /// Its tag, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The sender that it asked for, if it asked for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// The trace within which it was accepted. Only where the gateway traces what happens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceId>,
    /// The message that it repeats.
    pub again_of: Option<MessageId>,
    /// The message that repeats it.
    pub repeated_as: Option<MessageId>,
    /// The parts that went out.
    pub sent_parts: Vec<SentPart>,
    /// Calls of its `dlr` URL. Only for a message that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callbacks: Option<Vec<Callback>>,
}

/// Something that happened to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TimelineLine {
    /// When.
    pub at: Timestamp,
    /// The state it brought.
    pub state: MtState,
    /// In an English sentence.
    pub text: String,
    /// Who did it, where it was a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Account>,
}

/// Who did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// The account.
    pub id: UserId,
    /// Its name, where the caller may know it.
    pub name: Option<String>,
}

/// A part that went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SentPart {
    /// Its number; 1 is the first.
    pub part: u8,
    /// TP-MR.
    pub reference: Option<u8>,
    /// When the network took it.
    pub sent_at: Option<Timestamp>,
    /// What the network said of its delivery.
    pub report: Option<StatusReport>,
}

/// A delivery report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusReport {
    /// TP-ST.
    pub status: u8,
    /// What that means.
    pub outcome: DlrOutcome,
    /// The same in words.
    pub text: String,
    /// TP-DT: when it was delivered or given up.
    pub discharged_at: Timestamp,
}

/// A call of a message's `dlr` URL, as far as it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Callback {
    /// The URL, its escape codes filled in.
    pub url: String,
    /// `pending`, `done` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub tries: u32,
    /// What the last try came to, where it failed.
    pub error: Option<String>,
    /// When it is tried next.
    pub next_at: Option<Timestamp>,
    /// When the event happened that it tells.
    pub created_at: Timestamp,
    /// The tries, oldest first.
    #[serde(default)]
    pub attempts: Vec<CallbackAttempt>,
}

/// One try to call a message's `dlr` URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CallbackAttempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: u64,
    /// What was answered, if anything was.
    pub http_status: Option<u16>,
    /// What went wrong, in words; none: the URL took it.
    pub error: Option<String>,
}

/// The answer to `DELETE /messages/{id}`: the message will not be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cancellation {
    /// The message.
    pub id: MessageId,
    /// Its state: cancelled.
    pub state: MtState,
    /// It was cancelled before.
    pub already: bool,
    /// In an English sentence.
    pub text: String,
}
