//! Received messages in.

use contracts::Timestamp;
use contracts::mo::MoReceived;
use sqlx::Transaction;

use super::super::{Db, number};
use crate::StoreError;
use crate::column::{storable, to_json};
use crate::error::failed;

const DOING: &str = "writing a received message";

/// Writes a message, or a fuller version of one: a part may come late.
pub(super) async fn write(
    tx: &mut Transaction<'static, Db>,
    message: &MoReceived,
) -> Result<(), StoreError> {
    let missing_count = i64::try_from(message.missing.len()).unwrap_or(i64::MAX);
    let sql = "SELECT number, missing_count FROM inbox WHERE id = $1";
    let known = sqlx::query_as::<_, (i64, i64)>(sql).bind(message.id.to_string());
    let known = known.fetch_optional(&mut **tx).await.map_err(failed(DOING))?;
    let number = match known {
        Some((_, missing)) if missing <= missing_count => return Ok(()),
        Some((number, _)) => number,
        None => number::take_one(tx).await?,
    };
    let sql = "INSERT INTO inbox (id, number, org, owner, sender, recipient, body, data, class, \
        port_to, port_from, parts, missing_count, missing, sim, modem, smsc_at, received_at, pdus) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
        ON CONFLICT (id) DO UPDATE SET body = excluded.body, data = excluded.data, \
        parts = excluded.parts, missing_count = excluded.missing_count, \
        missing = excluded.missing, received_at = excluded.received_at, pdus = excluded.pdus \
        WHERE inbox.missing_count > excluded.missing_count";
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
        .bind(to_json("the PDUs", &message.pdus)?);
    insert.execute(&mut **tx).await.map(drop).map_err(failed(DOING))
}
