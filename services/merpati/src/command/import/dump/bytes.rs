//! The bytes of a dump, one after the other, with the place where each stands.

use std::fmt;
use std::io::Read;

/// Bytes that are read at one time.
const AT_ONE_TIME: usize = 64 * 1024;

/// A place in a dump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::command::import) struct Place {
    /// The line; the first is 1.
    pub(in crate::command::import) line: u64,
    /// How many bytes stand before it, for lines that are gigabytes long.
    pub(in crate::command::import) offset: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, byte {}", self.line, self.offset)
    }
}

/// See the module.
pub(super) struct Bytes<R> {
    input: R,
    buffer: Box<[u8]>,
    at: usize,
    end: usize,
    place: Place,
}

impl<R: Read> Bytes<R> {
    pub(super) fn new(input: R) -> Self {
        let buffer = vec![0; AT_ONE_TIME].into_boxed_slice();
        Self { input, buffer, at: 0, end: 0, place: Place { line: 1, offset: 0 } }
    }

    /// Where the next byte stands.
    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// The next byte, which stays the next one. None: there is none.
    pub(super) fn peek(&mut self) -> std::io::Result<Option<u8>> {
        if self.at == self.end {
            self.at = 0;
            self.end = loop {
                match self.input.read(&mut self.buffer) {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    read => break read?.min(self.buffer.len()),
                }
            };
        }
        Ok(self.buffer.get(self.at..self.end).and_then(|rest| rest.first().copied()))
    }

    /// The next byte, and goes on to the one after it.
    pub(super) fn next(&mut self) -> std::io::Result<Option<u8>> {
        let next = self.peek()?;
        if let Some(byte) = next {
            self.at += 1;
            self.place.offset += 1;
            self.place.line += u64::from(byte == b'\n');
        }
        Ok(next)
    }
}
