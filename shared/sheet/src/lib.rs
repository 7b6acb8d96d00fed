//! Reads the rows of files that people upload: CSV in the charsets and with the separators that spreadsheets write, XLSX
//! workbooks, and address books in vCard. Pure: bytes in, rows out.
//!
//! Every file is taken for hostile. A file is read only as far as the bounds below go, what a workbook unpacks to is measured
//! before anything is made of it, and a panic of the parser of workbooks is an answer like any other.

mod charset;
mod delimited;
mod spoiled;
mod vcard;
mod workbook;

#[cfg(test)]
mod tests;

pub use spoiled::{Spoiled, spoiled, without_apostrophe};

/// The most bytes of a file.
pub const LARGEST_FILE: usize = 16 * 1024 * 1024;
/// The most rows of a file, without the one that names the columns.
pub const MOST_ROWS: usize = 50_000;
/// The most columns of a row.
pub const MOST_COLUMNS: usize = 100;
/// The most bytes of a cell, in UTF-8.
pub const LARGEST_CELL: usize = 4 * 1024;
/// The most cells of a file that have something in them.
pub const MOST_CELLS: usize = 1_000_000;
/// The most bytes of the texts of all cells together, in UTF-8. A workbook names a text once and may use it in every cell.
pub const LARGEST_TEXT: usize = 32 * 1024 * 1024;
/// The most bytes that a workbook unpacks to.
pub const LARGEST_WORKBOOK: u64 = 64 * 1024 * 1024;
/// The most files within a workbook.
pub const MOST_ENTRIES: usize = 1_000;
/// The most characters of a column's name.
pub const LONGEST_NAME: usize = 60;

/// What kind of file it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text with separators.
    Csv,
    /// A workbook, of which the first sheet is read.
    Xlsx,
    /// An address book, each number of a card a row.
    Vcard,
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The number of the line or row at which it begins in the file, from 1.
    pub line: u64,
    /// The cells, as texts; those at the end that are empty may be left out.
    pub cells: Vec<String>,
}

/// The rows of a file. Rows without anything in them are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What kind of file it was.
    pub format: Format,
    /// How many columns the widest row has.
    pub columns: usize,
    /// The rows, in the order of the file.
    pub rows: Vec<Row>,
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// There is nothing in it.
    #[error("the file has no rows")]
    Empty,
    /// It is larger than any may be.
    #[error("the file is larger than {} MB", LARGEST_FILE / 1024 / 1024)]
    TooLarge,
    /// It has more rows than any may have.
    #[error("the file has more than {MOST_ROWS} rows")]
    TooManyRows,
    /// A row has more columns than any may have.
    #[error("row {line} has more than {MOST_COLUMNS} columns")]
    TooManyColumns {
        /// The line of the row.
        line: u64,
    },
    /// A cell has more text than any may have. A quotation mark that nothing closes makes one cell of all that follows.
    #[error(
        "a cell of row {line} has more than {LARGEST_CELL} bytes; is a quotation mark missing there?"
    )]
    CellTooLong {
        /// The line of the row.
        line: u64,
    },
    /// There are more cells, or more text in them, than any file may have.
    #[error("the file has more than {MOST_CELLS} cells, or more than {} MB of text", LARGEST_TEXT / 1024 / 1024)]
    TooMuchText,
    /// A workbook unpacks to more than any may.
    #[error("the workbook unpacks to more than {} MB", LARGEST_WORKBOOK / 1024 / 1024)]
    TooMuchUnpacked,
    /// A workbook of before 2007, or one that is locked by a password.
    #[error(
        "this is a workbook of an old Excel, or one with a password: save it as XLSX without a password, or as CSV"
    )]
    OldWorkbook,
    /// A workbook that is broken.
    #[error("the workbook cannot be read: open it and save it again as XLSX, or as CSV")]
    BrokenWorkbook,
    /// It is neither text nor a workbook.
    #[error("the file is neither CSV nor XLSX")]
    NoSheet,
}

/// Reads a file, of which the first bytes say what it is.
///
/// # Errors
/// Why it is not read; nothing of it is.
pub fn read(file: &[u8]) -> Result<Sheet, Unreadable> {
    if file.len() > LARGEST_FILE {
        return Err(Unreadable::TooLarge);
    }
    if file.starts_with(b"PK\x03\x04") || file.starts_with(b"PK\x05\x06") {
        return workbook::read(file);
    }
    if file.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return Err(Unreadable::OldWorkbook);
    }
    let text = charset::decoded(file).ok_or(Unreadable::NoSheet)?;
    delimited::read(&text)
}

/// Reads a file of contacts: an address book in vCard, or whatever [`read`] reads.
///
/// # Errors
/// Why it is not read; nothing of it is.
pub fn read_contacts(file: &[u8]) -> Result<Sheet, Unreadable> {
    if file.len() > LARGEST_FILE {
        return Err(Unreadable::TooLarge);
    }
    if vcard::is_one(file) { vcard::read(file) } else { read(file) }
}

/// Rows on their way into a sheet, within the bounds.
#[derive(Debug, Default)]
struct Rows {
    taken: Vec<Row>,
    columns: usize,
    cells: usize,
    text: usize,
}

impl Rows {
    /// Adds a row, if there is something in it.
    fn add(&mut self, line: u64, mut cells: Vec<String>) -> Result<(), Unreadable> {
        while cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        if cells.len() > MOST_COLUMNS {
            return Err(Unreadable::TooManyColumns { line });
        }
        if cells.iter().any(|cell| cell.len() > LARGEST_CELL) {
            return Err(Unreadable::CellTooLong { line });
        }
        // One of them may name the columns.
        if self.taken.len() > MOST_ROWS {
            return Err(Unreadable::TooManyRows);
        }
        self.cells += cells.len();
        self.text += cells.iter().map(String::len).sum::<usize>();
        if self.cells > MOST_CELLS || self.text > LARGEST_TEXT {
            return Err(Unreadable::TooMuchText);
        }
        self.columns = self.columns.max(cells.len());
        self.taken.push(Row { line, cells });
        Ok(())
    }

    fn into_sheet(self, format: Format) -> Result<Sheet, Unreadable> {
        let Self { taken: rows, columns, .. } = self;
        let has_names = rows.first().is_some_and(|row| names_columns(&row.cells));
        if rows.len() > MOST_ROWS && !has_names {
            return Err(Unreadable::TooManyRows);
        }
        if rows.is_empty() { Err(Unreadable::Empty) } else { Ok(Sheet { format, columns, rows }) }
    }
}

/// Whether a first row seems to name the columns: none of its cells has as many digits as a number has, and each has some text.
pub fn names_columns(cells: &[String]) -> bool {
    let looks_like_number = |cell: &String| {
        let digits = cell.chars().filter(char::is_ascii_digit).count();
        let others = cell.chars().filter(|c| c.is_alphabetic()).count();
        digits >= 5 && others <= 1
    };
    !cells.iter().any(looks_like_number)
        && cells.iter().any(|cell| cell.chars().any(char::is_alphabetic))
}

/// The names of `columns` columns: those of the first row, each once and without what a field cannot have in it; of a column
/// without one, its letter in a spreadsheet.
pub fn column_names(first: Option<&[String]>, columns: usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns);
    for at in 0..columns {
        let written = first.and_then(|cells| cells.get(at)).map_or("", String::as_str);
        let kept = written.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
        let kept: String = kept.filter(|c| !c.is_control() && !matches!(c, '{' | '}')).collect();
        let kept: String = kept.trim().chars().take(LONGEST_NAME).collect();
        let mut name = if kept.trim().is_empty() { letter(at) } else { kept.trim().to_owned() };
        if is_among(&names, &name) {
            let base = name;
            // One of as many as there are columns is free.
            let mut free = (2..=columns + 1).map(|n| format!("{base} {n}"));
            name = free.find(|one| !is_among(&names, one)).unwrap_or_else(|| letter(at));
        }
        names.push(name);
    }
    names
}

fn is_among(names: &[String], name: &str) -> bool {
    let small = name.to_lowercase();
    names.iter().any(|known| known.to_lowercase() == small)
}

/// The letter of a column as spreadsheets show it: A to Z, then AA.
fn letter(at: usize) -> String {
    let of = |n: usize| u8::try_from(n % 26).map_or('A', |n| char::from(b'A' + n));
    if at < 26 { of(at).to_string() } else { format!("{}{}", of(at / 26 - 1), of(at)) }
}
