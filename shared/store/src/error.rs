//! The errors of a database.

/// A database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no database that Merpati knows.
    #[error(
        "'{0}' is not a database URL: use a file's path, sqlite:///path/to/file or postgres://user@host/name"
    )]
    Url(String),
    /// The SQLite file cannot be made or opened.
    #[error("the database file {path} cannot be opened: {source}")]
    File {
        /// The path of the file.
        path: String,
        /// The reason.
        #[source]
        source: std::io::Error,
    },
    /// The engine refuses the connection or cannot be reached.
    #[error("the database {at} cannot be opened: {source}")]
    Connect {
        /// The file, or host and name without user and password.
        at: String,
        /// The reason.
        #[source]
        source: sqlx::Error,
    },
}

/// A query failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is full or is busy. The same query may work later.
    #[error("the database is not available ({doing}): {source}")]
    Unavailable {
        /// What the query was for.
        doing: &'static str,
        /// The reason.
        #[source]
        source: sqlx::Error,
    },
    /// The database did not answer in time. What the query asked for may be done now, later or never.
    #[error("the database did not answer within {} s", waited.as_secs())]
    Silent {
        /// How long the query was awaited.
        waited: std::time::Duration,
    },
    /// The database refuses the query, and would refuse it again.
    #[error("the database refused {doing}: {source}")]
    Refused {
        /// What the query was for.
        doing: &'static str,
        /// The reason.
        #[source]
        source: sqlx::Error,
    },
    /// What was to be written is not in the reach of whoever writes it. The caller is wrong, not the database.
    #[error("out of reach: {doing}")]
    OutOfReach {
        /// What the query was for.
        doing: &'static str,
    },
    /// A test of the endpoint waits already. Nothing was written.
    #[error("a test of this endpoint waits already")]
    TestWaits,
    /// As many events wait for the endpoint as may. Nothing was written.
    #[error("too many events wait for this endpoint already")]
    LaneFull,
    /// A column holds a value that this version of the program cannot read.
    #[error("the column {column} holds '{found}', which this version cannot read")]
    Column {
        /// The table and the column.
        column: &'static str,
        /// The value, shortened.
        found: String,
    },
    /// A value that was to be stored cannot be written as JSON.
    #[error("{what} cannot be written as JSON: {source}")]
    Json {
        /// The value, by name.
        what: &'static str,
        /// The reason.
        #[source]
        source: serde_json::Error,
    },
}

impl StoreError {
    /// Returns whether the same query may work later, because the trouble is the database's and not the query's.
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Silent { .. })
    }

    /// Returns whether PostgreSQL undid the transaction so that another one could go on (class 40: a deadlock, or no
    /// serial order). The database is well, and the same transaction works when it is repeated at once.
    pub(crate) fn is_undone(&self) -> bool {
        let Self::Unavailable { source: sqlx::Error::Database(database), .. } = self else {
            return false;
        };
        let postgres = database.try_downcast_ref::<sqlx::postgres::PgDatabaseError>();
        postgres.is_some_and(|error| error.code().starts_with("40"))
    }
}

/// Returns a function for `map_err` that adds what the query was for and sorts the error.
pub(crate) fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |source| {
        if is_refusal(&source) {
            StoreError::Refused { doing, source }
        } else {
            StoreError::Unavailable { doing, source }
        }
    }
}

/// Returns whether the trouble is in the values, which the database refuses and will go on to refuse.
///
/// PostgreSQL says so by the classes 22 (data) and 23 (constraint), SQLite by the primary codes 18 (too big), 19
/// (constraint) and 20 (mismatch). A missing table or column is not among them, because migrating mends that.
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
