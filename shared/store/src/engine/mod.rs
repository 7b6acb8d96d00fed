//! The engines, and the call of one method on whichever is open.

use std::path::PathBuf;
use std::time::Duration;

use crate::StoreError;

pub(crate) mod postgres;
pub(crate) mod sqlite;

/// Which engine.
#[derive(Clone)]
pub(crate) enum Engine {
    Sqlite(sqlite::Database, PathBuf),
    Postgres(postgres::Database, String),
}

/// How long one call may take. A database that stands still, or is behind a network that swallows packets, would
/// otherwise never be told from one that is slow. What was asked may be done all the same: every write can be made
/// twice.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the same call on whichever engine it is, for as long as it takes.
macro_rules! on_engine_at_leisure {
    ($store:expr, $db:ident => $call:expr) => {
        match &$store.engine {
            $crate::engine::Engine::Sqlite($db, _) => $call.await,
            $crate::engine::Engine::Postgres($db, _) => $call.await,
        }
    };
}
pub(crate) use on_engine_at_leisure;

/// Runs the same call on whichever engine it is, within a bounded time.
macro_rules! on_engine {
    ($store:expr, $db:ident => $call:expr) => {
        match &$store.engine {
            $crate::engine::Engine::Sqlite($db, _) => $crate::engine::bounded($call).await,
            $crate::engine::Engine::Postgres($db, _) => $crate::engine::bounded($call).await,
        }
    };
}
pub(crate) use on_engine;

/// A call, or that it took too long.
pub(crate) async fn bounded<T, E: From<StoreError>>(
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(done) => done,
        Err(_) => Err(StoreError::Silent { waited: PATIENCE }.into()),
    }
}
