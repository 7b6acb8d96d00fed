//! A dump of a database, as mysqldump, phpMyAdmin and their like write it: read piece by piece, so that neither a file of many
//! gigabytes nor a line of two takes memory.
//!
//! Of the statements, `CREATE TABLE` says which columns there are, `INSERT` and `REPLACE` have the rows, and `SET NAMES` the
//! charset; all others are passed over, comments and what stands between `DELIMITER`s too. Only the tables that are asked for are
//! kept anything of. Whatever cannot be understood inside one of those ends the reading with its place, for half a row is not
//! guessed at.

mod bytes;
mod error;
mod file;
mod row;
mod statement;
mod token;
mod value;

use std::collections::HashMap;
use std::io::Read;
use std::rc::Rc;

pub(super) use bytes::Place;
pub(super) use error::DumpError;
pub(super) use file::{Source, open};
pub(super) use row::{Charset, Row};
pub(super) use value::Cell;

use bytes::Bytes;
use error::unexpected;
use row::Columns;
use token::LONGEST_COMMENT;

/// Where the reading is.
enum State {
    /// Between two statements.
    Between,
    /// Before a row of this table.
    Rows(Rc<str>, Columns),
}

/// A dump that is being read.
pub(super) struct Dump<R, W> {
    bytes: Bytes<R>,
    /// Which tables are asked for: the name by which one is, from that which the dump has.
    wanted: W,
    columns: HashMap<Rc<str>, Columns>,
    charset: Charset,
    /// Whether a backslash in a string stands for something else.
    has_escapes: bool,
    state: State,
}

impl<R: Read, W: Fn(&str) -> Option<String>> Dump<R, W> {
    /// Begins to read. `wanted` says by which name a table is asked for, and none when it is not.
    pub(super) fn new(input: R, wanted: W) -> Self {
        Self {
            bytes: Bytes::new(input),
            wanted,
            columns: HashMap::new(),
            charset: Charset::Utf8,
            has_escapes: true,
            state: State::Between,
        }
    }

    /// Where the reading is.
    pub(super) const fn place(&self) -> Place {
        self.bytes.place()
    }

    /// The next row of a table that is asked for; none: the dump is at its end.
    pub(super) fn row(&mut self) -> Result<Option<Row>, DumpError> {
        loop {
            match std::mem::replace(&mut self.state, State::Between) {
                State::Between => {
                    if !self.statement()? {
                        return Ok(None);
                    }
                }
                State::Rows(table, columns) => {
                    if let Some(row) = self.next_row(table, columns)? {
                        return Ok(Some(row));
                    }
                }
            }
        }
    }

    /// Reads a statement up to its rows, or to its end. False: there is none.
    fn statement(&mut self) -> Result<bool, DumpError> {
        self.blanks()?;
        match self.bytes.peek()? {
            None => return Ok(false),
            Some(b';') => {
                self.bytes.next()?;
                return Ok(true);
            }
            Some(_) => {}
        }
        let word = self.word()?;
        match word.to_ascii_uppercase().as_str() {
            "CREATE" => self.create()?,
            "INSERT" | "REPLACE" => self.insert()?,
            "SET" => {
                let said = self.rest(LONGEST_COMMENT)?;
                self.settings(&said);
            }
            "DELIMITER" => self.delimited()?,
            "COPY" => self.copy()?,
            // As sqlite3 begins; SQLite has no backslashes.
            "PRAGMA" => {
                self.has_escapes = false;
                self.rest(0)?;
            }
            _ => drop(self.rest(0)?),
        }
        Ok(true)
    }

    /// The next row of a statement; none: it is at its end.
    fn next_row(&mut self, table: Rc<str>, columns: Columns) -> Result<Option<Row>, DumpError> {
        self.blanks()?;
        let place = self.place();
        match self.must()? {
            b';' => return Ok(None),
            b',' => {
                self.state = State::Rows(table, columns);
                return self.row_or_none();
            }
            b'(' => {}
            // `ON DUPLICATE KEY UPDATE …`.
            other if other.is_ascii_alphabetic() => {
                self.rest(0)?;
                return Ok(None);
            }
            other => return Err(unexpected(place, other, "a row")),
        }
        let (cells, is_cut) = self.cells()?;
        if cells.len() != columns.len() {
            let (found, columns) = (cells.len(), columns.len());
            return Err(DumpError::Uneven { place, found, columns });
        }
        let charset = self.charset;
        let is_read = |cell: &Cell| match cell {
            Cell::Null => true,
            Cell::Bytes(bytes) => charset.read(bytes).1,
        };
        let is_damaged = is_cut || !cells.iter().all(is_read);
        self.state = State::Rows(Rc::clone(&table), Rc::clone(&columns));
        Ok(Some(Row { table, place, is_damaged, columns, cells, charset }))
    }

    /// After a comma: the row that has to follow.
    fn row_or_none(&mut self) -> Result<Option<Row>, DumpError> {
        self.blanks()?;
        let place = self.place();
        match self.bytes.peek()? {
            Some(b'(') => self.row(),
            Some(other) => Err(unexpected(place, other, "a row")),
            None => Err(DumpError::Truncated(place)),
        }
    }
}

#[cfg(test)]
mod tests;
