//! Changes the state of a message by an event, forward only.

use contracts::mt::{MtChange, MtEvent, Through};
use contracts::subject::Target;
use contracts::{PoolId, Timestamp};

use super::super::Tx;
use crate::StoreError;
use crate::column::{sequence, storable};
use crate::error::failed;

const DOING: &str = "writing a state";

/// What a change says besides the state.
#[derive(Default)]
struct Says {
    parts: Option<i64>,
    /// Which modems the message was admitted for, unless they are those of the default pool.
    target: Option<String>,
    tries: i64,
    gate: Option<&'static str>,
    /// Until when the message waits.
    until: Option<Timestamp>,
    /// The round that is requested then, when persistence holds the message.
    due_round: Option<i64>,
    /// Whether nothing is wrong with the message any more.
    clears_error: bool,
}

impl Says {
    fn of(event: &MtEvent) -> Self {
        let none = Self::default();
        match &event.change {
            MtChange::Admitted { parts, target, .. } => {
                let is_usual = *target == Target::Pool(PoolId::default_pool());
                let target = (!is_usual).then(|| target.to_string());
                Self { parts: Some(i64::from(*parts)), target, ..none }
            }
            MtChange::Held { gate, until, tries, round } => Self {
                tries: i64::from(*tries),
                gate: Some(gate.as_str()),
                until: Some(*until),
                // The new round is later than the one that was held, or the broker would take the new request for the
                // old one.
                due_round: Some(i64::from(*round).max(i64::from(event.round) + 1)),
                ..none
            },
            MtChange::Deferred { until, tries, .. } => {
                Self { tries: i64::from(*tries), until: Some(*until), ..none }
            }
            MtChange::Sending { parts, tries, .. } => {
                Self { parts: Some(i64::from(*parts)), tries: i64::from(*tries), ..none }
            }
            MtChange::Sent { parts, .. } => Self {
                parts: i64::try_from(parts.len()).ok().filter(|n| *n > 0),
                clears_error: true,
                ..none
            },
            MtChange::Failed { tries, .. } => Self { tries: i64::from(*tries), ..none },
            MtChange::Delivered { .. } => Self { clears_error: true, ..none },
            _ => none,
        }
    }
}

/// Applies an event that was not applied before. Returns when the message is due, if the event held it.
///
/// The router tells that a message was admitted or released after it stored that, and tells it again when it failed
/// to at once. So the events of modems may stand before it in the stream, and what they set stays. Above all a hold
/// stays, because a message that is no longer held would never be requested again: not even what a driver says to defer it in the
/// round that the hold ended makes another state, for the hold that follows from that is the one which was told.
///
/// One event of the stream may tell several: then the message was admitted and released, or given to a modem and more, at
/// one place in it.
pub(super) async fn apply(
    tx: &mut Tx,
    event: &MtEvent,
    seq: u64,
) -> Result<Option<i64>, StoreError> {
    let says = Says::of(event);
    let state = event.change.state();
    let through = event.change.through();
    let error = event.change.error();
    let due_at = says.due_round.and(says.until).map(Timestamp::as_micros);
    let sql = "UPDATE messages SET state = $2, phase = $3, \
        round = CASE WHEN round < $4 THEN $4 ELSE round END, state_seq = $5, \
        parts = COALESCE($6, parts), modem = COALESCE($7, modem), sim = COALESCE($8, sim), \
        error_code = CASE WHEN $9 THEN NULL ELSE COALESCE($10, error_code) END, \
        error_text = CASE WHEN $9 THEN NULL ELSE COALESCE($11, error_text) END, \
        gate = $12, held_until = $13, \
        due_at = CASE WHEN $15 <= requested_round THEN NULL WHEN $14 > ends_at THEN ends_at \
        ELSE $14 END, due_round = $15, \
        tries = CASE WHEN tries < $16 THEN $16 ELSE tries END, updated_at = $17, \
        target = CASE WHEN $2 = 'admitted' THEN $18 ELSE target END \
        WHERE id = $1 AND (phase < $3 OR (phase = 1 AND $3 = 1 \
        AND (round < $4 OR (round = $4 AND state_seq < $5 AND $2 <> 'admitted' \
        AND ($2 <> 'released' OR state = 'admitted') \
        AND ($2 <> 'deferred' OR state <> 'held')) \
        OR (round = $4 AND state_seq = $5 AND (($2 = 'released' AND state = 'admitted') \
        OR ($2 IN ('sending', 'deferred', 'uncertain') AND state = 'sending')))))) \
        RETURNING due_at";
    let update = sqlx::query_scalar::<_, Option<i64>>(sql)
        .bind(event.message.to_string())
        .bind(state.as_str())
        .bind(i64::from(state.phase()))
        .bind(i64::from(event.round))
        .bind(sequence(seq))
        .bind(says.parts)
        .bind(through.map(|through| through.modem.to_string()))
        .bind(through.map(|through| through.sim.to_string()))
        .bind(says.clears_error)
        .bind(error.map(|error| storable(&error.code)))
        .bind(error.map(|error| storable(&error.text)))
        .bind(says.gate)
        .bind(says.until.map(Timestamp::as_micros))
        .bind(due_at)
        .bind(says.due_round)
        .bind(says.tries)
        .bind(event.at.as_micros())
        .bind(says.target.clone());
    let applied = update.fetch_optional(&mut **tx).await.map_err(failed(DOING))?;
    if applied.is_none() {
        fill_in(tx, event, &says, through).await?;
    }
    if let MtChange::Sent { through, parts } = &event.change {
        for part in parts {
            let sql = "INSERT INTO message_parts (message, part, reference, modem, sim, sent_at, \
                report_rank) VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT (message, part) \
                DO UPDATE SET reference = excluded.reference, modem = excluded.modem, \
                sim = excluded.sim, sent_at = excluded.sent_at";
            let upsert = sqlx::query(sql)
                .bind(event.message.to_string())
                .bind(i64::from(part.part))
                .bind(i64::from(part.reference))
                .bind(through.modem.to_string())
                .bind(through.sim.to_string())
                .bind(part.at.as_micros());
            upsert.execute(&mut **tx).await.map_err(failed(DOING))?;
        }
    }
    Ok(applied.flatten())
}

/// Fills in what an event still tells that came too late to set the state.
async fn fill_in(
    tx: &mut Tx,
    event: &MtEvent,
    says: &Says,
    through: Option<Through>,
) -> Result<(), StoreError> {
    if says.parts.is_none() && through.is_none() {
        return Ok(());
    }
    let sql = "UPDATE messages SET parts = COALESCE(parts, $2), modem = COALESCE(modem, $3), \
        sim = COALESCE(sim, $4) WHERE id = $1";
    let update = sqlx::query(sql)
        .bind(event.message.to_string())
        .bind(says.parts)
        .bind(through.map(|through| through.modem.to_string()))
        .bind(through.map(|through| through.sim.to_string()));
    update.execute(&mut **tx).await.map(drop).map_err(failed(DOING))
}
