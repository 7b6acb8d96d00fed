//! The rows of messages, of their parts and of their timelines.

use contracts::mt::{Body, DlrCallback, Gate, SendError};
use contracts::{Amount, MtState};

use crate::column::{json, parsed, parsed_if, small, small_if, time};
use crate::messages::names::{encoding_named, outcome_named, request_of};
use crate::{Message, Part, PartReport, StoreError, TimelineEntry};

/// A row of `messages` whose request has come.
#[derive(sqlx::FromRow)]
pub(super) struct MessageRow {
    id: String,
    number: i64,
    org: String,
    owner: String,
    batch: Option<String>,
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
    target: Option<String>,
    error_code: Option<String>,
    error_text: Option<String>,
    gate: Option<String>,
    held_until: Option<i64>,
    tries: i64,
    dlr_url: Option<String>,
    dlr_mask: Option<i64>,
    pending: Option<String>,
    cost: Option<i64>,
    imported_from: Option<String>,
    created_at: i64,
    updated_at: i64,
}

/// The columns of [`MessageRow`].
macro_rules! message_columns {
    () => {
        "id, number, org, owner, batch, recipient, body, data, encoding, priority, state, round, parts, \
         modem, sim, target, error_code, error_text, gate, held_until, tries, dlr_url, dlr_mask, \
         CASE WHEN phase < 2 THEN request END AS pending, cost, imported_from, created_at, updated_at"
    };
}
pub(super) use message_columns;

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
            batch: parsed_if("messages.batch", row.batch.as_deref())?,
            to: parsed("messages.recipient", &row.recipient)?,
            body,
            priority: parsed("messages.priority", &row.priority)?,
            state: MtState::from_name(&row.state),
            round: small("messages.round", row.round)?,
            parts: small_if("messages.parts", row.parts)?,
            modem: parsed_if("messages.modem", row.modem.as_deref())?,
            sim: parsed_if("messages.sim", row.sim.as_deref())?,
            target: parsed_if("messages.target", row.target.as_deref())?,
            error,
            gate: row.gate.as_deref().map(Gate::from_name),
            held_until: row.held_until.map(time),
            tries: small("messages.tries", row.tries)?,
            dlr,
            pending: row.pending.as_deref().map(request_of).transpose()?.map(Box::new),
            cost: row.cost.map(Amount::from_ten_thousandths),
            imported_from: row.imported_from,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        })
    }
}

/// A row of `message_parts`.
#[derive(sqlx::FromRow)]
pub(super) struct PartRow {
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
pub(super) struct TimelineRow {
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
