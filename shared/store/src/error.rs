//! What goes wrong with a database.

/// A database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is none of ours.
    #[error(
        "'{0}' is not a database URL: use a file's path, sqlite:///path/to/file or postgres://user@host/name"
    )]
    Url(String),
    /// The SQLite file cannot be made or opened.
    #[error("the database file {path} cannot be opened: {source}")]
    File {
        /// Where.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The engine refuses or cannot be reached.
    #[error("the database {at} cannot be opened: {source}")]
    Connect {
        /// The file, or host and name without user and password.
        at: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
}

/// A query failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is full or busy: the same query may work later.
    #[error("the database is not available ({doing}): {source}")]
    Unavailable {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// It did not answer in time: what was asked may be done, now or later.
    #[error("the database did not answer within {} s", waited.as_secs())]
    Silent {
        /// How long was waited.
        waited: std::time::Duration,
    },
    /// The database refuses this query; trying it again helps nothing.
    #[error("the database refused {doing}: {source}")]
    Refused {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// A row holds what this version did not write.
    #[error("the column {column} holds '{found}', which this version cannot read")]
    Column {
        /// Which.
        column: &'static str,
        /// What it holds, shortened.
        found: String,
    },
    /// What was to be stored cannot be written as JSON.
    #[error("{what} cannot be written as JSON: {source}")]
    Json {
        /// What.
        what: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl StoreError {
    /// The same may work later: the trouble is the database's, not the query's.
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Silent { .. })
    }

    /// PostgreSQL undid the transaction so that another could go on (class 40: a deadlock, or no serial order). The
    /// same transaction works when it is done again at once; nothing is away.
    pub(crate) fn is_undone(&self) -> bool {
        let Self::Unavailable { source: sqlx::Error::Database(database), .. } = self else {
            return false;
        };
        let postgres = database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>();
        postgres.is_some_and(|error| error.code().starts_with("40"))
    }
}

/// For `map_err`: says what was being done and sorts the error.
pub(crate) fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |source| {
        if is_refusal(&source) {
            StoreError::Refused { doing, source }
        } else {
            StoreError::Unavailable { doing, source }
        }
    }
}

/// Whether the trouble is in the values: what was to be written is refused, and will be.
///
/// PostgreSQL: classes 22 (data) and 23 (constraint). SQLite: primary codes 18 (too big), 19 (constraint),
/// 20 (mismatch). A missing table or column is not among them: migrating mends that.
fn is_refusal(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            if database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
                return ["22", "23"].iter().any(|class| code.starts_with(class));
            }
            let primary = code.parse::<u32>().unwrap_or_default() & 0xff;
            matches!(primary, 18..=20)
        }
        sqlx::Error::Encode(_) | sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => true,
        _ => false,
    }
}
