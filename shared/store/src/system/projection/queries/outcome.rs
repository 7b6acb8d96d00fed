//! Finds what the delivery reports of all parts say of a message.

use std::collections::{BTreeMap, BTreeSet};

use contracts::mt::{MtChange, MtEvent, SendError};
use contracts::{MessageId, MtState, Priority};
use sqlx::QueryBuilder;

use super::super::{Db, Tx};
use super::push_list;
use crate::StoreError;
use crate::column::{parsed, small, time};
use crate::error::failed;
use crate::statement::{LIST, pieces};

const DOING: &str = "reading reports";

/// A row of `message_parts` with the row of its message.
#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org: String,
    owner: String,
    priority: Option<String>,
    round: i64,
    phase: i64,
    parts: Option<i64>,
    report_rank: i64,
    report_status: Option<i64>,
    report_text: Option<String>,
    discharged_at: Option<i64>,
    reported_at: Option<i64>,
}

/// Returns the outcomes of those among these messages that were delivered, or not, and whose state does not say so
/// yet.
pub(super) async fn of(
    tx: &mut Tx,
    messages: &BTreeSet<MessageId>,
) -> Result<Vec<MtEvent>, StoreError> {
    let messages: Vec<String> = messages.iter().map(ToString::to_string).collect();
    let mut by_message: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for some in pieces(&messages, LIST) {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT m.id, m.org, m.owner, m.priority, m.round, m.phase, m.parts, p.report_rank, \
             p.report_status, p.report_text, p.discharged_at, p.reported_at \
             FROM messages m JOIN message_parts p ON p.message = m.id WHERE m.id IN (",
        );
        push_list(&mut sql, some);
        sql.push(") ORDER BY m.id, p.part");
        let rows = sql.build_query_as::<Row>().fetch_all(&mut **tx).await;
        for row in rows.map_err(failed(DOING))? {
            by_message.entry(row.id.clone()).or_default().push(row);
        }
    }
    let mut outcomes = Vec::new();
    for parts in by_message.values() {
        outcomes.extend(outcome(parts)?);
    }
    Ok(outcomes)
}

/// Returns the outcome of one message from all its parts, when it is known and new.
fn outcome(parts: &[Row]) -> Result<Option<MtEvent>, StoreError> {
    // The ranks are 0 for no report, 1 for buffered, 2 for undelivered and 3 for delivered.
    let Some(first) = parts.first() else { return Ok(None) };
    let complete = first.parts.and_then(|n| usize::try_from(n).ok()) == Some(parts.len());
    if !complete || parts.iter().any(|part| part.report_rank < 2) {
        return Ok(None);
    }
    let discharged_at = parts.iter().filter_map(|part| part.discharged_at).max().unwrap_or(0);
    let at = parts.iter().filter_map(|part| part.reported_at).max().unwrap_or(discharged_at);
    let change = match parts.iter().find(|part| part.report_rank == 2) {
        None => MtChange::Delivered { discharged_at: time(discharged_at) },
        Some(part) => MtChange::Undelivered {
            error: SendError {
                code: format!("report-{}", part.report_status.unwrap_or_default()),
                text: part.report_text.clone().unwrap_or_default(),
            },
        },
    };
    if i64::from(phase(&change)) <= first.phase {
        return Ok(None);
    }
    Ok(Some(MtEvent {
        message: parsed("messages.id", &first.id)?,
        org: parsed("messages.org", &first.org)?,
        owner: parsed("messages.owner", &first.owner)?,
        at: time(at),
        round: small("messages.round", first.round)?,
        otp: first.priority.as_deref() == Some(Priority::Otp.as_str()),
        change,
        given: Vec::new(),
        report: None,
    }))
}

fn phase(change: &MtChange) -> u8 {
    let state: MtState = change.state();
    state.phase()
}
