//! Writes requests to rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use contracts::mt::Body;
use contracts::{MtState, Timestamp};
use sqlx::QueryBuilder;

use super::super::conversations::{self, Said};
use super::super::tallying::Tallies;
use super::super::{Database, Db, Tx, numbers};
use super::{lock, push_list};
use crate::column::{storable, to_json};
use crate::error::failed;
use crate::messages::names::encoding_name;
use crate::search;
use crate::statement::{LIST, ROWS, pieces};
use crate::{Projected, StoreError, StoredRequest};

const DOING: &str = "writing requests";

/// Requests in one transaction at most.
const AT_ONCE: usize = 1_000;

/// When more requests than this come at once, more press, and their words are given later.
const WITH_WORDS: usize = 128;

/// Ends a statement that fills in rows that events made.
const FILL_IN: &str = " ON CONFLICT (id) DO UPDATE SET number = excluded.number, org = excluded.org, \
         owner = excluded.owner, recipient = excluded.recipient, body = excluded.body, \
         data = excluded.data, words = excluded.words, phone = excluded.phone, tallied = excluded.tallied, encoding = excluded.encoding, priority = excluded.priority, \
         request = excluded.request, batch = excluded.batch, not_after = excluded.not_after, ends_at = excluded.ends_at, \
         dlr_url = excluded.dlr_url, dlr_mask = excluded.dlr_mask, \
         created_at = excluded.created_at, requested_round = excluded.requested_round, \
         due_at = CASE WHEN messages.due_round <= excluded.requested_round THEN NULL \
         WHEN messages.due_at > excluded.ends_at THEN excluded.ends_at \
         ELSE messages.due_at END \
         WHERE messages.request IS NULL RETURNING id, due_at, phase";

/// When rows get the words by which they are found, and their place in conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Words {
    /// As they are written.
    Now,
    /// By [`crate::Store::give_words`] and [`crate::Store::give_conversations`].
    Later,
}

impl Words {
    /// When so many are written at once.
    pub(in super::super) fn of(requests: usize) -> Self {
        if requests > WITH_WORDS { Self::Later } else { Self::Now }
    }
}

/// The ids and numbers of a batch that the database knows.
#[derive(Default)]
struct Known {
    /// The ids of messages whose request has come.
    requested: HashSet<String>,
    /// The message that has each number.
    numbers: HashMap<i64, String>,
}

impl Database {
    pub(crate) async fn project_requests(
        &self,
        requests: &[StoredRequest],
    ) -> Result<Projected, StoreError> {
        let mut projected = Projected::default();
        for some in requests.chunks(AT_ONCE) {
            let done = again!(self.write_requests(some))?;
            projected.due = projected.due.into_iter().chain(done.due).min();
            projected.finished |= done.finished;
            projected.wordless |= done.wordless;
        }
        Ok(projected)
    }

    async fn write_requests(&self, requests: &[StoredRequest]) -> Result<Projected, StoreError> {
        let mut projected = Projected::default();
        // Each request is written once, in the order of the ids.
        let mut by_id = BTreeMap::new();
        for request in requests {
            by_id.entry(request.id.to_string()).or_insert(request);
        }
        if by_id.is_empty() {
            return Ok(projected);
        }
        let mut tx = self.begin(DOING).await?;
        let mut known = known(&mut tx, requests).await?;
        let mut again = BTreeMap::new();
        let mut new = Vec::new();
        for (id, request) in by_id {
            if known.requested.contains(&id) {
                again.insert(id, request);
                continue;
            }
            let wanted = request.request.number;
            let wanted = wanted.filter(|n| known.numbers.get(n).is_none_or(|owner| *owner == id));
            if let Some(n) = wanted {
                known.numbers.insert(n, id);
            }
            new.push((wanted, request));
        }
        let without = new.iter().filter(|(n, _)| n.is_none()).count();
        let mut free = numbers::take(&mut tx, without).await?;
        let numbered: Vec<_> = new
            .into_iter()
            .filter_map(|(n, request)| Some((n.or_else(|| free.next())?, request)))
            .collect();
        let words = Words::of(numbered.len());
        projected.wordless = words == Words::Later;
        let mut tallies = Tallies::default();
        let made = insert(&mut tx, &numbered, words, &mut tallies).await?;
        // These requests have a row that an event made.
        let rest: Vec<_> = numbered
            .iter()
            .filter(|(_, request)| !made.contains(&request.id.to_string()))
            .copied()
            .collect();
        let there = rest.iter().map(|(_, request)| request.id.to_string());
        let there: Vec<String> = there.chain(again.keys().cloned()).collect();
        lock(&mut tx, there, DOING).await?;
        // Those whose end came before their request.
        let mut settled = HashSet::new();
        let mut filled_in = HashSet::new();
        for (id, due_at, phase) in fill_in(&mut tx, &rest, words).await? {
            projected.due_at(due_at);
            if phase >= 2 {
                settled.insert(id.clone());
            }
            filled_in.insert(id);
        }
        for request in again.into_values() {
            came_again(&mut tx, request).await?;
        }
        let came = numbered.iter().filter_map(|(_, request)| {
            let id = request.id.to_string();
            let is_new = made.contains(&id) || filled_in.contains(&id);
            is_new.then(|| (*request, settled.contains(&id)))
        });
        projected.finished = super::super::batches::requested(&mut tx, came).await?;
        if words == Words::Now {
            let said = numbered.iter().flat_map(|(_, request)| Said::of_request(request));
            conversations::note(&mut tx, said.collect()).await?;
        }
        for (_, request) in numbered {
            projected.due_at(request.ends_at.map(Timestamp::as_micros));
        }
        let filled_in: Vec<String> = filled_in.into_iter().collect();
        tallies.came(&mut tx, &filled_in).await?;
        tallies.write(&mut tx).await?;
        tx.commit().await.map_err(failed(DOING))?;
        Ok(projected)
    }
}

async fn known(tx: &mut Tx, requests: &[StoredRequest]) -> Result<Known, StoreError> {
    let select = "SELECT id, number, CAST(CASE WHEN request IS NULL THEN 0 ELSE 1 END AS BIGINT) \
                  FROM messages WHERE ";
    let mut known = Known::default();
    let mut note = |rows: Vec<(String, Option<i64>, i64)>| {
        for (id, n, requested) in rows {
            if let Some(n) = n {
                known.numbers.insert(n, id.clone());
            }
            if requested == 1 {
                known.requested.insert(id);
            }
        }
    };
    let ids: Vec<String> = requests.iter().map(|request| request.id.to_string()).collect();
    for some in pieces(&ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new(select);
        sql.push("id IN (");
        push_list(&mut sql, some);
        sql.push(")");
        let rows = sql.build_query_as::<(String, Option<i64>, i64)>().fetch_all(&mut **tx);
        note(rows.await.map_err(failed(DOING))?);
    }
    let numbers: Vec<i64> = requests.iter().filter_map(|request| request.request.number).collect();
    for some in pieces(&numbers, LIST) {
        let mut sql = QueryBuilder::<Db>::new(select);
        sql.push("number IN (");
        let mut list = sql.separated(", ");
        for n in some {
            list.push_bind(*n);
        }
        sql.push(")");
        let rows = sql.build_query_as::<(String, Option<i64>, i64)>().fetch_all(&mut **tx);
        note(rows.await.map_err(failed(DOING))?);
    }
    Ok(known)
}

/// Notes a request that came before. Either it was told twice, or a held message was requested again and is no longer
/// due.
async fn came_again(tx: &mut Tx, request: &StoredRequest) -> Result<(), StoreError> {
    if request.request.round == 0 {
        return Ok(());
    }
    let sql = "UPDATE messages SET requested_round = $2, \
               due_at = CASE WHEN due_round <= $2 THEN NULL ELSE due_at END \
               WHERE id = $1 AND requested_round < $2";
    let update = sqlx::query(sql).bind(request.id.to_string());
    let update = update.bind(i64::from(request.request.round));
    update.execute(&mut **tx).await.map(drop).map_err(failed(DOING))
}

/// Makes the rows that do not exist yet and returns their ids. The requests are in the order of their ids. What is counted of the rows is for the caller to
/// write, as the last thing of the transaction.
pub(in super::super) async fn insert(
    tx: &mut Tx,
    new: &[(i64, &StoredRequest)],
    words: Words,
    tallies: &mut Tallies,
) -> Result<HashSet<String>, StoreError> {
    let mut made = HashSet::with_capacity(new.len());
    for some in pieces(new, ROWS) {
        let mut sql = rows(some, words)?;
        sql.push(" ON CONFLICT (id) DO NOTHING RETURNING id");
        let ids = sql.build_query_scalar::<String>().fetch_all(&mut **tx).await;
        made.extend(ids.map_err(failed(DOING))?);
    }
    for (_, request) in new {
        if made.contains(&request.id.to_string()) {
            tallies.accepted(request);
        }
    }
    Ok(made)
}

/// A row that was filled in: its message, when that is due if it is held already, and its phase.
type FilledIn = (String, Option<i64>, i64);

/// Fills in rows that an event made, and returns them.
async fn fill_in(
    tx: &mut Tx,
    rest: &[(i64, &StoredRequest)],
    words: Words,
) -> Result<Vec<FilledIn>, StoreError> {
    let mut due = Vec::with_capacity(rest.len());
    for some in pieces(rest, ROWS) {
        let mut sql = rows(some, words)?;
        // The row keeps its state.
        sql.push(FILL_IN);
        let some = sql.build_query_as::<FilledIn>().fetch_all(&mut **tx).await;
        due.extend(some.map_err(failed(DOING))?);
    }
    Ok(due)
}

/// Begins a statement that inserts these requests.
fn rows(new: &[(i64, &StoredRequest)], words: Words) -> Result<QueryBuilder<Db>, StoreError> {
    let mut json = Vec::with_capacity(new.len());
    for (_, request) in new {
        json.push(to_json("a request", &request.request)?);
    }
    let mut sql = QueryBuilder::<Db>::new(
        "INSERT INTO messages (id, number, org, owner, recipient, body, data, encoding, priority, \
         request, batch, state, phase, round, state_seq, requested_round, tries, not_after, ends_at, \
         dlr_url, dlr_mask, words, phone, tallied, created_at, updated_at) ",
    );
    sql.push_values(new.iter().zip(json), |mut row, ((n, stored), json)| {
        let request = &stored.request;
        let (text, data, encoding) = match &request.body {
            Body::Text { text, encoding } => {
                (Some(storable(text)), None, Some(encoding_name(*encoding)))
            }
            Body::Data { data } => (None, Some(storable(data)), None),
        };
        let (words, phone) = match words {
            Words::Now => (
                Some(search::of_message(text.as_deref(), request.to.as_str())),
                Some(request.to.phone().to_owned()),
            ),
            Words::Later => (None, None),
        };
        row.push_bind(stored.id.to_string())
            .push_bind(*n)
            .push_bind(request.org.to_string())
            .push_bind(request.owner.to_string())
            .push_bind(request.to.to_string())
            .push_bind(text)
            .push_bind(data)
            .push_bind(encoding)
            .push_bind(stored.priority.as_str())
            .push_bind(json)
            .push_bind(request.batch.map(|batch| batch.to_string()))
            .push_bind(MtState::Accepted.as_str())
            .push_bind(i64::from(MtState::Accepted.phase()))
            .push_bind(i64::from(request.round))
            .push_bind(0_i64)
            .push_bind(i64::from(request.round))
            .push_bind(i64::from(request.tries))
            .push_bind(request.not_after.map(Timestamp::as_micros))
            .push_bind(stored.ends_at.map(Timestamp::as_micros))
            .push_bind(request.dlr.as_ref().map(|dlr| storable(&dlr.url)))
            .push_bind(request.dlr.as_ref().map(|dlr| i64::from(dlr.mask)))
            .push_bind(words)
            .push_bind(phone)
            .push_bind(true)
            .push_bind(stored.created_at.as_micros())
            .push_bind(stored.created_at.as_micros());
    });
    Ok(sql)
}
