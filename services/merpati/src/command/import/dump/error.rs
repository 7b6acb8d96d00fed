//! Why a dump was not read to its end.

use super::bytes::Place;
use super::statement::MOST_COLUMNS;
use super::token::LONGEST_NAME;

/// See the module.
#[derive(Debug, thiserror::Error)]
pub(in crate::command::import) enum DumpError {
    /// The file.
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// It ends where it should go on.
    #[error("it ends within a statement, at {0}: the dump is not whole")]
    Truncated(Place),
    /// There is something else than there should be.
    #[error("{place}: {found} stands where {wanted} should")]
    Unexpected {
        /// Where.
        place: Place,
        /// What is there.
        found: String,
        /// What should be.
        wanted: &'static str,
    },
    /// A row has more values than there are columns in any table.
    #[error("{0}: there are more than {MOST_COLUMNS} values or columns")]
    TooMany(Place),
    /// A name is longer than any is.
    #[error("{0}: a name has more than {LONGEST_NAME} bytes")]
    LongName(Place),
    /// A row has more or fewer values than its table has columns.
    #[error("{place}: the row has {found} values, and its table has {columns} columns")]
    Uneven {
        /// Where.
        place: Place,
        /// How many values there are.
        found: usize,
        /// How many columns.
        columns: usize,
    },
    /// Its rows are written in PostgreSQL's own way.
    #[error("{0}: its rows are written as COPY: dump it with pg_dump --inserts")]
    Copied(Place),
    /// Rows come before it was said which columns there are.
    #[error(
        "{place}: rows of {table} come without the names of their columns: dump it with CREATE TABLE"
    )]
    NoColumns {
        /// Where.
        place: Place,
        /// Which table.
        table: String,
    },
}

pub(super) fn unexpected(place: Place, found: u8, wanted: &'static str) -> DumpError {
    DumpError::Unexpected { place, found: shown(&char::from(found).to_string()), wanted }
}

/// Something of a dump as it may be shown.
pub(super) fn shown(text: &str) -> String {
    let text: String = text.chars().take(20).flat_map(char::escape_default).collect();
    format!("'{text}'")
}
