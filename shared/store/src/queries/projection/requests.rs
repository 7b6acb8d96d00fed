//! Requests in.

use std::collections::{HashMap, HashSet};

use contracts::mt::Body;
use contracts::{MtState, Timestamp};
use sqlx::{QueryBuilder, Transaction};

use super::super::{Database, Db, number};
use crate::column::{storable, to_json};
use crate::error::failed;
use crate::message::encoding_name;
use crate::{Projected, StoreError, StoredRequest};

const DOING: &str = "writing requests";

/// What is known of the ids and numbers of a batch.
#[derive(Default)]
struct Known {
    /// The ids of which the request has come.
    requested: HashSet<String>,
    /// Whose a number is.
    numbers: HashMap<i64, String>,
}

impl Database {
    pub(crate) async fn project_requests(
        &self,
        requests: &[StoredRequest],
    ) -> Result<Projected, StoreError> {
        let mut projected = Projected::default();
        if requests.is_empty() {
            return Ok(projected);
        }
        let mut tx = self.begin(DOING).await?;
        let mut known = known(&mut tx, requests).await?;
        let mut new = Vec::new();
        let mut seen = HashSet::new();
        for request in requests {
            let id = request.id.to_string();
            if !seen.insert(id.clone()) {
                continue;
            }
            if known.requested.contains(&id) {
                came_again(&mut tx, request).await?;
                continue;
            }
            let wanted = request
                .request
                .number
                .filter(|n| known.numbers.get(n).is_none_or(|owner| *owner == id));
            let n = match wanted {
                Some(n) => n,
                None => number::take_one(&mut tx).await?,
            };
            known.numbers.insert(n, id);
            new.push((n, request));
        }
        if !new.is_empty() {
            for due_at in insert(&mut tx, &new).await? {
                projected.due_at(due_at);
            }
        }
        tx.commit().await.map_err(failed(DOING))?;
        Ok(projected)
    }
}

async fn known(
    tx: &mut Transaction<'static, Db>,
    requests: &[StoredRequest],
) -> Result<Known, StoreError> {
    let mut sql = QueryBuilder::<Db>::new(
        "SELECT id, number, CAST(CASE WHEN request IS NULL THEN 0 ELSE 1 END AS BIGINT) \
         FROM messages WHERE id IN (",
    );
    let mut list = sql.separated(", ");
    for request in requests {
        list.push_bind(request.id.to_string());
    }
    sql.push(")");
    let numbers: Vec<i64> = requests.iter().filter_map(|request| request.request.number).collect();
    if !numbers.is_empty() {
        sql.push(" OR number IN (");
        let mut list = sql.separated(", ");
        for n in numbers {
            list.push_bind(n);
        }
        sql.push(")");
    }
    let rows = sql.build_query_as::<(String, Option<i64>, i64)>();
    let rows = rows.fetch_all(&mut **tx).await.map_err(failed(DOING))?;
    let mut known = Known::default();
    for (id, n, requested) in rows {
        if let Some(n) = n {
            known.numbers.insert(n, id.clone());
        }
        if requested == 1 {
            known.requested.insert(id);
        }
    }
    Ok(known)
}

/// A request we have: told twice, or a held message requested again, which is then no longer due.
async fn came_again(
    tx: &mut Transaction<'static, Db>,
    request: &StoredRequest,
) -> Result<(), StoreError> {
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

/// Makes the rows, or fills in those an event made first; says when each is due, if it is held already.
async fn insert(
    tx: &mut Transaction<'static, Db>,
    new: &[(i64, &StoredRequest)],
) -> Result<Vec<Option<i64>>, StoreError> {
    let mut json = Vec::with_capacity(new.len());
    for (_, request) in new {
        json.push(to_json("a request", &request.request)?);
    }
    let mut sql = QueryBuilder::<Db>::new(
        "INSERT INTO messages (id, number, org, owner, recipient, body, data, encoding, priority, \
         request, state, phase, round, state_seq, requested_round, tries, not_after, dlr_url, \
         dlr_mask, created_at, updated_at) ",
    );
    sql.push_values(new.iter().zip(json), |mut row, ((n, stored), json)| {
        let request = &stored.request;
        let (text, data, encoding) = match &request.body {
            Body::Text { text, encoding } => {
                (Some(storable(text)), None, Some(encoding_name(*encoding)))
            }
            Body::Data { data } => (None, Some(storable(data)), None),
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
            .push_bind(MtState::Accepted.as_str())
            .push_bind(i64::from(MtState::Accepted.phase()))
            .push_bind(i64::from(request.round))
            .push_bind(0_i64)
            .push_bind(i64::from(request.round))
            .push_bind(i64::from(request.tries))
            .push_bind(request.not_after.map(Timestamp::as_micros))
            .push_bind(request.dlr.as_ref().map(|dlr| storable(&dlr.url)))
            .push_bind(request.dlr.as_ref().map(|dlr| i64::from(dlr.mask)))
            .push_bind(stored.created_at.as_micros())
            .push_bind(stored.created_at.as_micros());
    });
    // A row that an event made first keeps its state.
    sql.push(
        " ON CONFLICT (id) DO UPDATE SET number = excluded.number, org = excluded.org, \
         owner = excluded.owner, recipient = excluded.recipient, body = excluded.body, \
         data = excluded.data, encoding = excluded.encoding, priority = excluded.priority, \
         request = excluded.request, not_after = excluded.not_after, \
         dlr_url = excluded.dlr_url, dlr_mask = excluded.dlr_mask, \
         created_at = excluded.created_at, requested_round = excluded.requested_round, \
         due_at = CASE WHEN messages.due_round <= excluded.requested_round THEN NULL \
         WHEN messages.due_at > excluded.not_after THEN excluded.not_after \
         ELSE messages.due_at END \
         WHERE messages.request IS NULL RETURNING due_at",
    );
    let due = sql.build_query_scalar::<Option<i64>>().fetch_all(&mut **tx).await;
    due.map_err(failed(DOING))
}
