//! Rows of CSV (RFC 4180), for programs and for spreadsheets, which take some texts for formulae.

/// What a spreadsheet takes for the begin of a formula, or leaves out before one.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Writes a row. Each cell is quoted, and what a spreadsheet would take for a formula begins with an apostrophe.
pub(crate) fn row<S: AsRef<str>>(cells: &[S]) -> String {
    let mut row = String::new();
    for (at, cell) in cells.iter().enumerate() {
        let cell = cell.as_ref();
        row.push_str(if at > 0 { ",\"" } else { "\"" });
        if cell.starts_with(FORMULA) {
            row.push('\'');
        }
        row.push_str(&cell.replace('"', "\"\""));
        row.push('"');
    }
    row.push_str("\r\n");
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_ends_early() {
        for formula in ["=1+1", "+62812", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(row(&[formula]), format!("\"'{formula}\"\r\n"));
        }
        assert_eq!(row(&["a\"b", "c,d\ne", ""]), "\"a\"\"b\",\"c,d\ne\",\"\"\r\n");
    }
}
