//! The queries of broadcasts that are under way.

use std::collections::BTreeMap;
use std::time::Duration;

use contracts::batch::MOST_RECIPIENTS;
use contracts::mt::{Body, Gate, MtRequest};
use contracts::{BatchId, BroadcastId, MessageId, MtState, PhoneNumber, Timestamp, UserId};
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::broadcasts::{BroadcastRow, SELECT};
use super::conversations::{self, Said};
use super::projection::{Words, insert_requests, push_list};
use super::scheduling::{hold, room};
use super::tallying::Tallies;
use super::{Database, Db, Tx, batches, numbers};
use crate::column::{parsed, small, time};
use crate::error::failed;
use crate::statement::{LIST, pieces};
use crate::{
    Broadcast, BroadcastPiece, BroadcastSent, BroadcastState, BroadcastTrouble, PersonalText,
    Personalia, ScheduleBounds, StoreError, StoredRequest, ZoneShare,
};

mod reading;

const LOOKING: &str = "reading broadcasts that are under way";
const HANDING: &str = "handing out a broadcast";
const TELLING: &str = "noting that the batches of a broadcast were told an order";
/// How long a broadcast waits of an account that may send no more.
const OVER_LIMIT_WAITS: Duration = Duration::from_mins(1);

/// A recipient that is handed out.
#[derive(sqlx::FromRow)]
struct PersonRow {
    place: i64,
    number: String,
    recipient: i64,
    name: Option<String>,
    email: Option<String>,
    note: Option<String>,
    fields: Option<String>,
}

impl Database {
    pub(crate) async fn next_broadcast(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(next_at) FROM broadcasts WHERE next_at IS NOT NULL";
        let next = sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(&self.read).await;
        Ok(next.map_err(failed(LOOKING))?.map(time))
    }

    pub(crate) async fn due_broadcasts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Broadcast>, StoreError> {
        let sql = format!(
            "{SELECT} b.next_at IS NOT NULL AND b.next_at <= $1 ORDER BY b.next_at LIMIT $2"
        );
        // The text is made of constants of this crate only.
        let rows = sqlx::query_as::<_, BroadcastRow>(AssertSqlSafe(sql)).bind(now.as_micros());
        let rows = rows.bind(i64::from(limit)).fetch_all(&self.read).await;
        let mut read = Vec::new();
        for row in rows.map_err(failed(LOOKING))? {
            let id = row.id.clone();
            match Broadcast::try_from(row) {
                Ok(broadcast) => read.push(broadcast),
                Err(error) => {
                    tracing::error!(
                        broadcast.id = id,
                        "a broadcast cannot be read, and stops: {error}"
                    );
                    // It would stand before all others for ever.
                    let sql = "UPDATE broadcasts SET version = version + 1, next_at = NULL, \
                               state = $2, trouble = $3 WHERE id = $1";
                    let update = sqlx::query(sql).bind(id).bind(BroadcastState::Paused.as_str());
                    let update = update.bind(BroadcastTrouble::Unreadable.as_str());
                    update.execute(&self.write).await.map_err(failed(LOOKING))?;
                }
            }
        }
        Ok(read)
    }

    pub(crate) async fn untold_broadcasts(
        &self,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Broadcast>, StoreError> {
        let sql = format!(
            "{SELECT} b.untold_at IS NOT NULL AND b.untold_at <= $1 ORDER BY b.untold_at LIMIT $2"
        );
        // The text is made of constants of this crate only.
        let rows = sqlx::query_as::<_, BroadcastRow>(AssertSqlSafe(sql)).bind(until.as_micros());
        let rows = rows.bind(i64::from(limit)).fetch_all(&self.read).await;
        let read = rows.map_err(failed(LOOKING))?.into_iter().filter_map(|row| {
            let id = row.id.clone();
            let read = Broadcast::try_from(row);
            read.inspect_err(|error| {
                tracing::error!(broadcast.id = id, "a broadcast cannot be read: {error}");
            })
            .ok()
        });
        Ok(read.collect())
    }

    pub(crate) async fn broadcast_told(
        &self,
        id: BroadcastId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE broadcasts SET untold_at = NULL WHERE id = $1 AND untold_at <= $2";
        let update = sqlx::query(sql).bind(id.to_string()).bind(until.as_micros());
        update.execute(&self.write).await.map(drop).map_err(failed(TELLING))
    }

    pub(crate) async fn untold_broadcast_told(
        &self,
        broadcast: &Broadcast,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE broadcasts SET untold_at = CASE WHEN version = $2 THEN NULL ELSE $3 END \
                   WHERE id = $1";
        let version = i64::try_from(broadcast.version).unwrap_or(i64::MAX);
        let update = sqlx::query(sql).bind(broadcast.id.to_string()).bind(version);
        let update = update.bind(now.as_micros()).execute(&self.write).await;
        update.map(drop).map_err(failed(TELLING))
    }

    pub(crate) async fn begin_broadcast(
        &self,
        broadcast: &Broadcast,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut sql = changing(now);
        sql.push(", state = ").push_bind(BroadcastState::Running.as_str());
        sql.push(", next_at = ").push_bind(now.as_micros());
        sql.push(", started_at = ").push_bind(now.as_micros());
        self.change_as_read(sql, broadcast).await
    }

    pub(crate) async fn is_owner_enabled(&self, broadcast: &Broadcast) -> Result<bool, StoreError> {
        if broadcast.owner == UserId::internal() {
            return Ok(true);
        }
        let sql = "SELECT enabled FROM users WHERE id = $1 AND org = $2";
        let enabled = sqlx::query_scalar::<_, bool>(sql).bind(broadcast.owner.to_string());
        let enabled = enabled.bind(broadcast.org.to_string()).fetch_optional(&self.read).await;
        Ok(enabled.map_err(failed(LOOKING))?.unwrap_or(false))
    }

    pub(crate) async fn stop_broadcast(
        &self,
        broadcast: &Broadcast,
        trouble: BroadcastTrouble,
    ) -> Result<bool, StoreError> {
        let mut sql = changing(broadcast.updated_at);
        sql.push(", state = ").push_bind(BroadcastState::Paused.as_str());
        sql.push(", next_at = NULL, trouble = ").push_bind(trouble.as_str());
        self.change_as_read(sql, broadcast).await
    }

    pub(crate) async fn wait_broadcast(
        &self,
        broadcast: &Broadcast,
        until: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let mut sql = changing(broadcast.updated_at);
        sql.push(", next_at = ").push_bind(until.map(Timestamp::as_micros));
        self.change_as_read(sql, broadcast).await
    }

    async fn change_as_read(
        &self,
        mut sql: QueryBuilder<Db>,
        broadcast: &Broadcast,
    ) -> Result<bool, StoreError> {
        push_as_read(&mut sql, broadcast);
        let done = sql.build().execute(&self.write).await;
        Ok(done.map_err(failed(HANDING))?.rows_affected() > 0)
    }

    pub(crate) async fn broadcast_shares(
        &self,
        broadcast: &Broadcast,
    ) -> Result<Vec<ZoneShare>, StoreError> {
        let sql = "SELECT zone, remaining FROM broadcast_zones WHERE broadcast = $1 \
                   AND remaining > 0 ORDER BY remaining DESC, zone";
        let rows = sqlx::query_as::<_, (String, i64)>(sql).bind(broadcast.id.to_string());
        let rows = rows.fetch_all(&self.read).await.map_err(failed(LOOKING))?;
        let share = |(zone, remaining): (String, i64)| {
            let remaining = small("broadcast_zones.remaining", remaining)?;
            Ok::<_, StoreError>(ZoneShare { zone, remaining })
        };
        rows.into_iter().map(share).collect()
    }

    pub(crate) async fn broadcast_in_hand(&self, broadcast: &Broadcast) -> Result<u32, StoreError> {
        let waiting = [
            MtState::Accepted,
            MtState::Admitted,
            MtState::Released,
            MtState::Deferred,
            MtState::Sending,
        ];
        let mut in_hand = 0_i64;
        for place in 0..batches_of(broadcast.audience.recipients) {
            let batch = broadcast.id.batch(place).to_string();
            let mut sql = QueryBuilder::<Db>::new("SELECT count(*) FROM messages WHERE batch = ");
            sql.push_bind(batch.clone()).push(" AND org = ").push_bind(broadcast.org.to_string());
            sql.push(" AND state IN (");
            let mut list = sql.separated(", ");
            for state in waiting {
                list.push_bind(state.as_str());
            }
            sql.push(")");
            let count = sql.build_query_scalar::<i64>().fetch_one(&self.read).await;
            in_hand += count.map_err(failed(LOOKING))?;
            // What was made by a piece, and is not admitted yet; and what waits for credit, or all others would be made to wait for
            // it, and would go out together, past pace and quiet hours, when there is some.
            let sql = "SELECT count(*) FROM messages WHERE batch = $1 AND org = $2 AND state = $3 \
                       AND gate IN ($4, $5, $6)";
            let count = sqlx::query_scalar::<_, i64>(sql).bind(batch);
            let count = count.bind(broadcast.org.to_string()).bind(MtState::Held.as_str());
            let count = count.bind(Gate::Schedule.as_str()).bind(Gate::Credit.as_str());
            let count = count.bind(Gate::CreditUnknown.as_str());
            in_hand += count.fetch_one(&self.read).await.map_err(failed(LOOKING))?;
        }
        small("count(messages)", in_hand)
    }

    pub(crate) async fn hand_out_broadcast(
        &self,
        broadcast: &Broadcast,
        text: &PersonalText,
        pieces: &[BroadcastPiece],
        (in_hand, next): (u32, Timestamp),
        now: Timestamp,
        within: ScheduleBounds,
    ) -> Result<Option<BroadcastSent>, StoreError> {
        again!(self.write_handed_out(broadcast, text, pieces, (in_hand, next), now, within))
    }

    async fn write_handed_out(
        &self,
        broadcast: &Broadcast,
        text: &PersonalText,
        pieces_of_zones: &[BroadcastPiece],
        (in_hand, mut next): (u32, Timestamp),
        now: Timestamp,
        ScheduleBounds { expire_after, of_account }: ScheduleBounds,
    ) -> Result<Option<BroadcastSent>, StoreError> {
        let mut tx = self.begin(HANDING).await?;
        let mut people: Vec<(&str, PersonRow)> = Vec::new();
        for piece in pieces_of_zones {
            let found = waiting(&mut tx, broadcast, piece).await?;
            people.extend(found.into_iter().map(|person| (piece.zone.as_str(), person)));
        }
        let mut trouble = None;
        if let Some(most) = of_account.filter(|_| broadcast.owner != UserId::internal()) {
            let of = (broadcast.org, broadcast.owner);
            let room = room(&mut tx, of, most, now).await?;
            if room == 0 && !people.is_empty() {
                trouble = Some(BroadcastTrouble::OverLimit);
                next = next.max(now.plus(OVER_LIMIT_WAITS));
            }
            people.truncate(room);
        }
        let mut requests = Vec::with_capacity(people.len());
        for (_, person) in &people {
            let request = request(broadcast, text, person, now)?;
            let priority = broadcast.message.priority;
            requests
                .push(StoredRequest::new(request, priority, now, 0).expiring_after(expire_after));
        }
        // The rows are locked by id, as all writers to `messages` lock them.
        requests.sort_by_cached_key(|request| request.id.to_string());
        let free = numbers::take(&mut tx, requests.len()).await?;
        let count = i64::try_from(people.len()).unwrap_or(i64::MAX);
        let mut sql = changing(broadcast.updated_at);
        sql.push(", handed = handed + ").push_bind(count);
        sql.push(", in_hand = ").push_bind(i64::from(in_hand).saturating_add(count));
        sql.push(", next_at = ").push_bind(next.as_micros());
        sql.push(", trouble = ").push_bind(trouble.map(BroadcastTrouble::as_str));
        push_as_read(&mut sql, broadcast);
        let done = sql.build().execute(&mut *tx).await.map_err(failed(HANDING))?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        if people.is_empty() {
            tx.commit().await.map_err(failed(HANDING))?;
            return Ok(Some(BroadcastSent { messages: Vec::new(), trouble }));
        }
        note_handed_out(&mut tx, broadcast, &people).await?;
        let numbered: Vec<_> = free.zip(&requests).collect();
        let words = Words::of(numbered.len());
        let mut tallies = Tallies::default();
        let made = insert_requests(&mut tx, &numbered, words, &mut tallies).await?;
        let new: Vec<&StoredRequest> =
            requests.iter().filter(|request| made.contains(&request.id.to_string())).collect();
        hold(&mut tx, &new, now, now).await?;
        batches::requested(&mut tx, new.iter().map(|request| (*request, false))).await?;
        let messages: Vec<MessageId> = new.iter().map(|request| request.id).collect();
        if words == Words::Now {
            let said = new.iter().flat_map(|request| Said::of_request(request));
            conversations::note(&mut tx, said.collect()).await?;
        }
        tallies.write(&mut tx).await?;
        tx.commit().await.map_err(failed(HANDING))?;
        Ok(Some(BroadcastSent { messages, trouble }))
    }

    pub(crate) async fn end_broadcast(
        &self,
        broadcast: &Broadcast,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "SELECT count(*) FROM broadcast_batches t JOIN batches b ON b.id = t.batch \
                   WHERE t.broadcast = $1 AND b.finished_at IS NULL";
        let going = sqlx::query_scalar::<_, i64>(sql).bind(broadcast.id.to_string());
        let going = going.fetch_one(&self.read).await.map_err(failed(LOOKING))?;
        if going > 0 {
            self.wait_broadcast(broadcast, None).await?;
            return Ok(false);
        }
        let mut sql = changing(now);
        sql.push(", state = ").push_bind(BroadcastState::Finished.as_str());
        sql.push(", trouble = NULL, next_at = NULL, finished_at = ").push_bind(now.as_micros());
        self.change_as_read(sql, broadcast).await
    }

    pub(crate) async fn batches_of_broadcasts_ended(
        &self,
        batches: &[BatchId],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ids: Vec<String> = batches.iter().map(ToString::to_string).collect();
        for some in pieces(&ids, LIST) {
            let mut sql = QueryBuilder::<Db>::new(
                "SELECT DISTINCT broadcast FROM broadcast_batches WHERE batch IN (",
            );
            push_list(&mut sql, some);
            sql.push(")");
            let found = sql.build_query_scalar::<String>().fetch_all(&self.read).await;
            for broadcast in found.map_err(failed(LOOKING))? {
                // One of which something is left is looked at anyway.
                let sql = "UPDATE broadcasts SET version = version + 1, next_at = $3 WHERE id = $1 \
                           AND state = $2 AND read_part IS NULL AND handed >= recipients";
                let update = sqlx::query(sql).bind(broadcast);
                let update = update.bind(BroadcastState::Running.as_str()).bind(now.as_micros());
                update.execute(&self.write).await.map_err(failed(LOOKING))?;
            }
        }
        Ok(())
    }
}

/// Begins a statement that changes a broadcast.
fn changing(at: Timestamp) -> QueryBuilder<Db> {
    let mut sql =
        QueryBuilder::<Db>::new("UPDATE broadcasts SET version = version + 1, updated_at = ");
    sql.push_bind(at.as_micros());
    sql
}

/// Adds the condition that a broadcast is as it was read.
fn push_as_read(sql: &mut QueryBuilder<Db>, broadcast: &Broadcast) {
    sql.push(" WHERE id = ").push_bind(broadcast.id.to_string());
    let version = i64::try_from(broadcast.version).unwrap_or(i64::MAX);
    sql.push(" AND version = ").push_bind(version);
}

/// How many batches so many recipients are.
fn batches_of(recipients: u32) -> u32 {
    recipients.div_ceil(size_of_batch())
}

fn size_of_batch() -> u32 {
    u32::try_from(MOST_RECIPIENTS).unwrap_or(u32::MAX)
}

/// The next recipients of a zone, with what is known of them now.
async fn waiting(
    tx: &mut Tx,
    broadcast: &Broadcast,
    piece: &BroadcastPiece,
) -> Result<Vec<PersonRow>, StoreError> {
    let sql = "SELECT r.place, r.number, r.recipient, c.name, c.email, c.note, c.fields \
               FROM broadcast_recipients r LEFT JOIN contacts c ON c.id = r.contact \
               WHERE r.broadcast = $1 AND r.zone = $2 AND r.recipient IS NOT NULL \
               AND NOT r.handed ORDER BY r.recipient LIMIT $3";
    let rows = sqlx::query_as::<_, PersonRow>(sql).bind(broadcast.id.to_string());
    let rows = rows.bind(piece.zone.clone()).bind(i64::from(piece.count));
    rows.fetch_all(&mut **tx).await.map_err(failed(HANDING))
}

/// The request to a recipient. However often it is made, it is the same message.
fn request(
    broadcast: &Broadcast,
    text: &PersonalText,
    person: &PersonRow,
    now: Timestamp,
) -> Result<MtRequest, StoreError> {
    let to: PhoneNumber = parsed("broadcast_recipients.number", &person.number)?;
    let recipient: u32 = small("broadcast_recipients.recipient", person.recipient)?;
    let personalia = Personalia {
        name: person.name.clone().unwrap_or_default(),
        number: person.number.clone(),
        email: person.email.clone().unwrap_or_default(),
        note: person.note.clone().unwrap_or_default(),
        fields: super::contacts::fields_of(person.fields.as_deref())?,
    };
    let batch = recipient / size_of_batch();
    let before = batch.saturating_mul(size_of_batch());
    let size = broadcast.audience.recipients.saturating_sub(before).min(size_of_batch());
    let message = &broadcast.message;
    Ok(MtRequest {
        id: Some(broadcast.id.message(recipient)),
        org: broadcast.org,
        owner: broadcast.owner,
        body: Body::Text { text: text.fill(&personalia), encoding: message.encoding },
        created_at: Some(now),
        sim: message.sim,
        pool: message.pool.clone(),
        options: message.options,
        when_uncertain: message.when_uncertain,
        batch: Some(broadcast.id.batch(batch)),
        batch_size: Some(size),
        ..MtRequest::text(to, "")
    })
}

/// Notes who was handed out.
async fn note_handed_out(
    tx: &mut Tx,
    broadcast: &Broadcast,
    people: &[(&str, PersonRow)],
) -> Result<(), StoreError> {
    let mut shares: BTreeMap<&str, i64> = BTreeMap::new();
    for (zone, _) in people {
        *shares.entry(*zone).or_default() += 1;
    }
    for some in pieces(people, LIST) {
        let mut sql = QueryBuilder::<Db>::new("UPDATE broadcast_recipients SET handed = ");
        sql.push_bind(true).push(" WHERE broadcast = ").push_bind(broadcast.id.to_string());
        sql.push(" AND place IN (");
        let mut list = sql.separated(", ");
        for (_, person) in some {
            list.push_bind(person.place);
        }
        sql.push(")");
        sql.build().execute(&mut **tx).await.map_err(failed(HANDING))?;
    }
    for (zone, count) in shares {
        let sql = "UPDATE broadcast_zones SET remaining = remaining - $3 \
                   WHERE broadcast = $1 AND zone = $2";
        let update = sqlx::query(sql).bind(broadcast.id.to_string());
        let update = update.bind(zone.to_owned()).bind(count);
        update.execute(&mut **tx).await.map_err(failed(HANDING))?;
    }
    Ok(())
}
