//! Rows as they stand in the database, for what the store does not show.

use sqlx::{Connection as _, PgConnection, SqliteConnection};
use testkit::TempDatabase;

/// The rows of a query of one column of text.
pub(crate) async fn of(database: &TempDatabase, sql: &'static str) -> Vec<String> {
    let url = database.url();
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
    }
}

/// Changes the database past the store.
pub(crate) async fn change(database: &TempDatabase, sql: &'static str) {
    let url = database.url();
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
    }
}
