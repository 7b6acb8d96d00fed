//! The queries by which conversations are read.

use std::collections::HashMap;

use contracts::{Address, ContactId, MessageId, Timestamp, UserId};
use sqlx::QueryBuilder;

use super::paging::Order;
use super::reach::{Rows, push_in_reach};
use super::search::push_pattern;
use super::{Database, Db, dialect};
use crate::column::{parsed, time};
use crate::error::failed;
use crate::{
    Conversation, ConversationFilter, ConversationPage, Cursor, Heading, Line, MOST_UNREAD,
    NamePage, Page, Reach, Reader, Shelf, StoreError,
};

mod lines;
mod marks;
mod notes;
mod noting;

pub(super) use marks::leave_to_nobody;
pub(super) use noting::{Said, note, phone_of};

const LISTING: &str = "reading conversations";

/// Where a conversation is filed: in the list.
const OPEN: i64 = 0;
/// Out of the list until a message comes in.
const ARCHIVED: i64 = 1;
/// Its number is blocked.
const BLOCKED: i64 = 2;

/// The most scopes that are each read in the order of an index.
const MOST_PARTS: usize = 64;
/// How often a page that has no row yet goes on.
const MOST_ROUNDS: usize = 4;
/// The most contacts whose conversations are looked for by name.
const MOST_NAMED: u32 = 200;
/// The most contacts that have numbers of one page.
const MOST_CONTACTS: i64 = 1_000;

const NEWEST_FIRST: Order<Thread> = Order { time: "at", place: Thread::cursor };

/// A row of `threads`.
#[derive(sqlx::FromRow)]
struct ThreadRow {
    phone: String,
    number: String,
    at: i64,
    id: String,
}

/// The last message with one writing of a number.
struct Thread {
    phone: String,
    with: Address,
    at: Timestamp,
    id: MessageId,
}

impl TryFrom<ThreadRow> for Thread {
    type Error = StoreError;

    fn try_from(row: ThreadRow) -> Result<Self, StoreError> {
        Ok(Self {
            phone: row.phone,
            with: Address::from_text(&row.number),
            at: time(row.at),
            id: parsed("threads.id", &row.id)?,
        })
    }
}

impl Thread {
    const fn cursor(&self) -> Cursor {
        Cursor { at: self.at, id: self.id }
    }
}

/// What a list is searched for.
struct Sought {
    text: String,
    /// What the numbers of contacts with such a name have in common.
    phones: Vec<String>,
}

/// What is listed.
struct Listing {
    sought: Option<Sought>,
    shelf: Shelf,
    /// The account that reads.
    account: UserId,
}

impl Listing {
    /// Returns the values of `threads.filed` that are listed, each of which is read in the order of an index.
    const fn filed(&self) -> &'static [i64] {
        match self.shelf {
            Shelf::Open | Shelf::Mine | Shelf::Unassigned => &[OPEN],
            Shelf::Archived => &[ARCHIVED],
            Shelf::Blocked => &[BLOCKED],
            Shelf::Any => &[OPEN, ARCHIVED, BLOCKED],
        }
    }
}

impl Database {
    pub(crate) async fn conversations(
        &self,
        reach: Reach,
        reader: Reader,
        filter: ConversationFilter<'_>,
        page: Page,
    ) -> Result<ConversationPage, StoreError> {
        let scopes = self.scopes(reach, reader.sent).await?;
        let sought = match filter.search.filter(|text| !text.trim().is_empty()) {
            Some(text) => Some(self.sought(reach, reader, text).await?),
            None => None,
        };
        let listing = Listing { sought, shelf: filter.shelf, account: reader.account };
        let (mut place, mut rounds) = (page, 0);
        loop {
            let (threads, next) = self.threads(reach, &scopes, &listing, place).await?;
            let threads = self.newest_of(reach, &scopes, threads).await?;
            rounds += 1;
            match next {
                Some(_) if threads.is_empty() && rounds < MOST_ROUNDS => place.before = next,
                _ => {
                    let conversations = self.filled_in(reach, reader, threads).await?;
                    return Ok(ConversationPage { conversations, next });
                }
            }
        }
    }

    /// Reads a page of rows of `threads` in these scopes.
    async fn threads(
        &self,
        reach: Reach,
        scopes: &[String],
        listing: &Listing,
        page: Page,
    ) -> Result<(Vec<Thread>, Option<Cursor>), StoreError> {
        // Each scope is in the order of an index. Of very many, all rows are put in order.
        let filed = listing.filed();
        let are_many = scopes.len() * filed.len() > MOST_PARTS;
        let parts = if are_many { filed.len() } else { scopes.len() * filed.len() };
        let of_assigned = matches!(listing.shelf, Shelf::Mine | Shelf::Unassigned);
        let select = |sql: &mut QueryBuilder<Db>, part: usize| {
            let index = if of_assigned { "threads_assigned" } else { "threads_filed" };
            sql.push("SELECT phone, number, at, id FROM threads").push(dialect::along(index));
            sql.push(" WHERE org = ").push_bind(reach.org.to_string());
            if are_many {
                sql.push(" AND scope IN (");
                push_texts(sql, scopes);
                sql.push(")");
            } else {
                sql.push(" AND scope = ").push_bind(scopes.get(part / filed.len()).cloned());
            }
            sql.push(" AND filed = ").push_bind(filed.get(part % filed.len()).copied());
            match listing.shelf {
                Shelf::Mine => {
                    sql.push(" AND assigned = ").push_bind(listing.account.to_string());
                }
                Shelf::Unassigned => {
                    sql.push(" AND assigned IS NULL");
                }
                Shelf::Open | Shelf::Archived | Shelf::Blocked | Shelf::Any => {}
            }
            if let Some(Sought { text, phones }) = &listing.sought {
                sql.push(" AND (lower(number)");
                push_pattern(sql, text);
                if !phones.is_empty() {
                    sql.push(" OR phone IN (");
                    push_texts(sql, phones);
                    sql.push(")");
                }
                sql.push(")");
            }
        };
        self.page::<ThreadRow, _>(parts, select, &NEWEST_FIRST, page, LISTING).await
    }

    /// Leaves out what is not the last of its conversation: in another scope, or with another writing of its number, there
    /// is something newer.
    async fn newest_of(
        &self,
        reach: Reach,
        scopes: &[String],
        threads: Vec<Thread>,
    ) -> Result<Vec<Thread>, StoreError> {
        if threads.is_empty() {
            return Ok(threads);
        }
        let mut sql =
            QueryBuilder::<Db>::new("SELECT phone, number, at, id FROM threads WHERE org = ");
        sql.push_bind(reach.org.to_string()).push(" AND scope IN (");
        push_texts(&mut sql, scopes);
        sql.push(") AND phone IN (");
        push_texts(&mut sql, &padded(threads.iter().map(|thread| thread.phone.clone())));
        sql.push(")");
        let rows = sql.build_query_as::<ThreadRow>().fetch_all(&self.read).await;
        let mut all: HashMap<String, Vec<Thread>> = HashMap::new();
        for row in rows.map_err(failed(LISTING))? {
            let thread = Thread::try_from(row)?;
            all.entry(thread.phone.clone()).or_default().push(thread);
        }
        let is_last = |thread: &Thread| {
            let others = all.get(&thread.phone).map(Vec::as_slice).unwrap_or_default();
            !others.iter().any(|other| {
                (other.at, other.id) > (thread.at, thread.id) && other.with.is_same(&thread.with)
            })
        };
        Ok(threads.into_iter().filter(is_last).collect())
    }

    /// Reads what is shown of each conversation. One whose last message is gone is left out.
    async fn filled_in(
        &self,
        reach: Reach,
        reader: Reader,
        threads: Vec<Thread>,
    ) -> Result<Vec<Conversation>, StoreError> {
        if threads.is_empty() {
            return Ok(Vec::new());
        }
        let ids = padded(threads.iter().map(|thread| thread.id.to_string()));
        let mut lines: HashMap<MessageId, Line> = HashMap::new();
        if reader.sent {
            for message in self.messages_of(reach, &ids).await? {
                lines.insert(message.id, Line::Sent(Box::new(message)));
            }
        }
        for message in self.received_of(reach, &ids).await? {
            lines.insert(message.id, Line::Received(Box::new(message)));
        }
        let with: Vec<Address> = threads.iter().map(|thread| thread.with.clone()).collect();
        let headings = self.headings(reach, reader, &with, true).await?;
        let all = threads.into_iter().zip(headings).filter_map(|(thread, heading)| {
            let last = lines.remove(&thread.id)?;
            Some(Conversation { with: thread.with, heading, last })
        });
        Ok(all.collect())
    }

    pub(crate) async fn conversation_heading(
        &self,
        reach: Reach,
        reader: Reader,
        with: &Address,
    ) -> Result<Heading, StoreError> {
        let is_there = self.conversation_is_there(reach, reader, with).await?;
        let headings = self.headings(reach, reader, std::slice::from_ref(with), is_there).await?;
        Ok(headings.into_iter().next().unwrap_or_default())
    }

    /// Reads what stands over the conversations with these, in their order. What a team keeps of them is read only where they
    /// are in reach.
    async fn headings(
        &self,
        reach: Reach,
        reader: Reader,
        with: &[Address],
        are_there: bool,
    ) -> Result<Vec<Heading>, StoreError> {
        let unread = self.unread(reach, reader.account, with).await?;
        let contacts =
            if reader.names { self.contacts_with(reach, with).await? } else { Vec::new() };
        let marks = if are_there { self.marks_of(reach, with).await? } else { Vec::new() };
        let mutes = self.mutes_of(reach, reader.account, with).await?;
        let heading = |with: &Address| {
            let contact = contacts.iter().find(|(number, ..)| number.is_same(with));
            let mark = marks.iter().find(|mark| mark.with.is_same(with));
            let muted = mutes.contains(&phone_of(&with.to_string()));
            let blocked = mark.is_some_and(|mark| mark.filed == BLOCKED);
            let unread = unread.get(&with.to_string()).copied().unwrap_or_default();
            Heading {
                contact: contact.map(|(_, id, _)| *id),
                name: contact.map(|(_, _, name)| name.clone()),
                unread: if muted || blocked { 0 } else { unread },
                assigned: mark.and_then(|mark| mark.assigned.clone()),
                archived: mark.is_some_and(|mark| mark.is_archived),
                blocked,
                muted,
            }
        };
        Ok(with.iter().map(heading).collect())
    }

    /// Counts what an account has not read from each of these, by their writing.
    async fn unread(
        &self,
        reach: Reach,
        account: UserId,
        with: &[Address],
    ) -> Result<HashMap<String, u32>, StoreError> {
        let (org, account) = (reach.org.to_string(), account.to_string());
        let asked: Vec<(String, String)> =
            with.iter().map(|one| (phone_of(&one.to_string()), one.to_string())).collect();
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT given.column2, (SELECT count(*) FROM (SELECT 1 FROM inbox",
        );
        sql.push(dialect::along("inbox_phone")).push(" WHERE ");
        push_in_reach(&mut sql, &Rows::Received, reach);
        sql.push(
            " AND inbox.phone = given.column1 \
             AND inbox.received_at > COALESCE(r.read_at, b.read_at, u.created_at, 0) \
             AND (inbox.sender = given.column2 OR inbox.sender NOT LIKE '+%' \
             OR given.column2 NOT LIKE '+%') LIMIT ",
        );
        sql.push_bind(i64::from(MOST_UNREAD)).push(") AS counted) FROM (");
        sql.push_values(padded(asked.into_iter()), |mut row, (phone, number)| {
            row.push_bind(phone).push_bind(number);
        });
        sql.push(") AS given LEFT JOIN thread_reads r ON r.org = ").push_bind(org.clone());
        sql.push(" AND r.account = ").push_bind(account.clone());
        sql.push(" AND r.phone = given.column1 LEFT JOIN thread_reads b ON b.org = ");
        sql.push_bind(org).push(" AND b.account = ").push_bind(account.clone());
        sql.push(" AND b.phone = '' LEFT JOIN users u ON u.id = ").push_bind(account);
        let rows = sql.build_query_as::<(String, i64)>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed(LISTING))?.into_iter();
        Ok(rows.map(|(number, count)| (number, u32::try_from(count).unwrap_or(0))).collect())
    }

    /// Reads the contacts in reach that have the numbers of these: number, id and name, an account's own first.
    async fn contacts_with(
        &self,
        reach: Reach,
        with: &[Address],
    ) -> Result<Vec<(Address, ContactId, String)>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new("SELECT c.number, c.id, c.name FROM contacts c");
        sql.push(dialect::along("contacts_phone")).push(" WHERE ");
        push_in_reach(&mut sql, &Rows::Lent("c.org", "c.owner"), reach);
        sql.push(" AND c.phone IN (");
        push_texts(&mut sql, &padded(with.iter().map(|one| phone_of(&one.to_string()))));
        sql.push(") ORDER BY c.owner DESC, c.name_key, c.id LIMIT ").push_bind(MOST_CONTACTS);
        let rows = sql.build_query_as::<(String, String, String)>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed(LISTING))?.into_iter();
        rows.map(|(number, id, name)| {
            Ok((Address::from_text(&number), parsed("contacts.id", &id)?, name))
        })
        .collect()
    }

    /// Finds what a list is searched for.
    async fn sought(&self, reach: Reach, reader: Reader, text: &str) -> Result<Sought, StoreError> {
        let mut phones = Vec::new();
        if reader.names {
            let filter =
                crate::ContactFilter { search: Some(text.to_owned()), group: None, tag: None };
            let page = NamePage { after: None, limit: MOST_NAMED };
            let (contacts, _) = self.contacts(reach, &filter, &page).await?;
            phones = contacts.iter().map(|one| one.number.phone().to_owned()).collect();
            phones = padded(phones.into_iter());
        }
        Ok(Sought { text: as_in_numbers(text), phones })
    }
}

/// Returns what somebody looks for as it stands in numbers: without signs between digits, and without the zero before a
/// number that is written nationally.
fn as_in_numbers(text: &str) -> String {
    let is_number = text.chars().all(|c| c.is_ascii_digit() || " +-./()".contains(c));
    if !is_number {
        return text.to_owned();
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.strip_prefix('0').unwrap_or(&digits).to_owned()
}

/// Adds the condition that a column of numbers is of the phone of this one.
pub(super) fn push_writings(sql: &mut QueryBuilder<Db>, column: &'static str, with: &Address) {
    let text = with.to_string();
    sql.push(" AND phone = ").push_bind(phone_of(&text));
    if matches!(with, Address::Number(number) if number.is_international()) {
        // One that is written with another country is another phone.
        sql.push(" AND (").push(column).push(" = ").push_bind(text);
        sql.push(" OR ").push(column).push(" NOT LIKE '+%')");
    }
}

/// Adds texts with commas between.
fn push_texts(sql: &mut QueryBuilder<Db>, texts: &[String]) {
    let mut list = sql.separated(", ");
    for text in texts {
        list.push_bind(text.clone());
    }
}

/// Repeats the last of some values until there are as many as a power of two: so there are few texts of statements, and one
/// statement is enough.
fn padded<T: Clone>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    if let Some(last) = values.last().cloned() {
        values.resize(values.len().next_power_of_two(), last);
    }
    values
}
