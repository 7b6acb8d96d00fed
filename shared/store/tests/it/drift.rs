//! The tables of both engines are the same: columns with their types, nullability and defaults, indexes and keys.
//!
//! The engines are asked for their own catalogues, in lines of one form. What differs by nature is mapped: SQLite's
//! types to PostgreSQL's by [`TYPES`], and the names of indexes that the engines make for keys by what they are for.
//! What is for searching, which each engine does in its own way, is left out: it ends in `_search`, and SQLite has tables
//! and more for it. `_sqlx_migrations` is left out: sqlx makes it, in each engine's own types.

use crate::{Fresh, rows};

/// The types of SQLite that the migrations use, and what each is on PostgreSQL. Integers of SQLite have 64 bits under
/// both of their names.
const TYPES: [(&str, &str); 4] =
    [("TEXT", "text"), ("BIGINT", "bigint"), ("INTEGER", "bigint"), ("BOOLEAN", "boolean")];

/// `table.column|type|NOT NULL or nothing|default or nothing`.
const COLUMNS_ON_SQLITE: &str = "SELECT m.name || '.' || c.name || '|' || c.type || '|' \
    || CASE WHEN c.\"notnull\" THEN 'NOT NULL' ELSE '' END || '|' || COALESCE(c.dflt_value, '') \
    FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' \
    AND m.name NOT LIKE 'sqlite~_%' ESCAPE '~' AND m.name NOT LIKE '%~_search%' ESCAPE '~' \
    AND m.name <> '_sqlx_migrations'";
const COLUMNS_ON_POSTGRES: &str = "SELECT table_name || '.' || column_name || '|' || data_type || '|' \
    || CASE WHEN is_nullable = 'NO' THEN 'NOT NULL' ELSE '' END || '|' || COALESCE(column_default, '') \
    FROM information_schema.columns \
    WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations'";

/// `table (columns) kind WHERE condition`. The kind of an index that was made for itself has its name.
const INDEXES_ON_SQLITE: &str = "SELECT m.name || ' (' || (SELECT group_concat(name || \
    CASE WHEN \"desc\" THEN ' DESC' ELSE '' END, ', ') FROM (SELECT COALESCE(x.name, 'expression') AS name, \
    x.\"desc\" FROM pragma_index_xinfo(i.name) x WHERE x.key ORDER BY x.seqno)) || ') ' \
    || CASE i.origin WHEN 'pk' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' \
    ELSE CASE WHEN i.\"unique\" THEN 'UNIQUE ' ELSE '' END || 'INDEX ' || i.name END \
    || CASE WHEN i.partial THEN substr(s.sql, instr(s.sql, ' WHERE ')) ELSE '' END \
    FROM sqlite_master m JOIN pragma_index_list(m.name) i JOIN sqlite_master s ON s.name = i.name \
    WHERE m.type = 'table' AND m.name NOT LIKE '%~_search%' ESCAPE '~' AND m.name <> '_sqlx_migrations'";
const INDEXES_ON_POSTGRES: &str = "SELECT t.relname || ' (' || (SELECT string_agg( \
    CASE WHEN i.indkey[n - 1] = 0 THEN 'expression' ELSE pg_get_indexdef(i.indexrelid, n, true) END \
    || CASE WHEN i.indoption[n - 1] & 1 = 1 THEN ' DESC' ELSE '' END, ', ' ORDER BY n) \
    FROM generate_series(1, i.indnkeyatts) n) || ') ' \
    || CASE c.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' \
    ELSE CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX ' || x.relname END \
    || COALESCE(' WHERE ' || replace(pg_get_expr(i.indpred, i.indrelid, true), '::text', ''), '') \
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid \
    LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u') \
    WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r' \
    AND x.relname NOT LIKE '%~_search' ESCAPE '~' AND t.relname <> '_sqlx_migrations'";

/// `table.column -> table.column ON DELETE action ON UPDATE action`.
const REFERENCES_ON_SQLITE: &str = "SELECT m.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || '.' \
    || f.\"to\" || ' ON DELETE ' || f.on_delete || ' ON UPDATE ' || f.on_update \
    FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'";
const REFERENCES_ON_POSTGRES: &str = "SELECT t.relname || '.' || a.attname || ' -> ' || r.relname || '.' \
    || b.attname || ' ON DELETE ' || d.name || ' ON UPDATE ' || u.name \
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid \
    CROSS JOIN unnest(c.conkey, c.confkey) AS k (ours, theirs) \
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.ours \
    JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.theirs \
    JOIN (VALUES ('a', 'NO ACTION'), ('r', 'RESTRICT'), ('c', 'CASCADE'), ('n', 'SET NULL'), \
    ('d', 'SET DEFAULT')) AS d (code, name) ON d.code = c.confdeltype::text \
    JOIN (VALUES ('a', 'NO ACTION'), ('r', 'RESTRICT'), ('c', 'CASCADE'), ('n', 'SET NULL'), \
    ('d', 'SET DEFAULT')) AS u (code, name) ON u.code = c.confupdtype::text \
    WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace";

/// All columns, indexes and references of a database, in order.
async fn described(fresh: &Fresh) -> Vec<String> {
    let asked = if fresh.store.engine_name() == "SQLite" {
        [COLUMNS_ON_SQLITE, INDEXES_ON_SQLITE, REFERENCES_ON_SQLITE]
    } else {
        [COLUMNS_ON_POSTGRES, INDEXES_ON_POSTGRES, REFERENCES_ON_POSTGRES]
    };
    let mut lines = Vec::new();
    for sql in asked {
        let found = rows::of(&fresh.database, sql).await;
        assert!(!found.is_empty(), "the catalogue answers nothing to {sql}");
        lines.extend(found);
    }
    lines.sort();
    lines
}

/// A line of SQLite's as PostgreSQL says it.
fn mapped(line: String) -> String {
    let fields: Vec<&str> = line.split('|').collect();
    let [column, sqlite, rest @ ..] = fields.as_slice() else { return line };
    let known = TYPES.into_iter().find(|(theirs, _)| theirs == sqlite);
    let (_, postgres) = known.unwrap_or_else(|| panic!("{column} has the type '{sqlite}'"));
    let mut fields = vec![*column, postgres];
    fields.extend(rest);
    fields.join("|")
}

async fn described_as_postgres(sqlite: &Fresh) -> Vec<String> {
    let mut lines: Vec<_> = described(sqlite).await.into_iter().map(mapped).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn both_engines_have_the_same_tables() {
    let (sqlite, postgres) = (crate::sqlite().await, crate::postgres().await);
    assert_eq!(sqlite.store.engine_name(), "SQLite");
    assert_eq!(postgres.store.engine_name(), "PostgreSQL");
    let (one, other) = (described_as_postgres(&sqlite).await, described(&postgres).await);
    for expected in [
        "messages.recipient|text||",
        "messages (due_at) INDEX messages_due WHERE due_at IS NOT NULL",
        "sim_members.sim -> sims.id ON DELETE CASCADE ON UPDATE NO ACTION",
    ] {
        assert!(one.contains(&expected.to_owned()), "{one:#?}");
    }
    let only = |these: &[String], those: &[String]| {
        these.iter().filter(|line| !those.contains(line)).cloned().collect::<Vec<_>>()
    };
    assert_eq!((only(&one, &other), only(&other, &one)), (Vec::new(), Vec::new()));
    assert_eq!(one, other);
    sqlite.store.close().await;
    postgres.store.close().await;
}

/// A description that left something out would find nothing different in it.
#[tokio::test]
async fn whatever_is_changed_in_a_table_is_described() {
    for fresh in [crate::sqlite().await, crate::postgres().await] {
        let mut before = described(&fresh).await;
        for (change, line) in [
            ("ALTER TABLE modems ADD COLUMN a BIGINT", "modems.a|BIGINT||"),
            (
                "ALTER TABLE modems ADD COLUMN b TEXT NOT NULL DEFAULT 'x'",
                "modems.b|TEXT|NOT NULL|'x'",
            ),
            (
                "CREATE UNIQUE INDEX modems_a ON modems (a, b DESC)",
                "modems (a, b DESC) UNIQUE INDEX modems_a",
            ),
            (
                "CREATE INDEX modems_b ON modems (b) WHERE b = 'y'",
                "modems (b) INDEX modems_b WHERE b = 'y'",
            ),
            (
                "CREATE TABLE parts (id TEXT PRIMARY KEY, \
                 sim TEXT REFERENCES sims (id) ON DELETE SET NULL)",
                "parts.sim -> sims.id ON DELETE SET NULL ON UPDATE NO ACTION",
            ),
        ] {
            rows::change(&fresh.database, change).await;
            let after = described(&fresh).await;
            let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
            let told = |shown: &&&String| shown.replace("::text", "").eq_ignore_ascii_case(line);
            assert_eq!(new.iter().filter(told).count(), 1, "{change}: {new:?}");
            before = after;
        }
        fresh.store.close().await;
    }
}
