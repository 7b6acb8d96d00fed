//! The queries by which received messages are read.

use contracts::{Address, MessageId, OrgId, UserId};
use sqlx::QueryBuilder;

use super::conversations::push_writings;
use super::paging::Order;
use super::reach::{Rows, push_in_reach};
use super::search::{Found, Searched, push_found, push_table};
use super::{Database, Db, dialect};
use crate::column::{json, parsed, parsed_if, small, small_if, time};
use crate::error::failed;
use crate::{Cursor, InboxFilter, InboxPage, Page, Reach, Received, StoreError};

const DOING: &str = "reading the inbox";

const SEARCHED: Searched = Searched { table: "inbox", number: "sender" };

const NEWEST_FIRST: Order<Received> = Order { time: "received_at", place: Received::cursor };

/// The most parts that a list is read in.
const MOST_PARTS: usize = 64;

/// A row of `inbox`.
#[derive(sqlx::FromRow)]
struct ReceivedRow {
    id: String,
    number: i64,
    org: String,
    owner: Option<String>,
    sender: String,
    recipient: Option<String>,
    body: Option<String>,
    data: Option<String>,
    class: Option<i64>,
    port_to: Option<i64>,
    port_from: Option<i64>,
    parts: i64,
    missing: String,
    sim: String,
    modem: String,
    smsc_at: Option<i64>,
    received_at: i64,
    pdus: String,
    imported_from: Option<String>,
}

/// The columns of [`ReceivedRow`].
macro_rules! received_columns {
    () => {
        "id, number, org, owner, sender, recipient, body, data, class, port_to, port_from, parts, \
         missing, sim, modem, smsc_at, received_at, pdus, imported_from"
    };
}

impl TryFrom<ReceivedRow> for Received {
    type Error = StoreError;

    fn try_from(row: ReceivedRow) -> Result<Self, StoreError> {
        let ports = match (row.port_to, row.port_from) {
            (Some(to), Some(from)) => {
                Some((small("inbox.port_to", to)?, small("inbox.port_from", from)?))
            }
            _ => None,
        };
        Ok(Self {
            id: parsed("inbox.id", &row.id)?,
            number: row.number,
            org: parsed("inbox.org", &row.org)?,
            owner: parsed_if("inbox.owner", row.owner.as_deref())?,
            from: Address::from_text(&row.sender),
            to: parsed_if("inbox.recipient", row.recipient.as_deref())?,
            text: row.body,
            data: row.data,
            class: small_if("inbox.class", row.class)?,
            ports,
            parts: small("inbox.parts", row.parts)?,
            missing: json("inbox.missing", &row.missing)?,
            sim: parsed("inbox.sim", &row.sim)?,
            modem: parsed("inbox.modem", &row.modem)?,
            smsc_at: row.smsc_at.map(time),
            received_at: time(row.received_at),
            pdus: json("inbox.pdus", &row.pdus)?,
            imported_from: row.imported_from,
        })
    }
}

impl Database {
    pub(crate) async fn inbox(
        &self,
        reach: Reach,
        filter: &InboxFilter,
        page: Page,
    ) -> Result<InboxPage, StoreError> {
        let found = match &filter.search {
            None => None,
            Some(search) => match self.find(SEARCHED, search, DOING).await? {
                None => return Ok(InboxPage { messages: Vec::new(), next: None }),
                found => found,
            },
        };
        // What belongs to an account, and what belongs to nobody and came to a SIM that the account may read, is each in the
        // order of an index. What one sender sent is little, and has an index of its own.
        let sims = match reach.account() {
            Some(account) if filter.from.is_none() => {
                let sims = self.readable_sims(reach.org, account).await?;
                let accounts = self.accounts_in_reach(reach).await?;
                (accounts.len() + sims.len() <= MOST_PARTS).then_some((accounts, sims))
            }
            _ => None,
        };
        let select = |sql: &mut QueryBuilder<Db>, part: usize| {
            push_select_in_reach(sql, reach, found.as_ref());
            if let Some((accounts, sims)) = &sims {
                if let Some(account) = accounts.get(part) {
                    sql.push(" AND owner = ").push_bind(account.to_string());
                } else {
                    let sim = part.checked_sub(accounts.len()).and_then(|nth| sims.get(nth));
                    sql.push(" AND owner IS NULL AND sim = ").push_bind(sim.cloned());
                }
            }
            if let Some(sim) = filter.sim {
                sql.push(" AND sim = ").push_bind(sim.to_string());
            }
            if let Some(owner) = filter.owner {
                sql.push(" AND owner = ").push_bind(owner.to_string());
            }
            if let Some(from) = &filter.from {
                sql.push(" AND sender = ").push_bind(from.to_string());
            }
            if let Some(since) = filter.since {
                sql.push(" AND received_at >= ").push_bind(since.as_micros());
            }
            if let Some(until) = filter.until {
                sql.push(" AND received_at < ").push_bind(until.as_micros());
            }
            if let Some(numbers) = &filter.numbers {
                sql.push(" AND number >= ").push_bind(*numbers.start());
                sql.push(" AND number <= ").push_bind(*numbers.end());
            }
            if let Some(found) = &found {
                push_found(sql, SEARCHED, found);
            }
        };
        let parts = sims.as_ref().map_or(1, |(accounts, sims)| accounts.len() + sims.len());
        let (messages, next) =
            self.page::<ReceivedRow, _>(parts, select, &NEWEST_FIRST, page, DOING).await?;
        Ok(InboxPage { messages, next })
    }

    /// Returns the SIMs whose messages an account reads that belong to nobody. What is read is still decided by
    /// [`push_in_reach`].
    pub(super) async fn readable_sims(
        &self,
        org: OrgId,
        account: UserId,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT s.id FROM sims s WHERE s.org = $1 AND (s.everybody_reads = $3 OR EXISTS \
                   (SELECT 1 FROM sim_members m WHERE m.sim = s.id AND m.account = $2 \
                   AND m.reads = $3)) ORDER BY s.id";
        let sims = sqlx::query_scalar::<_, String>(sql).bind(org.to_string());
        let sims = sims.bind(account.to_string()).bind(true);
        sims.fetch_all(&self.read).await.map_err(failed(DOING))
    }

    /// Returns those of these received messages that are in reach.
    pub(super) async fn received_of(
        &self,
        reach: Reach,
        ids: &[String],
    ) -> Result<Vec<Received>, StoreError> {
        let mut sql = QueryBuilder::new("");
        push_select_in_reach(&mut sql, reach, None);
        sql.push(" AND id IN (");
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(id.clone());
        }
        sql.push(")");
        let rows = sql.build_query_as::<ReceivedRow>().fetch_all(&self.read).await;
        rows.map_err(failed(DOING))?.into_iter().map(Received::try_from).collect()
    }

    /// Returns a page of the messages in reach from a number, in whatever writing, or from a name, newest first.
    pub(super) async fn received_with(
        &self,
        reach: Reach,
        with: &Address,
        page: Page,
    ) -> Result<(Vec<Received>, Option<Cursor>), StoreError> {
        let select = |sql: &mut QueryBuilder<Db>, _: usize| {
            sql.push(concat!("SELECT ", received_columns!(), " FROM inbox"));
            sql.push(dialect::along("inbox_phone")).push(" WHERE ");
            push_in_reach(sql, &Rows::Received, reach);
            push_writings(sql, "sender", with);
        };
        self.page::<ReceivedRow, _>(1, select, &NEWEST_FIRST, page, DOING).await
    }

    pub(crate) async fn received(
        &self,
        reach: Reach,
        id: MessageId,
    ) -> Result<Option<Received>, StoreError> {
        let mut sql = QueryBuilder::new("");
        push_select_in_reach(&mut sql, reach, None);
        sql.push(" AND id = ").push_bind(id.to_string());
        let row = sql.build_query_as::<ReceivedRow>().fetch_optional(&self.read).await;
        row.map_err(failed(DOING))?.map(Received::try_from).transpose()
    }
}

/// Selects the received messages in reach, or those of them that were found. More conditions may follow.
fn push_select_in_reach(sql: &mut QueryBuilder<Db>, reach: Reach, found: Option<&Found>) {
    sql.push(concat!("SELECT ", received_columns!(), " FROM "));
    push_table(sql, SEARCHED, found);
    sql.push(" WHERE ");
    push_in_reach(sql, &Rows::Received, reach);
}
