//! Connections to PostgreSQL, and what differs from SQLite.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::OpenError;
use crate::statement::KEPT;

/// What differs from the other engine. Both modules `dialect` have the same items. A feature that each engine does in
/// its own words, such as full-text search, enters here: as a constant, or as a function that pushes its condition to
/// a query.
mod dialect {
    use sqlx::QueryBuilder;

    use crate::search::Search;

    /// The driver of the engine.
    pub(super) type Db = sqlx::Postgres;
    /// Begins a transaction that writes.
    pub(super) const BEGIN_WRITE: &str = "BEGIN";
    /// Makes other writers of a row wait, but not writers of rows that only refer to it.
    pub(super) const LOCKED: &str = "FOR NO KEY UPDATE";
    /// Passes over rows that another transaction has locked.
    pub(super) const SKIP_LOCKED: &str = "FOR UPDATE SKIP LOCKED";
    /// The function that says at which character of a text another one begins, from 1; 0: nowhere.
    pub(super) const PLACE_IN: &str = "strpos";
    /// The migrations as version, name and SQL.
    pub(super) const MIGRATIONS: &[(i64, &str, &str)] = &[
        (1, "first", include_str!("../../migrations/postgres/0001_first.sql")),
        (
            20_261_128_183_500,
            "send_attempts",
            include_str!("../../migrations/postgres/20261128183500_send_attempts.sql"),
        ),
        (
            20_261_128_185_000,
            "ends",
            include_str!("../../migrations/postgres/20261128185000_ends.sql"),
        ),
        (
            20_261_128_193_500,
            "authority",
            include_str!("../../migrations/postgres/20261128193500_authority.sql"),
        ),
        (
            20_261_129_205_000,
            "sending",
            include_str!("../../migrations/postgres/20261129205000_sending.sql"),
        ),
        (
            20_261_130_023_000,
            "batches",
            include_str!("../../migrations/postgres/20261130023000_batches.sql"),
        ),
        (
            20_261_130_100_000,
            "silent",
            include_str!("../../migrations/postgres/20261130100000_silent.sql"),
        ),
        (
            20_261_130_103_000,
            "webhooks",
            include_str!("../../migrations/postgres/20261130103000_webhooks.sql"),
        ),
        (
            20_261_130_103_500,
            "lists",
            include_str!("../../migrations/postgres/20261130103500_lists.sql"),
        ),
        (
            20_261_130_143_000,
            "key_addresses",
            include_str!("../../migrations/postgres/20261130143000_key_addresses.sql"),
        ),
        (
            20_261_130_143_500,
            "sent_by_sim",
            include_str!("../../migrations/postgres/20261130143500_sent_by_sim.sql"),
        ),
        (
            20_261_130_150_000,
            "services",
            include_str!("../../migrations/postgres/20261130150000_services.sql"),
        ),
        (
            20_261_130_150_500,
            "door_passwords",
            include_str!("../../migrations/postgres/20261130150500_door_passwords.sql"),
        ),
        (
            20_261_130_151_000,
            "callback_forms",
            include_str!("../../migrations/postgres/20261130151000_callback_forms.sql"),
        ),
        (
            20_261_130_153_000,
            "webhook_forms",
            include_str!("../../migrations/postgres/20261130153000_webhook_forms.sql"),
        ),
        (
            20_261_130_194_500,
            "growth",
            include_str!("../../migrations/postgres/20261130194500_growth.sql"),
        ),
        (
            20_261_130_200_000,
            "search",
            include_str!("../../migrations/postgres/20261130200000_search.sql"),
        ),
        (
            20_261_130_200_500,
            "contacts",
            include_str!("../../migrations/postgres/20261130200500_contacts.sql"),
        ),
        (
            20_261_130_203_500,
            "opt_outs",
            include_str!("../../migrations/postgres/20261130203500_opt_outs.sql"),
        ),
        (
            20_261_130_205_000,
            "webhook_replies",
            include_str!("../../migrations/postgres/20261130205000_webhook_replies.sql"),
        ),
        (
            20_261_130_205_500,
            "batch_ends",
            include_str!("../../migrations/postgres/20261130205500_batch_ends.sql"),
        ),
        (
            20_261_130_210_000,
            "imported",
            include_str!("../../migrations/postgres/20261130210000_imported.sql"),
        ),
        (
            20_261_130_231_000,
            "sim_limits",
            include_str!("../../migrations/postgres/20261130231000_sim_limits.sql"),
        ),
        (
            20_261_130_232_000,
            "routes",
            include_str!("../../migrations/postgres/20261130232000_routes.sql"),
        ),
        (
            20_261_130_233_000,
            "isolated",
            include_str!("../../migrations/postgres/20261130233000_isolated.sql"),
        ),
        (
            20_261_130_233_500,
            "search_keys",
            include_str!("../../migrations/postgres/20261130233500_search_keys.sql"),
        ),
        (
            20_261_130_234_000,
            "service_rules",
            include_str!("../../migrations/postgres/20261130234000_service_rules.sql"),
        ),
        (
            20_261_130_234_500,
            "loops_and_votes",
            include_str!("../../migrations/postgres/20261130234500_loops_and_votes.sql"),
        ),
        (
            20_261_130_235_000,
            "schedules",
            include_str!("../../migrations/postgres/20261130235000_schedules.sql"),
        ),
        (
            20_261_201_000_500,
            "alerts",
            include_str!("../../migrations/postgres/20261201000500_alerts.sql"),
        ),
        (
            20_261_201_001_000,
            "conversations",
            include_str!("../../migrations/postgres/20261201001000_conversations.sql"),
        ),
        (
            20_261_201_030_000,
            "owner_sim",
            include_str!("../../migrations/postgres/20261201030000_owner_sim.sql"),
        ),
        (
            20_261_201_033_500,
            "credits",
            include_str!("../../migrations/postgres/20261201033500_credits.sql"),
        ),
        (
            20_261_201_034_000,
            "broadcasts",
            include_str!("../../migrations/postgres/20261201034000_broadcasts.sql"),
        ),
        (
            20_261_201_034_500,
            "service_kinds",
            include_str!("../../migrations/postgres/20261201034500_service_kinds.sql"),
        ),
        (
            20_261_201_035_500,
            "audit",
            include_str!("../../migrations/postgres/20261201035500_audit.sql"),
        ),
        (
            20_261_201_040_000,
            "waiting",
            include_str!("../../migrations/postgres/20261201040000_waiting.sql"),
        ),
        (
            20_261_201_040_500,
            "bulks",
            include_str!("../../migrations/postgres/20261201040500_bulks.sql"),
        ),
        (
            20_261_201_041_000,
            "tallies",
            include_str!("../../migrations/postgres/20261201041000_tallies.sql"),
        ),
        (
            20_261_201_041_500,
            "people",
            include_str!("../../migrations/postgres/20261201041500_people.sql"),
        ),
        (
            20_261_201_053_000,
            "thread_marks",
            include_str!("../../migrations/postgres/20261201053000_thread_marks.sql"),
        ),
        (
            20_261_201_054_000,
            "zones",
            include_str!("../../migrations/postgres/20261201054000_zones.sql"),
        ),
        (
            20_261_201_054_100,
            "removed",
            include_str!("../../migrations/postgres/20261201054100_removed.sql"),
        ),
        (
            20_261_201_051_000,
            "teams",
            include_str!("../../migrations/postgres/20261201051000_teams.sql"),
        ),
        (
            20_261_201_052_000,
            "contact_fields",
            include_str!("../../migrations/postgres/20261201052000_contact_fields.sql"),
        ),
        (
            20_261_201_052_500,
            "contact_imports",
            include_str!("../../migrations/postgres/20261201052500_contact_imports.sql"),
        ),
        (
            20_261_201_052_700,
            "group_rules",
            include_str!("../../migrations/postgres/20261201052700_group_rules.sql"),
        ),
    ];
    /// Copies the whole database to a file. A server has its own ways to do so.
    pub(super) const COPY: Option<&str> = None;
    /// Proves that the database can be written and changes nothing: takes a lock on a row that nobody changes and
    /// that others may lock in the same way.
    pub(super) const WRITE_NOTHING: &str = "SELECT 1 FROM _sqlx_migrations LIMIT 1 FOR KEY SHARE";
    /// Counts the tables in which sqlx notes the migrations that were made: 0 or 1.
    pub(super) const MIGRATIONS_ARE_NOTED: &str = "SELECT count(*) FROM information_schema.tables \
        WHERE table_schema = current_schema() AND table_name = '_sqlx_migrations'";

    /// Around a query of the few values of which a column has to have one. As an array it is no join, whose rows would have to be
    /// sorted.
    pub(super) const AMONG: (&str, &str) = (" = ANY (ARRAY(", "))");

    /// Has a table be read along this index, where the planner does not see so by itself.
    pub(super) const fn along(_: &str) -> &'static str {
        ""
    }

    /// Writes what is looked for as `tsquery` reads it.
    pub(super) fn written(search: &Search) -> String {
        search.written('\'', "&", "|")
    }

    /// Adds a table and the condition of what is found, in the words of the index.
    pub(super) fn push_index(sql: &mut QueryBuilder<Db>, table: &str, query: &str) {
        sql.push(table).push(" WHERE array_to_tsvector(string_to_array(words, ' ')) @@ CAST(");
        sql.push_bind(query.to_owned()).push(" AS tsquery)");
    }

    /// Adds the rows of a table that are found, each looked up, under the name of the table. Nothing is moved past an
    /// `OFFSET`.
    pub(super) fn push_few(sql: &mut QueryBuilder<Db>, table: &str, query: &str) {
        sql.push("(SELECT * FROM ");
        push_index(sql, table, query);
        sql.push(" OFFSET 0) AS ").push(table);
    }
}

#[path = "database.rs"]
mod database;

pub(crate) use database::Database;

/// Opens a database of a server. Returns with it the place of the database, without user and password.
pub(crate) async fn open(url: &str, connections: u32) -> Result<(Database, String), OpenError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|source| OpenError::Connect { at: "URL".to_owned(), source })?
        .application_name("merpati")
        .statement_cache_capacity(KEPT);
    let at = format!(
        "{} on {}:{}",
        options.get_database().unwrap_or("(default)"),
        options.get_host(),
        options.get_port()
    );
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await
        .map_err(|source| OpenError::Connect { at: at.clone(), source })?;
    Ok((Database::new(pool.clone(), pool), at))
}
