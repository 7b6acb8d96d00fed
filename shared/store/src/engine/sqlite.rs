//! Connections to SQLite, and what differs from PostgreSQL.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};

use crate::OpenError;
use crate::statement::KEPT;

/// What differs from the other engine. Both modules `dialect` have the same items. A feature that each engine does in
/// its own words, such as full-text search, enters here: as a constant, or as a function that pushes its condition to
/// a query.
mod dialect {
    use sqlx::QueryBuilder;

    use crate::search::Search;

    /// The driver of the engine.
    pub(super) type Db = sqlx::Sqlite;
    /// Begins a transaction that writes. Takes the write lock at once, because a deferred transaction that reads and
    /// then writes fails when the file is busy.
    pub(super) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";
    /// Makes other writers of a row wait. SQLite has one writer at a time, so there are none.
    pub(super) const LOCKED: &str = "";
    /// Passes over rows that another transaction has locked. SQLite has one writer at a time, so there are none.
    pub(super) const SKIP_LOCKED: &str = "";
    /// The function that says at which character of a text another one begins, from 1; 0: nowhere.
    pub(super) const PLACE_IN: &str = "instr";
    /// The migrations as version, name and SQL.
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
        (
            20_261_130_023_000,
            "batches",
            include_str!("../../migrations/sqlite/20261130023000_batches.sql"),
        ),
        (
            20_261_130_100_000,
            "silent",
            include_str!("../../migrations/sqlite/20261130100000_silent.sql"),
        ),
        (
            20_261_130_103_000,
            "webhooks",
            include_str!("../../migrations/sqlite/20261130103000_webhooks.sql"),
        ),
        (
            20_261_130_103_500,
            "lists",
            include_str!("../../migrations/sqlite/20261130103500_lists.sql"),
        ),
        (
            20_261_130_143_000,
            "key_addresses",
            include_str!("../../migrations/sqlite/20261130143000_key_addresses.sql"),
        ),
        (
            20_261_130_143_500,
            "sent_by_sim",
            include_str!("../../migrations/sqlite/20261130143500_sent_by_sim.sql"),
        ),
        (
            20_261_130_150_000,
            "services",
            include_str!("../../migrations/sqlite/20261130150000_services.sql"),
        ),
        (
            20_261_130_150_500,
            "door_passwords",
            include_str!("../../migrations/sqlite/20261130150500_door_passwords.sql"),
        ),
        (
            20_261_130_151_000,
            "callback_forms",
            include_str!("../../migrations/sqlite/20261130151000_callback_forms.sql"),
        ),
        (
            20_261_130_153_000,
            "webhook_forms",
            include_str!("../../migrations/sqlite/20261130153000_webhook_forms.sql"),
        ),
        (
            20_261_130_194_500,
            "growth",
            include_str!("../../migrations/sqlite/20261130194500_growth.sql"),
        ),
        (
            20_261_130_200_000,
            "search",
            include_str!("../../migrations/sqlite/20261130200000_search.sql"),
        ),
        (
            20_261_130_200_500,
            "contacts",
            include_str!("../../migrations/sqlite/20261130200500_contacts.sql"),
        ),
        (
            20_261_130_203_500,
            "opt_outs",
            include_str!("../../migrations/sqlite/20261130203500_opt_outs.sql"),
        ),
        (
            20_261_130_205_000,
            "webhook_replies",
            include_str!("../../migrations/sqlite/20261130205000_webhook_replies.sql"),
        ),
        (
            20_261_130_205_500,
            "batch_ends",
            include_str!("../../migrations/sqlite/20261130205500_batch_ends.sql"),
        ),
        (
            20_261_130_210_000,
            "imported",
            include_str!("../../migrations/sqlite/20261130210000_imported.sql"),
        ),
        (
            20_261_130_231_000,
            "sim_limits",
            include_str!("../../migrations/sqlite/20261130231000_sim_limits.sql"),
        ),
        (
            20_261_130_232_000,
            "routes",
            include_str!("../../migrations/sqlite/20261130232000_routes.sql"),
        ),
        (
            20_261_130_233_000,
            "isolated",
            include_str!("../../migrations/sqlite/20261130233000_isolated.sql"),
        ),
        (
            20_261_130_233_500,
            "search_keys",
            include_str!("../../migrations/sqlite/20261130233500_search_keys.sql"),
        ),
        (
            20_261_130_234_000,
            "service_rules",
            include_str!("../../migrations/sqlite/20261130234000_service_rules.sql"),
        ),
        (
            20_261_130_234_500,
            "loops_and_votes",
            include_str!("../../migrations/sqlite/20261130234500_loops_and_votes.sql"),
        ),
        (
            20_261_130_235_000,
            "schedules",
            include_str!("../../migrations/sqlite/20261130235000_schedules.sql"),
        ),
        (
            20_261_201_000_500,
            "alerts",
            include_str!("../../migrations/sqlite/20261201000500_alerts.sql"),
        ),
        (
            20_261_201_001_000,
            "conversations",
            include_str!("../../migrations/sqlite/20261201001000_conversations.sql"),
        ),
        (
            20_261_201_030_000,
            "owner_sim",
            include_str!("../../migrations/sqlite/20261201030000_owner_sim.sql"),
        ),
        (
            20_261_201_033_500,
            "credits",
            include_str!("../../migrations/sqlite/20261201033500_credits.sql"),
        ),
        (
            20_261_201_034_000,
            "broadcasts",
            include_str!("../../migrations/sqlite/20261201034000_broadcasts.sql"),
        ),
        (
            20_261_201_034_500,
            "service_kinds",
            include_str!("../../migrations/sqlite/20261201034500_service_kinds.sql"),
        ),
        (
            20_261_201_035_500,
            "audit",
            include_str!("../../migrations/sqlite/20261201035500_audit.sql"),
        ),
        (
            20_261_201_040_000,
            "waiting",
            include_str!("../../migrations/sqlite/20261201040000_waiting.sql"),
        ),
        (
            20_261_201_040_500,
            "bulks",
            include_str!("../../migrations/sqlite/20261201040500_bulks.sql"),
        ),
        (
            20_261_201_041_000,
            "tallies",
            include_str!("../../migrations/sqlite/20261201041000_tallies.sql"),
        ),
        (
            20_261_201_041_500,
            "people",
            include_str!("../../migrations/sqlite/20261201041500_people.sql"),
        ),
        (
            20_261_201_053_000,
            "thread_marks",
            include_str!("../../migrations/sqlite/20261201053000_thread_marks.sql"),
        ),
        (
            20_261_201_054_000,
            "zones",
            include_str!("../../migrations/sqlite/20261201054000_zones.sql"),
        ),
        (
            20_261_201_054_100,
            "removed",
            include_str!("../../migrations/sqlite/20261201054100_removed.sql"),
        ),
        (
            20_261_201_051_000,
            "teams",
            include_str!("../../migrations/sqlite/20261201051000_teams.sql"),
        ),
        (
            20_261_201_052_000,
            "contact_fields",
            include_str!("../../migrations/sqlite/20261201052000_contact_fields.sql"),
        ),
        (
            20_261_201_052_500,
            "contact_imports",
            include_str!("../../migrations/sqlite/20261201052500_contact_imports.sql"),
        ),
        (
            20_261_201_052_700,
            "group_rules",
            include_str!("../../migrations/sqlite/20261201052700_group_rules.sql"),
        ),
    ];
    /// Copies the whole database to a file.
    pub(super) const COPY: Option<&str> = Some("VACUUM INTO $1");
    /// Proves that the database can be written and changes no column, no row and no setting of Merpati.
    pub(super) const WRITE_NOTHING: &str = "PRAGMA user_version = 0";
    /// Counts the tables in which sqlx notes the migrations that were made: 0 or 1.
    pub(super) const MIGRATIONS_ARE_NOTED: &str =
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'";

    /// Around a query of the few values of which a column has to have one.
    pub(super) const AMONG: (&str, &str) = (" IN (", ")");

    /// Has a table be read along this index, whatever the planner makes of it without statistics.
    pub(super) fn along(index: &str) -> String {
        format!(" INDEXED BY {index}")
    }

    /// Writes what is looked for as the full-text index understands it.
    pub(super) fn written(search: &Search) -> String {
        search.written('"', "AND", "OR")
    }

    /// Adds the index of a table and the condition of what is found.
    pub(super) fn push_index(sql: &mut QueryBuilder<Db>, table: &str, query: &str) {
        sql.push(format!("{table}_search WHERE {table}_search MATCH ")).push_bind(query.to_owned());
    }

    /// Adds the rows of a table that are found, each looked up, under the name of the table. The left side of a
    /// `CROSS JOIN` is the outer loop.
    pub(super) fn push_few(sql: &mut QueryBuilder<Db>, table: &str, query: &str) {
        sql.push(format!("(SELECT m.* FROM {table}_search CROSS JOIN {table} m ON m.number = {table}_search.rowid \
             WHERE {table}_search MATCH "));
        sql.push_bind(query.to_owned()).push(") AS ").push(table);
    }
}

#[expect(clippy::duplicate_mod, reason = "one body of queries, compiled for each engine")]
#[path = "database.rs"]
mod database;

pub(crate) use database::Database;

/// How much of the file the writer keeps in memory at most, in KiB with a minus before it. A transaction of persistence changes pages of a
/// dozen indexes. With the 2 MB that SQLite has by itself, it writes many of them before their time, and reads them again.
const WRITER_CACHE: &str = "-32768";
/// How many pages of the write-ahead log make SQLite carry them over to the file: 32 MiB. What many transactions in a row change is carried
/// over once.
const CARRY_OVER_AT: &str = "8192";

/// Opens a file and makes it when it does not exist.
///
/// The write-ahead log keeps readers from waiting for the writer. Synchronous mode is full, because the broker
/// forgets what was committed.
pub(crate) async fn open(path: &Path, readers: u32) -> Result<Database, OpenError> {
    // The file is made here and not by SQLite for the sake of its mode, which SQLite gives to the log and the shared
    // memory beside it.
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
        .statement_cache_capacity(KEPT)
        .busy_timeout(Duration::from_secs(10));
    let at = path.display().to_string();
    let refused = |source| OpenError::Connect { at: at.clone(), source };
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(30))
        .after_connect(|connection, _| Box::pin(must_write(connection)))
        .after_release(|connection, _| Box::pin(is_out_of_transactions(connection)))
        .connect_with(
            options
                .clone()
                .pragma("cache_size", WRITER_CACHE)
                .pragma("wal_autocheckpoint", CARRY_OVER_AT),
        )
        .await
        .map_err(refused)?;
    let read = SqlitePoolOptions::new()
        .max_connections(readers)
        .acquire_timeout(Duration::from_secs(30))
        .connect_lazy_with(options.pragma("query_only", "on"));
    Ok(Database::new(read, write))
}

/// Refuses a connection that cannot write.
///
/// A file that cannot be opened for writing at the moment, SQLite opens for reading alone, and never looks again: all
/// that is written by such a connection is refused for ever, however well the file is by then. The pool tries the next
/// one a moment later.
async fn must_write(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    connection.begin_with(dialect::BEGIN_WRITE).await?.rollback().await
}

/// Returns whether a connection that comes back to the pool may be used again.
///
/// SQLite ends a transaction by itself when the disk is full or the file cannot be written. The `ROLLBACK` that
/// follows then fails, and sqlx goes on to believe that the transaction is open, so nothing could ever be written
/// again. Such a connection is closed, and the pool makes a new one.
async fn is_out_of_transactions(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // The ping is answered after the rollback of a transaction that was dropped.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}
