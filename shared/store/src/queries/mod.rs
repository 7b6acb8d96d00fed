//! The queries, written once and compiled in each engine's module.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Pool, Row, SqlSafeStr, Transaction};

use super::dialect;
use super::dialect::Db;
use crate::StoreError;
use crate::error::failed;

/// Does a transaction again, at once and a few times, when the engine undid it so that another could go on.
macro_rules! again {
    ($transaction:expr) => {{
        const AGAIN: u32 = 5;
        let mut times = 0;
        loop {
            match $transaction.await {
                Err(error) if error.is_undone() && times < AGAIN => {
                    times += 1;
                    tracing::debug!("a transaction is done again: {error}");
                }
                done => break done,
            }
        }
    }};
}

mod attempt;
mod callback;
mod held;
mod inbox;
mod key;
mod message;
mod modem;
mod modem_event;
mod number;
mod projection;
mod retention;
mod session;
mod setting;
mod setup;
mod sim;
mod user;

/// How long a reader waits for a note that nobody misses (when a key was last used).
const NOTE_PATIENCE: Duration = Duration::from_secs(1);

/// Connections to one database: on PostgreSQL one pool under both names.
#[derive(Clone)]
pub(crate) struct Database {
    read: Pool<Db>,
    write: Pool<Db>,
}

impl Database {
    pub(super) fn new(read: Pool<Db>, write: Pool<Db>) -> Self {
        Self { read, write }
    }

    /// Begins a transaction that writes; dropped without commit it is rolled back.
    async fn begin(&self, doing: &'static str) -> Result<Transaction<'static, Db>, StoreError> {
        self.write.begin_with(dialect::BEGIN_WRITE).await.map_err(failed(doing))
    }

    /// Writes a note, unless that takes long or fails: then it is only said.
    async fn note(&self, what: &str, write: impl Future<Output = Result<(), StoreError>>) {
        match tokio::time::timeout(NOTE_PATIENCE, write).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("{what} was not noted: {error}"),
            Err(_) => tracing::warn!("{what} was not noted: the database is busy writing"),
        }
    }

    pub(crate) async fn answers(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.read).await.map(drop)
    }

    pub(crate) async fn writes(&self) -> Result<(), sqlx::Error> {
        sqlx::query(dialect::WRITE_NOTHING).execute(&self.write).await.map(drop)
    }

    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    /// The steps taken, and those this version knows.
    pub(crate) async fn versions(&self) -> Result<(BTreeSet<i64>, Vec<i64>), StoreError> {
        let doing = "reading which migrations were made";
        let wanted = dialect::MIGRATIONS.iter().map(|(version, _, _)| *version).collect();
        let columns = self.columns().await?;
        if !columns.iter().any(|column| column == "_sqlx_migrations.version") {
            return Ok((BTreeSet::new(), wanted));
        }
        let sql = "SELECT version FROM _sqlx_migrations WHERE success";
        let applied = sqlx::query_scalar(sql).fetch_all(&self.read).await.map_err(failed(doing))?;
        Ok((applied.into_iter().collect(), wanted))
    }

    /// Takes the missing steps, under a lock that other copies of the program wait for.
    pub(crate) async fn migrate(&self) -> Result<(), MigrateError> {
        let step = |(version, name, sql): &(i64, &'static str, &'static str)| {
            let sql = sql.into_sql_str();
            Migration::new(*version, (*name).into(), MigrationType::Simple, sql, false)
        };
        let mut migrator =
            Migrator::with_migrations(dialect::MIGRATIONS.iter().map(step).collect());
        // A newer release may have been here: its steps only add.
        migrator.set_ignore_missing(true);
        migrator.run(&self.write).await
    }

    pub(crate) async fn columns(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(dialect::COLUMNS).fetch_all(&self.read).await;
        let rows = rows.map_err(failed("reading the names of the tables"))?;
        rows.iter()
            .map(|row| {
                let table: String = row.try_get("table_name")?;
                let column: String = row.try_get("column_name")?;
                Ok(format!("{table}.{column}"))
            })
            .collect::<Result<_, sqlx::Error>>()
            .map_err(failed("reading the names of the tables"))
    }

    /// Copies everything to a new file, whole also while others write, where the engine is a file.
    pub(crate) async fn copy_to(&self, path: &str) -> Result<(), sqlx::Error> {
        let Some(sql) = dialect::COPY else { return Ok(()) };
        sqlx::query(sql).bind(path.to_owned()).execute(&self.write).await.map(drop)
    }
}
