//! The handle of a database.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use crate::engine::{Engine, PATIENCE, on_engine_unbounded, postgres, sqlite};
use crate::error::failed;
use crate::{OpenError, StoreError};

/// An open database. A clone is cheap and shares the connections of the original.
///
/// The tables exist once [`Store::migrate`] was called.
#[derive(Clone)]
pub struct Store {
    pub(crate) engine: Engine,
    /// How long one call may take.
    pub(crate) patience: Duration,
    /// How many changes of settings were made through this handle and its clones.
    pub(crate) settings_changes: watch::Sender<u64>,
    /// When the last successful write of [`Store::writable`] was.
    written_at: Arc<Mutex<Option<Instant>>>,
}

/// For how long a successful write is taken as proof that the database can be written.
const WRITE_IS_KNOWN_FOR: Duration = Duration::from_secs(2);

/// The least time that a call may take.
const SHORTEST_PATIENCE: Duration = Duration::from_secs(1);

/// The most connections that [`Store::open`] makes.
const DEFAULT_CONNECTIONS: u32 = 8;

/// How long [`Store::close`] waits for the connections.
const GOODBYE: Duration = Duration::from_secs(10);

impl Store {
    /// Opens a database by URL: `postgres://user:password@host:port/name`, `sqlite:///path/to/file`, or the path of a
    /// file alone. A SQLite file that does not exist is made, readable by its owner only; its folder must exist.
    ///
    /// With SQLite a single connection writes, so the writers of one process queue up instead of failing because the
    /// file is busy.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_with(url, DEFAULT_CONNECTIONS).await
    }

    /// Opens a database like [`Store::open`], with at most `connections` connections to a server, or that many
    /// readers of a file.
    pub async fn open_with(url: &str, connections: u32) -> Result<Self, OpenError> {
        let connections = connections.max(1);
        match Address::parse(url)? {
            Address::File(path) => {
                let database = sqlite::open(&path, connections).await?;
                Ok(Self::on(Engine::Sqlite(database, path)))
            }
            Address::Server(url) => {
                let (database, at) = postgres::open(&url, connections).await?;
                Ok(Self::on(Engine::Postgres(database, at)))
            }
        }
    }

    fn on(engine: Engine) -> Self {
        Self {
            engine,
            patience: PATIENCE,
            settings_changes: watch::Sender::default(),
            written_at: Arc::default(),
        }
    }

    /// The same database, each call to which is given up after this time: a second at least, and half a minute at most, which is how long
    /// calls have otherwise. What tries how a database is borne that is silent need not wait for that.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience: patience.clamp(SHORTEST_PATIENCE, PATIENCE), ..self }
    }

    /// Returns `SQLite` or `PostgreSQL`.
    pub fn engine_name(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite(..) => "SQLite",
            Engine::Postgres(..) => "PostgreSQL",
        }
    }

    /// Checks that the database can be written, for readiness: a database that became read-only or whose disk is full
    /// still answers queries. A success is returned again for two seconds without a new attempt.
    ///
    /// # Errors
    /// When the database could not be written. The call takes as long as the database does.
    pub async fn writable(&self) -> Result<(), StoreError> {
        let mut written_at = self.written_at.lock().await;
        if written_at.is_some_and(|at| at.elapsed() < WRITE_IS_KNOWN_FOR) {
            return Ok(());
        }
        on_engine_unbounded!(self, db => db.writes()).map_err(failed("trying to write"))?;
        *written_at = Some(Instant::now());
        Ok(())
    }

    /// Checks that the database answers, for readiness.
    pub async fn healthy(&self) -> Result<(), StoreError> {
        on_engine_unbounded!(self, db => db.answers()).map_err(failed("asking whether it answers"))
    }

    /// Closes all connections. SQLite folds its write-ahead log into the file.
    pub async fn close(&self) {
        let closed = async { on_engine_unbounded!(self, db => db.close()) };
        if tokio::time::timeout(GOODBYE, closed).await.is_err() {
            tracing::warn!(
                "the connections to the database did not close in time; stopping without them"
            );
        }
    }
}

/// Shows the engine and the place, never a password.
impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.engine {
            Engine::Sqlite(_, path) => write!(f, "Store(SQLite, {})", path.display()),
            Engine::Postgres(_, at) => write!(f, "Store(PostgreSQL, {at})"),
        }
    }
}

/// Where a database is.
#[derive(Debug, PartialEq, Eq)]
enum Address {
    File(PathBuf),
    Server(String),
}

impl Address {
    /// Grammar: `postgres://…` or `postgresql://…` | `sqlite://` path | `sqlite:` path | path.
    fn parse(url: &str) -> Result<Self, OpenError> {
        let url = url.trim();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Server(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
        let path = path.unwrap_or(url);
        if path.is_empty() || path.contains("://") || path == ":memory:" {
            // Only the part before the first colon is shown: the rest may hold a password.
            let shown = url.split_once("://").map_or(url, |(scheme, _)| scheme);
            return Err(OpenError::Url(shown.chars().take(40).collect()));
        }
        Ok(Self::File(Path::new(path).to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_say_the_engine() {
        let file = |path: &str| Address::File(PathBuf::from(path));
        assert_eq!(Address::parse("sqlite:///var/m.db").unwrap(), file("/var/m.db"));
        assert_eq!(Address::parse("sqlite://m.db").unwrap(), file("m.db"));
        assert_eq!(Address::parse("/var/lib/merpati/m.db").unwrap(), file("/var/lib/merpati/m.db"));
        let server = "postgres://m:secret@db/merpati";
        assert_eq!(Address::parse(server).unwrap(), Address::Server(server.to_owned()));
    }

    #[test]
    fn other_urls_are_refused_without_their_password() {
        let error = Address::parse("mysql://root:secret@db/merpati").unwrap_err().to_string();
        assert!(error.contains("'mysql'") && error.contains("postgres://"), "{error}");
        assert!(!error.contains("secret"), "{error}");
        assert!(Address::parse("").is_err());
        assert!(Address::parse(":memory:").is_err());
    }
}
