//! Counts messages in the transactions that write them.
//!
//! What a message counts for is told by its row alone ([`Row::count`]). Who changes rows takes away what they counted for before and adds what they count for
//! now, so what is written twice counts once, and a transaction that comes to nothing counts nothing.

use std::collections::{BTreeMap, BTreeSet};

use contracts::dlr::Dlr;
use contracts::mo::MoReceived;
use contracts::{MessageId, MtState, Priority, Timestamp};
use sqlx::{AssertSqlSafe, QueryBuilder};

use super::projection::push_list;
use super::{Database, Db, Tx, dialect};
use crate::error::failed;
use crate::messages::names::request_of;
use crate::statement::{LIST, ROWS, pieces};
use crate::tallies::{DAY_GRAIN, HOUR_GRAIN, bin_of, class_of, hour_of};
use crate::{StoreError, StoredEvent, StoredEventBody, StoredRequest};

const DOING: &str = "counting messages";

/// What a message counts for is read from these columns. The request is read only where it says when the message was to be sent.
macro_rules! row {
    () => {
        "SELECT m.id, m.org, m.owner, m.sim, m.priority, m.state, m.parts, m.error_code, \
         m.created_at, m.updated_at, \
         (SELECT max(p.sent_at) FROM message_parts p WHERE p.message = m.id) AS sent_at, \
         CASE WHEN m.request LIKE '%\"not_before\":\"%' THEN m.request END AS request \
         FROM messages m WHERE "
    };
}

/// A row of `messages`.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: String,
    org: String,
    owner: String,
    sim: Option<String>,
    priority: Option<String>,
    state: String,
    parts: Option<i64>,
    error_code: Option<String>,
    created_at: i64,
    updated_at: i64,
    sent_at: Option<i64>,
    request: Option<String>,
}

/// The hour or the day that a message is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    grain: &'static str,
    /// In hours since 1970: that of a day is its first one.
    hour: i64,
}

/// What messages are counted by: a row of `tallies`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Counted {
    org: String,
    slot: Slot,
    owner: String,
    sim: String,
    priority: String,
    state: &'static str,
    error: String,
}

/// What times are counted by: a row of `tally_times`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Timed {
    org: String,
    slot: Slot,
    owner: String,
    sim: String,
    priority: String,
    step: &'static str,
    bin: i64,
}

/// What received messages are counted by: a row of `tally_received`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Heard {
    org: String,
    slot: Slot,
    owner: String,
    sim: String,
}

/// What a transaction changes of what is counted. Its rows are in one order by all, so that no two transactions wait for each other.
#[derive(Debug, Default)]
pub(super) struct Tallies {
    /// Messages, and their parts.
    counted: BTreeMap<Counted, (i64, i64)>,
    /// Messages, and their milliseconds.
    timed: BTreeMap<Timed, (i64, i64)>,
    /// Messages.
    heard: BTreeMap<Heard, i64>,
}

impl Row {
    /// Counts the message so many times: once, or once less.
    fn count(&self, times: i64, tallies: &mut Tallies) {
        let state = MtState::from_name(&self.state);
        let priority = self.priority.as_deref().unwrap_or(Priority::Normal.as_str()).to_owned();
        let (org, owner) = (self.org.clone(), self.owner.clone());
        let hour = Slot::hour(self.created_at);
        // Which SIM a message takes that waits, and what went wrong with it, is not said yet.
        if !state.is_settled() {
            tallies.count(&Counted::waiting(org, hour, owner, priority), times, 0);
            return;
        }
        let sim = self.sim.clone().unwrap_or_default();
        let went_out = matches!(state, MtState::Sent | MtState::Delivered | MtState::Undelivered);
        let parts = if went_out { self.parts.unwrap_or(1) } else { 0 };
        let failed = matches!(
            state,
            MtState::Failed | MtState::Rejected | MtState::Undelivered | MtState::Expired
        );
        let error = self.error_code.as_deref().filter(|_| failed);
        let counted = Counted {
            org: org.clone(),
            slot: hour,
            owner: owner.clone(),
            sim: sim.clone(),
            priority: priority.clone(),
            state: state.as_str(),
            error: error.map(class_of).unwrap_or_default(),
        };
        tallies.count(&counted, times, times * parts);
        let Some(sent_at) = self.sent_at.filter(|_| went_out) else { return };
        let mut time = |step, micros: i64| {
            let millis = u64::try_from(micros / 1_000).unwrap_or(0);
            let timed = Timed {
                org: org.clone(),
                slot: hour,
                owner: owner.clone(),
                sim: sim.clone(),
                priority: priority.clone(),
                step,
                bin: i64::try_from(bin_of(millis)).unwrap_or(0),
            };
            tallies.time(&timed, times, times * i64::try_from(millis).unwrap_or(0));
        };
        time("send", sent_at.saturating_sub(self.begun_at()));
        if state == MtState::Delivered {
            time("deliver", self.updated_at.saturating_sub(sent_at));
        }
    }

    /// When the message might be sent.
    fn begun_at(&self) -> i64 {
        let request = self.request.as_deref().and_then(|request| request_of(request).ok());
        let not_before = request.and_then(|request| request.not_before);
        not_before.map_or(self.created_at, |at| at.as_micros().max(self.created_at))
    }
}

impl Counted {
    fn waiting(org: String, slot: Slot, owner: String, priority: String) -> Self {
        let (sim, error) = (String::new(), String::new());
        Self { org, slot, owner, sim, priority, state: MtState::Accepted.as_str(), error }
    }
}

impl Slot {
    /// The hour of a time.
    const fn hour(micros: i64) -> Self {
        Self { grain: HOUR_GRAIN, hour: hour_of(micros) }
    }

    /// This hour, and its day.
    const fn with_its_day(self) -> [Self; 2] {
        [self, Self { grain: DAY_GRAIN, hour: self.hour.div_euclid(24) * 24 }]
    }
}

impl Tallies {
    fn count(&mut self, counted: &Counted, messages: i64, parts: i64) {
        for slot in counted.slot.with_its_day() {
            let counted = Counted { slot, ..counted.clone() };
            let (all, all_parts) = self.counted.entry(counted).or_default();
            *all += messages;
            *all_parts += parts;
        }
    }

    fn time(&mut self, timed: &Timed, messages: i64, millis: i64) {
        for slot in timed.slot.with_its_day() {
            let (all, all_millis) = self.timed.entry(Timed { slot, ..timed.clone() }).or_default();
            *all += messages;
            *all_millis += millis;
        }
    }

    fn hear(&mut self, heard: &Heard, messages: i64) {
        for slot in heard.slot.with_its_day() {
            *self.heard.entry(Heard { slot, ..heard.clone() }).or_default() += messages;
        }
    }

    /// Counts a request that has a row of its own now.
    pub(super) fn accepted(&mut self, stored: &StoredRequest) {
        let counted = Counted::waiting(
            stored.request.org.to_string(),
            Slot::hour(stored.created_at.as_micros()),
            stored.request.owner.to_string(),
            stored.priority.as_str().to_owned(),
        );
        self.count(&counted, 1, 0);
    }

    /// Counts a received message so many times.
    pub(super) fn heard(&mut self, message: &MoReceived, at: Timestamp, times: i64) {
        let heard = Heard {
            org: message.org.to_string(),
            slot: Slot::hour(at.as_micros()),
            owner: message.owner.map(|owner| owner.to_string()).unwrap_or_default(),
            sim: message.sim.to_string(),
        };
        self.hear(&heard, times);
    }

    /// Counts rows that have their request now, and did not before.
    pub(super) async fn came(&mut self, tx: &mut Tx, ids: &[String]) -> Result<(), StoreError> {
        for row in rows(tx, ids, false).await? {
            row.count(1, self);
        }
        Ok(())
    }

    /// Counts what became of messages: `before` is what [`before`] said of them.
    pub(super) async fn became(&mut self, tx: &mut Tx, before: &[Row]) -> Result<(), StoreError> {
        let ids: Vec<String> = before.iter().map(|row| row.id.clone()).collect();
        for row in before {
            row.count(-1, self);
        }
        self.came(tx, &ids).await
    }

    /// Writes what has changed, as the last thing of a transaction.
    pub(super) async fn write(self, tx: &mut Tx) -> Result<(), StoreError> {
        let counted: Vec<_> = self.counted.into_iter().filter(|(_, n)| *n != (0, 0)).collect();
        for some in pieces(&counted, ROWS) {
            let mut sql = QueryBuilder::<Db>::new(
                "INSERT INTO tallies (org, grain, hour, owner, sim, priority, state, error, messages, parts) ",
            );
            sql.push_values(some, |mut row, (by, (messages, parts))| {
                row.push_bind(by.org.clone())
                    .push_bind(by.slot.grain)
                    .push_bind(by.slot.hour)
                    .push_bind(by.owner.clone())
                    .push_bind(by.sim.clone())
                    .push_bind(by.priority.clone())
                    .push_bind(by.state)
                    .push_bind(by.error.clone())
                    .push_bind(*messages)
                    .push_bind(*parts);
            });
            sql.push(
                " ON CONFLICT (org, grain, hour, owner, sim, priority, state, error) DO UPDATE SET \
                 messages = tallies.messages + excluded.messages, \
                 parts = tallies.parts + excluded.parts",
            );
            sql.build().execute(&mut **tx).await.map_err(failed(DOING))?;
        }
        let timed: Vec<_> = self.timed.into_iter().filter(|(_, n)| *n != (0, 0)).collect();
        for some in pieces(&timed, ROWS) {
            let mut sql = QueryBuilder::<Db>::new(
                "INSERT INTO tally_times (org, grain, hour, owner, sim, priority, step, bin, messages, millis) ",
            );
            sql.push_values(some, |mut row, (by, (messages, millis))| {
                row.push_bind(by.org.clone())
                    .push_bind(by.slot.grain)
                    .push_bind(by.slot.hour)
                    .push_bind(by.owner.clone())
                    .push_bind(by.sim.clone())
                    .push_bind(by.priority.clone())
                    .push_bind(by.step)
                    .push_bind(by.bin)
                    .push_bind(*messages)
                    .push_bind(*millis);
            });
            sql.push(
                " ON CONFLICT (org, grain, hour, owner, sim, priority, step, bin) DO UPDATE SET \
                 messages = tally_times.messages + excluded.messages, \
                 millis = tally_times.millis + excluded.millis",
            );
            sql.build().execute(&mut **tx).await.map_err(failed(DOING))?;
        }
        let heard: Vec<_> = self.heard.into_iter().filter(|(_, n)| *n != 0).collect();
        for some in pieces(&heard, ROWS) {
            let mut sql = QueryBuilder::<Db>::new(
                "INSERT INTO tally_received (org, grain, hour, owner, sim, messages) ",
            );
            sql.push_values(some, |mut row, (by, messages)| {
                row.push_bind(by.org.clone())
                    .push_bind(by.slot.grain)
                    .push_bind(by.slot.hour)
                    .push_bind(by.owner.clone())
                    .push_bind(by.sim.clone())
                    .push_bind(*messages);
            });
            sql.push(
                " ON CONFLICT (org, grain, hour, owner, sim) DO UPDATE SET \
                 messages = tally_received.messages + excluded.messages",
            );
            sql.build().execute(&mut **tx).await.map_err(failed(DOING))?;
        }
        Ok(())
    }
}

/// The rows, which are locked, of messages that may count for something else after these events, as they are before them: those that the events end, and those
/// that ended before and of which an event may tell more.
pub(super) async fn before(tx: &mut Tx, events: &[StoredEvent]) -> Result<Vec<Row>, StoreError> {
    let (mut ending, mut others) = (BTreeSet::new(), BTreeSet::new());
    for stored in events {
        match &stored.body {
            StoredEventBody::Mt(event) if event.change.state().is_settled() => {
                ending.insert(event.message);
            }
            StoredEventBody::Mt(event) => {
                others.insert(event.message);
            }
            StoredEventBody::Dlr(Dlr { message: Some(message), .. }) => {
                others.insert(*message);
            }
            _ => {}
        }
    }
    let text = |ids: BTreeSet<MessageId>| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    let others = text(others.difference(&ending).copied().collect());
    let mut before = rows(tx, &text(ending), false).await?;
    before.extend(rows(tx, &others, true).await?);
    Ok(before)
}

/// The rows of those of these messages that are counted, or of those that are settled too.
async fn rows(tx: &mut Tx, ids: &[String], settled: bool) -> Result<Vec<Row>, StoreError> {
    let mut found = Vec::new();
    for some in pieces(ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new(row!());
        sql.push(if settled { "m.tallied AND m.phase >= 2" } else { "m.tallied" });
        sql.push(" AND m.id IN (");
        push_list(&mut sql, some);
        sql.push(")");
        let rows = sql.build_query_as::<Row>().fetch_all(&mut **tx).await;
        found.extend(rows.map_err(failed(DOING))?);
    }
    Ok(found)
}

impl Database {
    pub(crate) async fn give_tallies(&self, limit: u32) -> Result<u64, StoreError> {
        let sent = again!(self.tally_sent(limit))?;
        let received = again!(self.tally_inbox(limit))?;
        Ok(sent + received)
    }

    async fn tally_sent(&self, limit: u32) -> Result<u64, StoreError> {
        let sql = format!(
            "{}m.tallied IS NULL AND m.request IS NOT NULL ORDER BY m.id LIMIT $1 {}",
            row!(),
            dialect::SKIP_LOCKED
        );
        let mut tx = self.begin(DOING).await?;
        // The text is made of constants of this crate only.
        let rows = sqlx::query_as::<_, Row>(AssertSqlSafe(sql)).bind(i64::from(limit));
        let rows = rows.fetch_all(&mut *tx).await.map_err(failed(DOING))?;
        let mut tallies = Tallies::default();
        for row in &rows {
            row.count(1, &mut tallies);
        }
        let ids: Vec<String> = rows.into_iter().map(|row| row.id).collect();
        let counted = note(&mut tx, "UPDATE messages SET tallied = ", &ids).await?;
        tallies.write(&mut tx).await?;
        tx.commit().await.map_err(failed(DOING))?;
        Ok(counted)
    }

    async fn tally_inbox(&self, limit: u32) -> Result<u64, StoreError> {
        let sql = format!(
            "SELECT id, org, COALESCE(owner, ''), sim, received_at FROM inbox \
             WHERE tallied IS NULL ORDER BY id LIMIT $1 {}",
            dialect::SKIP_LOCKED
        );
        let mut tx = self.begin(DOING).await?;
        // The text is made of constants of this crate only.
        let rows = sqlx::query_as::<_, (String, String, String, String, i64)>(AssertSqlSafe(sql));
        let rows = rows.bind(i64::from(limit)).fetch_all(&mut *tx).await;
        let mut tallies = Tallies::default();
        let mut ids = Vec::new();
        for (id, org, owner, sim, received_at) in rows.map_err(failed(DOING))? {
            tallies.hear(&Heard { org, slot: Slot::hour(received_at), owner, sim }, 1);
            ids.push(id);
        }
        let counted = note(&mut tx, "UPDATE inbox SET tallied = ", &ids).await?;
        tallies.write(&mut tx).await?;
        tx.commit().await.map_err(failed(DOING))?;
        Ok(counted)
    }
}

/// Notes that these are counted.
async fn note(tx: &mut Tx, update: &'static str, ids: &[String]) -> Result<u64, StoreError> {
    let mut counted = 0;
    for some in pieces(ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new(update);
        sql.push_bind(true).push(" WHERE id IN (");
        push_list(&mut sql, some);
        sql.push(")");
        let done = sql.build().execute(&mut **tx).await.map_err(failed(DOING))?;
        counted += done.rows_affected();
    }
    Ok(counted)
}
