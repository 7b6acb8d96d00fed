//! What the command line prints: JSON for programs, aligned columns for people.
#![expect(clippy::print_stderr, reason = "printing is what a command line does")]

use contracts::Timestamp;
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;

/// How wide lines may be where words can be wrapped: a terminal of 100 columns.
pub(crate) const WIDTH: usize = 100;

/// Prints `value` as one JSON document.
pub(crate) fn json<T: Serialize>(value: &T) -> anyhow::Result<()> {
    line(&serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Prints one line. A reader that went away (`| head`) is no error of ours.
pub(crate) fn line(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Says something to the person that is not part of the result.
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// Says why the command failed.
pub(crate) fn error(as_json: bool, error: &anyhow::Error) {
    let text = chain(error);
    if as_json {
        eprintln!("{}", serde_json::json!({ "error": text }));
    } else {
        eprintln!("merpati: {text}");
    }
}

/// The error and its causes in one line, without saying the same twice.
fn chain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// Prints facts of one thing, a line each, their names in one column.
pub(crate) fn facts(facts: &[(&str, String)]) {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 2;
    for (name, value) in facts {
        let name = format!("{name:width$}");
        for (at, line) in wrapped(value, &" ".repeat(width), WIDTH).into_iter().enumerate() {
            let shown = if at == 0 { format!("{name}{}", line.trim_start()) } else { line };
            self::line(&shown);
        }
    }
}

/// A time for people: in this machine's zone, to the second, the zone named.
pub(crate) fn local_time(time: Timestamp) -> String {
    let text = time.to_string();
    in_zone(&text, &jiff::tz::TimeZone::system()).unwrap_or(text)
}

/// A text from outside as a cell of a table: `-` where there is none.
pub(crate) fn cell(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).map_or_else(|| "-".to_owned(), visible)
}

/// A sentence with each time in it as [`local_time`] writes it.
pub(crate) fn with_local_times(sentence: &str) -> String {
    in_zones(sentence, &jiff::tz::TimeZone::system())
}

fn in_zones(sentence: &str, zone: &jiff::tz::TimeZone) -> String {
    let words = sentence.split(' ').map(|word| {
        let time = word.trim_end_matches(['.', ',', ':', ';', ')']);
        let rest = &word[time.len()..];
        in_zone(time, zone).map_or_else(|| word.to_owned(), |time| format!("{time}{rest}"))
    });
    words.collect::<Vec<_>>().join(" ")
}

fn in_zone(text: &str, zone: &jiff::tz::TimeZone) -> Option<String> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string())
}

/// Prints a table with a header, columns as wide as they must be.
pub(crate) fn table(header: &[&str], cells: &[Vec<String>]) {
    for row in rows(header, cells) {
        line(&row);
    }
}

/// The lines of a table: the header, then the rows.
pub(crate) fn rows(header: &[&str], cells: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let cells = cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.width());
        cells.chain([header[column].width()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let format = |cells: Vec<&str>| {
        let mut text = String::new();
        for (cell, width) in cells.iter().zip(&widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', width + 2 - cell.width()));
        }
        text.truncate(text.trim_end().len());
        text
    };
    let rows = cells.iter().map(|row| format(row.iter().map(String::as_str).collect()));
    [format(header.to_vec())].into_iter().chain(rows).collect()
}

/// A text in lines of at most `width` characters, the first behind `mark`, the others as far to the right. A longer
/// word has a line of its own.
pub(crate) fn wrapped(text: &str, mark: &str, width: usize) -> Vec<String> {
    let margin = " ".repeat(mark.width());
    let mut lines = vec![mark.to_owned()];
    for word in text.split_whitespace() {
        let is_first = lines.len() == 1;
        // There is always a last line.
        let Some(last) = lines.last_mut() else { break };
        let is_empty = *last == margin || is_first && *last == mark;
        if !is_empty && last.width() + 1 + word.width() > width {
            lines.push(format!("{margin}{word}"));
        } else {
            if !is_empty {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

/// Hostile text for a terminal: control and bidirectional characters are shown, not obeyed.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push('⏎'),
            c if c.is_control()
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') =>
            {
                out.push('\u{fffd}');
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_cannot_move_the_cursor() {
        assert_eq!(visible("a\u{1b}[2Jb\nc\u{202e}d"), "a\u{fffd}[2Jb⏎c\u{fffd}d");
    }

    #[test]
    fn times_are_those_of_a_clock_on_the_wall() {
        let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(7));
        let said = "Try 1 failed: No network. It is tried again at 2026-11-28T11:02:03.123456Z.";
        assert_eq!(
            in_zones(said, &zone),
            "Try 1 failed: No network. It is tried again at 2026-11-28 18:02:03 +07."
        );
        assert_eq!(in_zones("at noon, 12:30 or 2026", &zone), "at noon, 12:30 or 2026");
    }

    #[test]
    fn columns_are_as_wide_as_a_terminal_shows_them() {
        let cells =
            [vec!["短信".to_owned(), "x".to_owned()], vec!["sms".to_owned(), "y".to_owned()]];
        assert_eq!(rows(&["A", "B"], &cells), ["A     B", "短信  x", "sms   y"]);
    }

    #[test]
    fn words_are_not_broken() {
        assert_eq!(wrapped("one two three four", "! ", 11), ["! one two", "  three", "  four"]);
        assert_eq!(wrapped("a-very-long-word b", "", 5), ["a-very-long-word", "b"]);
        assert_eq!(wrapped("", "  ", 5), ["  "]);
    }

    #[test]
    fn a_cause_is_not_said_twice() {
        let error = anyhow::anyhow!("inner").context("outer: inner");
        assert_eq!(chain(&error), "outer: inner");
        let error = anyhow::anyhow!("inner").context("outer");
        assert_eq!(chain(&error), "outer: inner");
    }
}
