//! Reading the audience of a broadcast: who it is for, and who is left out.

use std::collections::{BTreeMap, HashMap};

use contracts::{PhoneNumber, Timestamp};
use sqlx::QueryBuilder;

use super::super::broadcasts::{MemberRow, members_after};
use super::super::projection::push_list;
use super::super::{Database, Db, Tx};
use super::{batches_of, changing, push_as_read};
use crate::column::{parsed, storable};
use crate::error::failed;
use crate::statement::{LIST, ROWS, pieces};
use crate::{
    Broadcast, BroadcastState, BroadcastTrouble, Candidate, LeftOut, Looked, MOST_AUDIENCE,
    Reading, StoreError,
};

const READING: &str = "reading the audience of a broadcast";

/// The numbers of an audience and of opt-outs, by what all writings of one have in common.
#[derive(Default)]
struct Known(HashMap<String, Vec<PhoneNumber>>);

impl Known {
    fn has(&self, number: &PhoneNumber) -> bool {
        let same = self.0.get(number.phone());
        same.is_some_and(|same| same.iter().any(|one| one.is_same_phone(number)))
    }

    fn add(&mut self, number: PhoneNumber) {
        self.0.entry(number.phone().to_owned()).or_default().push(number);
    }
}

/// A row of `broadcast_recipients` to be written.
struct NewRow<'a> {
    place: i64,
    number: String,
    phone: String,
    looked: &'a Looked,
    recipient: Option<i64>,
    left_out: Option<LeftOut>,
}

impl Database {
    pub(crate) async fn broadcast_candidates(
        &self,
        broadcast: &Broadcast,
        limit: u32,
    ) -> Result<(Vec<Candidate>, Option<Reading>), StoreError> {
        let Some(Reading { part, after }) = &broadcast.reading else {
            return Ok((Vec::new(), None));
        };
        let place = usize::try_from(*part).unwrap_or(usize::MAX);
        let full = usize::try_from(limit).unwrap_or(usize::MAX);
        if let Some(group) = broadcast.groups.get(place) {
            let mut sql = members_after(broadcast, *group, after, limit);
            let rows = sql.build_query_as::<MemberRow>().fetch_all(&self.read).await;
            let rows = rows.map_err(failed(READING))?;
            let last = rows.last().filter(|_| rows.len() >= full).map(|row| row.id.clone());
            let next = match last {
                Some(after) => Reading { part: *part, after },
                None => Reading { part: part.saturating_add(1), after: String::new() },
            };
            let candidates = rows
                .into_iter()
                .map(|row| Candidate { written: row.number, contact: Some(row.id) })
                .collect();
            return Ok((candidates, Some(next)));
        }
        let after: i64 =
            if after.is_empty() { -1 } else { parsed("broadcasts.read_after", after)? };
        let sql = "SELECT place, number FROM broadcast_numbers WHERE broadcast = $1 \
                   AND place > $2 ORDER BY place LIMIT $3";
        let rows = sqlx::query_as::<_, (i64, String)>(sql).bind(broadcast.id.to_string());
        let rows = rows.bind(after).bind(i64::from(limit)).fetch_all(&self.read).await;
        let rows = rows.map_err(failed(READING))?;
        let last = rows.last().filter(|_| rows.len() >= full).map(|(place, _)| place.to_string());
        let next = last.map(|after| Reading { part: *part, after });
        let candidates =
            rows.into_iter().map(|(_, written)| Candidate { written, contact: None }).collect();
        Ok((candidates, next))
    }

    pub(crate) async fn add_broadcast_recipients(
        &self,
        broadcast: &Broadcast,
        looked: &[Looked],
        reading: Option<&Reading>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        again!(self.write_recipients(broadcast, looked, reading, now))
    }

    async fn write_recipients(
        &self,
        broadcast: &Broadcast,
        looked: &[Looked],
        reading: Option<&Reading>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin(READING).await?;
        let all: Vec<&PhoneNumber> = looked.iter().filter_map(|one| one.number.as_ref()).collect();
        let phones: Vec<String> = all.iter().map(|number| number.phone().to_owned()).collect();
        let mut known = there(&mut tx, broadcast, &phones).await?;
        let out = opted_out(&mut tx, broadcast, &phones).await?;
        let mut audience = broadcast.audience;
        let mut shares: BTreeMap<&str, i64> = BTreeMap::new();
        let mut rows = Vec::with_capacity(looked.len());
        for (place, looked) in (i64::from(broadcast.candidates)..).zip(looked) {
            let left_out = match &looked.number {
                None => Some(LeftOut::Unusable),
                Some(number) if known.has(number) => Some(LeftOut::Duplicate),
                Some(number) if out.has(number) => Some(LeftOut::OptedOut),
                Some(_) => None,
            };
            let recipient = left_out.is_none().then_some(i64::from(audience.recipients));
            match left_out {
                None => {
                    audience.recipients += 1;
                    *shares.entry(looked.zone.as_str()).or_default() += 1;
                }
                Some(LeftOut::Duplicate) => audience.duplicates += 1,
                Some(LeftOut::OptedOut) => audience.opted_out += 1,
                Some(LeftOut::Unusable) => audience.unusable += 1,
            }
            let written = storable(&looked.candidate.written);
            let (number, phone) = match &looked.number {
                Some(number) => (number.to_string(), number.phone().to_owned()),
                None => (written, String::new()),
            };
            if let (Some(number), None) = (&looked.number, left_out) {
                known.add(number.clone());
            }
            rows.push(NewRow { place, number, phone, looked, recipient, left_out });
        }
        let count = u32::try_from(looked.len()).unwrap_or(u32::MAX);
        let candidates = broadcast.candidates.saturating_add(count);
        let mut sql = changing(now);
        sql.push(", candidates = ").push_bind(i64::from(candidates));
        sql.push(", recipients = ").push_bind(i64::from(audience.recipients));
        sql.push(", duplicates = ").push_bind(i64::from(audience.duplicates));
        sql.push(", opted_out = ").push_bind(i64::from(audience.opted_out));
        sql.push(", unusable = ").push_bind(i64::from(audience.unusable));
        sql.push(", read_part = ").push_bind(reading.map(|reading| i64::from(reading.part)));
        sql.push(", read_after = ").push_bind(reading.map(|reading| reading.after.clone()));
        let over = if candidates > MOST_AUDIENCE {
            Some((BroadcastState::Cancelled, BroadcastTrouble::TooMany))
        } else if reading.is_none() && audience.recipients == 0 {
            Some((BroadcastState::Finished, BroadcastTrouble::Nobody))
        } else {
            None
        };
        if let Some((state, trouble)) = over {
            sql.push(", state = ").push_bind(state.as_str());
            sql.push(", trouble = ").push_bind(trouble.as_str());
            sql.push(", next_at = NULL, finished_at = ").push_bind(now.as_micros());
        } else {
            sql.push(", next_at = ").push_bind(now.as_micros());
        }
        push_as_read(&mut sql, broadcast);
        let done = sql.build().execute(&mut *tx).await.map_err(failed(READING))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        insert(&mut tx, broadcast, &rows).await?;
        for (zone, remaining) in shares {
            let sql = "INSERT INTO broadcast_zones (broadcast, zone, remaining) VALUES ($1, $2, $3) \
                       ON CONFLICT (broadcast, zone) DO UPDATE SET \
                       remaining = broadcast_zones.remaining + excluded.remaining";
            let upsert = sqlx::query(sql).bind(broadcast.id.to_string());
            let upsert = upsert.bind(zone.to_owned()).bind(remaining);
            upsert.execute(&mut *tx).await.map_err(failed(READING))?;
        }
        if reading.is_none() && over.is_none() {
            for place in 0..batches_of(audience.recipients) {
                let sql =
                    "INSERT INTO broadcast_batches (batch, broadcast, place) VALUES ($1, $2, $3)";
                let insert = sqlx::query(sql).bind(broadcast.id.batch(place).to_string());
                let insert = insert.bind(broadcast.id.to_string()).bind(i64::from(place));
                insert.execute(&mut *tx).await.map_err(failed(READING))?;
            }
        }
        tx.commit().await.map_err(failed(READING))?;
        Ok(true)
    }
}

/// The recipients of a broadcast that have one of these phones.
async fn there(tx: &mut Tx, broadcast: &Broadcast, phones: &[String]) -> Result<Known, StoreError> {
    let mut known = Known::default();
    for some in pieces(phones, LIST) {
        let mut sql =
            QueryBuilder::<Db>::new("SELECT number FROM broadcast_recipients WHERE broadcast = ");
        sql.push_bind(broadcast.id.to_string());
        sql.push(" AND recipient IS NOT NULL AND phone IN (");
        push_list(&mut sql, some);
        sql.push(")");
        let rows = sql.build_query_scalar::<String>().fetch_all(&mut **tx).await;
        for number in rows.map_err(failed(READING))? {
            known.add(parsed("broadcast_recipients.number", &number)?);
        }
    }
    Ok(known)
}

/// Those of these phones whose holders asked to be sent nothing.
async fn opted_out(
    tx: &mut Tx,
    broadcast: &Broadcast,
    phones: &[String],
) -> Result<Known, StoreError> {
    let mut out = Known::default();
    for some in pieces(phones, LIST) {
        let mut sql = QueryBuilder::<Db>::new("SELECT number FROM opt_outs WHERE org = ");
        sql.push_bind(broadcast.org.to_string());
        sql.push(" AND opted_out AND phone IN (");
        push_list(&mut sql, some);
        sql.push(")");
        let rows = sql.build_query_scalar::<String>().fetch_all(&mut **tx).await;
        for number in rows.map_err(failed(READING))? {
            out.add(parsed("opt_outs.number", &number)?);
        }
    }
    Ok(out)
}

/// Writes rows of an audience.
async fn insert(tx: &mut Tx, broadcast: &Broadcast, rows: &[NewRow<'_>]) -> Result<(), StoreError> {
    for some in pieces(rows, ROWS) {
        let mut sql = QueryBuilder::<Db>::new(
            "INSERT INTO broadcast_recipients (broadcast, place, number, phone, contact, zone, \
             recipient, left_out, handed) ",
        );
        sql.push_values(some, |mut row, new| {
            row.push_bind(broadcast.id.to_string());
            row.push_bind(new.place);
            row.push_bind(new.number.clone());
            row.push_bind(new.phone.clone());
            row.push_bind(new.looked.candidate.contact.clone());
            row.push_bind(new.looked.zone.clone());
            row.push_bind(new.recipient);
            row.push_bind(new.left_out.map(LeftOut::as_str));
            row.push_bind(false);
        });
        sql.build().execute(&mut **tx).await.map_err(failed(READING))?;
    }
    Ok(())
}
