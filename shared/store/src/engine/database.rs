//! The connections to one database, and the list of the queries. This file is compiled once in the module of each
//! engine.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Pool;

use super::dialect;
use super::dialect::Db;
use crate::error::failed;
use crate::{NewAuditEntry, StoreError};

/// Repeats a transaction at once, a few times, when the engine undid it so that another one could go on.
macro_rules! again {
    ($transaction:expr) => {{
        const AGAIN: u32 = 5;
        let mut times = 0;
        loop {
            match $transaction.await {
                Err(error) if error.is_undone() && times < AGAIN => {
                    times += 1;
                    tracing::debug!("a transaction is repeated: {error}");
                }
                done => break done,
            }
        }
    }};
}

#[path = "../account_limits/queries.rs"]
mod account_limits;
#[path = "../accounts/queries/mod.rs"]
mod accounts;
#[path = "../alerts/queries.rs"]
mod alerts;
#[path = "../system/asking/queries.rs"]
mod asking;
#[path = "../audit/queries.rs"]
mod audit;
#[path = "../system/batches/queries.rs"]
mod batches;
#[path = "../system/boards/queries.rs"]
mod boards;
#[path = "../system/broadcasting/queries/mod.rs"]
mod broadcasting;
#[path = "../broadcasts/queries/mod.rs"]
mod broadcasts;
#[path = "../bulks/queries.rs"]
mod bulks;
#[path = "../callbacks/queries.rs"]
mod callbacks;
#[path = "../system/calls/queries.rs"]
mod calls;
#[path = "../contact_imports/queries/mod.rs"]
mod contact_imports;
#[path = "../contacts/queries.rs"]
mod contacts;
#[path = "../conversations/queries/mod.rs"]
mod conversations;
#[path = "../system/crediting/queries.rs"]
mod crediting;
#[path = "../credits/queries.rs"]
mod credits;
#[path = "../system/deadlines/queries.rs"]
mod deadlines;
#[path = "../entries/queries.rs"]
mod entries;
#[path = "../factors/queries.rs"]
mod factors;
#[path = "../groups/following.rs"]
mod following;
#[path = "../gateway/queries.rs"]
mod gateway;
#[path = "../groups/queries.rs"]
mod groups;
#[path = "../history/queries.rs"]
mod history;
#[path = "../inbox/queries.rs"]
mod inbox;
#[path = "../system/indexing/queries.rs"]
mod indexing;
#[path = "../keys/queries.rs"]
mod keys;
#[path = "../system/lanes/queries.rs"]
mod lanes;
#[path = "../links/queries.rs"]
mod links;
#[path = "../system/loops/queries.rs"]
mod loops;
#[path = "../messages/queries/mod.rs"]
mod messages;
#[path = "../modem_events/queries.rs"]
mod modem_events;
#[path = "../modems/queries.rs"]
mod modems;
#[path = "../system/numbers/queries.rs"]
mod numbers;
#[path = "../open_sessions/queries.rs"]
mod open_sessions;
#[path = "../opt_outs/queries.rs"]
mod opt_outs;
#[path = "../paging/queries.rs"]
mod paging;
#[path = "../system/projection/queries/mod.rs"]
mod projection;
#[path = "../queue/queries.rs"]
mod queue;
#[path = "../reach/queries.rs"]
mod reach;
#[path = "../removed/queries.rs"]
mod removed;
#[path = "../system/replies/queries.rs"]
mod replies;
#[path = "../system/retention/queries.rs"]
mod retention;
#[path = "../routes/queries.rs"]
mod routes;
#[path = "../schedules/queries.rs"]
mod schedules;
#[path = "../system/scheduling/queries.rs"]
mod scheduling;
#[path = "../schema/queries.rs"]
mod schema;
#[path = "../search/queries.rs"]
mod search;
#[path = "../send_attempts/queries.rs"]
mod send_attempts;
#[path = "../services/queries.rs"]
mod services;
#[path = "../entry/sessions/queries.rs"]
mod sessions;
#[path = "../system/settings/queries.rs"]
mod settings;
#[path = "../entry/setup/queries.rs"]
mod setup;
#[path = "../sims/queries.rs"]
mod sims;
#[path = "../tallies/queries.rs"]
mod tallies;
#[path = "../system/tallying/queries.rs"]
mod tallying;
#[path = "../teams/queries.rs"]
mod teams;
#[path = "../templates/queries.rs"]
mod templates;
#[path = "../traffic/queries.rs"]
mod traffic;
#[path = "transaction.rs"]
mod transaction;
#[path = "../votes/queries.rs"]
mod votes;
#[path = "../system/watching/queries.rs"]
mod watching;
#[path = "../webhooks/queries/mod.rs"]
mod webhooks;

use transaction::Tx;

/// How long a reader waits for a note that nobody misses, such as when a key was last used.
const NOTE_PATIENCE: Duration = Duration::from_secs(1);

/// Connections to one database. On PostgreSQL both fields are the same pool.
#[derive(Clone)]
pub(crate) struct Database {
    read: Pool<Db>,
    write: Pool<Db>,
    /// What tells in the audit log of a change that is made by this handle.
    audited: Option<Arc<NewAuditEntry>>,
}

impl Database {
    pub(super) fn new(read: Pool<Db>, write: Pool<Db>) -> Self {
        Self { read, write, audited: None }
    }

    /// The same database by a handle whose changes are told of by an entry.
    pub(crate) fn audited(&self, entry: NewAuditEntry) -> Self {
        Self { audited: Some(Arc::new(entry)), ..self.clone() }
    }

    /// Begins a transaction that writes. One that is dropped without a commit is rolled back before the call returns.
    async fn begin(&self, doing: &'static str) -> Result<Tx, StoreError> {
        let begun = self.write.begin_with(dialect::BEGIN_WRITE).await.map_err(failed(doing))?;
        Ok(Tx::new(begun, self.audited.as_deref().cloned()))
    }

    /// Begins a transaction that writes what follows from a change that was told of: no entry is appended for it.
    async fn begin_after(&self, doing: &'static str) -> Result<Tx, StoreError> {
        let begun = self.write.begin_with(dialect::BEGIN_WRITE).await.map_err(failed(doing))?;
        Ok(Tx::new(begun, None))
    }

    /// Writes a note. When the write takes too long or fails, that is logged and is no error.
    async fn note(&self, what: &str, write: impl Future<Output = Result<(), StoreError>>) {
        match tokio::time::timeout(NOTE_PATIENCE, write).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("{what} was not noted: {error}"),
            Err(_) => tracing::warn!("{what} was not noted: the database is busy writing"),
        }
    }

    pub(crate) async fn answers(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.read).await.map(drop)
    }

    pub(crate) async fn writes(&self) -> Result<(), sqlx::Error> {
        sqlx::query(dialect::WRITE_NOTHING).execute(&self.write).await.map(drop)
    }

    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}
