//! The two engines, and the macros that call a method on whichever of them is open.

use std::path::PathBuf;
use std::time::Duration;

use crate::StoreError;

pub(crate) mod postgres;
pub(crate) mod sqlite;

/// The engine of a [`Store`](crate::Store), with its file or its place.
#[derive(Clone)]
pub(crate) enum Engine {
    Sqlite(sqlite::Database, PathBuf),
    Postgres(postgres::Database, String),
}

/// How long one call may take. Without a limit, a database that stands still, or that is behind a network which
/// swallows packets, could never be told from one that is slow. The database may still do what the call asked for,
/// which is why every write can be repeated.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a call on whichever engine is open, for as long as it takes.
macro_rules! on_engine_unbounded {
    ($store:expr, $db:ident => $call:expr) => {
        match &$store.engine {
            $crate::engine::Engine::Sqlite($db, _) => $call.await,
            $crate::engine::Engine::Postgres($db, _) => $call.await,
        }
    };
}
pub(crate) use on_engine_unbounded;

/// Runs a call on whichever engine is open, for at most [`PATIENCE`].
macro_rules! on_engine {
    ($store:expr, $db:ident => $call:expr) => {
        match &$store.engine {
            $crate::engine::Engine::Sqlite($db, _) => $crate::engine::bounded($call).await,
            $crate::engine::Engine::Postgres($db, _) => $crate::engine::bounded($call).await,
        }
    };
}
pub(crate) use on_engine;

/// Awaits a call for at most [`PATIENCE`].
pub(crate) async fn bounded<T, E: From<StoreError>>(
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(done) => done,
        Err(_) => Err(StoreError::Silent { waited: PATIENCE }.into()),
    }
}
