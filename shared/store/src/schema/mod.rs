//! The schema: making and changing the tables.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::engine::{Engine, on_engine, on_engine_unbounded};
use crate::{Store, StoreError};

/// What a migration did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The number of steps that were taken, 0 when the schema was up to date.
    pub applied: usize,
    /// The copy that was made of the SQLite file before, if the file held anything.
    pub copy: Option<PathBuf>,
}

/// How the tables compare to the schema of this version of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// The tables are as this version wants them, or newer: two successive releases run on one schema.
    Current,
    /// This many steps are missing, which [`Store::migrate`] takes.
    Behind(usize),
}

/// A service may not work on these tables.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// This many steps are missing.
    #[error("the database lacks {0} step(s) of this version's schema")]
    Behind(usize),
    /// The state of the schema could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A migration failed. The database is as it was before the step that failed.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A step failed.
    #[error("the database cannot be brought up to date: {0}")]
    Step(#[from] sqlx::migrate::MigrateError),
    /// The copy could not be made, so nothing was changed.
    #[error("the database was not changed, because the copy {path} could not be made: {source}")]
    Copy {
        /// The path that the copy was to have.
        path: PathBuf,
        /// The reason.
        #[source]
        source: sqlx::Error,
    },
    /// The state of the schema could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Takes the missing steps. A SQLite file that already holds tables is first copied to `<file>.before-<version>`
    /// beside it. Copies of the program that start together take turns.
    pub async fn migrate(&self) -> Result<Migrated, MigrateError> {
        let (applied, wanted) = on_engine!(self, db => db.versions())?;
        let missing: Vec<i64> = wanted.into_iter().filter(|v| !applied.contains(v)).collect();
        let Some(first) = missing.first() else {
            return Ok(Migrated { applied: 0, copy: None });
        };
        let copy = match &self.engine {
            Engine::Sqlite(_, file) if !applied.is_empty() => Some(self.copy(file, *first).await?),
            _ => None,
        };
        on_engine_unbounded!(self, db => db.migrate())?;
        Ok(Migrated { applied: missing.len(), copy })
    }

    async fn copy(&self, file: &Path, version: i64) -> Result<PathBuf, MigrateError> {
        let path = copy_path(file, version);
        let text = path.display().to_string();
        let done = on_engine_unbounded!(self, db => db.copy_to(&text));
        let done = done.and_then(|()| {
            std::fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(sqlx::Error::Io)
        });
        done.map_err(|source| MigrateError::Copy { path: path.clone(), source })?;
        Ok(path)
    }

    /// Returns whether steps are missing, without taking them.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        let (applied, wanted) = on_engine!(self, db => db.versions())?;
        Ok(match wanted.iter().filter(|v| !applied.contains(v)).count() {
            0 => Schema::Current,
            missing => Schema::Behind(missing),
        })
    }

    /// Refuses tables that lack a step.
    pub async fn check_schema(&self) -> Result<(), SchemaError> {
        match self.schema().await? {
            Schema::Current => Ok(()),
            Schema::Behind(steps) => Err(SchemaError::Behind(steps)),
        }
    }
}

/// Returns a path beside the file at which nothing exists yet.
fn copy_path(file: &Path, version: i64) -> PathBuf {
    let name = |suffix: &str| {
        let mut path = file.as_os_str().to_owned();
        path.push(format!(".before-{version:04}{suffix}"));
        PathBuf::from(path)
    };
    let mut path = name("");
    let mut n = 2;
    while path.exists() {
        path = name(&format!("-{n}"));
        n += 1;
    }
    path
}
