//! The queries of times of schedules.

use std::time::Duration;

use contracts::batch::MOST_RECIPIENTS;
use contracts::mt::{Gate, MtChange, MtEvent};
use contracts::{MessageId, MtState, OrgId, Timestamp, UserId};
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::conversations::{self, Said};
use super::projection::{Words, add_to_timeline, insert_requests, push_list};
use super::schedules::{SELECT, ScheduleRow, members, recipients};
use super::tallying::Tallies;
use super::{Database, Db, Tx, batches, numbers};
use crate::column::time;
use crate::error::failed;
use crate::statement::{LIST, pieces};
use crate::{
    Schedule, ScheduleBounds, ScheduleRun, ScheduleSent, ScheduleTrouble, StoreError, StoredEvent,
    StoredEventBody, StoredRequest,
};

const READING: &str = "reading the times of schedules";
const SENDING: &str = "sending for a schedule";

impl Database {
    pub(crate) async fn next_schedule(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT min(next_at) FROM schedules WHERE next_at IS NOT NULL";
        let next = sqlx::query_scalar::<_, Option<i64>>(sql).fetch_one(&self.read).await;
        Ok(next.map_err(failed(READING))?.map(time))
    }

    pub(crate) async fn due_schedules(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Schedule>, StoreError> {
        let sql = format!(
            "{SELECT} s.next_at IS NOT NULL AND s.next_at <= $1 ORDER BY s.next_at LIMIT $2"
        );
        // The text is made of constants of this crate only.
        let rows = sqlx::query_as::<_, ScheduleRow>(AssertSqlSafe(sql)).bind(now.as_micros());
        let rows = rows.bind(i64::from(limit)).fetch_all(&self.read).await;
        let mut read = Vec::new();
        for row in rows.map_err(failed(READING))? {
            let id = row.id.clone();
            match Schedule::try_from(row) {
                Ok(schedule) => read.push(schedule),
                Err(error) => {
                    tracing::error!(
                        schedule.id = id,
                        "a schedule cannot be read, and stops: {error}"
                    );
                    // It would stand before all others for ever.
                    let sql =
                        "UPDATE schedules SET next_at = NULL, last_trouble = $2 WHERE id = $1";
                    let update =
                        sqlx::query(sql).bind(id).bind(ScheduleTrouble::Unreadable.as_str());
                    update.execute(&self.write).await.map_err(failed(READING))?;
                }
            }
        }
        Ok(read)
    }

    pub(crate) async fn far_schedules(
        &self,
        after: Timestamp,
        than: Option<&Schedule>,
        limit: u32,
    ) -> Result<Vec<Schedule>, StoreError> {
        let sql = format!(
            "{SELECT} s.next_at IS NOT NULL AND s.next_at >= $1 \
             AND (s.next_at > $1 OR s.id > $2) ORDER BY s.next_at, s.id LIMIT $3"
        );
        // Behind every id, so that what has just that time is not among them.
        let (at, id) = match than {
            Some(schedule) => (schedule.next_at.unwrap_or(after), schedule.id.to_string()),
            None => (after, "~".to_owned()),
        };
        // The text is made of constants of this crate only.
        let rows = sqlx::query_as::<_, ScheduleRow>(AssertSqlSafe(sql)).bind(at.as_micros());
        let rows = rows.bind(id).bind(i64::from(limit)).fetch_all(&self.read).await;
        let mut read = Vec::new();
        for row in rows.map_err(failed(READING))? {
            let id = row.id.clone();
            match Schedule::try_from(row) {
                Ok(schedule) => read.push(schedule),
                Err(error) => {
                    tracing::error!(schedule.id = id, "a schedule cannot be read: {error}");
                }
            }
        }
        Ok(read)
    }

    pub(crate) async fn set_next_time(
        &self,
        schedule: &Schedule,
        next: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE schedules SET next_at = $3 \
                   WHERE id = $1 AND next_at = $2 AND updated_at = $4";
        let update = sqlx::query(sql)
            .bind(schedule.id.to_string())
            .bind(schedule.next_at.map(Timestamp::as_micros))
            .bind(next.as_micros())
            .bind(schedule.updated_at.as_micros());
        let done = update.execute(&self.write).await.map_err(failed(SENDING))?;
        Ok(done.rows_affected() > 0)
    }

    pub(crate) async fn send_scheduled(
        &self,
        schedule: &Schedule,
        next: Option<Timestamp>,
        now: Timestamp,
        within: ScheduleBounds,
    ) -> Result<Option<ScheduleSent>, StoreError> {
        again!(self.write_scheduled(schedule, next, now, within))
    }

    async fn write_scheduled(
        &self,
        schedule: &Schedule,
        next: Option<Timestamp>,
        now: Timestamp,
        ScheduleBounds { expire_after, of_account }: ScheduleBounds,
    ) -> Result<Option<ScheduleSent>, StoreError> {
        let Some(at) = schedule.next_at else { return Ok(None) };
        let mut tx = self.begin(SENDING).await?;
        let mut sql = members(schedule);
        let found = sql.build_query_scalar::<String>().fetch_all(&mut *tx).await;
        let to = recipients(schedule, &found.map_err(failed(SENDING))?)?;
        let of = (schedule.org, schedule.owner);
        let trouble = match to.len() {
            0 => Some(ScheduleTrouble::Nobody),
            count if count > MOST_RECIPIENTS => Some(ScheduleTrouble::TooMany),
            count => match of_account.filter(|_| schedule.owner != UserId::internal()) {
                Some(most) if count > room(&mut tx, of, most, now).await? => {
                    Some(ScheduleTrouble::OverLimit)
                }
                _ => None,
            },
        };
        let to = if trouble.is_some() { Vec::new() } else { to };
        let count = u32::try_from(to.len()).unwrap_or(u32::MAX);
        let mut requests: Vec<StoredRequest> = to
            .into_iter()
            .map(|to| {
                let request = schedule.request(to, at, count, now);
                let priority = schedule.message.priority;
                StoredRequest::new(request, priority, now, 0).expiring_after(expire_after)
            })
            .collect();
        // The rows are locked by id, as all writers to `messages` lock them.
        requests.sort_by_cached_key(|request| request.id.to_string());
        let free = numbers::take(&mut tx, requests.len()).await?;
        let batch = (count > 0).then(|| schedule.id.batch(at));
        let run = ScheduleRun { at, batch, messages: count, trouble };
        if !note(&mut tx, schedule, next, &run).await? {
            return Ok(None);
        }
        let numbered: Vec<_> = free.zip(&requests).collect();
        let words = Words::of(numbered.len());
        let mut tallies = Tallies::default();
        let made = insert_requests(&mut tx, &numbered, words, &mut tallies).await?;
        let new: Vec<&StoredRequest> =
            requests.iter().filter(|request| made.contains(&request.id.to_string())).collect();
        hold(&mut tx, &new, at, now).await?;
        batches::requested(&mut tx, new.iter().map(|request| (*request, false))).await?;
        let messages: Vec<MessageId> = new.iter().map(|request| request.id).collect();
        if words == Words::Now {
            let said = new.iter().flat_map(|request| Said::of_request(request));
            conversations::note(&mut tx, said.collect()).await?;
        }
        tallies.write(&mut tx).await?;
        tx.commit().await.map_err(failed(SENDING))?;
        Ok(Some(ScheduleSent { run, messages }))
    }

    pub(crate) async fn pass_scheduled(
        &self,
        schedule: &Schedule,
        next: Option<Timestamp>,
        trouble: ScheduleTrouble,
    ) -> Result<bool, StoreError> {
        again!(self.write_passed(schedule, next, trouble))
    }

    async fn write_passed(
        &self,
        schedule: &Schedule,
        next: Option<Timestamp>,
        trouble: ScheduleTrouble,
    ) -> Result<bool, StoreError> {
        let Some(at) = schedule.next_at else { return Ok(false) };
        let mut tx = self.begin(SENDING).await?;
        let run = ScheduleRun { at, batch: None, messages: 0, trouble: Some(trouble) };
        let is_noted = note(&mut tx, schedule, next, &run).await?;
        tx.commit().await.map_err(failed(SENDING))?;
        Ok(is_noted)
    }
}

/// Returns how many messages more an account may send.
pub(super) async fn room(
    tx: &mut Tx,
    (org, owner): (OrgId, UserId),
    (most, period): (u32, Duration),
    now: Timestamp,
) -> Result<usize, StoreError> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM messages WHERE org = $1 AND owner = $2 \
               AND created_at > $3 LIMIT $4) AS sent";
    let sent = sqlx::query_scalar::<_, i64>(sql)
        .bind(org.to_string())
        .bind(owner.to_string())
        .bind(now.minus(period).as_micros())
        .bind(i64::from(most));
    let sent = sent.fetch_one(&mut **tx).await.map_err(failed(SENDING))?;
    Ok(usize::try_from(i64::from(most).saturating_sub(sent)).unwrap_or(0))
}

/// Notes what became of a time, and when the next one is. Returns false when the schedule is not as it was read.
async fn note(
    tx: &mut Tx,
    schedule: &Schedule,
    next: Option<Timestamp>,
    run: &ScheduleRun,
) -> Result<bool, StoreError> {
    let sql = "UPDATE schedules SET next_at = $4, last_at = $5, last_batch = $6, last_count = $7, \
               last_trouble = $8 WHERE id = $1 AND next_at = $2 AND updated_at = $3";
    let update = sqlx::query(sql)
        .bind(schedule.id.to_string())
        .bind(run.at.as_micros())
        .bind(schedule.updated_at.as_micros())
        .bind(next.map(Timestamp::as_micros))
        .bind(run.at.as_micros())
        .bind(run.batch.map(|batch| batch.to_string()))
        .bind(i64::from(run.messages))
        .bind(run.trouble.map(ScheduleTrouble::as_str));
    let done = update.execute(&mut **tx).await.map_err(failed(SENDING))?;
    Ok(done.rows_affected() > 0)
}

/// Has messages that were just accepted be held since their time, and be requested now.
pub(super) async fn hold(
    tx: &mut Tx,
    new: &[&StoredRequest],
    at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let held = MtChange::Held { gate: Gate::Schedule, until: at, tries: 0, round: 1 };
    let events: Vec<StoredEvent> = new
        .iter()
        .map(|stored| {
            let event = MtEvent::of(stored.id, &stored.request, now, held.clone());
            let event = event.of_priority(stored.priority);
            StoredEvent { sequence: 0, body: StoredEventBody::Mt(event) }
        })
        .collect();
    add_to_timeline(tx, &events).await?;
    let ids: Vec<String> = new.iter().map(|stored| stored.id.to_string()).collect();
    for some in pieces(&ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new("UPDATE messages SET state = ");
        sql.push_bind(MtState::Held.as_str());
        sql.push(", phase = ").push_bind(i64::from(MtState::Held.phase()));
        sql.push(", gate = ").push_bind(Gate::Schedule.as_str());
        sql.push(", held_until = ").push_bind(at.as_micros());
        sql.push(", due_at = ").push_bind(now.as_micros());
        sql.push(", due_round = ").push_bind(1_i64);
        sql.push(" WHERE id IN (");
        push_list(&mut sql, some);
        sql.push(")");
        sql.build().execute(&mut **tx).await.map_err(failed(SENDING))?;
    }
    Ok(())
}
