//! What the statements of a dump are made of: words and names, and the blanks and comments between them.

use std::io::Read;

use super::error::unexpected;
use super::{Dump, DumpError};

/// The most bytes of a name.
pub(super) const LONGEST_NAME: usize = 256;
/// The most bytes of a comment that are looked at.
pub(super) const LONGEST_COMMENT: usize = 256;

impl<R: Read, W: Fn(&str) -> Option<String>> Dump<R, W> {
    /// The rest of the line, as far as it is short.
    pub(super) fn line(&mut self) -> Result<String, DumpError> {
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
    pub(super) fn rest(&mut self, most: usize) -> Result<String, DumpError> {
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
    pub(super) fn blanks(&mut self) -> Result<(), DumpError> {
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
    pub(super) fn comment(&mut self) -> Result<(), DumpError> {
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

    pub(super) fn expect(&mut self, wanted: u8, name: &'static str) -> Result<(), DumpError> {
        self.blanks()?;
        let place = self.place();
        match self.must()? {
            found if found == wanted => Ok(()),
            found => Err(unexpected(place, found, name)),
        }
    }

    /// The next byte, of which there has to be one.
    pub(super) fn must(&mut self) -> Result<u8, DumpError> {
        let place = self.place();
        self.bytes.next()?.ok_or(DumpError::Truncated(place))
    }

    /// Letters, digits and `_`; at least one byte is read, whatever it is.
    pub(super) fn word(&mut self) -> Result<String, DumpError> {
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
    pub(super) fn name(&mut self) -> Result<String, DumpError> {
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
