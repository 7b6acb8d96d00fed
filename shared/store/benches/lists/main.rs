//! How long lists take, and what a row costs: `cargo bench -p store --bench lists`.
//!
//! A database is filled with a million messages in SQLite (with `BENCH=whole` also ten million in a PostgreSQL server that
//! is started for it, with `BENCH=quick` a hundred thousand) and everything else that a gateway of that size has: see
//! [`data`]. Printed are
//! * the lists, counts and steps that pages, programs and persistence ask for, the first page and one from the middle: the
//!   median of nine, and the longest;
//! * what it costs to write messages and their events into the full database: rows a second, and CPU of this process a row
//!   (which is all of it with SQLite);
//! * how long one step of retention holds the writer.
//!
//! Nothing is asserted.
#![expect(clippy::disallowed_methods, reason = "how long things take is measured")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it prints figures")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot run stops")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

mod data;
mod lists;
mod writing;

use store::Store;
use testkit::TempDatabase;

use crate::data::Data;

#[tokio::main]
async fn main() {
    let extent = std::env::var("BENCH").unwrap_or_default();
    let messages = if extent == "quick" { 100_000 } else { 1_000_000 };
    measure(TempDatabase::sqlite(), messages).await;
    if extent == "whole" {
        measure(TempDatabase::postgres().await, 10_000_000).await;
    }
}

async fn measure(database: TempDatabase, messages: i64) {
    let store = Store::open(database.url()).await.expect("the database opens");
    store.migrate().await.expect("the database migrates");
    let data = Data { messages };
    data.fill(database.url()).await;
    println!("\n## {}, {messages} messages\n", store.engine_name());
    lists::measure(&store, data).await;
    writing::measure(&store, data).await;
    writing::retention(&store, data).await;
    store.close().await;
}
