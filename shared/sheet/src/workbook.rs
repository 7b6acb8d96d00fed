//! XLSX workbooks: the first sheet.
//!
//! `calamine` reads them. It unpacks whatever a workbook names, and what the workbook says of its own sizes need not be true.
//! So every file in it is unpacked once before, to be measured and thrown away; and cells are read one by one, for a sheet with
//! a cell in its last corner would otherwise be a table of seventeen thousand million cells.
//!
//! `calamine` makes room for as many texts as the table of shared texts says that it has, before it reads the first of them. Room
//! that the machine does not have ends the whole process, and nothing catches that: so what the table says is looked at before.

use std::io::{self, Cursor, Read as _, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader as _, SheetVisible, Xlsx};
use zip::ZipArchive;

use crate::{
    Format, LARGEST_CELL, LARGEST_WORKBOOK, MOST_CELLS, MOST_COLUMNS, MOST_ENTRIES, Rows, Sheet,
    Unreadable,
};

/// Reads a workbook.
pub(crate) fn read(file: &[u8]) -> Result<Sheet, Unreadable> {
    // A parser of so rich a format may trip over what nobody writes. Nothing outside is touched by it.
    let read = catch_unwind(AssertUnwindSafe(|| {
        measure(file)?;
        first_sheet(file)
    }));
    read.unwrap_or(Err(Unreadable::BrokenWorkbook))
}

/// Refuses a workbook that unpacks to more than any may, or says that it has more texts than cells are read.
fn measure(file: &[u8]) -> Result<(), Unreadable> {
    let archive = ZipArchive::new(Cursor::new(file));
    let mut archive = archive.map_err(|_| Unreadable::BrokenWorkbook)?;
    if archive.len() > MOST_ENTRIES {
        return Err(Unreadable::TooMuchUnpacked);
    }
    let mut left = LARGEST_WORKBOOK;
    for at in 0..archive.len() {
        let entry = archive.by_index(at).map_err(|_| Unreadable::BrokenWorkbook)?;
        let mut declared = Declared::default();
        // One byte more says that there is more.
        let unpacked = io::copy(&mut entry.take(left + 1), &mut declared);
        let unpacked = unpacked.map_err(|_| Unreadable::BrokenWorkbook)?;
        left = left.checked_sub(unpacked).ok_or(Unreadable::TooMuchUnpacked)?;
        if declared.is_too_much {
            return Err(Unreadable::TooMuchText);
        }
    }
    Ok(())
}

/// Looks for the number of texts that a table of shared texts says it has, wherever that stands in it. It looks through every file
/// of a workbook, for a file may have two names, and in the letters of any charset that a workbook may be written in: in UTF-16 there
/// are zeros between them, and in ISO-2022-JP there may be changes of the charset, which are no letters.
#[derive(Debug, Default)]
struct Declared {
    /// How much of the attribute's name the last letters were.
    matched: usize,
    /// The digits that came after the name so far.
    number: u64,
    /// How far a change of the charset has come.
    change: Change,
    /// More texts than cells are read.
    is_too_much: bool,
}

/// What of a change of the charset was seen last.
#[derive(Debug, Default, Clone, Copy)]
enum Change {
    /// Nothing of one.
    #[default]
    Text,
    /// Its first byte.
    Begun,
    /// Its first byte and this one.
    Half(u8),
}

impl Declared {
    const NAME: &[u8] = b"uniqueCount";

    fn see(&mut self, byte: u8) {
        match (self.change, byte) {
            (_, 0) => {}
            (Change::Text, 0x1b) => self.change = Change::Begun,
            (Change::Begun, b'(' | b'$') => self.change = Change::Half(byte),
            (Change::Half(b'('), b'B' | b'I' | b'J') | (Change::Half(b'$'), b'@' | b'B') => {
                self.change = Change::Text;
            }
            // It was none.
            (before, _) => {
                self.change = if byte == 0x1b { Change::Begun } else { Change::Text };
                if let Change::Half(first) = before {
                    self.letter(first);
                }
                self.letter(byte);
            }
        }
    }

    fn letter(&mut self, letter: u8) {
        if self.matched == Self::NAME.len() {
            match letter {
                b'0'..=b'9' => {
                    let digit = u64::from(letter - b'0');
                    self.number = self.number.saturating_mul(10).saturating_add(digit);
                    self.is_too_much |= self.number > MOST_CELLS as u64;
                    return;
                }
                b' ' | b'\t' | b'\r' | b'\n' | b'=' | b'"' | b'\'' if self.number == 0 => return,
                _ => (self.matched, self.number) = (0, 0),
            }
        }
        while Self::NAME.get(self.matched) != Some(&letter) {
            if self.matched == 0 {
                return;
            }
            // These ends of what was matched are a beginning of the name: `uniqu` and `uniqueCou`.
            self.matched = usize::from(matches!(self.matched, 5 | 9));
        }
        self.matched += 1;
    }
}

impl Write for Declared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for byte in bytes {
            self.see(*byte);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn first_sheet(file: &[u8]) -> Result<Sheet, Unreadable> {
    let mut workbook = Xlsx::new(Cursor::new(file)).map_err(|_| Unreadable::BrokenWorkbook)?;
    let sheets = workbook.sheets_metadata();
    let seen = sheets.iter().find(|sheet| sheet.visible == SheetVisible::Visible);
    let name = seen.or_else(|| sheets.first()).ok_or(Unreadable::Empty)?.name.clone();
    let mut cells =
        workbook.worksheet_cells_reader(&name).map_err(|_| Unreadable::BrokenWorkbook)?;
    let mut rows = Rows::default();
    let mut row: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(cell) = cells.next_cell().map_err(|_| Unreadable::BrokenWorkbook)? {
        let (line, column) = cell.get_position();
        let text = text(cell.get_value());
        if text.trim().is_empty() {
            continue;
        }
        if line != at {
            rows.add(u64::from(at) + 1, std::mem::take(&mut row))?;
            at = line;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MOST_COLUMNS {
            return Err(Unreadable::TooManyColumns { line: u64::from(line) + 1 });
        }
        if text.len() > LARGEST_CELL {
            return Err(Unreadable::CellTooLong { line: u64::from(line) + 1 });
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = text;
    }
    rows.add(u64::from(at) + 1, row)?;
    rows.into_sheet(Format::Xlsx)
}

/// A cell as a text: a whole number with all its digits, a date as ISO 8601 writes it.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(is) => is.to_string(),
        DataRef::Error(fault) => fault.to_string(),
        DataRef::DateTime(at) if at.is_datetime() => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            match (hour, minute, second) {
                (0, 0, 0) => date,
                (hour, minute, 0) => format!("{date} {hour:02}:{minute:02}"),
                (hour, minute, second) => format!("{date} {hour:02}:{minute:02}:{second:02}"),
            }
        }
        DataRef::DateTime(duration) => duration.as_f64().to_string(),
        DataRef::Empty => String::new(),
    }
}
