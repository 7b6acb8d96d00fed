//! The queries of files of which each row becomes a message.

use std::time::Duration;

use contracts::{BulkId, Timestamp};
use serde_json::Value;
use sqlx::QueryBuilder;

use super::accounts::rows::lock_org;
use super::reach::{Rows, push_in_reach};
use super::{Database, Db, dialect};
use crate::bulks::{BULK_ROWS_KEPT_HOURS, BULKS_KEPT_DAYS, MOST_BULKS};
use crate::column::{json, parsed, small, small_if, storable, time, to_json};
use crate::error::failed;
use crate::{
    Bulk, BulkOutcomes, BulkPiece, BulkPlace, BulkRow, CreateBulkError, NewBulk, Reach, StoreError,
};

const READING: &str = "reading a file of rows";
const MAKING: &str = "keeping a file of rows";
const CHANGING: &str = "changing a file of rows";
const REMOVING: &str = "removing a file of rows";
/// Whose a file is.
const OWNED: Rows = Rows::Owned("org", "owner");
/// The same of a table under the name `b`.
const NAMED: Rows = Rows::Owned("b.org", "b.owner");

const SELECT: &str = "SELECT id, org, owner, name, column_count, row_count, header, plan, revision, \
    sending, sent_at, created_at, updated_at FROM bulks WHERE ";

/// A row of `bulks`.
#[derive(sqlx::FromRow)]
struct BulkLine {
    id: String,
    org: String,
    owner: String,
    name: String,
    column_count: i64,
    row_count: i64,
    header: String,
    plan: Option<String>,
    revision: i64,
    sending: Option<i64>,
    sent_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<BulkLine> for Bulk {
    type Error = StoreError;

    fn try_from(row: BulkLine) -> Result<Self, StoreError> {
        let plan = row.plan.as_deref().map(|plan| json("bulks.plan", plan)).transpose()?;
        Ok(Self {
            id: parsed("bulks.id", &row.id)?,
            org: parsed("bulks.org", &row.org)?,
            owner: parsed("bulks.owner", &row.owner)?,
            name: row.name,
            columns: small("bulks.column_count", row.column_count)?,
            rows: small("bulks.row_count", row.row_count)?,
            header: json("bulks.header", &row.header)?,
            plan,
            revision: small("bulks.revision", row.revision)?,
            sending: small_if("bulks.sending", row.sending)?,
            sent_at: row.sent_at.map(time),
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        })
    }
}

/// A row of `bulk_rows`.
#[derive(sqlx::FromRow)]
struct PieceLine {
    place: i64,
    cells: String,
    outcomes: Option<String>,
    first_message: i64,
}

impl TryFrom<PieceLine> for BulkPiece {
    type Error = StoreError;

    fn try_from(row: PieceLine) -> Result<Self, StoreError> {
        let outcomes = row.outcomes.as_deref();
        Ok(Self {
            place: small("bulk_rows.place", row.place)?,
            rows: json::<Vec<BulkRow>>("bulk_rows.cells", &row.cells)?,
            outcomes: outcomes.map(|all| json("bulk_rows.outcomes", all)).transpose()?,
            first_message: small("bulk_rows.first_message", row.first_message)?,
        })
    }
}

/// A number of rows as the database has it.
fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Text in JSON without U+0000, which PostgreSQL refuses in a text; JSON writes it in other letters.
fn cells(rows: &[BulkRow]) -> Result<String, StoreError> {
    let storable = rows.iter().map(|row| BulkRow {
        line: row.line,
        cells: row.cells.iter().map(|cell| storable(cell)).collect(),
    });
    to_json("rows of a file", &storable.collect::<Vec<_>>())
}

impl Database {
    pub(crate) async fn create_bulk(
        &self,
        reach: Reach,
        new: &NewBulk,
        at: Timestamp,
    ) -> Result<Bulk, CreateBulkError> {
        reach.must_own(new.owner, MAKING)?;
        let mut tx = self.begin(MAKING).await?;
        // From here on another one who keeps a file waits, so they are counted rightly.
        lock_org(&mut tx, reach.org, at).await?;
        super::services::must_be_known(&mut tx, reach.org, new.owner).await?;
        let sql = "SELECT count(*) FROM bulks WHERE org = $1 AND owner = $2";
        let known = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
        let known = known.bind(new.owner.to_string()).fetch_one(&mut *tx).await;
        if known.map_err(failed(MAKING))? >= i64::from(MOST_BULKS) {
            return Err(CreateBulkError::TooMany);
        }
        let header: Vec<String> = new.header.iter().map(|cell| storable(cell)).collect();
        let rows = count(new.pieces.iter().map(Vec::len).sum());
        let bulk = Bulk {
            id: BulkId::new(),
            org: reach.org,
            owner: new.owner,
            name: storable(&new.name),
            columns: new.columns,
            rows: small("bulks.row_count", rows)?,
            plan: None,
            revision: 0,
            sending: None,
            sent_at: None,
            created_at: at,
            updated_at: at,
            header,
        };
        let sql = "INSERT INTO bulks (id, org, owner, name, column_count, row_count, header, revision, \
                   created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8)";
        let insert = sqlx::query(sql)
            .bind(bulk.id.to_string())
            .bind(bulk.org.to_string())
            .bind(bulk.owner.to_string())
            .bind(bulk.name.clone())
            .bind(i64::from(bulk.columns))
            .bind(rows)
            .bind(to_json("the first row of a file", &bulk.header)?)
            .bind(at.as_micros());
        insert.execute(&mut *tx).await.map_err(failed(MAKING))?;
        let mut place = 0_i64;
        for piece in &new.pieces {
            let sql =
                "INSERT INTO bulk_rows (bulk, place, cells, first_message) VALUES ($1, $2, $3, 0)";
            let insert = sqlx::query(sql).bind(bulk.id.to_string()).bind(place);
            let insert = insert.bind(cells(piece)?).execute(&mut *tx).await;
            insert.map_err(failed(MAKING))?;
            place += count(piece.len());
        }
        tx.about(&bulk.id, &bulk.name);
        tx.commit().await.map_err(failed(MAKING))?;
        Ok(bulk)
    }

    pub(crate) async fn bulks(&self, reach: Reach) -> Result<Vec<Bulk>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(SELECT);
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" ORDER BY created_at DESC, id DESC LIMIT ").push_bind(i64::from(MOST_BULKS));
        let rows = sql.build_query_as::<BulkLine>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(Bulk::try_from).collect()
    }

    pub(crate) async fn bulk(&self, reach: Reach, id: BulkId) -> Result<Option<Bulk>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(SELECT);
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" AND id = ").push_bind(id.to_string());
        let row = sql.build_query_as::<BulkLine>().fetch_optional(&self.read).await;
        row.map_err(failed(READING))?.map(Bulk::try_from).transpose()
    }

    pub(crate) async fn bulk_piece(
        &self,
        reach: Reach,
        id: BulkId,
        place: BulkPlace,
    ) -> Result<Option<BulkPiece>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT r.place, r.cells, r.outcomes, r.first_message FROM bulk_rows r \
             JOIN bulks b ON b.id = r.bulk WHERE r.bulk = ",
        );
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &NAMED, reach);
        match place {
            BulkPlace::Row(row) => {
                sql.push(" AND r.place <= ").push_bind(i64::from(row));
                sql.push(" ORDER BY r.place DESC LIMIT 1");
            }
            // Of pieces that begin with the same message, all but the last have none.
            BulkPlace::Message(message) => {
                sql.push(" AND r.first_message <= ").push_bind(i64::from(message));
                sql.push(" ORDER BY r.first_message DESC, r.place DESC LIMIT 1");
            }
        }
        let row = sql.build_query_as::<PieceLine>().fetch_optional(&self.read).await;
        row.map_err(failed(READING))?.map(BulkPiece::try_from).transpose()
    }

    pub(crate) async fn plan_bulk(
        &self,
        reach: Reach,
        id: BulkId,
        revision: u32,
        plan: &Value,
        outcomes: &[BulkOutcomes],
        at: Timestamp,
    ) -> Result<Option<Bulk>, StoreError> {
        let mut tx = self.begin(CHANGING).await?;
        let mut sql = QueryBuilder::<Db>::new("UPDATE bulks SET plan = ");
        sql.push_bind(storable(&to_json("what is sent of a file", plan)?));
        sql.push(", revision = revision + 1, updated_at = ").push_bind(at.as_micros());
        sql.push(" WHERE id = ").push_bind(id.to_string());
        sql.push(" AND sending IS NULL AND revision = ")
            .push_bind(i64::from(revision))
            .push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" RETURNING name");
        let name = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        let Some(name) = name.map_err(failed(CHANGING))? else { return Ok(None) };
        for piece in outcomes {
            let sql = "UPDATE bulk_rows SET outcomes = $3, first_message = $4 WHERE bulk = $1 AND place = $2";
            let update = sqlx::query(sql)
                .bind(id.to_string())
                .bind(i64::from(piece.place))
                .bind(to_json("what becomes of rows", &piece.outcomes)?)
                .bind(i64::from(piece.first_message));
            update.execute(&mut *tx).await.map_err(failed(CHANGING))?;
        }
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(CHANGING))?;
        self.bulk(reach, id).await
    }

    pub(crate) async fn begin_bulk(
        &self,
        reach: Reach,
        id: BulkId,
        revision: u32,
        at: Timestamp,
    ) -> Result<Option<Bulk>, StoreError> {
        let mut tx = self.begin(CHANGING).await?;
        let mut sql = QueryBuilder::<Db>::new("SELECT name, sending FROM bulks WHERE id = ");
        sql.push_bind(id.to_string()).push(" AND revision = ").push_bind(i64::from(revision));
        sql.push(" AND plan IS NOT NULL AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" ").push(dialect::LOCKED);
        let row = sql.build_query_as::<(String, Option<i64>)>().fetch_optional(&mut *tx).await;
        let Some((name, sending)) = row.map_err(failed(CHANGING))? else { return Ok(None) };
        if sending.is_none() {
            let sql = "UPDATE bulks SET sending = 0, updated_at = $2 WHERE id = $1";
            let update = sqlx::query(sql).bind(id.to_string()).bind(at.as_micros());
            update.execute(&mut *tx).await.map_err(failed(CHANGING))?;
            tx.about(&id, &name);
            tx.commit().await.map_err(failed(CHANGING))?;
        }
        self.bulk(reach, id).await
    }

    pub(crate) async fn note_bulk_batches(
        &self,
        reach: Reach,
        id: BulkId,
        batches: u32,
        all: bool,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let mut sql = QueryBuilder::<Db>::new("UPDATE bulks SET sending = ");
        sql.push_bind(i64::from(batches)).push(", updated_at = ").push_bind(at.as_micros());
        if all {
            sql.push(", sent_at = coalesce(sent_at, ").push_bind(at.as_micros()).push(")");
        }
        sql.push(" WHERE id = ").push_bind(id.to_string());
        sql.push(" AND sending IS NOT NULL AND sending <= ").push_bind(i64::from(batches));
        sql.push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.build().execute(&self.write).await.map(drop).map_err(failed(CHANGING))
    }

    pub(crate) async fn remove_bulk(&self, reach: Reach, id: BulkId) -> Result<bool, StoreError> {
        let mut tx = self.begin(REMOVING).await?;
        let mut sql = QueryBuilder::<Db>::new("DELETE FROM bulks WHERE id = ");
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" RETURNING name");
        let name = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        let Some(name) = name.map_err(failed(REMOVING))? else { return Ok(false) };
        let delete = sqlx::query("DELETE FROM bulk_rows WHERE bulk = $1").bind(id.to_string());
        delete.execute(&mut *tx).await.map_err(failed(REMOVING))?;
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(REMOVING))?;
        Ok(true)
    }

    pub(crate) async fn remove_old_bulks(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin(REMOVING).await?;
        let hours = Duration::from_hours(u64::from(BULK_ROWS_KEPT_HOURS));
        let days = Duration::from_hours(24 * u64::from(BULKS_KEPT_DAYS));
        let (rows_until, sent_until) = (now.minus(hours).as_micros(), now.minus(days).as_micros());
        let sql =
            "DELETE FROM bulk_rows WHERE bulk IN (SELECT id FROM bulks WHERE updated_at <= $1)";
        let rows = sqlx::query(sql).bind(rows_until).execute(&mut *tx).await;
        rows.map_err(failed(REMOVING))?;
        let sql =
            "DELETE FROM bulks WHERE updated_at <= $1 AND (sending IS NULL OR updated_at <= $2)";
        let bulks = sqlx::query(sql).bind(rows_until).bind(sent_until).execute(&mut *tx).await;
        let removed = bulks.map_err(failed(REMOVING))?.rows_affected();
        tx.commit().await.map_err(failed(REMOVING))?;
        Ok(removed + self.remove_old_imports(now).await?)
    }
}
