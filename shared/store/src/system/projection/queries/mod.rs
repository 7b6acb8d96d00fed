//! The queries of the projection, and the order in which they lock rows.
//!
//! Two tasks of each copy of the service write requests and events, and on PostgreSQL each transaction locks the rows
//! that it writes. So that no two transactions wait for each other, all of them take their rows in one order: the
//! numbers; received messages by id; then new rows of `messages` by id; after all of these the locks of the rows of
//! `messages` that existed, by id again. What belongs to a message (parts, timeline, reports) is written under the
//! lock of the message, and what belongs to no message comes after it, by id: first what accounts have, then the rest. The rows of
//! conversations are next, by their keys, and what is counted is the last of all, by its keys: everybody writes the same few
//! rows of it, so they are held for as short as can be.

use sqlx::QueryBuilder;

use super::{Db, Tx, dialect};
use crate::StoreError;
use crate::error::failed;
use crate::statement::{LIST, pieces};

mod events;
mod outcome;
mod received;
mod requests;
mod state;

pub(super) use events::add_to_timeline;
pub(super) use requests::{Words, insert as insert_requests};

/// Locks the rows of these messages, by id. Rows that the transaction has to make are made before.
pub(super) async fn lock(
    tx: &mut Tx,
    mut ids: Vec<String>,
    doing: &'static str,
) -> Result<(), StoreError> {
    if dialect::LOCKED.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    for some in pieces(&ids, LIST) {
        let mut sql = QueryBuilder::<Db>::new("SELECT id FROM messages WHERE id IN (");
        push_list(&mut sql, some);
        sql.push(") ORDER BY id ").push(dialect::LOCKED);
        sql.build().fetch_all(&mut **tx).await.map_err(failed(doing))?;
    }
    Ok(())
}

/// Adds the values of a list.
pub(super) fn push_list(sql: &mut QueryBuilder<Db>, values: &[String]) {
    let mut list = sql.separated(", ");
    for value in values {
        list.push_bind(value.clone());
    }
}
