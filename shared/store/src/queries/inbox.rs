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
    if let Viewer::User(user) | Viewer::Service(user) = scope.viewer {
        let user = user.to_string();
        sql.push(" AND (owner = ").push_bind(user.clone());
        sql.push(
            " OR owner IS NULL AND (EXISTS (SELECT 1 FROM sims s WHERE s.id = inbox.sim \
             AND s.org = inbox.org AND s.everybody_reads = ",
        );
        sql.push_bind(true).push(
            ") OR EXISTS (SELECT 1 FROM sim_members m JOIN sims s ON s.id = m.sim \
             WHERE s.id = inbox.sim AND s.org = inbox.org AND m.reads = ",
        );
        sql.push_bind(true).push(" AND m.account = ").push_bind(user).push(")))");
    }
    sql
}
