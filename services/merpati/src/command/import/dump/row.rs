//! A row of a table, and the charset that its texts are in.

use std::rc::Rc;

use super::bytes::Place;
use super::value::Cell;

/// In which charset the texts of a dump are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::command::import) enum Charset {
    Utf8,
    /// What MySQL calls so: Windows-1252.
    Latin1,
}

impl Charset {
    /// The text of some bytes, and whether all of them were in the charset.
    pub(super) fn read(self, bytes: &[u8]) -> (String, bool) {
        match self {
            Self::Utf8 => match std::str::from_utf8(bytes) {
                Ok(text) => (text.to_owned(), true),
                Err(_) => (String::from_utf8_lossy(bytes).into_owned(), false),
            },
            Self::Latin1 => (encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(), true),
        }
    }
}

/// The columns of a table, in small letters.
pub(super) type Columns = Rc<Vec<String>>;

/// A row of a table that was asked for.
#[derive(Debug, Clone)]
pub(in crate::command::import) struct Row {
    /// The name of the table, as it is asked for.
    pub(in crate::command::import) table: Rc<str>,
    /// Where the row begins.
    pub(in crate::command::import) place: Place,
    /// Not all of it could be read: a value was cut or was not in the charset.
    pub(in crate::command::import) is_damaged: bool,
    pub(super) columns: Columns,
    pub(super) cells: Vec<Cell>,
    pub(super) charset: Charset,
}

impl Row {
    /// The text of a column; none: it is NULL, or there is no such column.
    pub(in crate::command::import) fn text(&self, column: &str) -> Option<String> {
        let at = self.columns.iter().position(|known| known == column)?;
        match self.cells.get(at)? {
            Cell::Null => None,
            Cell::Bytes(bytes) => Some(self.charset.read(bytes).0),
        }
    }

    /// A text that is there and not empty, without blanks around it.
    pub(in crate::command::import) fn filled(&self, column: &str) -> Option<String> {
        let text = self.text(column)?;
        let trimmed = text.trim();
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }

    /// A whole number.
    pub(in crate::command::import) fn number(&self, column: &str) -> Option<i64> {
        self.text(column)?.trim().parse().ok()
    }
}
