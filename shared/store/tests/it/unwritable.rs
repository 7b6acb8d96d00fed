//! A database that answers and cannot be written.

use std::path::PathBuf;

use sqlx::Connection as _;
use testkit::{Unwritable, wait_for};

#[tokio::test]
async fn a_file_that_became_unwritable_is_told_and_is_so_again_by_itself() {
    let fresh = crate::sqlite().await;
    let store = &fresh.store;
    store.writable().await.unwrap();
    let file = fresh.database.url().strip_prefix("sqlite://").unwrap();
    let files = [PathBuf::from(file), PathBuf::from(format!("{file}-wal"))];
    let Some(unwritable) = Unwritable::make(&files) else { return };
    // An earlier success is returned for two seconds.
    let error = wait_for("the refusal", || async { store.writable().await.err() }).await;
    assert!(error.is_temporary(), "{error}");
    assert!(error.to_string().contains("trying to write"), "{error}");
    store.healthy().await.unwrap();
    drop(unwritable);
    wait_for("it to be written again", || async { store.writable().await.ok() }).await;
    store.close().await;
}

#[tokio::test]
async fn a_server_that_became_read_only_is_told_and_is_so_again_by_itself() {
    let fresh = crate::postgres().await;
    let store = &fresh.store;
    store.writable().await.unwrap();
    let mut other = sqlx::PgConnection::connect(fresh.database.url()).await.unwrap();
    let name: String =
        sqlx::query_scalar("SELECT current_database()").fetch_one(&mut other).await.unwrap();
    let set = |value: &str| {
        format!("ALTER DATABASE \"{name}\" SET default_transaction_read_only = {value}")
    };
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    sqlx::query(sqlx::AssertSqlSafe(set("on"))).execute(&mut other).await.unwrap();
    sqlx::query(others).execute(&mut other).await.unwrap();
    let read_only = |error: &store::StoreError| error.to_string().contains("read-only");
    wait_for("the refusal", || async { store.writable().await.err().filter(read_only) }).await;
    wait_for("an answer", || async { store.healthy().await.ok() }).await;
    sqlx::query(sqlx::AssertSqlSafe(set("off"))).execute(&mut other).await.unwrap();
    sqlx::query(others).execute(&mut other).await.unwrap();
    wait_for("it to be written again", || async { store.writable().await.ok() }).await;
    store.close().await;
}
