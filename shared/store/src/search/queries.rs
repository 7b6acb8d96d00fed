//! The condition of a search in SQL.
//!
//! Few rows are looked up by the index and then put in order. Where there are many, the rows of a list are walked in the
//! order of the list, and each is looked at by its words, which costs less than to ask an index for one row: the page is
//! full soon. An engine does not know which of the two it is, so it is counted first, and no further than to [`FEW`].

use sqlx::QueryBuilder;

use super::{Database, Db, dialect};
use crate::StoreError;
use crate::error::failed;
use crate::search::{Search, Term, pattern_of};

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
    terms: Vec<Term>,
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
        Ok(Some(Found { query, terms: search.terms.clone(), are_few }))
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

/// Adds the condition that a text stands anywhere in what the rows of `table` are searched in, which [`key_of`](crate::search::key_of)
/// made.
pub(super) fn push_has(sql: &mut QueryBuilder<Db>, table: &'static str, text: &str) {
    sql.push(" AND ").push(table).push(".search_key");
    push_pattern(sql, text);
}

/// Adds that the column before it, which holds small letters as we make them, has a text in it.
pub(super) fn push_pattern(sql: &mut QueryBuilder<Db>, text: &str) {
    sql.push(" LIKE ").push_bind(pattern_of(text)).push(" ESCAPE '\\'");
}

/// Adds the condition that a row was found.
pub(super) fn push_found(sql: &mut QueryBuilder<Db>, searched: Searched, found: &Found) {
    for term in &found.terms {
        match term {
            // The index has said so.
            Term::Word(_) if found.are_few => {}
            Term::Word(word) => {
                sql.push(" AND ");
                push_has_word(sql, word);
            }
            // The index says of each three digits that they are there, and nothing of their order.
            Term::Digits { word, part } => {
                sql.push(" AND (").push(searched.number).push(" LIKE ");
                sql.push_bind(format!("%{part}%")).push(" OR ");
                push_has_word(sql, word);
                sql.push(")");
            }
        }
    }
}

/// Adds the condition that a row has a word. A word has no sign that means something to `LIKE`.
fn push_has_word(sql: &mut QueryBuilder<Db>, word: &str) {
    sql.push("(' ' || words || ' ') LIKE ").push_bind(format!("% {word} %"));
}
