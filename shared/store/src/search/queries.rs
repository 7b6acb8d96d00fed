//! The condition of a search in SQL.
//!
//! Few rows are looked up by the index and then put in order. Where there are many, the rows of a list are walked in the
//! order of the list, and each is asked whether it was found: the page is full soon. An engine does not know which of the
//! two it is, so it is counted first, and no further than to [`FEW`].

use sqlx::QueryBuilder;

use super::{Database, Db, dialect};
use crate::StoreError;
use crate::error::failed;
use crate::search::Search;

/// The most rows that are put in order for a page.
const FEW: i64 = 2_000;

/// A table that is searched.
#[derive(Debug, Clone, Copy)]
pub(super) struct Searched {
    /// Its name.
    pub(super) table: &'static str,
    /// The column of the number, or of the name, that a part may be looked for of.
    pub(super) number: &'static str,
}

/// How a search is made.
#[derive(Debug, Clone)]
pub(super) struct Found {
    query: String,
    /// The words and parts of numbers that are compared.
    compared: Vec<(String, String)>,
    are_few: bool,
}

impl Database {
    /// Decides how a search is made. None: nothing can be found.
    pub(super) async fn find(
        &self,
        searched: Searched,
        search: &Search,
        doing: &'static str,
    ) -> Result<Option<Found>, StoreError> {
        if search.is_of_signs() {
            return Ok(None);
        }
        let query = dialect::written(search);
        let mut sql = QueryBuilder::<Db>::new("SELECT count(*) FROM (SELECT 1 FROM ");
        dialect::push_index(&mut sql, searched.table, &query);
        sql.push(" LIMIT ").push_bind(FEW + 1).push(") AS found");
        let count = sql.build_query_scalar::<i64>().fetch_one(&self.read).await;
        let are_few = count.map_err(failed(doing))? <= FEW;
        let compared = search.to_compare().map(|(word, part)| (word.to_owned(), part.to_owned()));
        Ok(Some(Found { query, compared: compared.collect(), are_few }))
    }
}

/// Adds the table, under its own name, or what of it was found.
pub(super) fn push_table(sql: &mut QueryBuilder<Db>, searched: Searched, found: Option<&Found>) {
    match found {
        Some(found) if found.are_few => dialect::push_few(sql, searched.table, &found.query),
        _ => {
            sql.push(searched.table);
        }
    }
}

/// Adds the condition that a row was found.
pub(super) fn push_found(sql: &mut QueryBuilder<Db>, searched: Searched, found: &Found) {
    if !found.are_few {
        sql.push(" AND ");
        dialect::push_is_found(sql, searched.table, &found.query);
    }
    for (word, part) in &found.compared {
        sql.push(" AND (").push(searched.number).push(" LIKE ").push_bind(format!("%{part}%"));
        sql.push(" OR (' ' || words || ' ') LIKE ").push_bind(format!("% {word} %")).push(")");
    }
}
