//! The query of one page of a list.

use sqlx::{FromRow, QueryBuilder};

use super::{Database, Db};
use crate::error::failed;
use crate::{Cursor, Page, StoreError};

/// The order of a list: by a column of times and then by `id`, newest first. An index over both columns makes a page
/// cheap.
pub(crate) struct Order<T> {
    /// The column of times.
    pub(crate) time: &'static str,
    /// The place of an item in the list.
    pub(crate) place: fn(&T) -> Cursor,
}

impl Database {
    /// Reads a page of the list that `sql` selects, and the place at which the next page begins. `sql` ends in a
    /// condition, and the rest of the query is added here.
    pub(crate) async fn page<R, T>(
        &self,
        mut sql: QueryBuilder<Db>,
        order: &Order<T>,
        page: Page,
        doing: &'static str,
    ) -> Result<(Vec<T>, Option<Cursor>), StoreError>
    where
        R: for<'row> FromRow<'row, <Db as sqlx::Database>::Row> + Send + Unpin,
        T: TryFrom<R, Error = StoreError>,
    {
        let (time, rows) = (order.time, page.rows());
        if let Some(before) = page.before {
            sql.push(format!(" AND ({time}, id) < (")).push_bind(before.at.as_micros());
            sql.push(", ").push_bind(before.id.to_string()).push(")");
        }
        sql.push(format!(" ORDER BY {time} DESC, id DESC LIMIT "));
        // One row more than the page has says whether another page follows.
        sql.push_bind(i64::try_from(rows + 1).unwrap_or(i64::MAX));
        let found = sql.build_query_as::<R>().fetch_all(&self.read).await;
        let found = found.map_err(failed(doing))?;
        let more = found.len() > rows;
        let items = found.into_iter().take(rows).map(T::try_from).collect::<Result<Vec<_>, _>>()?;
        let next = items.last().filter(|_| more).map(order.place);
        Ok((items, next))
    }
}
