//! Text with separators: RFC 4180, with the separators that spreadsheets write.

use csv::{Reader, ReaderBuilder, StringRecord};

use crate::{Format, LARGEST_CELL, MOST_COLUMNS, Rows, Sheet, Unreadable};

/// The separators, those that are likelier first.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// How many rows are looked at to find out which it is.
const LOOKED_AT: usize = 20;

/// Reads a text.
pub(crate) fn read(text: &str) -> Result<Sheet, Unreadable> {
    let (separator, text, before) = match said(text) {
        Some((separator, rest)) => (separator, rest, 1),
        None => (guessed(text), text, 0),
    };
    let mut reader = reader(text, separator);
    let mut record = StringRecord::new();
    let mut rows = Rows::default();
    let mut lines = Lines { text, at: 0, line: 1 + before };
    // The text is in UTF-8 and rows may have as many cells as they like: what is left to go wrong is none of its own.
    while reader.read_record(&mut record).map_err(|_| Unreadable::NoSheet)? {
        let line = lines.at(record.position().map_or(0, csv::Position::byte));
        if record.iter().any(|cell| cell.len() > LARGEST_CELL) {
            return Err(Unreadable::CellTooLong { line });
        }
        let is_empty = |cell: &str| cell.trim().is_empty();
        if record.iter().skip(MOST_COLUMNS).any(|cell| !is_empty(cell)) {
            return Err(Unreadable::TooManyColumns { line });
        }
        rows.add(line, record.iter().take(MOST_COLUMNS).map(str::to_owned).collect())?;
    }
    rows.into_sheet(Format::Csv)
}

/// Counts lines as editors do, whose ends are a line feed, a carriage return, or both. The reader counts line feeds, and takes that of a
/// `\r\n` for the beginning of the next row.
struct Lines<'a> {
    text: &'a str,
    /// Up to which byte lines were counted.
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the row that begins at a byte, which is not before the last one that was asked for.
    fn at(&mut self, byte: u64) -> u64 {
        let bytes = self.text.as_bytes();
        let mut begins = usize::try_from(byte).unwrap_or(usize::MAX).min(bytes.len());
        // What is left of the end of the row before, and empty lines, which are no rows.
        begins +=
            bytes.iter().skip(begins).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = bytes.get(self.at..begins).unwrap_or_default();
        let mut rest = passed.iter().peekable();
        while let Some(byte) = rest.next() {
            let is_end = match byte {
                b'\n' => true,
                b'\r' => rest.peek() != Some(&&b'\n'),
                _ => false,
            };
            self.line += u64::from(is_end);
        }
        self.at = begins.max(self.at);
        self.line
    }
}

fn reader(text: &str, separator: u8) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes())
}

/// The separator that Excel writes into a first line of its own, `sep=;`, with what follows that line.
fn said(text: &str) -> Option<(u8, &str)> {
    let (line, rest) = text.split_once('\n')?;
    let said = line.trim_end_matches('\r').trim_matches('"').strip_prefix("sep=")?;
    match said.as_bytes() {
        [separator] if SEPARATORS.contains(separator) => Some((*separator, rest)),
        _ => None,
    }
}

/// The separator by which the first rows have the most columns, all of them as many.
fn guessed(text: &str) -> u8 {
    let columns = |separator: u8| {
        let mut reader = reader(text, separator);
        let mut record = StringRecord::new();
        let mut least = usize::MAX;
        for _ in 0..LOOKED_AT {
            match reader.read_record(&mut record) {
                Ok(true) => least = least.min(record.len()),
                Ok(false) | Err(_) => break,
            }
        }
        least
    };
    let mut best = SEPARATORS[0];
    let mut most = columns(best);
    for other in SEPARATORS.into_iter().skip(1) {
        let found = columns(other);
        if found > most {
            (best, most) = (other, found);
        }
    }
    best
}
