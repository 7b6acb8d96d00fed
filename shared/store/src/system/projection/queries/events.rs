//! Writes events to rows.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use contracts::dlr::Dlr;
use contracts::modem::ModemEvent;
use contracts::mt::MtEvent;
use contracts::{MessageId, MtState, OrgId, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::super::conversations::{self, Said};
use super::super::tallying::{self, Tallies};
use super::super::{Database, Db, Tx, batches, crediting};
use super::{lock, outcome, push_list, received, state};
use crate::column::{parsed, sequence, storable, to_json};
use crate::error::failed;
use crate::messages::names::outcome_name;
use crate::statement::{LIST, ROWS, pieces};
use crate::system::projection::event_key;
use crate::{Projected, StoreError, StoredEvent, StoredEventBody};

const DOING: &str = "writing events";

impl Database {
    pub(crate) async fn project_events(
        &self,
        events: &[StoredEvent],
        now: Timestamp,
    ) -> Result<Projected, StoreError> {
        again!(self.write_events(events, now))
    }

    async fn write_events(
        &self,
        events: &[StoredEvent],
        now: Timestamp,
    ) -> Result<Projected, StoreError> {
        let mut projected = Projected::default();
        if events.is_empty() {
            return Ok(projected);
        }
        let mut tx = self.begin(DOING).await?;
        let mut tallies = Tallies::default();
        received::write(&mut tx, events, &mut tallies).await?;
        let messages = make_rows(&mut tx, events).await?;
        lock(&mut tx, messages.iter().map(ToString::to_string).collect(), DOING).await?;
        let mut fresh = add_to_timeline(&mut tx, events).await?;
        let (ends, at) = ends(events);
        let unsettled = batches::unsettled(&mut tx, &ends).await?;
        let before = tallying::before(&mut tx, events).await?;
        // The messages whose outcome may be known now.
        let mut reported = BTreeSet::new();
        for stored in events {
            match &stored.body {
                StoredEventBody::Mt(event) => {
                    if fresh.remove(&(event.message, event_key(event, stored.sequence))) {
                        let due = state::apply(&mut tx, event, stored.sequence).await?;
                        projected.due_at(due);
                    }
                    if event.change.state() == MtState::Sent {
                        reported.insert(event.message);
                    }
                }
                StoredEventBody::Dlr(dlr) => {
                    if let (Some(message), Some(part)) = (dlr.message, dlr.part) {
                        report_on_part(&mut tx, message, part, dlr).await?;
                        reported.insert(message);
                    }
                }
                StoredEventBody::Received(_)
                | StoredEventBody::Modem(_)
                | StoredEventBody::Charged(_) => {}
            }
        }
        write_credit(&mut tx, events, now, &mut projected).await?;
        if !unsettled.is_empty() {
            projected.finished = batches::settled(&mut tx, &unsettled, at).await?;
        }
        let mut reports = BTreeMap::new();
        let mut modem_events = BTreeMap::new();
        for stored in events {
            match &stored.body {
                StoredEventBody::Dlr(dlr) => {
                    reports.insert(dlr.id, dlr);
                }
                StoredEventBody::Modem(event) => {
                    modem_events.insert(event.id, event);
                }
                _ => {}
            }
        }
        for report in reports.into_values() {
            keep_report(&mut tx, report).await?;
        }
        for event in modem_events.into_values() {
            keep_modem_event(&mut tx, event).await?;
        }
        projected.outcomes = outcome::of(&mut tx, &reported).await?;
        let said = events.iter().filter_map(|stored| match &stored.body {
            StoredEventBody::Received(message) => Some(Said::of_received(message)),
            _ => None,
        });
        conversations::note(&mut tx, said.flatten().collect()).await?;
        tallies.became(&mut tx, &before).await?;
        tallies.write(&mut tx).await?;
        tx.commit().await.map_err(failed(DOING))?;
        Ok(projected)
    }
}

/// Charges what was paid for, refunds what was not sent, and looks again at what was held for lack of credit.
async fn write_credit(
    tx: &mut Tx,
    events: &[StoredEvent],
    now: Timestamp,
    projected: &mut Projected,
) -> Result<(), StoreError> {
    let mut charged = Vec::new();
    let mut ended = BTreeSet::new();
    let mut held = Vec::new();
    for stored in events {
        match &stored.body {
            StoredEventBody::Charged(one) => {
                // Its end may have been told before.
                ended.extend(one.charges.iter().map(|charge| charge.message.to_string()));
                charged.push(one);
            }
            StoredEventBody::Mt(event) if crediting::is_out_of_credit(event) => held.push(event),
            StoredEventBody::Mt(event) if crediting::is_unsent(event) => {
                ended.insert(event.message.to_string());
            }
            _ => {}
        }
    }
    crediting::lock(tx, &charged, &ended, &held).await?;
    let (mut accounts, woken) = crediting::charge(tx, &charged, now).await?;
    projected.due_at(woken.then_some(now.as_micros()));
    accounts.extend(crediting::refund(tx, &ended, now).await?);
    projected.credited = accounts.into_iter().collect();
    let due = crediting::reconsider(tx, &held).await?;
    projected.due_at(due.map(Timestamp::as_micros));
    Ok(())
}

/// The messages that these events say were sent or ended, and when the last of them did.
fn ends(events: &[StoredEvent]) -> (Vec<String>, Timestamp) {
    let mut last = Timestamp::from_micros(0);
    let mut ids = BTreeSet::new();
    for stored in events {
        if let StoredEventBody::Mt(event) = &stored.body
            && event.change.state().is_settled()
        {
            last = last.max(event.at);
            ids.insert(event.message.to_string());
        }
    }
    (ids.into_iter().collect(), last)
}

/// Makes a row without a request for each message that has no row yet. Returns the messages that the events are
/// about.
async fn make_rows(tx: &mut Tx, events: &[StoredEvent]) -> Result<Vec<MessageId>, StoreError> {
    let mut needed: BTreeMap<MessageId, (OrgId, UserId, Timestamp)> = BTreeMap::new();
    for stored in events {
        match &stored.body {
            StoredEventBody::Mt(event) => {
                needed.entry(event.message).or_insert((event.org, event.owner, event.at));
            }
            StoredEventBody::Dlr(Dlr {
                message: Some(message), org, owner, received_at, ..
            }) => {
                let owner = owner.unwrap_or_else(UserId::internal);
                needed.entry(*message).or_insert((*org, owner, *received_at));
            }
            StoredEventBody::Charged(one) => {
                for charge in &one.charges {
                    needed.entry(charge.message).or_insert((one.org, one.account, one.at));
                }
            }
            _ => {}
        }
    }
    let messages: Vec<MessageId> = needed.keys().copied().collect();
    let ids: Vec<String> = messages.iter().map(ToString::to_string).collect();
    for some in pieces(&ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new("SELECT id FROM messages WHERE id IN (");
        push_list(&mut sql, some);
        sql.push(")");
        let known = sql.build_query_scalar::<String>().fetch_all(&mut **tx).await;
        for id in known.map_err(failed(DOING))? {
            needed.remove(&parsed("messages.id", &id)?);
        }
    }
    let needed: Vec<_> = needed.into_iter().collect();
    for some in pieces(&needed, ROWS) {
        let mut sql = QueryBuilder::<Db>::new(
            "INSERT INTO messages (id, org, owner, state, phase, round, state_seq, requested_round, \
             tries, created_at, updated_at) ",
        );
        sql.push_values(some, |mut row, (id, (org, owner, at))| {
            row.push_bind(id.to_string())
                .push_bind(org.to_string())
                .push_bind(owner.to_string())
                .push_bind(MtState::Accepted.as_str())
                .push_bind(i64::from(MtState::Accepted.phase()))
                .push_bind(0_i64)
                .push_bind(0_i64)
                .push_bind(0_i64)
                .push_bind(0_i64)
                .push_bind(at.as_micros())
                .push_bind(at.as_micros());
        });
        sql.push(" ON CONFLICT (id) DO NOTHING");
        sql.build().execute(&mut **tx).await.map_err(failed(DOING))?;
    }
    Ok(messages)
}

/// Adds the lines that the timelines do not have yet, and returns them.
pub(in super::super) async fn add_to_timeline(
    tx: &mut Tx,
    events: &[StoredEvent],
) -> Result<HashSet<(MessageId, String)>, StoreError> {
    let mut lines: Vec<(&MtEvent, u64, String)> = Vec::new();
    for stored in events {
        if let StoredEventBody::Mt(event) = &stored.body {
            lines.push((event, stored.sequence, to_json("a change", &event.change)?));
        }
    }
    let mut fresh = HashSet::new();
    for chunk in pieces(&lines, ROWS) {
        let mut sql = QueryBuilder::<Db>::new(
            "INSERT INTO timeline (message, event_key, org, owner, round, stream_seq, at, \
             change_json) ",
        );
        sql.push_values(chunk, |mut row, (event, seq, json)| {
            row.push_bind(event.message.to_string())
                .push_bind(event_key(event, *seq))
                .push_bind(event.org.to_string())
                .push_bind(event.owner.to_string())
                .push_bind(i64::from(event.round))
                .push_bind(sequence(*seq))
                .push_bind(event.at.as_micros())
                .push_bind(json.clone());
        });
        sql.push(" ON CONFLICT (message, event_key) DO NOTHING RETURNING message, event_key");
        let rows = sql.build_query_as::<(String, String)>().fetch_all(&mut **tx).await;
        for (message, key) in rows.map_err(failed(DOING))? {
            fresh.insert((parsed("timeline.message", &message)?, key));
        }
    }
    Ok(fresh)
}

async fn keep_report(tx: &mut Tx, dlr: &Dlr) -> Result<(), StoreError> {
    let sql = "INSERT INTO dlrs (id, org, owner, message, part, modem, sim, reference, recipient, \
               status, outcome, status_text, discharged_at, received_at, pdu) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
               ON CONFLICT (id) DO NOTHING";
    let insert = sqlx::query(sql)
        .bind(dlr.id.to_string())
        .bind(dlr.org.to_string())
        .bind(dlr.owner.map(|owner| owner.to_string()))
        .bind(dlr.message.map(|message| message.to_string()))
        .bind(dlr.part.map(i64::from))
        .bind(dlr.modem.to_string())
        .bind(dlr.sim.to_string())
        .bind(i64::from(dlr.reference))
        .bind(dlr.to.as_ref().map(ToString::to_string))
        .bind(i64::from(dlr.status))
        .bind(outcome_name(dlr.outcome).0)
        .bind(storable(&dlr.text))
        .bind(dlr.discharged_at.as_micros())
        .bind(dlr.received_at.as_micros())
        .bind(storable(&dlr.pdu));
    insert.execute(&mut **tx).await.map(drop).map_err(failed(DOING))
}

/// Notes a report on its part, unless the part has a better report.
async fn report_on_part(
    tx: &mut Tx,
    message: MessageId,
    part: u8,
    dlr: &Dlr,
) -> Result<(), StoreError> {
    let (outcome, rank) = outcome_name(dlr.outcome);
    let sql = "INSERT INTO message_parts (message, part, report_status, report_outcome, report_rank, \
               report_text, discharged_at, reported_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
               ON CONFLICT (message, part) DO UPDATE SET report_status = excluded.report_status, \
               report_outcome = excluded.report_outcome, report_rank = excluded.report_rank, \
               report_text = excluded.report_text, discharged_at = excluded.discharged_at, \
               reported_at = excluded.reported_at \
               WHERE message_parts.report_rank < excluded.report_rank";
    let upsert = sqlx::query(sql)
        .bind(message.to_string())
        .bind(i64::from(part))
        .bind(i64::from(dlr.status))
        .bind(outcome)
        .bind(rank)
        .bind(storable(&dlr.text))
        .bind(dlr.discharged_at.as_micros())
        .bind(dlr.received_at.as_micros());
    upsert.execute(&mut **tx).await.map_err(failed(DOING))?;
    if let Some(parts) = dlr.parts {
        let sql = "UPDATE messages SET parts = $2 WHERE id = $1 AND parts IS NULL";
        let update = sqlx::query(sql).bind(message.to_string()).bind(i64::from(parts));
        update.execute(&mut **tx).await.map_err(failed(DOING))?;
    }
    Ok(())
}

async fn keep_modem_event(tx: &mut Tx, event: &ModemEvent) -> Result<(), StoreError> {
    let sql = "INSERT INTO modem_events (id, org, kind, modem, sim, event_text, caller, at) \
               VALUES ($1, COALESCE((SELECT s.org FROM sims s WHERE s.id = $5), $2), $3, $4, $5, $6, \
               $7, $8) ON CONFLICT (id) DO NOTHING";
    let insert = sqlx::query(sql)
        .bind(event.id.to_string())
        // A modem event names no organisation. It belongs to the organisation of the SIM and, without a SIM, to the
        // one that has the gateway.
        .bind(OrgId::default_org().to_string())
        .bind(event.kind.to_string())
        .bind(event.modem.to_string())
        .bind(event.sim.map(|sim| sim.to_string()))
        .bind(storable(&event.text))
        .bind(event.from.as_ref().map(ToString::to_string))
        .bind(event.at.as_micros());
    insert.execute(&mut **tx).await.map(drop).map_err(failed(DOING))
}
