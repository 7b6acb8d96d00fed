//! Rows of CSV (RFC 4180), for programs and for spreadsheets, which take some texts for formulae.

/// What a spreadsheet takes for the begin of a formula. Where characters are two columns wide, the wide ones count, too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// What a cell may begin with that some spreadsheets leave out, so that the next character is its first.
const LEFT_OUT: [char; 3] = ['\t', '\r', '\n'];

/// What separates cells for a spreadsheet that is set to another separator than a comma, as it is where a comma parts the digits of
/// a number. Such a spreadsheet does not know our quotes in the middle of what it takes for one cell.
const SEPARATES: [char; 4] = [';', '\t', '\r', '\n'];

/// Writes a row. Each cell is quoted, and what a spreadsheet would take for a formula begins with an apostrophe.
pub(crate) fn row<S: AsRef<str>>(cells: &[S]) -> String {
    let mut row = String::new();
    for (at, cell) in cells.iter().enumerate() {
        row.push_str(if at > 0 { ",\"" } else { "\"" });
        push_safe(&mut row, cell.as_ref());
        row.push('"');
    }
    row.push_str("\r\n");
    row
}

/// Writes a cell without its quotes: an apostrophe stands before each place at which a formula could begin.
fn push_safe(row: &mut String, cell: &str) {
    if cell.starts_with(LEFT_OUT) {
        row.push('\'');
    }
    let mut begins = true;
    for c in cell.chars() {
        if begins && FORMULA.contains(&c) {
            row.push('\'');
        }
        begins = SEPARATES.contains(&c) || begins && (c == '"' || shows_nothing(c));
        row.push(c);
        if c == '"' {
            row.push(c);
        }
    }
}

/// What stood in a cell before [`row`] wrote it. A text that itself had an apostrophe before the sign of a formula loses it, as it
/// does in a spreadsheet.
pub(crate) fn plain(cell: &str) -> String {
    let cell = match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(LEFT_OUT) => rest,
        _ => cell,
    };
    let mut text = String::with_capacity(cell.len());
    let mut begins = true;
    let mut rest = cell.chars().peekable();
    while let Some(c) = rest.next() {
        if begins && c == '\'' && rest.peek().is_some_and(|next| FORMULA.contains(next)) {
            continue;
        }
        begins = SEPARATES.contains(&c) || begins && (c == '"' || shows_nothing(c));
        text.push(c);
    }
    text
}

/// Whether a character before a formula cannot be seen, and may be left out.
fn shows_nothing(c: char) -> bool {
    let is_zero_wide = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}');
    c.is_whitespace() || c.is_control() || is_zero_wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_ends_early() {
        for formula in ["=1+1", "+62812", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠SUM(A1)"]
        {
            assert_eq!(row(&[formula]), format!("\"'{formula}\"\r\n"));
        }
        assert_eq!(row(&["a\"b", "c,d\ne", ""]), "\"a\"\"b\",\"c,d\ne\",\"\"\r\n");
    }

    #[test]
    fn what_is_not_seen_before_a_formula_hides_none() {
        for (cell, written) in [
            ("\t=1", "'\t'=1"),
            ("\r\n=1", "'\r\n'=1"),
            ("  =1", "  '=1"),
            ("\u{feff}\u{200b}\0=1", "\u{feff}\u{200b}\0'=1"),
            ("\u{a0}@SUM(A1)", "\u{a0}'@SUM(A1)"),
        ] {
            assert_eq!(row(&[cell]), format!("\"{written}\"\r\n"));
        }
    }

    #[test]
    fn what_was_written_is_read_as_it_was() {
        for cell in [
            "=1+1",
            "+62812",
            "-",
            "@SUM(A1)",
            "＝1",
            "\t=1",
            "\r\n=1",
            "  =1",
            "\u{feff}\0=1",
            "Halo;=1+1;",
            "Halo; =1+1",
            "Halo\n-ya",
            "\"=1\"",
            "Halo;\"@x\"",
            "1+1=2; 2-1",
            "Jum'at",
            "'",
            "'a'",
            "",
            "\tx",
        ] {
            let written = row(&[cell]);
            let written = written.strip_prefix('"').and_then(|row| row.strip_suffix("\"\r\n"));
            let written = written.unwrap().replace("\"\"", "\"");
            assert_eq!(plain(&written), cell);
        }
        // By hand, for a spreadsheet.
        assert_eq!((plain("'=1"), plain("'0811")), ("=1".to_owned(), "'0811".to_owned()));
    }

    /// Where a comma parts the digits of a number, as in Indonesia, Excel looks for semicolons.
    #[test]
    fn a_spreadsheet_with_another_separator_finds_no_formula_either() {
        for (cell, written) in [
            ("Halo;=1+1;", "Halo;'=1+1;"),
            ("Halo; =1+1", "Halo; '=1+1"),
            ("Halo\n=1+1", "Halo\n'=1+1"),
            ("Halo\t@SUM(A1)", "Halo\t'@SUM(A1)"),
            ("Halo;\"=1+1\"", "Halo;\"\"'=1+1\"\""),
            ("1+1=2; 2-1", "1+1=2; 2-1"),
        ] {
            assert_eq!(row(&["x", cell]), format!("\"x\",\"{written}\"\r\n"));
        }
    }
}
