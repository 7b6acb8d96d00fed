//! Schema, migrations and queries of Merpati for SQLite and PostgreSQL.
