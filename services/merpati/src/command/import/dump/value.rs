//! The values of a row.

use std::io::Read;

use super::error::{shown, unexpected};
use super::statement::MOST_COLUMNS;
use super::{Dump, DumpError};

/// The most bytes that are kept of a value; the rest is passed over.
const LONGEST_VALUE: usize = 64 * 1024;
/// The most bytes that are kept of a row.
const LONGEST_ROW: usize = 256 * 1024;

/// In how many calls of `replace` a value may stand.
const DEEPEST: usize = 4;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::command::import) enum Cell {
    Null,
    /// A text, or a number as it is written.
    Bytes(Vec<u8>),
}

impl<R: Read, W: Fn(&str) -> Option<String>> Dump<R, W> {
    /// The values of a row whose bracket was read, and whether any was cut.
    pub(super) fn cells(&mut self) -> Result<(Vec<Cell>, bool), DumpError> {
        let (mut cells, mut kept, mut is_cut) = (Vec::new(), 0, false);
        loop {
            let most = LONGEST_VALUE.min(LONGEST_ROW - kept);
            let (cell, cut) = self.cell(most)?;
            if let Cell::Bytes(bytes) = &cell {
                kept = (kept + bytes.len()).min(LONGEST_ROW);
            }
            is_cut |= cut;
            cells.push(cell);
            if cells.len() > MOST_COLUMNS {
                return Err(DumpError::TooMany(self.place()));
            }
            self.space()?;
            let place = self.place();
            match self.must()? {
                b',' => {}
                b')' => return Ok((cells, is_cut)),
                other => return Err(unexpected(place, other, "a comma or a bracket")),
            }
        }
    }

    fn cell(&mut self, most: usize) -> Result<(Cell, bool), DumpError> {
        self.cell_within(most, 0)
    }

    /// A value that stands in so many calls of `replace`.
    fn cell_within(&mut self, most: usize, depth: usize) -> Result<(Cell, bool), DumpError> {
        self.space()?;
        let place = self.place();
        let Some(first) = self.bytes.peek()? else { return Err(DumpError::Truncated(place)) };
        if matches!(first, b'\'' | b'"') {
            self.bytes.next()?;
            return self.text(first, most);
        }
        let mut word = Vec::new();
        let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_+-.".contains(&byte);
        let mut is_cut = false;
        while let Some(byte) = self.bytes.peek()?.filter(|byte| is_of_word(*byte)) {
            self.bytes.next()?;
            // Hexadecimal digits are two for each byte.
            if word.len() < most.saturating_mul(2) + 2 {
                word.push(byte);
            } else {
                is_cut = true;
            }
        }
        match word.as_slice() {
            [] => return Err(unexpected(place, first, "a value")),
            [b'0', b'x' | b'X', digits @ ..] => return Ok((Cell::Bytes(unhex(digits)), is_cut)),
            _ => {}
        }
        self.space()?;
        match (word.as_slice(), self.bytes.peek()?) {
            // `_binary 'text'`, `N'text'`.
            ([b'_', ..] | [b'N' | b'n'], Some(quote @ (b'\'' | b'"'))) => {
                self.bytes.next()?;
                self.text(quote, most)
            }
            ([b'_', ..], Some(b'0')) if depth < DEEPEST => self.cell_within(most, depth + 1),
            // PostgreSQL's text with backslashes.
            ([b'E' | b'e'], Some(b'\'')) => {
                self.bytes.next()?;
                let before = std::mem::replace(&mut self.has_escapes, true);
                let text = self.text(b'\'', most);
                self.has_escapes = before;
                text
            }
            (word, Some(b'(')) if word.eq_ignore_ascii_case(b"replace") && depth < DEEPEST => {
                self.bytes.next()?;
                self.replaced(most, depth + 1)
            }
            (word, Some(b'(')) if word.eq_ignore_ascii_case(b"char") => {
                self.bytes.next()?;
                let (code, _) = self.cell_within(8, DEEPEST)?;
                self.closed(b')')?;
                let code = match &code {
                    Cell::Bytes(digits) => {
                        std::str::from_utf8(digits).ok().and_then(|n| n.parse().ok())
                    }
                    Cell::Null => None,
                };
                Ok((Cell::Bytes(code.into_iter().collect()), false))
            }
            ([b'X' | b'x'], Some(b'\'')) => {
                self.bytes.next()?;
                let (digits, is_cut) = self.quoted(b'\'', most.saturating_mul(2))?;
                Ok((Cell::Bytes(unhex(&digits)), is_cut))
            }
            ([b'B' | b'b'], Some(b'\'')) => {
                self.bytes.next()?;
                self.text(b'\'', most)
            }
            (word, _) if word.eq_ignore_ascii_case(b"NULL") => Ok((Cell::Null, false)),
            (word, _) if word.eq_ignore_ascii_case(b"TRUE") => {
                Ok((Cell::Bytes(b"1".to_vec()), false))
            }
            (word, _) if word.eq_ignore_ascii_case(b"FALSE") => {
                Ok((Cell::Bytes(b"0".to_vec()), false))
            }
            ([first, ..], _) if first.is_ascii_digit() || b"+-.".contains(first) => {
                Ok((Cell::Bytes(word), is_cut))
            }
            (word, _) => {
                let found = shown(&String::from_utf8_lossy(word));
                Err(DumpError::Unexpected { place, found, wanted: "a value" })
            }
        }
    }

    /// `replace(text, what, with)`, as sqlite3 writes a text with line ends. Its bracket was read.
    fn replaced(&mut self, most: usize, depth: usize) -> Result<(Cell, bool), DumpError> {
        let (text, is_cut) = self.cell_within(most, depth)?;
        self.closed(b',')?;
        let (what, _) = self.cell_within(most, depth)?;
        self.closed(b',')?;
        let (with, _) = self.cell_within(most, depth)?;
        self.closed(b')')?;
        let (Cell::Bytes(text), Cell::Bytes(what), Cell::Bytes(with)) = (text, what, with) else {
            return Ok((Cell::Null, is_cut));
        };
        let (mut all, mut rest) = (Vec::with_capacity(text.len()), text.as_slice());
        while let Some(first) = rest.first() {
            let found = rest.strip_prefix(what.as_slice()).filter(|_| !what.is_empty());
            if let Some(more) = found {
                all.extend(&with);
                rest = more;
            } else {
                all.push(*first);
                rest = &rest[1..];
            }
        }
        all.truncate(most);
        Ok((Cell::Bytes(all), is_cut))
    }

    fn closed(&mut self, wanted: u8) -> Result<(), DumpError> {
        self.space()?;
        let place = self.place();
        match self.must()? {
            found if found == wanted => Ok(()),
            found => Err(unexpected(place, found, "a comma or a bracket")),
        }
    }

    /// A text whose first quote was read.
    fn text(&mut self, quote: u8, most: usize) -> Result<(Cell, bool), DumpError> {
        let (bytes, is_cut) = self.quoted(quote, most)?;
        Ok((Cell::Bytes(bytes), is_cut))
    }

    /// What stands in quotes, the first of which was read; at most so much of it is kept. Returns whether it was cut.
    pub(super) fn quoted(&mut self, quote: u8, most: usize) -> Result<(Vec<u8>, bool), DumpError> {
        let (mut kept, mut is_cut) = (Vec::new(), false);
        loop {
            let byte = match self.must()? {
                byte if byte == quote => {
                    if self.bytes.peek()? != Some(quote) {
                        return Ok((kept, is_cut));
                    }
                    self.bytes.next()?;
                    byte
                }
                b'\\' if quote != b'`' && self.has_escapes => self.escaped()?,
                byte => byte,
            };
            if kept.len() < most {
                kept.push(byte);
            } else {
                is_cut = true;
            }
        }
    }

    /// What stands behind a backslash.
    fn escaped(&mut self) -> Result<u8, DumpError> {
        Ok(match self.must()? {
            b'0' => 0,
            b'b' => 8,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'Z' => 0x1a,
            other => other,
        })
    }

    /// Goes over blanks alone: among values there are no comments, and `-` is a sign.
    fn space(&mut self) -> Result<(), DumpError> {
        while self.bytes.peek()?.is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.bytes.next()?;
        }
        Ok(())
    }
}

/// The bytes of hexadecimal digits; half a byte at the end, and what is none, is left out.
fn unhex(digits: &[u8]) -> Vec<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok());
    let pairs = digits.chunks_exact(2);
    pairs.filter_map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?)).collect()
}
