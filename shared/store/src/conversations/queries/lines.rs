//! The queries of one conversation, and of what was read of it.

use contracts::{Address, EventId, MessageId, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::super::reach::{Rows, push_in_reach};
use super::super::{Database, Db, dialect};
use super::{padded, phone_of, push_texts};
use crate::column::{parsed, parsed_if, time};
use crate::error::failed;
use crate::{Cursor, Line, LinePage, Message, MissedCall, Page, Reach, Reader, StoreError};

const READING: &str = "reading a conversation";
const MARKING: &str = "noting what was read";

/// The most writings of one number.
const MOST_WRITINGS: usize = 8;

impl Database {
    pub(crate) async fn conversation(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
        page: Page,
    ) -> Result<LinePage, StoreError> {
        let mut lines = Vec::new();
        let mut more = false;
        if reader.sent {
            let (sent, next) = self.messages_with(reach, with, page).await?;
            more |= next.is_some();
            lines.extend(sent.into_iter().map(|message| Line::Sent(Box::new(message))));
        }
        let (received, next) = self.received_with(reach, with, page).await?;
        more |= next.is_some();
        lines.extend(received.into_iter().map(|message| Line::Received(Box::new(message))));
        let missed = self.missed_calls(reach, with, &lines, page).await?;
        lines.extend(missed.into_iter().map(Line::Missed));
        if self.conversation_is_there(reach, reader, with).await? {
            let notes = self.notes_with(reach, with, page).await?;
            lines.extend(notes.into_iter().map(Line::Note));
        }
        lines.sort_by_key(|line| {
            let Cursor { at, id } = line.cursor();
            std::cmp::Reverse((at, id))
        });
        let rows = page.rows();
        more |= lines.len() > rows;
        lines.truncate(rows);
        let next = lines.last().filter(|_| more).map(Line::cursor);
        Ok(LinePage { lines, next })
    }

    async fn messages_with(
        &self,
        reach: Reach,
        with: &Address,
        page: Page,
    ) -> Result<(Vec<Message>, Option<Cursor>), StoreError> {
        // Nothing is sent to a name.
        let Address::Number(number) = with else { return Ok((Vec::new(), None)) };
        self.messages_with_phone(reach, number, page).await
    }

    /// Reads the calls from a number that nobody answered, to SIMs whose messages are read. A number calls in one of the
    /// writings in which it writes.
    async fn missed_calls(
        &self,
        reach: Reach,
        with: &Address,
        lines: &[Line],
        page: Page,
    ) -> Result<Vec<MissedCall>, StoreError> {
        let Address::Number(number) = with else { return Ok(Vec::new()) };
        let mut writings = vec![number.to_string()];
        for line in lines {
            let writing = match line {
                Line::Sent(message) => message.to.to_string(),
                Line::Received(message) => message.from.to_string(),
                Line::Missed(_) | Line::Note(_) => continue,
            };
            if writings.len() < MOST_WRITINGS && !writings.contains(&writing) {
                writings.push(writing);
            }
        }
        let sims = match reach.account() {
            Some(account) => Some(self.readable_sims(reach.org, account).await?),
            None => None,
        };
        if sims.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let mut sql = QueryBuilder::<Db>::new("SELECT id, caller, sim, at FROM modem_events");
        sql.push(dialect::along("modem_events_caller")).push(" WHERE ");
        push_in_reach(&mut sql, &Rows::Shared("org"), reach);
        sql.push(" AND kind = 'missed_call' AND caller IN (");
        push_texts(&mut sql, &padded(writings.into_iter()));
        sql.push(")");
        if let Some(sims) = sims {
            sql.push(" AND sim IN (");
            push_texts(&mut sql, &padded(sims.into_iter()));
            sql.push(")");
        }
        if let Some(before) = page.before {
            sql.push(" AND at < ").push_bind(before.at.as_micros());
        }
        sql.push(" ORDER BY at DESC, id DESC LIMIT ");
        sql.push_bind(i64::try_from(page.rows() + 1).unwrap_or(i64::MAX));
        let rows = sql.build_query_as::<(String, String, Option<String>, i64)>();
        let rows = rows.fetch_all(&self.read).await.map_err(failed(READING))?;
        rows.into_iter()
            .map(|(id, caller, sim, at)| {
                let id: EventId = parsed("modem_events.id", &id)?;
                Ok(MissedCall {
                    id: MessageId::from_uuid(id.uuid()),
                    from: parsed("modem_events.caller", &caller)?,
                    sim: parsed_if("modem_events.sim", sim.as_deref())?,
                    at: time(at),
                })
            })
            .collect()
    }

    pub(crate) async fn read_conversation(
        &self,
        reach: Reach,
        account: UserId,
        with: &Address,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        reach.must_own(account, MARKING)?;
        let sql = "INSERT INTO thread_reads (org, account, phone, read_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (org, account, phone) DO UPDATE SET read_at = excluded.read_at \
                   WHERE thread_reads.read_at < excluded.read_at";
        let mark = sqlx::query(sql)
            .bind(reach.org.to_string())
            .bind(account.to_string())
            .bind(phone_of(&with.to_string()))
            .bind(until.as_micros());
        let done = mark.execute(&self.write).await.map_err(failed(MARKING))?;
        Ok(done.rows_affected() > 0)
    }
}
