//! The queries by which messages are read.

use std::collections::{BTreeSet, HashMap};

use contracts::{Address, BatchId, MessageId, MtState, PhoneNumber};
use sqlx::QueryBuilder;

use super::conversations::push_writings;
use super::paging::Order;
use super::reach::{Rows, push_in_reach};
use super::search::{Found, Searched, push_found, push_table};
use super::{Database, Db, dialect};
use crate::column::parsed;
use crate::error::failed;
use crate::messages::names::request_of;
use crate::statement::{LIST, pieces};
use crate::{
    Cursor, Message, MessageDetail, MessageFilter, MessagePage, Page, Part, Reach, StoreError,
    TimelineEntry,
};

mod rows;

use rows::{MessageRow, PartRow, TimelineRow, message_columns};

const DOING: &str = "reading messages";

/// The most parts of a list that are each read in the order of an index.
const MOST_PARTS: usize = 64;

const SEARCHED: Searched = Searched { table: "messages", number: "recipient" };

const NEWEST_FIRST: Order<Message> = Order { time: "created_at", place: Message::cursor };

impl Database {
    pub(crate) async fn messages(
        &self,
        reach: Reach,
        filter: &MessageFilter,
        page: Page,
    ) -> Result<MessagePage, StoreError> {
        let found = match &filter.search {
            None => None,
            Some(search) => match self.find(SEARCHED, search, DOING).await? {
                None => return Ok(MessagePage { messages: Vec::new(), next: None }),
                found => found,
            },
        };
        // The messages of a batch are in the order of an index by their states, too.
        let of_a_batch = MtState::ALL.as_slice();
        let states = match filter.states.as_slice() {
            [] if filter.batch.is_some() => of_a_batch,
            states => states,
        };
        let states: BTreeSet<&str> = states.iter().map(|state| state.as_str()).collect();
        let states: Vec<&str> = states.into_iter().collect();
        // What is found is little; otherwise the messages of each account of a manager's teams are in the order of an index.
        let per_reach = states.len().max(1);
        let mut reaches = if found.is_some() { vec![reach] } else { self.apart(reach).await? };
        if reaches.len() * per_reach > MOST_PARTS {
            reaches = vec![reach];
        }
        let select = |sql: &mut QueryBuilder<Db>, part: usize| {
            let of = reaches.get(part / per_reach).copied().unwrap_or(reach);
            push_select_in_reach(sql, of, found.as_ref());
            if let Some(state) = states.get(part % per_reach) {
                sql.push(" AND state = ").push_bind(*state);
            }
            if let Some(to) = &filter.to {
                sql.push(" AND recipient = ").push_bind(to.to_string());
            }
            if let Some(sim) = filter.sim {
                sql.push(" AND sim = ").push_bind(sim.to_string());
            }
            if let Some(owner) = filter.owner {
                sql.push(" AND owner = ").push_bind(owner.to_string());
            }
            if let Some(batch) = filter.batch {
                sql.push(" AND batch = ").push_bind(batch.to_string());
            }
            if let Some(since) = filter.since {
                sql.push(" AND created_at >= ").push_bind(since.as_micros());
            }
            if let Some(until) = filter.until {
                sql.push(" AND created_at < ").push_bind(until.as_micros());
            }
            if let Some(numbers) = &filter.numbers {
                sql.push(" AND number >= ").push_bind(*numbers.start());
                sql.push(" AND number <= ").push_bind(*numbers.end());
            }
            if let Some(found) = &found {
                push_found(sql, SEARCHED, found);
            }
        };
        let parts = reaches.len() * per_reach;
        let (messages, next) =
            self.page::<MessageRow, _>(parts, select, &NEWEST_FIRST, page, DOING).await?;
        Ok(MessagePage { messages, next })
    }

    pub(crate) async fn batch(
        &self,
        reach: Reach,
        batch: BatchId,
    ) -> Result<Vec<(MtState, u64)>, StoreError> {
        let mut sql =
            QueryBuilder::<Db>::new("SELECT state, COUNT(*) FROM messages WHERE batch = ");
        sql.push_bind(batch.to_string()).push(" AND ");
        push_in_reach(&mut sql, &Rows::Sent(""), reach);
        // Whatever is of a batch was requested.
        sql.push(" GROUP BY state ORDER BY state");
        let rows = sql.build_query_as::<(String, i64)>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed("counting a batch"))?;
        Ok(rows
            .into_iter()
            .map(|(state, count)| (MtState::from_name(&state), count.unsigned_abs()))
            .collect())
    }

    pub(crate) async fn message_states(
        &self,
        reach: Reach,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, MtState>, StoreError> {
        let mut states = HashMap::with_capacity(ids.len());
        for some in pieces(ids, LIST) {
            let mut sql = QueryBuilder::<Db>::new("SELECT id, state FROM messages WHERE ");
            push_in_reach(&mut sql, &Rows::Sent(""), reach);
            sql.push(" AND request IS NOT NULL AND id IN (");
            let mut list = sql.separated(", ");
            for id in some {
                list.push_bind(id.to_string());
            }
            sql.push(")");
            let rows = sql.build_query_as::<(String, String)>().fetch_all(&self.read).await;
            for (id, state) in rows.map_err(failed(DOING))? {
                states.insert(parsed("messages.id", &id)?, MtState::from_name(&state));
            }
        }
        Ok(states)
    }

    pub(crate) async fn message(
        &self,
        reach: Reach,
        id: MessageId,
    ) -> Result<Option<Message>, StoreError> {
        let mut sql = QueryBuilder::new("");
        push_select_in_reach(&mut sql, reach, None);
        sql.push(" AND id = ").push_bind(id.to_string());
        let row = sql.build_query_as::<MessageRow>().fetch_optional(&self.read).await;
        row.map_err(failed(DOING))?.map(Message::try_from).transpose()
    }

    /// Returns those of these messages that are in reach.
    pub(super) async fn messages_of(
        &self,
        reach: Reach,
        ids: &[String],
    ) -> Result<Vec<Message>, StoreError> {
        let mut sql = QueryBuilder::new("");
        push_select_in_reach(&mut sql, reach, None);
        sql.push(" AND id IN (");
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(id.clone());
        }
        sql.push(")");
        let rows = sql.build_query_as::<MessageRow>().fetch_all(&self.read).await;
        rows.map_err(failed(DOING))?.into_iter().map(Message::try_from).collect()
    }

    /// Returns a page of the messages in reach to a number, in whatever writing, newest first.
    pub(super) async fn messages_with_phone(
        &self,
        reach: Reach,
        number: &PhoneNumber,
        page: Page,
    ) -> Result<(Vec<Message>, Option<Cursor>), StoreError> {
        let with = Address::Number(number.clone());
        let reaches = self.apart(reach).await?;
        let select = |sql: &mut QueryBuilder<Db>, part: usize| {
            let reach = reaches.get(part).copied().unwrap_or(reach);
            sql.push(concat!("SELECT ", message_columns!(), " FROM messages"));
            let is_own = reach.sends_for().is_some();
            let index = if is_own { "messages_owner_phone" } else { "messages_phone" };
            sql.push(dialect::along(index)).push(" WHERE ");
            push_in_reach(sql, &Rows::Sent(""), reach);
            sql.push(" AND request IS NOT NULL");
            push_writings(sql, "recipient", &with);
        };
        self.page::<MessageRow, _>(reaches.len(), select, &NEWEST_FIRST, page, DOING).await
    }

    pub(crate) async fn message_detail(
        &self,
        reach: Reach,
        id: MessageId,
    ) -> Result<Option<MessageDetail>, StoreError> {
        let Some(mut message) = self.message(reach, id).await? else { return Ok(None) };
        let key = id.to_string();
        // State and timeline are to be of one moment: when the message changed in between, all of it is read again.
        let (timeline, parts) = loop {
            let sql = "SELECT at, round, stream_seq, change_json FROM timeline \
                       WHERE message = $1 ORDER BY round, stream_seq, at, event_key";
            let timeline = sqlx::query_as::<_, TimelineRow>(sql).bind(key.clone());
            let timeline = timeline.fetch_all(&self.read).await.map_err(failed(DOING))?;
            let sql = "SELECT part, reference, modem, sim, sent_at, report_status, report_outcome, \
                       report_text, discharged_at, reported_at FROM message_parts \
                       WHERE message = $1 ORDER BY part";
            let parts = sqlx::query_as::<_, PartRow>(sql).bind(key.clone());
            let parts = parts.fetch_all(&self.read).await.map_err(failed(DOING))?;
            let Some(now) = self.message(reach, id).await? else { return Ok(None) };
            if now == message {
                break (timeline, parts);
            }
            message = now;
        };
        // The message is in reach, so the rest of it is found by its id alone.
        let sql = "SELECT request FROM messages WHERE id = $1";
        let request = sqlx::query_scalar::<_, String>(sql).bind(key);
        let request = request.fetch_one(&self.read).await.map_err(failed(DOING))?;
        let timeline = timeline.into_iter().map(TimelineEntry::try_from);
        let mut timeline = timeline.collect::<Result<Vec<_>, _>>()?;
        // The events of these states are told a moment after they happened: see `projection::state`.
        timeline.sort_by_key(|entry| {
            let before_modems = matches!(
                entry.change.state(),
                MtState::Accepted | MtState::Admitted | MtState::Released
            );
            (entry.round, !before_modems, entry.sequence)
        });
        Ok(Some(MessageDetail {
            message,
            request: request_of(&request)?,
            parts: parts.into_iter().map(Part::try_from).collect::<Result<_, _>>()?,
            timeline,
        }))
    }
}

/// Selects the messages in reach whose request has come, or those of them that were found. More conditions may follow.
fn push_select_in_reach(sql: &mut QueryBuilder<Db>, reach: Reach, found: Option<&Found>) {
    sql.push(concat!("SELECT ", message_columns!(), " FROM "));
    push_table(sql, SEARCHED, found);
    sql.push(" WHERE ");
    push_in_reach(sql, &Rows::Sent(""), reach);
    sql.push(" AND request IS NOT NULL");
}
