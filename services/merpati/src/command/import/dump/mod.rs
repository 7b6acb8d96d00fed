//! A dump of a database, as mysqldump, phpMyAdmin and their like write it: read piece by piece, so that neither a file of many
//! gigabytes nor a line of two takes memory.
//!
//! Of the statements, `CREATE TABLE` says which columns there are, `INSERT` and `REPLACE` have the rows, and `SET NAMES` the
//! charset; all others are passed over, comments and what stands between `DELIMITER`s too. Only the tables that are asked for are
//! kept anything of. Whatever cannot be understood inside one of those ends the reading with its place, for half a row is not
//! guessed at.

mod bytes;
mod value;

use std::collections::HashMap;
use std::io::Read;
use std::rc::Rc;

pub(super) use bytes::Place;
pub(super) use value::Cell;

use bytes::Bytes;

/// The most bytes of a name.
const LONGEST_NAME: usize = 256;
/// The most columns of a table, and the most values of a row.
const MOST_COLUMNS: usize = 1_000;
/// The most bytes of a comment that are looked at.
const LONGEST_COMMENT: usize = 256;

/// What a definition of a table begins with when it is no column.
const KEYS: [&str; 9] =
    ["PRIMARY", "KEY", "UNIQUE", "INDEX", "CONSTRAINT", "FULLTEXT", "SPATIAL", "FOREIGN", "CHECK"];
/// What may stand between `INSERT` and the name of the table.
const BETWEEN: [&str; 6] = ["INTO", "IGNORE", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "OR"];

/// Why a dump was not read to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum DumpError {
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

/// In which charset the texts of a dump are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    /// What MySQL calls so: Windows-1252.
    Latin1,
}

impl Charset {
    /// The text of some bytes, and whether all of them were in the charset.
    fn read(self, bytes: &[u8]) -> (String, bool) {
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
type Columns = Rc<Vec<String>>;

/// A row of a table that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// The name of the table, as it is asked for.
    pub(super) table: Rc<str>,
    /// Where the row begins.
    pub(super) place: Place,
    /// Not all of it could be read: a value was cut or was not in the charset.
    pub(super) is_damaged: bool,
    columns: Columns,
    cells: Vec<Cell>,
    charset: Charset,
}

impl Row {
    /// The text of a column; none: it is NULL, or there is no such column.
    pub(super) fn text(&self, column: &str) -> Option<String> {
        let at = self.columns.iter().position(|known| known == column)?;
        match self.cells.get(at)? {
            Cell::Null => None,
            Cell::Bytes(bytes) => Some(self.charset.read(bytes).0),
        }
    }

    /// A text that is there and not empty, without blanks around it.
    pub(super) fn filled(&self, column: &str) -> Option<String> {
        let text = self.text(column)?;
        let trimmed = text.trim();
        (!trimmed.is_empty()).then(|| trimmed.to_owned())
    }

    /// A whole number.
    pub(super) fn number(&self, column: &str) -> Option<i64> {
        self.text(column)?.trim().parse().ok()
    }
}

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

    /// `CREATE TABLE`: the names of its columns.
    fn create(&mut self) -> Result<(), DumpError> {
        self.blanks()?;
        if !self.word()?.eq_ignore_ascii_case("TABLE") {
            return self.rest(0).map(drop);
        }
        self.blanks()?;
        let mut name = self.name()?;
        if name.eq_ignore_ascii_case("IF") {
            for _ in ["NOT", "EXISTS"] {
                self.blanks()?;
                self.word()?;
            }
            self.blanks()?;
            name = self.name()?;
        }
        let Some(table) = (self.wanted)(&name) else { return self.rest(0).map(drop) };
        self.expect(b'(', "the columns of a table")?;
        let mut columns = Vec::new();
        loop {
            self.blanks()?;
            let is_quoted = matches!(self.bytes.peek()?, Some(b'`' | b'"'));
            let word = self.name()?;
            if is_quoted || !KEYS.contains(&word.to_ascii_uppercase().as_str()) {
                columns.push(word.to_ascii_lowercase());
            }
            if columns.len() > MOST_COLUMNS {
                return Err(DumpError::TooMany(self.place()));
            }
            if self.definition()? == b')' {
                break;
            }
        }
        self.rest(0)?;
        self.columns.insert(table.into(), Rc::new(columns));
        Ok(())
    }

    /// Passes over the definition of a column. Returns what ends it: `,` or `)`.
    fn definition(&mut self) -> Result<u8, DumpError> {
        let mut depth = 0_u32;
        loop {
            self.blanks()?;
            match self.must()? {
                quote @ (b'\'' | b'"' | b'`') => self.quoted(quote, 0).map(drop)?,
                b'(' => depth += 1,
                b')' if depth > 0 => depth -= 1,
                end @ (b',' | b')') if depth == 0 => return Ok(end),
                _ => {}
            }
        }
    }

    /// `INSERT INTO table (columns) VALUES`.
    fn insert(&mut self) -> Result<(), DumpError> {
        let name = loop {
            self.blanks()?;
            let is_quoted = matches!(self.bytes.peek()?, Some(b'`' | b'"'));
            let word = self.name()?;
            if is_quoted || !BETWEEN.contains(&word.to_ascii_uppercase().as_str()) {
                break word;
            }
        };
        let Some(table) = (self.wanted)(&name) else { return self.rest(0).map(drop) };
        let table: Rc<str> = table.into();
        self.blanks()?;
        let columns = if self.bytes.peek()? == Some(b'(') { Some(self.list()?) } else { None };
        self.blanks()?;
        let place = self.place();
        let word = self.word()?;
        if !["VALUES", "VALUE"].contains(&word.to_ascii_uppercase().as_str()) {
            return Err(DumpError::Unexpected { place, found: shown(&word), wanted: "VALUES" });
        }
        let known = columns.map(Rc::new).or_else(|| self.columns.get(&table).cloned());
        let columns =
            known.ok_or_else(|| DumpError::NoColumns { place, table: table.to_string() })?;
        self.state = State::Rows(table, columns);
        Ok(())
    }

    /// The names between brackets.
    fn list(&mut self) -> Result<Vec<String>, DumpError> {
        self.expect(b'(', "a list of columns")?;
        let mut names = Vec::new();
        loop {
            self.blanks()?;
            names.push(self.name()?.to_ascii_lowercase());
            if names.len() > MOST_COLUMNS {
                return Err(DumpError::TooMany(self.place()));
            }
            self.blanks()?;
            let place = self.place();
            match self.must()? {
                b',' => {}
                b')' => return Ok(names),
                other => return Err(unexpected(place, other, "a comma or a bracket")),
            }
        }
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

    /// What `SET` said: the charset, and whether backslashes are escapes.
    fn settings(&mut self, said: &str) {
        let said = said.to_ascii_lowercase();
        let is_standard = said.contains("standard_conforming_strings") && said.contains("on");
        if is_standard || said.contains("no_backslash_escapes") {
            self.has_escapes = false;
        }
        let Some(named) = said.trim_start().strip_prefix("names") else { return };
        let named = named.trim_start_matches(|c: char| c.is_whitespace() || "='\"".contains(c));
        // What is in no charset is looked at as what most are in.
        self.charset = if named.starts_with("latin1") { Charset::Latin1 } else { Charset::Utf8 };
    }

    /// PostgreSQL's `COPY table FROM stdin`: its rows are no statements, and are followed by a line of their own.
    fn copy(&mut self) -> Result<(), DumpError> {
        self.blanks()?;
        let place = self.place();
        let name = self.name()?;
        if (self.wanted)(&name).is_some() {
            return Err(DumpError::Copied(place));
        }
        self.rest(0)?;
        loop {
            if self.bytes.peek()?.is_none() {
                return Err(DumpError::Truncated(self.place()));
            }
            if self.line()?.trim_end() == "\\." {
                return Ok(());
            }
        }
    }

    /// `DELIMITER ;;`: what stands up to the next `DELIMITER` is a trigger or a function.
    fn delimited(&mut self) -> Result<(), DumpError> {
        let mut delimiter = self.line()?;
        while delimiter.trim() != ";" {
            // Line by line: what is within is no statement of the dump.
            let line = loop {
                if self.bytes.peek()?.is_none() {
                    return Err(DumpError::Truncated(self.place()));
                }
                let line = self.line()?;
                if let Some(("DELIMITER" | "delimiter", rest)) = line.trim().split_once(' ') {
                    break rest.to_owned();
                }
            };
            delimiter = line;
        }
        Ok(())
    }

    /// The rest of the line, as far as it is short.
    fn line(&mut self) -> Result<String, DumpError> {
        let mut kept = Vec::new();
        while let Some(byte) = self.bytes.next()? {
            if byte == b'\n' {
                break;
            }
            if kept.len() < LONGEST_COMMENT {
                kept.push(byte);
            }
        }
        Ok(String::from_utf8_lossy(&kept).into_owned())
    }

    /// Goes over the rest of the statement. Returns its beginning.
    fn rest(&mut self, most: usize) -> Result<String, DumpError> {
        let mut kept = Vec::new();
        loop {
            let before = self.place().offset;
            self.blanks()?;
            if self.place().offset > before && kept.len() < most {
                kept.push(b' ');
            }
            match self.bytes.next()? {
                // The last statement of a file may have no end.
                None | Some(b';') => break,
                Some(quote @ (b'\'' | b'"' | b'`')) => {
                    let text = self.quoted(quote, most.saturating_sub(kept.len()))?.0;
                    kept.push(quote);
                    kept.extend(text);
                    kept.push(quote);
                }
                Some(byte) => {
                    if kept.len() < most {
                        kept.push(byte);
                    }
                }
            }
        }
        kept.truncate(most);
        Ok(String::from_utf8_lossy(&kept).into_owned())
    }

    /// Goes over blanks and comments.
    fn blanks(&mut self) -> Result<(), DumpError> {
        loop {
            match self.bytes.peek()? {
                Some(byte) if byte.is_ascii_whitespace() => drop(self.bytes.next()?),
                // The mark of UTF-8, as some editors write it.
                Some(0xef) if self.place().offset == 0 => {
                    for _ in 0..3 {
                        self.bytes.next()?;
                    }
                }
                Some(b'#') => drop(self.line()?),
                Some(b'-') => {
                    // Negative numbers stand only where values are read, which do not come by here.
                    self.bytes.next()?;
                    if self.bytes.peek()? == Some(b'-') {
                        self.line()?;
                    }
                }
                Some(b'/') => {
                    self.bytes.next()?;
                    if self.bytes.peek()? == Some(b'*') {
                        self.bytes.next()?;
                        self.comment()?;
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// Goes over a comment. What stands in one for MySQL alone may be `SET NAMES`.
    fn comment(&mut self) -> Result<(), DumpError> {
        let mut kept = Vec::new();
        loop {
            let byte = self.must()?;
            if byte == b'*' && self.bytes.peek()? == Some(b'/') {
                self.bytes.next()?;
                break;
            }
            if kept.len() < LONGEST_COMMENT {
                kept.push(byte);
            }
        }
        let said = String::from_utf8_lossy(&kept);
        let said = said.trim_start_matches(|c: char| c == '!' || c.is_ascii_digit()).trim_start();
        if let Some(said) = said.strip_prefix("SET ").or(said.strip_prefix("set ")) {
            let said = said.to_owned();
            self.settings(&said);
        }
        Ok(())
    }

    fn expect(&mut self, wanted: u8, name: &'static str) -> Result<(), DumpError> {
        self.blanks()?;
        let place = self.place();
        match self.must()? {
            found if found == wanted => Ok(()),
            found => Err(unexpected(place, found, name)),
        }
    }

    /// The next byte, of which there has to be one.
    fn must(&mut self) -> Result<u8, DumpError> {
        let place = self.place();
        self.bytes.next()?.ok_or(DumpError::Truncated(place))
    }

    /// Letters, digits and `_`; at least one byte is read, whatever it is.
    fn word(&mut self) -> Result<String, DumpError> {
        let place = self.place();
        let mut word = vec![self.must()?];
        let is_of_word =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..);
        while is_of_word(word[0]) {
            match self.bytes.peek()? {
                Some(byte) if is_of_word(byte) => {
                    self.bytes.next()?;
                    word.push(byte);
                }
                _ => break,
            }
            if word.len() > LONGEST_NAME {
                return Err(DumpError::LongName(place));
            }
        }
        Ok(String::from_utf8_lossy(&word).into_owned())
    }

    /// A name, in quotes or not; of `database.table` the table.
    fn name(&mut self) -> Result<String, DumpError> {
        loop {
            let place = self.place();
            let name = match self.bytes.peek()? {
                Some(quote @ (b'`' | b'"')) => {
                    self.bytes.next()?;
                    let (name, is_cut) = self.quoted(quote, LONGEST_NAME)?;
                    if is_cut {
                        return Err(DumpError::LongName(place));
                    }
                    String::from_utf8_lossy(&name).into_owned()
                }
                Some(byte)
                    if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..) =>
                {
                    self.word()?
                }
                Some(other) => return Err(unexpected(place, other, "a name")),
                None => return Err(DumpError::Truncated(place)),
            };
            if self.bytes.peek()? != Some(b'.') {
                return Ok(name);
            }
            self.bytes.next()?;
        }
    }
}

fn unexpected(place: Place, found: u8, wanted: &'static str) -> DumpError {
    DumpError::Unexpected { place, found: shown(&char::from(found).to_string()), wanted }
}

/// Something of a dump as it may be shown.
fn shown(text: &str) -> String {
    let text: String = text.chars().take(20).flat_map(char::escape_default).collect();
    format!("'{text}'")
}

#[cfg(test)]
mod tests;
