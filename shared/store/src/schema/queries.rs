//! The schema: which steps were taken, and taking those that are missing.

use std::collections::BTreeSet;

use sqlx::SqlSafeStr;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};

use super::{Database, dialect};
use crate::StoreError;
use crate::error::failed;

impl Database {
    /// Returns the steps that were taken, and those that this version knows.
    pub(crate) async fn versions(&self) -> Result<(BTreeSet<i64>, Vec<i64>), StoreError> {
        let doing = "reading which migrations were made";
        let wanted = dialect::MIGRATIONS.iter().map(|(version, _, _)| *version).collect();
        let noted = sqlx::query_scalar::<_, i64>(dialect::MIGRATIONS_ARE_NOTED);
        if noted.fetch_one(&self.read).await.map_err(failed(doing))? == 0 {
            return Ok((BTreeSet::new(), wanted));
        }
        let sql = "SELECT version FROM _sqlx_migrations WHERE success";
        let applied = sqlx::query_scalar(sql).fetch_all(&self.read).await.map_err(failed(doing))?;
        Ok((applied.into_iter().collect(), wanted))
    }

    /// Takes the missing steps, under a lock for which other copies of the program wait.
    pub(crate) async fn migrate(&self) -> Result<(), MigrateError> {
        let step = |(version, name, sql): &(i64, &'static str, &'static str)| {
            let sql = sql.into_sql_str();
            Migration::new(*version, (*name).into(), MigrationType::Simple, sql, false)
        };
        let mut migrator =
            Migrator::with_migrations(dialect::MIGRATIONS.iter().map(step).collect());
        // A newer release may have migrated this database, and its steps only add.
        migrator.set_ignore_missing(true);
        migrator.run(&self.write).await
    }

    /// Copies the database to a new file, complete even while others write. Does nothing where the engine is a
    /// server.
    pub(crate) async fn copy_to(&self, path: &str) -> Result<(), sqlx::Error> {
        let Some(sql) = dialect::COPY else { return Ok(()) };
        sqlx::query(sql).bind(path.to_owned()).execute(&self.write).await.map(drop)
    }
}
