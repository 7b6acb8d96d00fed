//! The handle.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::Instant;

use crate::engine::{Engine, on_engine_at_leisure, postgres, sqlite};
use crate::error::failed;
use crate::{OpenError, StoreError};

/// A database, open. Cheap to clone; all clones share its connections.
///
/// The tables are there after [`Store::migrate`].
#[derive(Clone)]
pub struct Store {
    pub(crate) engine: Engine,
    settings_changed: Arc<Notify>,
    /// When it was last seen to be written.
    written_at: Arc<Mutex<Option<Instant>>>,
}

/// How long it is taken for granted that what was just written can be written.
const WRITE_IS_KNOWN_FOR: Duration = Duration::from_secs(2);

/// How many connections [`Store::open`] makes at most.
const DEFAULT_CONNECTIONS: u32 = 8;

/// How long closing may take.
const GOODBYE: Duration = Duration::from_secs(10);

impl Store {
    /// Opens a database by URL: `postgres://user:password@host:port/name`, or `sqlite:///path/to/file`, or the
    /// file's path alone. A SQLite file that is not there is made, readable by its owner only; its folder must exist.
    ///
    /// With SQLite one connection writes, so writers of one process queue up instead of failing busy.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::open_with(url, DEFAULT_CONNECTIONS).await
    }

    /// Like [`Store::open`], with at most `connections` to a server, or that many readers of a file.
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
        Self { engine, settings_changed: Arc::default(), written_at: Arc::default() }
    }

    /// Waits until a setting was changed through this handle or a clone of it, since the last call. What others change
    /// is found by [`Store::unpublished_settings`].
    pub async fn settings_changed(&self) {
        self.settings_changed.notified().await;
    }

    /// Passes on what came of changing a setting, and wakes who publishes them.
    pub(crate) fn told<T, E>(&self, done: Result<T, E>) -> Result<T, E> {
        if done.is_ok() {
            self.settings_changed.notify_one();
        }
        done
    }

    /// `SQLite` or `PostgreSQL`.
    pub fn engine_name(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite(..) => "SQLite",
            Engine::Postgres(..) => "PostgreSQL",
        }
    }

    /// The database can be written: for readiness. One that became read-only, or whose disk is full, goes on answering.
    /// Whoever asks within two seconds of a success gets the same answer.
    ///
    /// # Errors
    /// When it could not be written. It takes as long as the database does.
    pub async fn writable(&self) -> Result<(), StoreError> {
        let mut written_at = self.written_at.lock().await;
        if written_at.is_some_and(|at| at.elapsed() < WRITE_IS_KNOWN_FOR) {
            return Ok(());
        }
        on_engine_at_leisure!(self, db => db.writes()).map_err(failed("trying to write"))?;
        *written_at = Some(Instant::now());
        Ok(())
    }

    /// The database answers: for readiness.
    pub async fn healthy(&self) -> Result<(), StoreError> {
        on_engine_at_leisure!(self, db => db.answers()).map_err(failed("asking whether it answers"))
    }

    /// Closes all connections; SQLite's write-ahead log is folded into the file.
    pub async fn close(&self) {
        let closed = async { on_engine_at_leisure!(self, db => db.close()) };
        if tokio::time::timeout(GOODBYE, closed).await.is_err() {
            tracing::warn!("the database did not let go of its connections; leaving without");
        }
    }
}

/// Names the engine and the place, never a password.
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
            // The part before the first colon only: the rest may hold a password.
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
