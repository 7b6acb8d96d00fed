//! The queries of what everybody may see of a board.

use super::Database;
use super::entries::{EntryRow, entry_columns};
use super::services::{ServiceRow, service_columns};
use crate::column::storable;
use crate::error::failed;
use crate::{Entry, PublicBoard, Service, ServiceAction, StoreError};

impl Database {
    pub(crate) async fn public_board(
        &self,
        address: &str,
    ) -> Result<Option<PublicBoard>, StoreError> {
        let doing = "reading a board";
        let sql = concat!(
            "SELECT ",
            service_columns!(),
            " FROM service_boards b JOIN services s ON s.id = b.service \
             LEFT JOIN users u ON u.id = s.owner AND u.org = s.org \
             WHERE b.address = $1 AND (u.enabled = $2 OR s.owner = $3)"
        );
        let row = sqlx::query_as::<_, ServiceRow>(sql)
            .bind(storable(address))
            .bind(true)
            .bind(contracts::UserId::internal().to_string());
        let row = row.fetch_optional(&self.read).await.map_err(failed(doing))?;
        let Some(service) = row.map(Service::try_from).transpose()? else { return Ok(None) };
        let ServiceAction::Board(board) = &service.action else { return Ok(None) };
        let sql = concat!(
            "SELECT ",
            entry_columns!(),
            " FROM service_entries e WHERE e.service = $1 AND NOT e.hidden \
             ORDER BY e.at DESC, e.id DESC LIMIT $2"
        );
        let rows = sqlx::query_as::<_, EntryRow>(sql).bind(service.id.to_string());
        let rows = rows.bind(i64::from(board.shown)).fetch_all(&self.read).await;
        let entries = rows.map_err(failed(doing))?.into_iter().map(Entry::try_from);
        let entries = entries.collect::<Result<_, _>>()?;
        Ok(Some(PublicBoard { org: service.org, name: service.name, entries }))
    }
}
