//! The queries of alerts.

use contracts::alert::{Alert, AlertKind};
use sqlx::QueryBuilder;

use super::reach::{Rows, push_in_reach};
use super::{Database, Db};
use crate::column::{parsed, time};
use crate::error::failed;
use crate::{Reach, StoreError};

const READING: &str = "reading alerts";

/// What is read of a row.
pub(super) const COLUMNS: &str =
    "id, org, kind, subject, name, alert_text, advice, opened_at, closed_at";

/// A row of `alerts`.
#[derive(sqlx::FromRow)]
pub(super) struct AlertRow {
    id: String,
    org: String,
    kind: String,
    subject: String,
    name: String,
    alert_text: String,
    advice: String,
    opened_at: i64,
    closed_at: Option<i64>,
}

impl TryFrom<AlertRow> for Alert {
    type Error = StoreError;

    fn try_from(row: AlertRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: parsed("alerts.id", &row.id)?,
            org: parsed("alerts.org", &row.org)?,
            kind: AlertKind::from_name(&row.kind),
            subject: row.subject,
            name: row.name,
            text: row.alert_text,
            advice: row.advice,
            opened_at: time(row.opened_at),
            closed_at: row.closed_at.map(time),
        })
    }
}

impl Database {
    pub(crate) async fn alerts(
        &self,
        reach: Reach,
        closed: bool,
        limit: u32,
    ) -> Result<Vec<Alert>, StoreError> {
        reach.must_be_gateway(READING)?;
        let mut sql = QueryBuilder::<Db>::new("SELECT ");
        sql.push(COLUMNS).push(" FROM alerts WHERE ");
        push_in_reach(&mut sql, &Rows::Shared("org"), reach);
        if !closed {
            sql.push(" AND closed_at IS NULL");
        }
        sql.push(" ORDER BY opened_at DESC, id DESC LIMIT ").push_bind(i64::from(limit));
        let rows = sql.build_query_as::<AlertRow>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(Alert::try_from).collect()
    }
}
