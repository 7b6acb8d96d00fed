//! The queries of schedules.

use std::collections::HashMap;

use contracts::batch::MOST_RECIPIENTS;
use contracts::{GroupId, OrgId, PhoneNumber, ScheduleId, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::accounts::rows::{lock_org, name_key};
use super::groups;
use super::reach::{Rows, push_in_reach};
use super::search::push_pattern;
use super::{Database, Db, Tx};
use crate::column::{json, parsed, parsed_if, small, storable, time, to_json};
use crate::error::failed;
use crate::schedules::MOST_SCHEDULES;
use crate::{
    NamePage, NamePlace, NewSchedule, Reach, Schedule, ScheduleChange, ScheduleError, ScheduleRun,
    ScheduleTrouble, StoreError, Timing,
};

const READING: &str = "reading schedules";
const MAKING: &str = "making a schedule";
const CHANGING: &str = "changing a schedule";
/// Whose a schedule is, under the name `s`.
const NAMED: Rows = Rows::Owned("s.org", "s.owner");
/// The same without a name.
const OWNED: Rows = Rows::Owned("org", "owner");

/// A row of `schedules`.
#[derive(sqlx::FromRow)]
pub(super) struct ScheduleRow {
    pub(super) id: String,
    org: String,
    owner: String,
    name: String,
    message: String,
    numbers: String,
    group_ids: String,
    starts: String,
    zone: String,
    repetition: Option<String>,
    paused: bool,
    next_at: Option<i64>,
    last_at: Option<i64>,
    last_batch: Option<String>,
    last_count: Option<i64>,
    last_trouble: Option<String>,
    created_at: i64,
    updated_at: i64,
}

/// Selects the columns of [`ScheduleRow`]; a condition has to follow.
pub(super) const SELECT: &str = "SELECT s.id, s.org, s.owner, s.name, s.message, s.numbers, \
    s.group_ids, s.starts, s.zone, s.repetition, s.paused, s.next_at, s.last_at, s.last_batch, \
    s.last_count, s.last_trouble, s.created_at, s.updated_at FROM schedules s WHERE ";

impl TryFrom<ScheduleRow> for Schedule {
    type Error = StoreError;

    fn try_from(row: ScheduleRow) -> Result<Self, StoreError> {
        let numbers = row.numbers.split_whitespace();
        let numbers = numbers.map(|number| parsed("schedules.numbers", number));
        let groups = row.group_ids.split_whitespace();
        let groups = groups.map(|group| parsed("schedules.group_ids", group));
        let last = row.last_at.map(|at| {
            Ok::<_, StoreError>(ScheduleRun {
                at: time(at),
                batch: parsed_if("schedules.last_batch", row.last_batch.as_deref())?,
                messages: small("schedules.last_count", row.last_count.unwrap_or_default())?,
                trouble: parsed_if("schedules.last_trouble", row.last_trouble.as_deref())?,
            })
        });
        Ok(Self {
            id: parsed("schedules.id", &row.id)?,
            org: parsed("schedules.org", &row.org)?,
            owner: parsed("schedules.owner", &row.owner)?,
            name: row.name,
            message: json("schedules.message", &row.message)?,
            numbers: numbers.collect::<Result<_, _>>()?,
            groups: groups.collect::<Result<_, _>>()?,
            timing: Timing { starts: row.starts, zone: row.zone, repetition: row.repetition },
            paused: row.paused,
            next_at: row.next_at.map(time),
            last: last.transpose()?,
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        })
    }
}

impl Database {
    pub(crate) async fn create_schedule(
        &self,
        reach: Reach,
        new: &NewSchedule,
        at: Timestamp,
    ) -> Result<Schedule, ScheduleError> {
        reach.must_own(new.owner, MAKING)?;
        let mut tx = self.begin(MAKING).await?;
        // From here on another one who makes a schedule waits, so they are counted rightly.
        lock_org(&mut tx, reach.org, at).await?;
        super::services::must_be_known(&mut tx, reach.org, new.owner).await?;
        let sql = "SELECT count(*) FROM schedules WHERE org = $1 AND owner = $2";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
        let count = count.bind(new.owner.to_string()).fetch_one(&mut *tx).await;
        if count.map_err(failed(MAKING))? >= i64::from(MOST_SCHEDULES) {
            return Err(ScheduleError::TooMany);
        }
        must_be_readable(&mut tx, reach.org, new.owner, &new.groups).await?;
        let schedule = Schedule {
            id: ScheduleId::new(),
            org: reach.org,
            owner: new.owner,
            name: storable(&new.name),
            message: new.message.clone(),
            numbers: new.numbers.clone(),
            groups: new.groups.clone(),
            timing: new.timing.clone(),
            paused: new.paused,
            next_at: new.next_at,
            last: None,
            created_at: at,
            updated_at: at,
        };
        let sql = "INSERT INTO schedules (id, org, owner, name, name_key, message, numbers, group_ids, \
                   starts, zone, repetition, paused, next_at, created_at, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
                   ON CONFLICT (org, owner, name_key) DO NOTHING";
        let insert = sqlx::query(sql)
            .bind(schedule.id.to_string())
            .bind(schedule.org.to_string())
            .bind(schedule.owner.to_string())
            .bind(schedule.name.clone())
            .bind(name_key(&schedule.name))
            .bind(to_json("a scheduled message", &schedule.message)?)
            .bind(words(&schedule.numbers))
            .bind(words(&schedule.groups))
            .bind(storable(&schedule.timing.starts))
            .bind(storable(&schedule.timing.zone))
            .bind(schedule.timing.repetition.as_deref().map(storable))
            .bind(schedule.paused)
            .bind(schedule.next_at.map(Timestamp::as_micros))
            .bind(at.as_micros())
            .bind(at.as_micros());
        if insert.execute(&mut *tx).await.map_err(failed(MAKING))?.rows_affected() == 0 {
            return Err(ScheduleError::NameTaken(schedule.name));
        }
        tx.about(&schedule.id, &schedule.name);
        tx.commit().await.map_err(failed(MAKING))?;
        Ok(schedule)
    }

    pub(crate) async fn schedules(
        &self,
        reach: Reach,
        search: Option<&str>,
        page: &NamePage,
    ) -> Result<(Vec<Schedule>, Option<NamePlace>), StoreError> {
        let mut sql = select(reach);
        if let Some(text) = search.filter(|text| !text.trim().is_empty()) {
            sql.push(" AND s.name_key");
            push_pattern(&mut sql, text);
        }
        self.page_by_name::<ScheduleRow, Schedule>(sql, "s", Schedule::place, page, READING).await
    }

    pub(crate) async fn schedule(
        &self,
        reach: Reach,
        id: ScheduleId,
    ) -> Result<Option<Schedule>, StoreError> {
        let mut sql = select(reach);
        sql.push(" AND s.id = ").push_bind(id.to_string());
        let row = sql.build_query_as::<ScheduleRow>().fetch_optional(&self.read).await;
        row.map_err(failed(READING))?.map(Schedule::try_from).transpose()
    }

    pub(crate) async fn change_schedule(
        &self,
        reach: Reach,
        id: ScheduleId,
        change: &ScheduleChange,
        at: Timestamp,
    ) -> Result<Option<Schedule>, ScheduleError> {
        let mut tx = self.begin(CHANGING).await?;
        // Two that are to be called the same take turns.
        lock_org(&mut tx, reach.org, at).await?;
        let mut sql = QueryBuilder::<Db>::new("UPDATE schedules SET updated_at = ");
        sql.push_bind(at.as_micros());
        if let Some(message) = &change.message {
            sql.push(", message = ").push_bind(to_json("a scheduled message", message)?);
        }
        if let Some(numbers) = &change.numbers {
            sql.push(", numbers = ").push_bind(words(numbers));
        }
        if let Some(groups) = &change.groups {
            sql.push(", group_ids = ").push_bind(words(groups));
        }
        if let Some(timing) = &change.timing {
            sql.push(", starts = ").push_bind(storable(&timing.starts));
            sql.push(", zone = ").push_bind(storable(&timing.zone));
            sql.push(", repetition = ").push_bind(timing.repetition.as_deref().map(storable));
        }
        if let Some(going) = change.going {
            sql.push(", paused = ").push_bind(going.paused);
            sql.push(", next_at = ").push_bind(going.next_at.map(Timestamp::as_micros));
        }
        sql.push(" WHERE id = ").push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" RETURNING owner");
        let owner = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        let Some(owner) = owner.map_err(failed(CHANGING))? else { return Ok(None) };
        if let Some(groups) = &change.groups {
            let owner = parsed("schedules.owner", &owner)?;
            must_be_readable(&mut tx, reach.org, owner, groups).await?;
        }
        if let Some(name) = &change.name {
            let sql = "UPDATE schedules SET name = $2, name_key = $3 WHERE id = $1 AND NOT EXISTS \
                       (SELECT 1 FROM schedules o WHERE o.id <> schedules.id \
                       AND o.org = schedules.org AND o.owner = schedules.owner AND o.name_key = $3)";
            let update = sqlx::query(sql).bind(id.to_string());
            let update = update.bind(storable(name)).bind(name_key(name));
            let done = update.execute(&mut *tx).await.map_err(failed(CHANGING))?;
            if done.rows_affected() == 0 {
                return Err(ScheduleError::NameTaken(name.clone()));
            }
        }
        tx.about(&id, change.name.as_deref().unwrap_or_default());
        tx.commit().await.map_err(failed(CHANGING))?;
        Ok(self.schedule(reach, id).await?)
    }

    pub(crate) async fn remove_schedule(
        &self,
        reach: Reach,
        id: ScheduleId,
    ) -> Result<bool, StoreError> {
        let doing = "removing a schedule";
        let mut tx = self.begin(doing).await?;
        let mut sql = QueryBuilder::<Db>::new("DELETE FROM schedules WHERE id = ");
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" RETURNING name");
        let name = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        let Some(name) = name.map_err(failed(doing))? else { return Ok(false) };
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(doing))?;
        Ok(true)
    }

    pub(crate) async fn schedule_recipients(
        &self,
        reach: Reach,
        id: ScheduleId,
    ) -> Result<Option<Vec<PhoneNumber>>, StoreError> {
        let Some(schedule) = self.schedule(reach, id).await? else { return Ok(None) };
        let mut sql = members(&schedule);
        let found = sql.build_query_scalar::<String>().fetch_all(&self.read).await;
        Ok(Some(recipients(&schedule, &found.map_err(failed(READING))?)?))
    }

    pub(crate) async fn note_schedule_run(
        &self,
        reach: Reach,
        id: ScheduleId,
        run: &ScheduleRun,
    ) -> Result<bool, StoreError> {
        let mut sql = QueryBuilder::<Db>::new("UPDATE schedules SET last_at = ");
        sql.push_bind(run.at.as_micros());
        sql.push(", last_batch = ").push_bind(run.batch.map(|batch| batch.to_string()));
        sql.push(", last_count = ").push_bind(i64::from(run.messages));
        sql.push(", last_trouble = ").push_bind(run.trouble.map(ScheduleTrouble::as_str));
        sql.push(" WHERE id = ").push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        let doing = "noting that a schedule was sent";
        let mut tx = self.begin(doing).await?;
        let done = sql.build().execute(&mut *tx).await.map_err(failed(doing))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        tx.commit().await.map_err(failed(doing))?;
        Ok(true)
    }
}

/// Begins a statement that reads the numbers of the contacts in the groups of a schedule, as far as its owner may read both.
pub(super) fn members(schedule: &Schedule) -> QueryBuilder<Db> {
    let reach = Reach::own(schedule.org, schedule.owner);
    let mut sql = QueryBuilder::<Db>::new(
        "SELECT DISTINCT c.number FROM contact_groups g \
         JOIN contact_group_members m ON m.contact_group = g.id \
         JOIN contacts c ON c.id = m.contact WHERE ",
    );
    push_in_reach(&mut sql, &groups::LENT, reach);
    sql.push(" AND ");
    push_in_reach(&mut sql, &Rows::Lent("c.org", "c.owner"), reach);
    sql.push(" AND g.id IN (");
    // Of few sizes, so that there are few statements; and an empty list would be none.
    let mut list = sql.separated(", ");
    for place in 0..schedule.groups.len().next_power_of_two() {
        let group = schedule.groups.get(place);
        list.push_bind(group.map(ToString::to_string).unwrap_or_default());
    }
    sql.push(") ORDER BY c.number LIMIT ");
    sql.push_bind(i64::try_from(MOST_RECIPIENTS + 1).unwrap_or(i64::MAX));
    sql
}

/// The recipients of a schedule, each once: its own numbers, then those of its groups, one more than a time may have at most.
pub(super) fn recipients(
    schedule: &Schedule,
    members: &[String],
) -> Result<Vec<PhoneNumber>, StoreError> {
    let members = members.iter().map(|number| parsed("contacts.number", number));
    let members = members.collect::<Result<Vec<PhoneNumber>, _>>()?;
    let mut known: HashMap<&str, Vec<&PhoneNumber>> = HashMap::new();
    let all = schedule.numbers.iter().chain(&members);
    // One phone in two writings is one recipient.
    let each = all.filter(|number| {
        let same = known.entry(number.phone()).or_default();
        let is_new = !same.iter().any(|one| one.is_same_phone(number));
        if is_new {
            same.push(number);
        }
        is_new
    });
    Ok(each.take(MOST_RECIPIENTS + 1).cloned().collect())
}

/// Refuses groups that are not there or that an account may not read.
async fn must_be_readable(
    tx: &mut Tx,
    org: OrgId,
    owner: UserId,
    wanted: &[GroupId],
) -> Result<(), ScheduleError> {
    let unreadable = groups::unreadable(tx, org, owner, wanted).await?;
    unreadable.map_or(Ok(()), |group| Err(ScheduleError::NoSuchGroup(group)))
}

/// Values as words with spaces between.
fn words<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Selects the schedules in reach. More conditions may follow.
fn select(reach: Reach) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::new(SELECT);
    push_in_reach(&mut sql, &NAMED, reach);
    sql
}
