//! The statements of a dump that say something of its tables; of the others, how they are passed over.

use std::io::Read;
use std::rc::Rc;

use super::error::{shown, unexpected};
use super::row::Charset;
use super::{Dump, DumpError, State};

/// The most columns of a table, and the most values of a row.
pub(super) const MOST_COLUMNS: usize = 1_000;

/// What a definition of a table begins with when it is no column.
const KEYS: [&str; 9] =
    ["PRIMARY", "KEY", "UNIQUE", "INDEX", "CONSTRAINT", "FULLTEXT", "SPATIAL", "FOREIGN", "CHECK"];
/// What may stand between `INSERT` and the name of the table.
const BETWEEN: [&str; 6] = ["INTO", "IGNORE", "LOW_PRIORITY", "HIGH_PRIORITY", "DELAYED", "OR"];

impl<R: Read, W: Fn(&str) -> Option<String>> Dump<R, W> {
    /// `CREATE TABLE`: the names of its columns.
    pub(super) fn create(&mut self) -> Result<(), DumpError> {
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
    pub(super) fn definition(&mut self) -> Result<u8, DumpError> {
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
    pub(super) fn insert(&mut self) -> Result<(), DumpError> {
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
    pub(super) fn list(&mut self) -> Result<Vec<String>, DumpError> {
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

    /// What `SET` said: the charset, and whether backslashes are escapes.
    pub(super) fn settings(&mut self, said: &str) {
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
    pub(super) fn copy(&mut self) -> Result<(), DumpError> {
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
    pub(super) fn delimited(&mut self) -> Result<(), DumpError> {
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
}
