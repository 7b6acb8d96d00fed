//! Writes received messages to rows of the inbox.

use std::collections::{BTreeMap, HashMap};

use contracts::Timestamp;
use contracts::mo::MoReceived;
use sqlx::QueryBuilder;

use super::super::tallying::Tallies;
use super::super::{Db, Tx, conversations, numbers, opt_outs};
use crate::column::{storable, time, to_json};
use crate::error::failed;
use crate::search;
use crate::{StoreError, StoredEvent, StoredEventBody};

const DOING: &str = "writing a received message";

/// Writes the received messages among these events. A fuller version of a message, to which a part came late,
/// replaces the row, unless a PIN was struck from it: then it has no PDUs any more, and stays as it is.
pub(super) async fn write(
    tx: &mut Tx,
    events: &[StoredEvent],
    tallies: &mut Tallies,
) -> Result<(), StoreError> {
    let mut by_id: BTreeMap<String, &MoReceived> = BTreeMap::new();
    for stored in events {
        let StoredEventBody::Received(message) = &stored.body else { continue };
        let known = by_id.entry(message.id.to_string()).or_insert(message);
        if message.missing.len() < known.missing.len() {
            *known = message;
        }
    }
    if by_id.is_empty() {
        return Ok(());
    }
    let mut sql =
        QueryBuilder::<Db>::new("SELECT id, number, received_at, tallied FROM inbox WHERE id IN (");
    let mut list = sql.separated(", ");
    for id in by_id.keys() {
        list.push_bind(id.clone());
    }
    sql.push(")");
    let known = sql.build_query_as::<Known>().fetch_all(&mut **tx).await;
    let known: HashMap<String, Known> =
        known.map_err(failed(DOING))?.into_iter().map(|row| (row.id.clone(), row)).collect();
    let new = by_id.keys().filter(|id| !known.contains_key(*id)).count();
    let mut free = numbers::take(tx, new).await?;
    for (id, message) in by_id {
        let there = known.get(&id);
        let Some(number) = there.map(|row| row.number).or_else(|| free.next()) else { continue };
        let is_written = write_one(tx, number, message).await?;
        // A row that is not counted yet is counted with those of before.
        let is_counted = there.is_none_or(|row| row.tallied == Some(true));
        if is_written && is_counted {
            if let Some(row) = there {
                tallies.heard(message, time(row.received_at), -1);
            }
            tallies.heard(message, message.received_at, 1);
        }
    }
    Ok(())
}

/// A row of `inbox`.
#[derive(sqlx::FromRow)]
struct Known {
    id: String,
    number: i64,
    received_at: i64,
    tallied: Option<bool>,
}

/// Writes a message. Returns false when the row has as much of it already.
async fn write_one(tx: &mut Tx, number: i64, message: &MoReceived) -> Result<bool, StoreError> {
    let missing_count = i64::try_from(message.missing.len()).unwrap_or(i64::MAX);
    let sql = "INSERT INTO inbox (id, number, org, owner, sender, recipient, body, data, class, \
        port_to, port_from, parts, missing_count, missing, sim, modem, smsc_at, received_at, pdus, words, phone, \
        tallied) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) \
        ON CONFLICT (id) DO UPDATE SET body = excluded.body, data = excluded.data, \
        parts = excluded.parts, missing_count = excluded.missing_count, \
        missing = excluded.missing, received_at = excluded.received_at, pdus = excluded.pdus, \
        words = excluded.words \
        WHERE inbox.missing_count > excluded.missing_count AND inbox.pdus <> '[]'";
    let insert = sqlx::query(sql)
        .bind(message.id.to_string())
        .bind(number)
        .bind(message.org.to_string())
        .bind(message.owner.map(|owner| owner.to_string()))
        .bind(storable(&message.from.to_string()))
        .bind(message.to.as_ref().map(ToString::to_string))
        .bind(message.text.as_deref().map(storable))
        .bind(message.data.as_deref().map(storable))
        .bind(message.class.map(i64::from))
        .bind(message.ports.map(|(to, _)| i64::from(to)))
        .bind(message.ports.map(|(_, from)| i64::from(from)))
        .bind(i64::from(message.parts))
        .bind(missing_count)
        .bind(to_json("the missing parts", &message.missing)?)
        .bind(message.sim.to_string())
        .bind(message.modem.to_string())
        .bind(message.smsc_at.map(Timestamp::as_micros))
        .bind(message.received_at.as_micros())
        .bind(to_json("the PDUs", &message.pdus)?)
        .bind(search::of_message(message.text.as_deref(), &message.from.to_string()))
        .bind(conversations::phone_of(&message.from.to_string()))
        .bind(true);
    let done = insert.execute(&mut **tx).await.map_err(failed(DOING))?;
    opt_outs::grant(tx, message).await?;
    Ok(done.rows_affected() > 0)
}
