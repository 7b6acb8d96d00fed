//! The queries of messages of another gateway.

use std::collections::{BTreeSet, HashSet};

use contracts::mt::{Body, Encoding, MtRequest};
use contracts::{Priority, Timestamp, UserId};
use serde_json::json;
use sqlx::QueryBuilder;

use super::conversations::{self, Said};
use super::{Database, Db, Tx, numbers};
use crate::column::{storable, to_json};
use crate::error::failed;
use crate::history::{PastReceived, PastSent};
use crate::search;
use crate::statement::{LIST, ROWS, pieces};
use crate::{Reach, StoreError};

const DOING: &str = "importing messages";

impl Database {
    pub(crate) async fn import_history(
        &self,
        reach: Reach,
        from: &str,
        sent: &[PastSent],
        received: &[PastReceived],
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        reach.must_be_everything(DOING)?;
        if let Some(one) = sent.iter().find(|one| !one.state.is_settled()) {
            // Something would be done with it.
            return Err(crate::column::unreadable("messages.state", one.state.as_str()));
        }
        let from = storable(from);
        let mut tx = self.begin(DOING).await?;
        super::accounts::rows::lock_org(&mut tx, reach.org, at).await?;
        let owners = sent.iter().map(|one| one.owner);
        let owners: BTreeSet<UserId> =
            owners.chain(received.iter().filter_map(|one| one.owner)).collect();
        for owner in owners {
            super::services::must_be_known(&mut tx, reach.org, owner).await?;
        }
        let there = known(&mut tx, "messages", sent.iter().map(|one| one.id.to_string())).await?;
        let sent = sent.iter().filter(|one| !there.contains(&one.id.to_string()));
        let sent: Vec<&PastSent> = sent.collect();
        let there = known(&mut tx, "inbox", received.iter().map(|one| one.id.to_string())).await?;
        let received = received.iter().filter(|one| !there.contains(&one.id.to_string()));
        let received: Vec<&PastReceived> = received.collect();

        let wanted: Vec<Option<i64>> = sent.iter().map(|one| one.number).collect();
        let sent_numbers = free(&mut tx, "messages", &wanted).await?;
        let wanted: Vec<Option<i64>> = received.iter().map(|one| one.number).collect();
        let received_numbers = free(&mut tx, "inbox", &wanted).await?;
        let kept = sent_numbers.iter().chain(&received_numbers).flatten().max().copied();
        numbers::go_beyond(&mut tx, kept.unwrap_or(0)).await?;
        let without = sent_numbers.iter().chain(&received_numbers).filter(|n| n.is_none()).count();
        let mut given = numbers::take(&mut tx, without).await?;

        let mut made = 0;
        let sent: Vec<(i64, &PastSent)> = sent
            .into_iter()
            .zip(sent_numbers)
            .filter_map(|(one, n)| Some((n.or_else(|| given.next())?, one)))
            .collect();
        for some in pieces(&sent, ROWS) {
            let mut sql = rows_sent(reach, &from, some)?;
            sql.push(" ON CONFLICT (id) DO NOTHING");
            made += sql.build().execute(&mut *tx).await.map_err(failed(DOING))?.rows_affected();
        }
        let received: Vec<(i64, &PastReceived)> = received
            .into_iter()
            .zip(received_numbers)
            .filter_map(|(one, n)| Some((n.or_else(|| given.next())?, one)))
            .collect();
        for some in pieces(&received, ROWS) {
            let mut sql = rows_received(reach, &from, some);
            sql.push(" ON CONFLICT (id) DO NOTHING");
            made += sql.build().execute(&mut *tx).await.map_err(failed(DOING))?.rows_affected();
        }
        let said = sent
            .iter()
            .flat_map(|(_, one)| Said::sent(reach.org, one.owner, &one.to, one.created_at, one.id));
        let heard = received.iter().flat_map(|(_, one)| {
            Said::received(reach.org, one.owner, one.sim, &one.from, one.received_at, one.id)
        });
        conversations::note(&mut tx, said.chain(heard).collect()).await?;
        tx.changed(&json!({}), &json!({ "made": made }));
        tx.commit().await.map_err(failed(DOING))?;
        Ok(made)
    }
}

/// Returns those of these ids that a table has.
async fn known(
    tx: &mut Tx,
    table: &'static str,
    ids: impl Iterator<Item = String>,
) -> Result<HashSet<String>, StoreError> {
    let ids: Vec<String> = ids.collect();
    let mut known = HashSet::new();
    for some in pieces(&ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new("SELECT id FROM ");
        sql.push(table).push(" WHERE id IN (");
        let mut list = sql.separated(", ");
        for id in some {
            list.push_bind(id.clone());
        }
        sql.push(")");
        let found = sql.build_query_scalar::<String>().fetch_all(&mut **tx).await;
        known.extend(found.map_err(failed(DOING))?);
    }
    Ok(known)
}

/// Returns each number that is wanted and that no row of a table has; of two that want the same, the first has it.
async fn free(
    tx: &mut Tx,
    table: &'static str,
    wanted: &[Option<i64>],
) -> Result<Vec<Option<i64>>, StoreError> {
    let numbers: Vec<i64> = wanted.iter().flatten().copied().collect();
    let mut taken = HashSet::new();
    for some in pieces(&numbers, LIST) {
        let mut sql = QueryBuilder::<Db>::new("SELECT number FROM ");
        sql.push(table).push(" WHERE number IN (");
        let mut list = sql.separated(", ");
        for number in some {
            list.push_bind(*number);
        }
        sql.push(")");
        let found = sql.build_query_scalar::<i64>().fetch_all(&mut **tx).await;
        taken.extend(found.map_err(failed(DOING))?);
    }
    Ok(wanted.iter().map(|number| number.filter(|number| taken.insert(*number))).collect())
}

/// Begins a statement that inserts messages that were sent.
fn rows_sent(
    reach: Reach,
    from: &str,
    new: &[(i64, &PastSent)],
) -> Result<QueryBuilder<Db>, StoreError> {
    let mut requests = Vec::with_capacity(new.len());
    for (number, one) in new {
        let body = Body::Text { text: storable(&one.text), encoding: Encoding::Auto };
        let request = MtRequest {
            id: Some(one.id),
            number: Some(*number),
            org: reach.org,
            owner: one.owner,
            created_at: Some(one.created_at),
            body,
            ..MtRequest::text(one.to.clone(), "")
        };
        requests.push(to_json("a request", &request)?);
    }
    let mut sql = QueryBuilder::<Db>::new(
        "INSERT INTO messages (id, number, org, owner, recipient, body, encoding, priority, request, \
         state, phase, round, state_seq, requested_round, tries, words, phone, created_at, updated_at, \
         imported_from) ",
    );
    sql.push_values(new.iter().zip(requests), |mut row, ((number, one), request)| {
        let words = search::of_message(Some(&one.text), one.to.as_str());
        row.push_bind(one.id.to_string())
            .push_bind(*number)
            .push_bind(reach.org.to_string())
            .push_bind(one.owner.to_string())
            .push_bind(one.to.to_string())
            .push_bind(storable(&one.text))
            .push_bind("auto")
            .push_bind(Priority::Normal.as_str())
            .push_bind(request)
            .push_bind(one.state.as_str())
            .push_bind(i64::from(one.state.phase()))
            .push_bind(0_i64)
            .push_bind(0_i64)
            .push_bind(0_i64)
            .push_bind(0_i64)
            .push_bind(words)
            .push_bind(one.to.phone().to_owned())
            .push_bind(one.created_at.as_micros())
            .push_bind(one.updated_at.as_micros())
            .push_bind(from.to_owned());
    });
    Ok(sql)
}

/// Begins a statement that inserts messages that were received.
fn rows_received(reach: Reach, from: &str, new: &[(i64, &PastReceived)]) -> QueryBuilder<Db> {
    let mut sql = QueryBuilder::<Db>::new(
        "INSERT INTO inbox (id, number, org, owner, sender, recipient, body, parts, missing_count, \
         missing, sim, modem, words, phone, received_at, pdus, imported_from) ",
    );
    sql.push_values(new, |mut row, (number, one)| {
        let from_text = one.from.to_string();
        let words = search::of_message(Some(&one.text), &from_text);
        row.push_bind(one.id.to_string())
            .push_bind(*number)
            .push_bind(reach.org.to_string())
            .push_bind(one.owner.map(|owner| owner.to_string()))
            .push_bind(storable(&from_text))
            .push_bind(one.to.as_ref().map(ToString::to_string))
            .push_bind(storable(&one.text))
            .push_bind(1_i64)
            .push_bind(0_i64)
            .push_bind("[]")
            .push_bind(one.sim.to_string())
            .push_bind(one.modem.to_string())
            .push_bind(words)
            .push_bind(conversations::phone_of(&from_text))
            .push_bind(one.received_at.as_micros())
            .push_bind("[]")
            .push_bind(from.to_owned());
    });
    sql
}
