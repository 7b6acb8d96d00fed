//! Received messages, read.

use contracts::MessageId;
use sqlx::QueryBuilder;

use super::{Database, Db};
use crate::error::failed;
use crate::inbox::{ReceivedRow, received_columns};
use crate::{InboxFilter, InboxPage, Page, Received, Scope, StoreError, Viewer};

const DOING: &str = "reading the inbox";

impl Database {
    pub(crate) async fn inbox(
        &self,
        scope: Scope,
        filter: &InboxFilter,
        page: Page,
    ) -> Result<InboxPage, StoreError> {
        let rows = page.rows();
        let mut sql = select_in_scope(scope);
        if let Some(sim) = filter.sim {
            sql.push(" AND sim = ").push_bind(sim.to_string());
        }
        if let Some(from) = &filter.from {
            sql.push(" AND sender = ").push_bind(from.to_string());
        }
        if let Some(since) = filter.since {
            sql.push(" AND received_at >= ").push_bind(since.as_micros());
        }
        if let Some(before) = page.before {
            sql.push(" AND (received_at, id) < (").push_bind(before.at.as_micros());
            sql.push(", ").push_bind(before.id.to_string()).push(")");
        }
        sql.push(" ORDER BY received_at DESC, id DESC LIMIT ");
        sql.push_bind(i64::try_from(rows + 1).unwrap_or(i64::MAX));
        let found = sql.build_query_as::<ReceivedRow>().fetch_all(&self.read).await;
        let found = found.map_err(failed(DOING))?;
        let more = found.len() > rows;
        let messages = found.into_iter().take(rows).map(Received::try_from);
        let messages = messages.collect::<Result<Vec<_>, _>>()?;
        let next = if more { messages.last().map(Received::cursor) } else { None };
        Ok(InboxPage { messages, next })
    }

    pub(crate) async fn received(
        &self,
        scope: Scope,
        id: MessageId,
    ) -> Result<Option<Received>, StoreError> {
        let mut sql = select_in_scope(scope);
        sql.push(" AND id = ").push_bind(id.to_string());
        let row = sql.build_query_as::<ReceivedRow>().fetch_optional(&self.read).await;
        row.map_err(failed(DOING))?.map(Received::try_from).transpose()
    }
}

/// Received messages in scope; more conditions may follow.
fn select_in_scope(scope: Scope) -> QueryBuilder<Db> {
    let mut sql =
        QueryBuilder::new(concat!("SELECT ", received_columns!(), " FROM inbox WHERE org = "));
    sql.push_bind(scope.org.to_string());
    if let Viewer::User(user) = scope.viewer {
        sql.push(" AND (owner = ").push_bind(user.to_string()).push(" OR owner IS NULL)");
    }
    sql
}
