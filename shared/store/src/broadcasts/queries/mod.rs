//! The queries of broadcasts.

use contracts::{BroadcastId, GroupId, MessageId, MtState, OrgId, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::accounts::rows::{lock_org, name_key};
use super::groups;
use super::reach::{Rows, push_in_reach};
use super::search::push_pattern;
use super::{Database, Db, Tx, batches, dialect};
use crate::broadcasts::MOST_BROADCASTS;
use crate::column::{parsed, parsed_if, small, small_if, storable, to_json};
use crate::error::failed;
use crate::statement::{ROWS, pieces};
use crate::{
    Broadcast, BroadcastChange, BroadcastError, BroadcastOrder, BroadcastProgress,
    BroadcastRecipient, BroadcastState, ExpectedAudience, NamePage, NamePlace, NewBroadcast,
    PersonalField, Personalia, Reach, StoreError, ZoneShare,
};

mod rows;

use rows::RecipientRow;
pub(super) use rows::{BroadcastRow, MemberRow, SELECT};

const READING: &str = "reading broadcasts";
const MAKING: &str = "making a broadcast";
const CHANGING: &str = "changing a broadcast";
/// Whose a broadcast is, under the name `b`.
const NAMED: Rows = Rows::Owned("b.org", "b.owner");
/// The same without a name.
const OWNED: Rows = Rows::Owned("org", "owner");

impl Database {
    pub(crate) async fn create_broadcast(
        &self,
        reach: Reach,
        new: &NewBroadcast,
        at: Timestamp,
    ) -> Result<Broadcast, BroadcastError> {
        reach.must_own(new.owner, MAKING)?;
        let mut tx = self.begin(MAKING).await?;
        // From here on another one who makes a broadcast waits, so they are counted rightly.
        lock_org(&mut tx, reach.org, at).await?;
        super::services::must_be_known(&mut tx, reach.org, new.owner).await?;
        let sql = "SELECT count(*) FROM broadcasts WHERE org = $1 AND owner = $2";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
        let count = count.bind(new.owner.to_string()).fetch_one(&mut *tx).await;
        if count.map_err(failed(MAKING))? >= i64::from(MOST_BROADCASTS) {
            return Err(BroadcastError::TooMany);
        }
        must_be_readable(&mut tx, reach.org, new.owner, &new.groups).await?;
        let id = BroadcastId::new();
        let name = storable(&new.name);
        let mut sql = QueryBuilder::<Db>::new(
            "INSERT INTO broadcasts (id, org, owner, name, name_key, message, group_ids, numbers, \
             starts, zone, pace, pace_seconds, quiet, state, version, candidates, recipients, \
             duplicates, opted_out, unusable, handed, in_hand, tests, created_at, updated_at) \
             VALUES (",
        );
        let mut row = sql.separated(", ");
        row.push_bind(id.to_string());
        row.push_bind(reach.org.to_string());
        row.push_bind(new.owner.to_string());
        row.push_bind(name.clone());
        row.push_bind(name_key(&name));
        row.push_bind(to_json("the message of a broadcast", &new.message)?);
        row.push_bind(words(&new.groups));
        row.push_bind(i64::try_from(new.numbers.len()).unwrap_or(i64::MAX));
        row.push_bind(new.plan.starts.as_deref().map(storable));
        row.push_bind(storable(&new.plan.zone));
        row.push_bind(new.plan.pace.map(|pace| i64::from(pace.messages)));
        row.push_bind(new.plan.pace.map(|pace| i64::from(pace.per.seconds())));
        row.push_bind(new.plan.quiet.map(|quiet| quiet.to_string()));
        row.push_bind(BroadcastState::Draft.as_str());
        row.push_bind(1_i64);
        // What is counted: nothing yet.
        for _ in 0..8 {
            row.push_bind(0_i64);
        }
        row.push_bind(at.as_micros());
        row.push_bind(at.as_micros());
        sql.push(") ON CONFLICT (org, owner, name_key) DO NOTHING");
        let made = sql.build().execute(&mut *tx).await.map_err(failed(MAKING))?;
        if made.rows_affected() == 0 {
            return Err(BroadcastError::NameTaken(name));
        }
        write_numbers(&mut tx, id, &new.numbers).await?;
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(MAKING))?;
        let made = self.broadcast(reach, id).await?;
        made.ok_or(BroadcastError::Store(StoreError::OutOfReach { doing: MAKING }))
    }

    pub(crate) async fn broadcasts(
        &self,
        reach: Reach,
        search: Option<&str>,
        page: &NamePage,
    ) -> Result<(Vec<Broadcast>, Option<NamePlace>), StoreError> {
        let mut sql = select(reach);
        if let Some(text) = search.filter(|text| !text.trim().is_empty()) {
            sql.push(" AND b.name_key");
            push_pattern(&mut sql, text);
        }
        self.page_by_name::<BroadcastRow, Broadcast>(sql, "b", Broadcast::place, page, READING)
            .await
    }

    pub(crate) async fn broadcast(
        &self,
        reach: Reach,
        id: BroadcastId,
    ) -> Result<Option<Broadcast>, StoreError> {
        let mut sql = select(reach);
        sql.push(" AND b.id = ").push_bind(id.to_string());
        let row = sql.build_query_as::<BroadcastRow>().fetch_optional(&self.read).await;
        row.map_err(failed(READING))?.map(Broadcast::try_from).transpose()
    }

    pub(crate) async fn change_broadcast(
        &self,
        reach: Reach,
        id: BroadcastId,
        change: &BroadcastChange,
        at: Timestamp,
    ) -> Result<Option<Broadcast>, BroadcastError> {
        let mut tx = self.begin(CHANGING).await?;
        // Two that are to be called the same take turns.
        lock_org(&mut tx, reach.org, at).await?;
        let mut sql =
            QueryBuilder::<Db>::new("UPDATE broadcasts SET version = version + 1, updated_at = ");
        sql.push_bind(at.as_micros());
        if let Some(message) = &change.message {
            let message = to_json("the message of a broadcast", message)?;
            sql.push(", message = ").push_bind(message);
        }
        if let Some(groups) = &change.groups {
            sql.push(", group_ids = ").push_bind(words(groups));
        }
        if let Some(numbers) = &change.numbers {
            let count = i64::try_from(numbers.len()).unwrap_or(i64::MAX);
            sql.push(", numbers = ").push_bind(count);
        }
        if let Some(plan) = &change.plan {
            sql.push(", starts = ").push_bind(plan.starts.as_deref().map(storable));
            sql.push(", zone = ").push_bind(storable(&plan.zone));
            sql.push(", pace = ").push_bind(plan.pace.map(|pace| i64::from(pace.messages)));
            sql.push(", pace_seconds = ");
            sql.push_bind(plan.pace.map(|pace| i64::from(pace.per.seconds())));
            sql.push(", quiet = ").push_bind(plan.quiet.map(|quiet| quiet.to_string()));
            sql.push(", state = ").push_bind(BroadcastState::Draft.as_str());
            sql.push(", next_at = NULL");
        }
        sql.push(" WHERE id = ").push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        let states = [BroadcastState::Draft, BroadcastState::Scheduled];
        push_states(&mut sql, if change.drafts_only { &states[..1] } else { &states });
        sql.push(" RETURNING owner");
        let owner = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        let Some(owner) = owner.map_err(failed(CHANGING))? else {
            drop(tx);
            let found = self.broadcast(reach, id).await?;
            return found.map_or(Ok(None), |found| Err(BroadcastError::In(found.state)));
        };
        if let Some(groups) = &change.groups {
            let owner = parsed("broadcasts.owner", &owner)?;
            must_be_readable(&mut tx, reach.org, owner, groups).await?;
        }
        if let Some(name) = &change.name {
            let sql = "UPDATE broadcasts SET name = $2, name_key = $3 WHERE id = $1 AND NOT EXISTS \
                       (SELECT 1 FROM broadcasts o WHERE o.id <> broadcasts.id \
                       AND o.org = broadcasts.org AND o.owner = broadcasts.owner \
                       AND o.name_key = $3)";
            let update = sqlx::query(sql).bind(id.to_string());
            let update = update.bind(storable(name)).bind(name_key(name));
            let done = update.execute(&mut *tx).await.map_err(failed(CHANGING))?;
            if done.rows_affected() == 0 {
                return Err(BroadcastError::NameTaken(name.clone()));
            }
        }
        if let Some(numbers) = &change.numbers {
            let sql = "DELETE FROM broadcast_numbers WHERE broadcast = $1";
            let delete = sqlx::query(sql).bind(id.to_string()).execute(&mut *tx).await;
            delete.map_err(failed(CHANGING))?;
            write_numbers(&mut tx, id, numbers).await?;
        }
        tx.commit().await.map_err(failed(CHANGING))?;
        Ok(self.broadcast(reach, id).await?)
    }

    pub(crate) async fn order_broadcast(
        &self,
        reach: Reach,
        id: BroadcastId,
        order: BroadcastOrder,
        at: Timestamp,
    ) -> Result<Option<Broadcast>, BroadcastError> {
        use BroadcastState::{Cancelled, Draft, Finished, Paused, Running, Scheduled};
        if order == BroadcastOrder::Pause {
            // What waits for its time is to be started anew.
            let mut sql = ordered(Draft, at);
            sql.push(", next_at = NULL");
            self.give(sql, reach, id, (&[Scheduled], None)).await?;
        }
        let from: &[BroadcastState] = match order {
            BroadcastOrder::Start(_) => &[Draft],
            BroadcastOrder::Pause => &[Running],
            BroadcastOrder::Resume => &[Paused],
            BroadcastOrder::Cancel => &[Draft, Scheduled, Running, Paused],
        };
        let sql = match order {
            BroadcastOrder::Start(Some(time)) => {
                let mut sql = ordered(Scheduled, at);
                sql.push(", trouble = NULL, next_at = ").push_bind(time.as_micros());
                sql.push(", read_part = 0, read_after = ''");
                sql
            }
            BroadcastOrder::Start(None) => {
                let mut sql = ordered(Running, at);
                sql.push(", trouble = NULL, next_at = ").push_bind(at.as_micros());
                sql.push(", started_at = ").push_bind(at.as_micros());
                sql.push(", read_part = 0, read_after = ''");
                sql
            }
            BroadcastOrder::Pause => {
                let mut sql = ordered(Paused, at);
                sql.push(", next_at = NULL, untold_at = ").push_bind(at.as_micros());
                sql
            }
            BroadcastOrder::Resume => {
                let mut sql = ordered(Running, at);
                sql.push(", trouble = NULL, next_at = ").push_bind(at.as_micros());
                sql.push(", started_at = COALESCE(started_at, ").push_bind(at.as_micros());
                sql.push("), untold_at = ").push_bind(at.as_micros());
                sql
            }
            BroadcastOrder::Cancel => {
                let mut sql = ordered(Cancelled, at);
                sql.push(", next_at = NULL, finished_at = ").push_bind(at.as_micros());
                sql.push(", untold_at = ").push_bind(at.as_micros());
                sql
            }
        };
        let ends = (order == BroadcastOrder::Cancel).then_some(at);
        let given = self.give(sql, reach, id, (from, ends)).await?;
        let Some(found) = self.broadcast(reach, id).await? else { return Ok(None) };
        let is_so = match order {
            BroadcastOrder::Start(_) | BroadcastOrder::Resume => {
                matches!(found.state, Scheduled | Running | Finished)
            }
            BroadcastOrder::Pause => matches!(found.state, Paused | Draft),
            BroadcastOrder::Cancel => found.state == Cancelled,
        };
        if given || is_so { Ok(Some(found)) } else { Err(BroadcastError::In(found.state)) }
    }

    /// Changes a broadcast that is in one of these states, and has its batches end with what came of them if no more comes. Returns
    /// false when there is none.
    async fn give(
        &self,
        mut sql: QueryBuilder<Db>,
        reach: Reach,
        id: BroadcastId,
        (from, ends): (&[BroadcastState], Option<Timestamp>),
    ) -> Result<bool, StoreError> {
        sql.push(" WHERE id = ").push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        push_states(&mut sql, from);
        sql.push(" RETURNING name");
        let mut tx = self.begin(CHANGING).await?;
        let name = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        let Some(name) = name.map_err(failed(CHANGING))? else { return Ok(false) };
        if let Some(at) = ends {
            batches::cut(&mut tx, &id.to_string(), at).await?;
        }
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(CHANGING))?;
        Ok(true)
    }

    pub(crate) async fn remove_broadcast(
        &self,
        reach: Reach,
        id: BroadcastId,
    ) -> Result<bool, BroadcastError> {
        use BroadcastState::{Cancelled, Draft, Finished};
        let mut sql = QueryBuilder::<Db>::new("DELETE FROM broadcasts WHERE id = ");
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        push_states(&mut sql, &[Draft, Finished, Cancelled]);
        sql.push(" RETURNING name");
        let doing = "removing a broadcast";
        let mut tx = self.begin(doing).await?;
        let name = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        if let Some(name) = name.map_err(failed(doing))? {
            tx.about(&id, &name);
            tx.commit().await.map_err(failed(doing))?;
            return Ok(true);
        }
        drop(tx);
        let found = self.broadcast(reach, id).await?;
        found.map_or(Ok(false), |found| Err(BroadcastError::In(found.state)))
    }

    pub(crate) async fn broadcast_audience(
        &self,
        reach: Reach,
        id: BroadcastId,
    ) -> Result<Option<ExpectedAudience>, StoreError> {
        let Some(broadcast) = self.broadcast(reach, id).await? else { return Ok(None) };
        let mut sql = QueryBuilder::<Db>::new("SELECT count(*)");
        push_members(&mut sql, &broadcast, &broadcast.groups);
        let members = sql.build_query_scalar::<i64>().fetch_one(&self.read).await;
        let members: u32 = small("count(contacts)", members.map_err(failed(READING))?)?;
        let count = members.saturating_add(broadcast.numbers);
        for group in &broadcast.groups {
            let mut sql = members_after(&broadcast, *group, "", 1);
            let first = sql.build_query_as::<MemberRow>().fetch_optional(&self.read).await;
            if let Some(first) = first.map_err(failed(READING))? {
                let first = Some(first.personalia()?);
                return Ok(Some(ExpectedAudience { count, first }));
            }
        }
        let sql =
            "SELECT number FROM broadcast_numbers WHERE broadcast = $1 ORDER BY place LIMIT 1";
        let first = sqlx::query_scalar::<_, String>(sql).bind(id.to_string());
        let first = first.fetch_optional(&self.read).await.map_err(failed(READING))?;
        let first = first.map(|number| Personalia { number, ..Personalia::default() });
        Ok(Some(ExpectedAudience { count, first }))
    }

    pub(crate) async fn broadcast_has(
        &self,
        reach: Reach,
        id: BroadcastId,
        field: PersonalField,
    ) -> Result<bool, StoreError> {
        let Some(broadcast) = self.broadcast(reach, id).await? else { return Ok(false) };
        let column = match field {
            PersonalField::Name => "c.name",
            PersonalField::Number => "c.number",
            PersonalField::Email => "c.email",
            PersonalField::Note => "c.note",
        };
        let mut sql = QueryBuilder::<Db>::new("SELECT c.id");
        push_members(&mut sql, &broadcast, &broadcast.groups);
        sql.push(format!(" AND {column} <> '' LIMIT 1"));
        let found = sql.build_query_scalar::<String>().fetch_optional(&self.read).await;
        Ok(found.map_err(failed(READING))?.is_some())
    }

    pub(crate) async fn broadcast_has_own(
        &self,
        reach: Reach,
        id: BroadcastId,
        name: &str,
    ) -> Result<bool, StoreError> {
        let Some(broadcast) = self.broadcast(reach, id).await? else { return Ok(false) };
        // As a name stands in the JSON that contacts have; what is empty is not kept there.
        let key = format!("{}:", to_json("the name of a field", &name)?);
        let mut sql = QueryBuilder::<Db>::new("SELECT c.id");
        push_members(&mut sql, &broadcast, &broadcast.groups);
        sql.push(" AND ").push(dialect::PLACE_IN).push("(c.fields, ").push_bind(key);
        sql.push(") > 0 LIMIT 1");
        let found = sql.build_query_scalar::<String>().fetch_optional(&self.read).await;
        Ok(found.map_err(failed(READING))?.is_some())
    }

    pub(crate) async fn broadcast_recipients(
        &self,
        reach: Reach,
        id: BroadcastId,
        after: Option<u32>,
        left_out: bool,
        limit: u32,
    ) -> Result<Vec<BroadcastRecipient>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT r.place, r.number, r.recipient, r.left_out, r.handed FROM broadcasts b \
             JOIN broadcast_recipients r ON r.broadcast = b.id WHERE b.id = ",
        );
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &NAMED, reach);
        sql.push(" AND r.place > ").push_bind(after.map_or(-1, i64::from));
        if left_out {
            sql.push(" AND r.left_out IS NOT NULL");
        }
        sql.push(" ORDER BY r.place LIMIT ").push_bind(i64::from(limit));
        let rows = sql.build_query_as::<RecipientRow>().fetch_all(&self.read).await;
        let mut found = Vec::new();
        for row in rows.map_err(failed(READING))? {
            let recipient: Option<u32> =
                small_if("broadcast_recipients.recipient", row.recipient.filter(|_| row.handed))?;
            found.push(BroadcastRecipient {
                place: small("broadcast_recipients.place", row.place)?,
                number: row.number,
                left_out: parsed_if("broadcast_recipients.left_out", row.left_out.as_deref())?,
                message: recipient.map(|recipient| id.message(recipient)),
                state: None,
            });
        }
        let ids: Vec<MessageId> = found.iter().filter_map(|one| one.message).collect();
        let states = self.message_states(reach, &ids).await?;
        for one in &mut found {
            one.state = one.message.and_then(|message| states.get(&message).copied());
        }
        Ok(found)
    }

    pub(crate) async fn broadcast_progress(
        &self,
        reach: Reach,
        id: BroadcastId,
    ) -> Result<BroadcastProgress, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT t.batch FROM broadcasts b JOIN broadcast_batches t ON t.broadcast = b.id \
             WHERE b.id = ",
        );
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &NAMED, reach);
        sql.push(" ORDER BY t.place");
        let batches = sql.build_query_scalar::<String>().fetch_all(&self.read).await;
        let mut progress = BroadcastProgress::default();
        for batch in batches.map_err(failed(READING))? {
            let batch = parsed("broadcast_batches.batch", &batch)?;
            progress.batches.push(batch);
            for (state, count) in self.batch(reach, batch).await? {
                add(&mut progress.states, state, count);
            }
        }
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT z.zone, z.remaining FROM broadcasts b JOIN broadcast_zones z \
             ON z.broadcast = b.id WHERE b.id = ",
        );
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &NAMED, reach);
        sql.push(" AND z.remaining > 0 ORDER BY z.zone");
        let zones = sql.build_query_as::<(String, i64)>().fetch_all(&self.read).await;
        for (zone, remaining) in zones.map_err(failed(READING))? {
            let remaining = small("broadcast_zones.remaining", remaining)?;
            progress.waiting.push(ZoneShare { zone, remaining });
        }
        Ok(progress)
    }

    pub(crate) async fn note_broadcast_test(
        &self,
        reach: Reach,
        id: BroadcastId,
    ) -> Result<bool, StoreError> {
        let mut sql =
            QueryBuilder::<Db>::new("UPDATE broadcasts SET tests = tests + 1 WHERE id = ");
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        let done = sql.build().execute(&self.write).await;
        let doing = "noting that the text of a broadcast was tested";
        Ok(done.map_err(failed(doing))?.rows_affected() > 0)
    }
}

/// Adds messages in a state to those that are counted.
fn add(states: &mut Vec<(MtState, u64)>, state: MtState, count: u64) {
    match states.iter_mut().find(|(known, _)| *known == state) {
        Some((_, known)) => *known += count,
        None => states.push((state, count)),
    }
}

/// Begins a statement by which a broadcast comes into a state. More may be set, and a condition has to follow.
fn ordered(state: BroadcastState, at: Timestamp) -> QueryBuilder<Db> {
    let mut sql =
        QueryBuilder::<Db>::new("UPDATE broadcasts SET version = version + 1, updated_at = ");
    sql.push_bind(at.as_micros());
    sql.push(", state = ").push_bind(state.as_str());
    sql
}

/// Adds the condition that a broadcast is in one of these states.
fn push_states(sql: &mut QueryBuilder<Db>, states: &[BroadcastState]) {
    sql.push(" AND state IN (");
    let mut list = sql.separated(", ");
    for state in states {
        list.push_bind(state.as_str());
    }
    sql.push(")");
}

/// Adds where the contacts in groups of a broadcast are read, as far as its owner may read both. More conditions may follow.
fn push_members(sql: &mut QueryBuilder<Db>, broadcast: &Broadcast, wanted: &[GroupId]) {
    let reach = Reach::own(broadcast.org, broadcast.owner);
    sql.push(
        " FROM contact_groups g JOIN contact_group_members m ON m.contact_group = g.id \
         JOIN contacts c ON c.id = m.contact WHERE ",
    );
    push_in_reach(sql, &groups::LENT, reach);
    sql.push(" AND ");
    push_in_reach(sql, &Rows::Lent("c.org", "c.owner"), reach);
    sql.push(" AND g.id IN (");
    // Of few sizes, so that there are few statements; and an empty list would be none.
    let mut list = sql.separated(", ");
    for place in 0..wanted.len().next_power_of_two() {
        list.push_bind(wanted.get(place).map(ToString::to_string).unwrap_or_default());
    }
    sql.push(")");
}

/// Begins and ends a statement that reads [`MemberRow`] of one group, in the order of their ids.
pub(super) fn members_after(
    broadcast: &Broadcast,
    group: GroupId,
    after: &str,
    limit: u32,
) -> QueryBuilder<Db> {
    let mut sql =
        QueryBuilder::<Db>::new("SELECT c.id, c.number, c.name, c.email, c.note, c.fields");
    push_members(&mut sql, broadcast, &[group]);
    sql.push(" AND m.contact > ").push_bind(after.to_owned());
    sql.push(" ORDER BY m.contact LIMIT ").push_bind(i64::from(limit));
    sql
}

/// Writes down the numbers of a broadcast that has none.
async fn write_numbers(tx: &mut Tx, id: BroadcastId, numbers: &[String]) -> Result<(), StoreError> {
    let placed: Vec<(i64, &String)> = (0_i64..).zip(numbers).collect();
    for some in pieces(&placed, ROWS) {
        let mut sql =
            QueryBuilder::<Db>::new("INSERT INTO broadcast_numbers (broadcast, place, number) ");
        sql.push_values(some, |mut row, (place, number)| {
            row.push_bind(id.to_string()).push_bind(*place).push_bind(storable(number));
        });
        sql.build().execute(&mut **tx).await.map_err(failed(CHANGING))?;
    }
    Ok(())
}

/// Refuses groups that are not there or that an account may not read.
async fn must_be_readable(
    tx: &mut Tx,
    org: OrgId,
    owner: UserId,
    wanted: &[GroupId],
) -> Result<(), BroadcastError> {
    let unreadable = groups::unreadable(tx, org, owner, wanted).await?;
    unreadable.map_or(Ok(()), |group| Err(BroadcastError::NoSuchGroup(group)))
}

/// Values as words with spaces between.
fn words<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Selects the broadcasts in reach. More conditions may follow.
fn select(reach: Reach) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::new(SELECT);
    push_in_reach(&mut sql, &NAMED, reach);
    sql
}
