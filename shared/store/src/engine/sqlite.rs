//! SQLite.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};

use crate::OpenError;

/// What differs from the other engine.
mod dialect {
    /// The engine's type.
    pub(super) type Db = sqlx::Sqlite;
    /// Takes the write lock at once: a deferred transaction that reads and then writes fails busy.
    pub(super) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
    /// Makes other writers of a row wait. One writer at a time: there are none.
    pub(super) const LOCKED: &str = "";
    /// Passes over rows another transaction is taking. One writer at a time: there are none.
    pub(super) const SKIP_LOCKED: &str = "";
    /// The migrations: version, name, SQL.
    pub(super) const MIGRATIONS: &[(i64, &str, &str)] = &[
        (1, "first", include_str!("../../migrations/sqlite/0001_first.sql")),
        (
            20_261_128_183_500,
            "send_attempts",
            include_str!("../../migrations/sqlite/20261128183500_send_attempts.sql"),
        ),
        (
            20_261_128_185_000,
            "ends",
            include_str!("../../migrations/sqlite/20261128185000_ends.sql"),
        ),
        (
            20_261_128_193_500,
            "authority",
            include_str!("../../migrations/sqlite/20261128193500_authority.sql"),
        ),
        (
            20_261_129_205_000,
            "sending",
            include_str!("../../migrations/sqlite/20261129205000_sending.sql"),
        ),
    ];
    /// Copies the whole database to a file.
    pub(super) const COPY: Option<&str> = Some("VACUUM INTO $1");
    /// Writes something that is nothing: no column, no row and no setting of ours is another afterwards.
    pub(super) const WRITE_NOTHING: &str = "PRAGMA user_version = 0";
    /// Counts the table in which sqlx notes the migrations that were made: 0 or 1.
    pub(super) const MIGRATIONS_ARE_NOTED: &str =
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'";
}

#[expect(clippy::duplicate_mod, reason = "one body of queries, compiled for each engine")]
#[path = "database.rs"]
mod database;

pub(crate) use database::Database;

/// Opens a file, making it if need be.
///
/// WAL, so readers never wait for the writer; synchronous full, because the broker forgets what was committed.
pub(crate) async fn open(path: &Path, readers: u32) -> Result<Database, OpenError> {
    // Made by us and not by SQLite, for the mode: the log and the shared memory beside it take it over.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|source| OpenError::File { path: path.display().to_string(), source })?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10));
    let at = path.display().to_string();
    let refused = |source| OpenError::Connect { at: at.clone(), source };
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .after_release(|connection, _| Box::pin(is_out_of_transactions(connection)))
        .connect_with(options.clone())
        .await
        .map_err(refused)?;
    let read = SqlitePoolOptions::new()
        .max_connections(readers)
        .acquire_timeout(Duration::from_secs(30))
        .connect_lazy_with(options.pragma("query_only", "on"));
    Ok(Database::new(read, write))
}

/// Whether a connection that comes back may be used again.
///
/// SQLite ends a transaction by itself when the disk is full or cannot be written. The `ROLLBACK` that follows fails
/// then, and sqlx believes for ever that the transaction is open: nothing could be written again. Such a connection is
/// closed, and the next one is a new one.
async fn is_out_of_transactions(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // The answer comes after the rollback of a transaction that was dropped.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}
