//! The two engines, and the macros that call a method on whichever of them is open.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::StoreError;

pub(crate) mod postgres;
pub(crate) mod sqlite;

/// The engine of a [`Store`](crate::Store), with its file or its place.
#[derive(Clone)]
pub(crate) enum Engine {
    Sqlite(sqlite::Database, PathBuf),
    Postgres(postgres::Database, String),
}

/// How long one call may take, unless [`Store::with_patience`](crate::Store::with_patience) says less. Without a limit, a database that stands still, or that is behind a network which
/// swallows packets, could never be told from one that is slow. The database may still do what the call asked for,
/// which is why every write can be repeated.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// How long a call waits for what it dropped to be rolled back. It is rolled back in any case.
const ROLLED_BACK_WITHIN: Duration = Duration::from_secs(5);

tokio::task_local! {
    /// By what the transactions are rolled back that the present call dropped.
    static ROLLING_BACK: RefCell<Vec<JoinHandle<()>>>;
}

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

/// Runs a call on whichever engine is open, for as long as its store has patience.
macro_rules! on_engine {
    ($store:expr, $db:ident => $call:expr) => {
        match &$store.engine {
            $crate::engine::Engine::Sqlite($db, _) => {
                $crate::engine::bounded($store.patience, $call).await
            }
            $crate::engine::Engine::Postgres($db, _) => {
                $crate::engine::bounded($store.patience, $call).await
            }
        }
    };
}
pub(crate) use on_engine;

/// Awaits a call for at most so long.
pub(crate) async fn bounded<T, E: From<StoreError>>(
    patience: Duration,
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let whole = async {
        // On the heap, for whatever a call keeps would be a part of each future that asks for it.
        let done = match tokio::time::timeout(patience, Box::pin(call)).await {
            Ok(done) => done,
            Err(_) => Err(StoreError::Silent { waited: patience }.into()),
        };
        for task in ROLLING_BACK.with(RefCell::take) {
            let _ = tokio::time::timeout(ROLLED_BACK_WITHIN, task).await;
        }
        done
    };
    ROLLING_BACK.scope(RefCell::default(), whole).await
}

/// Rolls a transaction back; the call that dropped it waits for that.
fn roll_back(rollback: impl Future<Output = ()> + Send + 'static) {
    // Without a runtime the process ends, and its connections with it.
    let Ok(runtime) = Handle::try_current() else { return };
    let task = runtime.spawn(rollback);
    // What is beside all calls, such as a migration, waits for nothing.
    let _ = ROLLING_BACK.try_with(|all| all.borrow_mut().push(task));
}
