//! Messages to be sent: what people and programs read of them.

use std::collections::HashMap;
use std::fmt;

use contracts::dlr::DlrOutcome;
use contracts::mt::{Body, DlrCallback, Encoding, Gate, MtChange, MtRequest, SendError};
use contracts::{
    MessageId, ModemId, MtState, OrgId, PhoneNumber, Priority, SimId, Timestamp, UserId,
};

use crate::column::{json, parsed, parsed_if, small, small_if, time};
use crate::engine::on_engine;
use crate::{Cursor, Page, Scope, Store, StoreError};

/// A message, as in a list.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Its number, for clients that need an integer.
    pub number: i64,
    /// Its organisation.
    pub org: OrgId,
    /// Its account.
    pub owner: UserId,
    /// The recipient.
    pub to: PhoneNumber,
    /// What is sent.
    pub body: Body,
    /// How urgent it is.
    pub priority: Priority,
    /// Where it is on its way.
    pub state: MtState,
    /// How often it was held and requested again.
    pub round: u32,
    /// Of how many parts it is; known once admitted.
    pub parts: Option<u8>,
    /// The modem it went or goes through.
    pub modem: Option<ModemId>,
    /// The SIM it went or goes through.
    pub sim: Option<SimId>,
    /// What went wrong last, until it was sent.
    pub error: Option<SendError>,
    /// Why it is held, while it is.
    pub gate: Option<Gate>,
    /// Until when it waits, while it is held or deferred.
    pub held_until: Option<Timestamp>,
    /// How often a modem tried.
    pub tries: u32,
    /// Where to tell what happened.
    pub dlr: Option<DlrCallback>,
    /// Its request as it came first, while it has neither ended nor been sent.
    pub pending: Option<Box<MtRequest>>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When the state last changed.
    pub updated_at: Timestamp,
}

/// Names ids and state, no number and no text.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({}, {}, to {:?})", self.id, self.state, self.to)
    }
}

impl Message {
    /// Its place in lists.
    pub const fn cursor(&self) -> Cursor {
        Cursor { at: self.created_at, id: self.id }
    }
}

/// A message with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageDetail {
    /// The message.
    pub message: Message,
    /// The request as it came first.
    pub request: MtRequest,
    /// Its parts, as far as the network took them or reported on them.
    pub parts: Vec<Part>,
    /// What happened, oldest first. That it was accepted is `message.created_at`, not a line here.
    pub timeline: Vec<TimelineEntry>,
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// 1 is the first.
    pub part: u8,
    /// TP-MR.
    pub reference: Option<u8>,
    /// The modem it went through.
    pub modem: Option<ModemId>,
    /// The SIM it went through.
    pub sim: Option<SimId>,
    /// When the network took it.
    pub sent_at: Option<Timestamp>,
    /// The best report on it so far.
    pub report: Option<PartReport>,
}

/// What a delivery report says of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartReport {
    /// TP-ST.
    pub status: u8,
    /// What TP-ST means.
    pub outcome: DlrOutcome,
    /// TP-ST in words.
    pub text: String,
    /// TP-DT.
    pub discharged_at: Timestamp,
    /// When the report came.
    pub at: Timestamp,
}

/// A line of a message's timeline. `change`'s `Display` is its English sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// When it happened.
    pub at: Timestamp,
    /// The round it happened in.
    pub round: u32,
    /// The sequence of its event in the stream.
    pub sequence: u64,
    /// What happened.
    pub change: MtChange,
}

/// Which messages are listed; default: all in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Only those in one of these states; empty: in any.
    pub states: Vec<MtState>,
    /// Only those to this number, as it was written when accepted.
    pub to: Option<PhoneNumber>,
    /// Only those accepted at this time or later.
    pub since: Option<Timestamp>,
}

/// A page of messages, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagePage {
    /// The messages.
    pub messages: Vec<Message>,
    /// The cursor of the next page; none: this is the last.
    pub next: Option<Cursor>,
}

impl Store {
    /// The messages in scope, newest first.
    pub async fn messages(
        &self,
        scope: Scope,
        filter: &MessageFilter,
        page: Page,
    ) -> Result<MessagePage, StoreError> {
        on_engine!(self, db => db.messages(scope, filter, page))
    }

    /// One message in scope.
    pub async fn message(
        &self,
        scope: Scope,
        id: MessageId,
    ) -> Result<Option<Message>, StoreError> {
        on_engine!(self, db => db.message(scope, id))
    }

    /// One message in scope with request, parts and timeline.
    pub async fn message_detail(
        &self,
        scope: Scope,
        id: MessageId,
    ) -> Result<Option<MessageDetail>, StoreError> {
        on_engine!(self, db => db.message_detail(scope, id))
    }

    /// How many messages in scope, accepted at `since` or later, are in each state; states without any are left out.
    pub async fn state_counts(
        &self,
        scope: Scope,
        since: Timestamp,
    ) -> Result<HashMap<MtState, u64>, StoreError> {
        on_engine!(self, db => db.state_counts(scope, since))
    }
}

/// A row of `messages` whose request has come.
#[derive(sqlx::FromRow)]
pub(crate) struct MessageRow {
    id: String,
    number: i64,
    org: String,
    owner: String,
    recipient: String,
    body: Option<String>,
    data: Option<String>,
    encoding: Option<String>,
    priority: String,
    state: String,
    round: i64,
    parts: Option<i64>,
    modem: Option<String>,
    sim: Option<String>,
    error_code: Option<String>,
    error_text: Option<String>,
    gate: Option<String>,
    held_until: Option<i64>,
    tries: i64,
    dlr_url: Option<String>,
    dlr_mask: Option<i64>,
    pending: Option<String>,
    created_at: i64,
    updated_at: i64,
}

/// The columns of [`MessageRow`].
macro_rules! message_columns {
    () => {
        "id, number, org, owner, recipient, body, data, encoding, priority, state, round, parts, \
         modem, sim, error_code, error_text, gate, held_until, tries, dlr_url, dlr_mask, \
         CASE WHEN phase < 2 THEN request END AS pending, created_at, updated_at"
    };
}
pub(crate) use message_columns;

impl TryFrom<MessageRow> for Message {
    type Error = StoreError;

    fn try_from(row: MessageRow) -> Result<Self, StoreError> {
        let body = match (row.data, row.body) {
            (Some(data), _) => Body::Data { data },
            (None, text) => Body::Text {
                text: text.unwrap_or_default(),
                encoding: encoding_named(row.encoding.as_deref()),
            },
        };
        let error =
            row.error_code.map(|code| SendError { code, text: row.error_text.unwrap_or_default() });
        let dlr = match (row.dlr_url, row.dlr_mask) {
            (Some(url), Some(mask)) => {
                Some(DlrCallback { url, mask: small("messages.dlr_mask", mask)? })
            }
            _ => None,
        };
        Ok(Self {
            id: parsed("messages.id", &row.id)?,
            number: row.number,
            org: parsed("messages.org", &row.org)?,
            owner: parsed("messages.owner", &row.owner)?,
            to: parsed("messages.recipient", &row.recipient)?,
            body,
            priority: parsed("messages.priority", &row.priority)?,
            state: MtState::from_name(&row.state),
            round: small("messages.round", row.round)?,
            parts: small_if("messages.parts", row.parts)?,
            modem: parsed_if("messages.modem", row.modem.as_deref())?,
            sim: parsed_if("messages.sim", row.sim.as_deref())?,
            error,
            gate: row.gate.as_deref().map(gate_named),
            held_until: row.held_until.map(time),
            tries: small("messages.tries", row.tries)?,
            dlr,
            pending: row.pending.as_deref().map(request_of).transpose()?.map(Box::new),
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        })
    }
}

/// The request of a message as it came first.
pub(crate) fn request_of(text: &str) -> Result<MtRequest, StoreError> {
    json("messages.request", text)
}

/// A row of `message_parts`.
#[derive(sqlx::FromRow)]
pub(crate) struct PartRow {
    part: i64,
    reference: Option<i64>,
    modem: Option<String>,
    sim: Option<String>,
    sent_at: Option<i64>,
    report_status: Option<i64>,
    report_outcome: Option<String>,
    report_text: Option<String>,
    discharged_at: Option<i64>,
    reported_at: Option<i64>,
}

impl TryFrom<PartRow> for Part {
    type Error = StoreError;

    fn try_from(row: PartRow) -> Result<Self, StoreError> {
        let report = match (row.report_status, row.report_outcome, row.discharged_at) {
            (Some(status), Some(outcome), Some(discharged)) => Some(PartReport {
                status: small("message_parts.report_status", status)?,
                outcome: outcome_named(&outcome)?,
                text: row.report_text.unwrap_or_default(),
                discharged_at: time(discharged),
                at: time(row.reported_at.unwrap_or(discharged)),
            }),
            _ => None,
        };
        Ok(Self {
            part: small("message_parts.part", row.part)?,
            reference: small_if("message_parts.reference", row.reference)?,
            modem: parsed_if("message_parts.modem", row.modem.as_deref())?,
            sim: parsed_if("message_parts.sim", row.sim.as_deref())?,
            sent_at: row.sent_at.map(time),
            report,
        })
    }
}

/// A row of `timeline`.
#[derive(sqlx::FromRow)]
pub(crate) struct TimelineRow {
    at: i64,
    round: i64,
    stream_seq: i64,
    change_json: String,
}

impl TryFrom<TimelineRow> for TimelineEntry {
    type Error = StoreError;

    fn try_from(row: TimelineRow) -> Result<Self, StoreError> {
        Ok(Self {
            at: time(row.at),
            round: small("timeline.round", row.round)?,
            sequence: small("timeline.stream_seq", row.stream_seq)?,
            change: json("timeline.change_json", &row.change_json)?,
        })
    }
}

/// The name of an encoding in the database.
pub(crate) const fn encoding_name(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Auto => "auto",
        Encoding::Gsm7 => "gsm7",
        Encoding::Smart => "smart",
        Encoding::Ucs2 => "ucs2",
    }
}

fn encoding_named(name: Option<&str>) -> Encoding {
    match name {
        Some("gsm7") => Encoding::Gsm7,
        Some("smart") => Encoding::Smart,
        Some("ucs2") => Encoding::Ucs2,
        _ => Encoding::Auto,
    }
}

/// The name of a gate in the database.
pub(crate) const fn gate_name(gate: Gate) -> &'static str {
    match gate {
        Gate::Schedule => "schedule",
        Gate::BackOff => "back_off",
        Gate::Other => "other",
    }
}

fn gate_named(name: &str) -> Gate {
    match name {
        "schedule" => Gate::Schedule,
        "back_off" => Gate::BackOff,
        _ => Gate::Other,
    }
}

/// The name of an outcome in the database, and its rank: a report never makes way for one of a lower rank.
pub(crate) const fn outcome_name(outcome: DlrOutcome) -> (&'static str, i64) {
    match outcome {
        DlrOutcome::Buffered => ("buffered", 1),
        DlrOutcome::Undelivered => ("undelivered", 2),
        DlrOutcome::Delivered => ("delivered", 3),
    }
}

fn outcome_named(name: &str) -> Result<DlrOutcome, StoreError> {
    match name {
        "buffered" => Ok(DlrOutcome::Buffered),
        "undelivered" => Ok(DlrOutcome::Undelivered),
        "delivered" => Ok(DlrOutcome::Delivered),
        other => Err(StoreError::Column {
            column: "message_parts.report_outcome",
            found: other.chars().take(40).collect(),
        }),
    }
}
