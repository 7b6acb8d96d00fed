//! The queries of imports of contacts: files, and what becomes of them. What is written to contacts and taken back is in
//! `writing.rs`.

mod writing;

use std::time::Duration;

use contracts::{ContactImportId, GroupId, Timestamp, UserId};
use serde_json::{Value, json};
use sqlx::QueryBuilder;

use super::accounts::rows::lock_org;
use super::reach::{Rows, push_in_reach};
use super::{Database, Db, Tx};
use crate::bulks::BULK_ROWS_KEPT_HOURS;
use crate::column::{json as read_json, parsed, small, small_if, storable, time, to_json};
use crate::contact_imports::{CONTACT_IMPORTS_KEPT_DAYS, MOST_CONTACT_IMPORTS};
use crate::error::failed;
use crate::{
    BulkRow, ContactImport, ContactImportCounts, ContactImportError, ContactImportKind,
    ContactImportPiece, CreateGroupError, Group, LeftContact, NewContactImport, NewGroup, Reach,
    StoreError,
};

const READING: &str = "reading an import of contacts";
const MAKING: &str = "keeping an import of contacts";
const CHANGING: &str = "changing an import of contacts";
const REMOVING: &str = "removing an import of contacts";
/// Whose an import is.
const OWNED: Rows = Rows::Owned("org", "account");
/// The same of a table under the name `i`.
const NAMED: Rows = Rows::Owned("i.org", "i.account");

const SELECT: &str = "SELECT id, org, account, owner, kind, name, column_count, row_count, header, \
    plan, revision, applied, counts, new_groups, applied_at, undo_at, undone_at, created_at, \
    updated_at FROM contact_imports WHERE ";

/// A row of `contact_imports`.
#[derive(sqlx::FromRow)]
struct ImportLine {
    id: String,
    org: String,
    account: String,
    owner: String,
    kind: String,
    name: String,
    column_count: i64,
    row_count: i64,
    header: String,
    plan: Option<String>,
    revision: i64,
    applied: Option<i64>,
    counts: String,
    new_groups: String,
    applied_at: Option<i64>,
    undo_at: Option<i64>,
    undone_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<ImportLine> for ContactImport {
    type Error = StoreError;

    fn try_from(row: ImportLine) -> Result<Self, StoreError> {
        let plan = row.plan.as_deref();
        Ok(Self {
            id: parsed("contact_imports.id", &row.id)?,
            org: parsed("contact_imports.org", &row.org)?,
            account: parsed("contact_imports.account", &row.account)?,
            owner: parsed("contact_imports.owner", &row.owner)?,
            kind: parsed("contact_imports.kind", &row.kind)?,
            name: row.name,
            columns: small("contact_imports.column_count", row.column_count)?,
            rows: small("contact_imports.row_count", row.row_count)?,
            header: read_json("contact_imports.header", &row.header)?,
            plan: plan.map(|plan| read_json("contact_imports.plan", plan)).transpose()?,
            revision: small("contact_imports.revision", row.revision)?,
            applied: small_if("contact_imports.applied", row.applied)?,
            counts: read_json("contact_imports.counts", &row.counts)?,
            new_groups: read_json("contact_imports.new_groups", &row.new_groups)?,
            applied_at: row.applied_at.map(time),
            undo_at: row.undo_at.map(time),
            undone_at: row.undone_at.map(time),
            created_at: time(row.created_at),
            updated_at: time(row.updated_at),
        })
    }
}

/// A number of rows as the database has it.
fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Text in JSON without U+0000, which PostgreSQL refuses in a text.
fn cells(rows: &[BulkRow]) -> Result<String, StoreError> {
    let storable = rows.iter().map(|row| BulkRow {
        line: row.line,
        cells: row.cells.iter().map(|cell| storable(cell)).collect(),
    });
    to_json("rows of a file", &storable.collect::<Vec<_>>())
}

/// Makes room for an import of an account that has as many as it may have: its oldest merge gives way. Refuses an account that has
/// none. The organisation is locked.
async fn must_have_room(
    tx: &mut Tx,
    reach: Reach,
    account: UserId,
) -> Result<(), ContactImportError> {
    let sql = "SELECT count(*) FROM contact_imports WHERE org = $1 AND account = $2";
    let known = sqlx::query_scalar::<_, i64>(sql).bind(reach.org.to_string());
    let known = known.bind(account.to_string()).fetch_one(&mut **tx).await;
    if known.map_err(failed(MAKING))? < i64::from(MOST_CONTACT_IMPORTS) {
        return Ok(());
    }
    // One that is being taken back stays until that is done.
    let sql = "DELETE FROM contact_imports WHERE id = (SELECT id FROM contact_imports \
               WHERE org = $1 AND account = $2 AND kind = $3 \
               AND (undo_at IS NULL OR undone_at IS NOT NULL) \
               ORDER BY created_at, id LIMIT 1) RETURNING id";
    let oldest = sqlx::query_scalar::<_, String>(sql)
        .bind(reach.org.to_string())
        .bind(account.to_string())
        .bind(ContactImportKind::Merge.as_str());
    let oldest = oldest.fetch_optional(&mut **tx).await.map_err(failed(MAKING))?;
    let oldest = oldest.ok_or(ContactImportError::TooMany)?;
    // A merge has no rows.
    let sql = "DELETE FROM contact_import_changes WHERE import = $1";
    let delete = sqlx::query(sql).bind(oldest).execute(&mut **tx).await;
    delete.map_err(failed(MAKING))?;
    Ok(())
}

/// Notes that a group is made for an import, in the transaction that makes it. The organisation is locked.
pub(super) async fn note_group(
    tx: &mut Tx,
    (reach, id): (Reach, ContactImportId),
    group: GroupId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut sql = QueryBuilder::<Db>::new("SELECT new_groups FROM contact_imports WHERE id = ");
    sql.push_bind(id.to_string()).push(" AND ");
    push_in_reach(&mut sql, &OWNED, reach);
    let known = sql.build_query_scalar::<String>().fetch_optional(&mut **tx).await;
    let known = known.map_err(failed(CHANGING))?;
    let known = known.ok_or(StoreError::OutOfReach { doing: CHANGING })?;
    let mut groups: Vec<GroupId> = read_json("contact_imports.new_groups", &known)?;
    groups.push(group);
    let sql = "UPDATE contact_imports SET new_groups = $2, updated_at = $3 WHERE id = $1";
    let update = sqlx::query(sql)
        .bind(id.to_string())
        .bind(to_json("groups of an import", &groups)?)
        .bind(at.as_micros());
    update.execute(&mut **tx).await.map(drop).map_err(failed(CHANGING))
}

/// Writes a new import down.
async fn insert(tx: &mut Tx, import: &ContactImport) -> Result<(), StoreError> {
    let sql = "INSERT INTO contact_imports (id, org, account, owner, kind, name, column_count, \
               row_count, header, revision, applied, counts, new_groups, applied_at, created_at, \
               updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11, '[]', $12, $13, $13)";
    let insert = sqlx::query(sql)
        .bind(import.id.to_string())
        .bind(import.org.to_string())
        .bind(import.account.to_string())
        .bind(import.owner.to_string())
        .bind(import.kind.as_str())
        .bind(import.name.clone())
        .bind(i64::from(import.columns))
        .bind(i64::from(import.rows))
        .bind(to_json("the first row of a file", &import.header)?)
        .bind(import.applied.map(i64::from))
        .bind(to_json("what became of rows", &import.counts)?)
        .bind(import.applied_at.map(Timestamp::as_micros))
        .bind(import.created_at.as_micros());
    insert.execute(&mut **tx).await.map(drop).map_err(failed(MAKING))
}

impl Database {
    pub(crate) async fn create_contact_import(
        &self,
        reach: Reach,
        new: &NewContactImport,
        at: Timestamp,
    ) -> Result<ContactImport, ContactImportError> {
        reach.must_own(new.account, MAKING)?;
        let mut tx = self.begin(MAKING).await?;
        // From here on another one who keeps a file waits, so they are counted rightly.
        lock_org(&mut tx, reach.org, at).await?;
        super::services::must_be_known(&mut tx, reach.org, new.account).await?;
        must_have_room(&mut tx, reach, new.account).await?;
        let rows = count(new.pieces.iter().map(Vec::len).sum());
        let import = ContactImport {
            id: ContactImportId::new(),
            org: reach.org,
            account: new.account,
            owner: new.owner,
            kind: ContactImportKind::File,
            name: storable(&new.name),
            columns: new.columns,
            rows: small("contact_imports.row_count", rows)?,
            header: new.header.iter().map(|cell| storable(cell)).collect(),
            plan: None,
            revision: 0,
            applied: None,
            counts: ContactImportCounts::default(),
            new_groups: Vec::new(),
            applied_at: None,
            undo_at: None,
            undone_at: None,
            created_at: at,
            updated_at: at,
        };
        insert(&mut tx, &import).await?;
        let mut place = 0_i64;
        for piece in &new.pieces {
            let sql = "INSERT INTO contact_import_rows (import, place, cells) VALUES ($1, $2, $3)";
            let insert = sqlx::query(sql).bind(import.id.to_string()).bind(place);
            let insert = insert.bind(cells(piece)?).execute(&mut *tx).await;
            insert.map_err(failed(MAKING))?;
            place += count(piece.len());
        }
        tx.about(&import.id, &import.name);
        tx.commit().await.map_err(failed(MAKING))?;
        Ok(import)
    }

    pub(crate) async fn contact_imports(
        &self,
        reach: Reach,
    ) -> Result<Vec<ContactImport>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(SELECT);
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" ORDER BY created_at DESC, id DESC LIMIT ");
        sql.push_bind(i64::from(MOST_CONTACT_IMPORTS));
        let rows = sql.build_query_as::<ImportLine>().fetch_all(&self.read).await;
        rows.map_err(failed(READING))?.into_iter().map(ContactImport::try_from).collect()
    }

    pub(crate) async fn contact_import(
        &self,
        reach: Reach,
        id: ContactImportId,
    ) -> Result<Option<ContactImport>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(SELECT);
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" AND id = ").push_bind(id.to_string());
        let row = sql.build_query_as::<ImportLine>().fetch_optional(&self.read).await;
        row.map_err(failed(READING))?.map(ContactImport::try_from).transpose()
    }

    pub(crate) async fn contact_import_piece(
        &self,
        reach: Reach,
        id: ContactImportId,
        row: u32,
    ) -> Result<Option<ContactImportPiece>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT r.place, r.cells, r.outcomes FROM contact_import_rows r \
             JOIN contact_imports i ON i.id = r.import WHERE r.import = ",
        );
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &NAMED, reach);
        sql.push(" AND r.place <= ").push_bind(i64::from(row));
        sql.push(" ORDER BY r.place DESC LIMIT 1");
        let row = sql.build_query_as::<(i64, String, Option<String>)>();
        let row = row.fetch_optional(&self.read).await.map_err(failed(READING))?;
        let Some((place, cells, outcomes)) = row else { return Ok(None) };
        let outcomes = outcomes.as_deref();
        Ok(Some(ContactImportPiece {
            place: small("contact_import_rows.place", place)?,
            rows: read_json("contact_import_rows.cells", &cells)?,
            outcomes: outcomes
                .map(|all| read_json("contact_import_rows.outcomes", all))
                .transpose()?,
        }))
    }

    pub(crate) async fn plan_contact_import(
        &self,
        reach: Reach,
        id: ContactImportId,
        revision: u32,
        plan: &Value,
        outcomes: &[(u32, Value)],
        at: Timestamp,
    ) -> Result<Option<ContactImport>, StoreError> {
        let mut tx = self.begin(CHANGING).await?;
        let mut sql = QueryBuilder::<Db>::new("UPDATE contact_imports SET plan = ");
        sql.push_bind(to_json("what columns are", plan)?);
        sql.push(", revision = revision + 1, updated_at = ").push_bind(at.as_micros());
        sql.push(" WHERE id = ").push_bind(id.to_string());
        sql.push(" AND applied IS NULL AND revision = ").push_bind(i64::from(revision));
        sql.push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" RETURNING name");
        let name = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        let Some(name) = name.map_err(failed(CHANGING))? else { return Ok(None) };
        for (place, all) in outcomes {
            let sql =
                "UPDATE contact_import_rows SET outcomes = $3 WHERE import = $1 AND place = $2";
            let update = sqlx::query(sql)
                .bind(id.to_string())
                .bind(i64::from(*place))
                .bind(to_json("what becomes of rows", all)?);
            update.execute(&mut *tx).await.map_err(failed(CHANGING))?;
        }
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(CHANGING))?;
        self.contact_import(reach, id).await
    }

    pub(crate) async fn begin_contact_import(
        &self,
        reach: Reach,
        id: ContactImportId,
        revision: u32,
        at: Timestamp,
    ) -> Result<Option<ContactImport>, StoreError> {
        let mut tx = self.begin(CHANGING).await?;
        let mut sql =
            QueryBuilder::<Db>::new("UPDATE contact_imports SET applied = 0, updated_at = ");
        sql.push_bind(at.as_micros()).push(" WHERE id = ").push_bind(id.to_string());
        sql.push(" AND plan IS NOT NULL AND applied IS NULL AND revision = ");
        sql.push_bind(i64::from(revision)).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" RETURNING name");
        let name = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        if let Some(name) = name.map_err(failed(CHANGING))? {
            tx.about(&id, &name);
            tx.commit().await.map_err(failed(CHANGING))?;
        } else {
            drop(tx);
        }
        let found = self.contact_import(reach, id).await?;
        Ok(found.filter(|import| import.applied.is_some() && import.revision == revision))
    }

    pub(crate) async fn create_imported_group(
        &self,
        reach: Reach,
        writes: Reach,
        id: ContactImportId,
        new: &NewGroup,
        at: Timestamp,
    ) -> Result<Option<Group>, CreateGroupError> {
        if self.contact_import(reach, id).await?.is_none() {
            return Ok(None);
        }
        Ok(Some(self.create_group(writes, Some((reach, id)), new, at).await?))
    }

    pub(crate) async fn begin_contact_import_undo(
        &self,
        reach: Reach,
        id: ContactImportId,
        at: Timestamp,
    ) -> Result<Option<ContactImport>, StoreError> {
        let mut tx = self.begin(CHANGING).await?;
        let mut sql = QueryBuilder::<Db>::new("UPDATE contact_imports SET undo_at = ");
        sql.push_bind(at.as_micros()).push(", updated_at = ").push_bind(at.as_micros());
        sql.push(" WHERE id = ").push_bind(id.to_string());
        sql.push(" AND applied IS NOT NULL AND undo_at IS NULL AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" RETURNING name, counts");
        let row = sql.build_query_as::<(String, String)>().fetch_optional(&mut *tx).await;
        if let Some((name, counts)) = row.map_err(failed(CHANGING))? {
            let counts: ContactImportCounts = read_json("contact_imports.counts", &counts)?;
            tx.about(&id, &name);
            tx.changed(&json!({}), &json!({ "made": counts.made, "changed": counts.changed }));
            tx.commit().await.map_err(failed(CHANGING))?;
        } else {
            drop(tx);
        }
        let found = self.contact_import(reach, id).await?;
        Ok(found.filter(|import| import.undo_at.is_some()))
    }

    pub(crate) async fn left_contacts(
        &self,
        reach: Reach,
        id: ContactImportId,
        limit: u32,
    ) -> Result<Vec<LeftContact>, StoreError> {
        let mut sql = QueryBuilder::<Db>::new(
            "SELECT c.contact, c.name, c.left_why FROM contact_import_changes c \
             JOIN contact_imports i ON i.id = c.import WHERE c.import = ",
        );
        sql.push_bind(id.to_string()).push(" AND c.left_why > '' AND ");
        push_in_reach(&mut sql, &NAMED, reach);
        sql.push(" ORDER BY c.left_why, c.contact LIMIT ").push_bind(i64::from(limit));
        let rows = sql.build_query_as::<(String, String, String)>().fetch_all(&self.read).await;
        let rows = rows.map_err(failed(READING))?.into_iter();
        rows.map(|(contact, name, why)| {
            Ok(LeftContact {
                contact: parsed("contact_import_changes.contact", &contact)?,
                name,
                why: parsed("contact_import_changes.left_why", &why)?,
            })
        })
        .collect()
    }

    pub(crate) async fn remove_contact_import(
        &self,
        reach: Reach,
        id: ContactImportId,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin(REMOVING).await?;
        let mut sql = QueryBuilder::<Db>::new("DELETE FROM contact_imports WHERE id = ");
        sql.push_bind(id.to_string()).push(" AND ");
        push_in_reach(&mut sql, &OWNED, reach);
        sql.push(" RETURNING name");
        let name = sql.build_query_scalar::<String>().fetch_optional(&mut *tx).await;
        let Some(name) = name.map_err(failed(REMOVING))? else { return Ok(false) };
        for sql in [
            "DELETE FROM contact_import_rows WHERE import = $1",
            "DELETE FROM contact_import_changes WHERE import = $1",
        ] {
            let delete = sqlx::query(sql).bind(id.to_string()).execute(&mut *tx).await;
            delete.map_err(failed(REMOVING))?;
        }
        tx.about(&id, &name);
        tx.commit().await.map_err(failed(REMOVING))?;
        Ok(true)
    }

    /// Removes imports as files of messages are removed.
    pub(super) async fn remove_old_imports(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin(REMOVING).await?;
        let hours = Duration::from_hours(u64::from(BULK_ROWS_KEPT_HOURS));
        let days = Duration::from_hours(24 * u64::from(CONTACT_IMPORTS_KEPT_DAYS));
        let (rows_until, until) = (now.minus(hours).as_micros(), now.minus(days).as_micros());
        let sql = "DELETE FROM contact_import_rows WHERE import IN \
                   (SELECT id FROM contact_imports WHERE updated_at <= $1)";
        let rows = sqlx::query(sql).bind(rows_until).execute(&mut *tx).await;
        rows.map_err(failed(REMOVING))?;
        let sql = "DELETE FROM contact_import_changes WHERE import IN \
                   (SELECT id FROM contact_imports WHERE updated_at <= $1)";
        let changes = sqlx::query(sql).bind(until).execute(&mut *tx).await;
        changes.map_err(failed(REMOVING))?;
        let sql = "DELETE FROM contact_imports WHERE updated_at <= $1 \
                   AND (applied IS NULL OR updated_at <= $2)";
        let imports = sqlx::query(sql).bind(rows_until).bind(until).execute(&mut *tx).await;
        let removed = imports.map_err(failed(REMOVING))?.rows_affected();
        tx.commit().await.map_err(failed(REMOVING))?;
        Ok(removed)
    }
}
