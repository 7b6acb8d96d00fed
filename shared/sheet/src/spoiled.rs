//! Numbers that a spreadsheet took for amounts.

/// What a spreadsheet did to a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoiled {
    /// It is written as `6.28E+11`: digits are gone, and nobody can bring them back.
    Rounded,
    /// It seems to lack the zero at its begin.
    ZeroLost,
    /// An error of the spreadsheet stands in its place, such as `#N/A`.
    Fault,
}

/// What a spreadsheet did to the number in a cell, if that can be seen.
pub fn spoiled(cell: &str) -> Option<Spoiled> {
    let cell = cell.trim();
    if cell.starts_with('#') {
        return Some(Spoiled::Fault);
    }
    if let Some((mantissa, exponent)) = cell.split_once(['E', 'e']) {
        let exponent = exponent.trim_start_matches(['+', '-']);
        let is_mantissa = mantissa.chars().any(|c| c.is_ascii_digit())
            && mantissa.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+'));
        let is_exponent =
            (1..=3).contains(&exponent.len()) && exponent.chars().all(|c| c.is_ascii_digit());
        if is_mantissa && is_exponent {
            return Some(Spoiled::Rounded);
        }
    }
    let digits = cell.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')'));
    let digits: String = digits.collect();
    let lacks_begin = (7..=15).contains(&digits.len())
        && digits.chars().all(|c| c.is_ascii_digit())
        && !digits.starts_with('0');
    lacks_begin.then_some(Spoiled::ZeroLost)
}

/// A cell without the apostrophe by which a spreadsheet is told that a number is a text, and without blanks around it.
pub fn without_apostrophe(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_prefix(['\'', '\u{2019}']).unwrap_or(cell).trim()
}
