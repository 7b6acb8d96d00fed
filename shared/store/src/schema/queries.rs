//! The tables: what is there, and how it is made.

use std::collections::BTreeSet;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Row, SqlSafeStr};

use super::{Database, dialect};
use crate::StoreError;
use crate::error::failed;

impl Database {
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
