//! The query of one page of a list.

use sqlx::{FromRow, QueryBuilder};

use super::{Database, Db};
use crate::error::failed;
use crate::{Cursor, NamePage, NamePlace, Page, StoreError};

/// The order of a list: by a column of times and then by `id`, newest first. An index over both columns makes a page
/// cheap.
pub(crate) struct Order<T> {
    /// The column of times.
    pub(crate) time: &'static str,
    /// The place of an item in the list.
    pub(crate) place: fn(&T) -> Cursor,
}

impl Database {
    /// Reads a page of a list that is sorted by `name_key` and then by `id`, and the place at which the next page begins.
    /// `sql` ends in a condition, and the rest is added here. `table` is the name under which the columns stand.
    pub(crate) async fn page_by_name<R, T>(
        &self,
        mut sql: QueryBuilder<Db>,
        table: &'static str,
        place: fn(&T) -> NamePlace,
        page: &NamePage,
        doing: &'static str,
    ) -> Result<(Vec<T>, Option<NamePlace>), StoreError>
    where
        R: for<'row> FromRow<'row, <Db as sqlx::Database>::Row> + Send + Unpin,
        T: TryFrom<R, Error = StoreError>,
    {
        let rows = page.rows();
        if let Some(NamePlace { name_key, id }) = &page.after {
            sql.push(format!(" AND ({table}.name_key, {table}.id) > ("))
                .push_bind(name_key.clone());
            sql.push(", ").push_bind(id.clone()).push(")");
        }
        // One row more than the page has says whether another page follows.
        sql.push(format!(" ORDER BY {table}.name_key, {table}.id LIMIT "));
        sql.push_bind(i64::try_from(rows + 1).unwrap_or(i64::MAX));
        let found = sql.build_query_as::<R>().fetch_all(&self.read).await;
        let found = found.map_err(failed(doing))?;
        let more = found.len() > rows;
        let items = found.into_iter().take(rows).map(T::try_from).collect::<Result<Vec<_>, _>>()?;
        let next = items.last().filter(|_| more).map(place);
        Ok((items, next))
    }

    /// Reads a page of a list, and the place at which the next page begins. `select` adds a query that ends in a condition,
    /// and the rest is added here. A list may be made of several: `select` is told which, and no two have a row in common.
    /// So each can be read in the order of an index, where one query would have to sort all that it finds.
    pub(crate) async fn page<R, T>(
        &self,
        parts: usize,
        select: impl Fn(&mut QueryBuilder<Db>, usize),
        order: &Order<T>,
        page: Page,
        doing: &'static str,
    ) -> Result<(Vec<T>, Option<Cursor>), StoreError>
    where
        R: for<'row> FromRow<'row, <Db as sqlx::Database>::Row> + Send + Unpin,
        T: TryFrom<R, Error = StoreError>,
    {
        let (time, rows) = (order.time, page.rows());
        // One row more than the page has says whether another page follows.
        let limit = i64::try_from(rows + 1).unwrap_or(i64::MAX);
        let newest = |sql: &mut QueryBuilder<Db>| {
            sql.push(format!(" ORDER BY {time} DESC, id DESC LIMIT ")).push_bind(limit);
        };
        let mut sql = QueryBuilder::<Db>::new("");
        for part in 0..parts {
            if parts > 1 {
                sql.push(if part > 0 { " UNION ALL SELECT * FROM (" } else { "SELECT * FROM (" });
            }
            select(&mut sql, part);
            if let Some(before) = page.before {
                sql.push(format!(" AND ({time}, id) < (")).push_bind(before.at.as_micros());
                sql.push(", ").push_bind(before.id.to_string()).push(")");
            }
            newest(&mut sql);
            if parts > 1 {
                sql.push(format!(") AS part{part}"));
            }
        }
        if parts > 1 {
            newest(&mut sql);
        }
        let found = sql.build_query_as::<R>().fetch_all(&self.read).await;
        let found = found.map_err(failed(doing))?;
        let more = found.len() > rows;
        let items = found.into_iter().take(rows).map(T::try_from).collect::<Result<Vec<_>, _>>()?;
        let next = items.last().filter(|_| more).map(order.place);
        Ok((items, next))
    }
}
