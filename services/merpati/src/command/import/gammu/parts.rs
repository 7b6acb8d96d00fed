//! Rows that are parts of one message.

use std::collections::VecDeque;

use super::super::dump::Row;

/// The most long messages that wait for their parts. The oldest gives way, with what there is of it.
const MOST: usize = 1_000;

/// A message: its first row, and its text. No text: it is data.
pub(super) struct Whole {
    pub(super) row: Row,
    pub(super) text: Option<String>,
}

/// Which part of which message a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    reference: u16,
    total: u8,
    pub(super) number: u8,
}

/// The part that a row is, by its header (3GPP TS 23.040, 9.2.3.24.1); none: it is a message of its own.
pub(super) fn of(row: &Row) -> Option<Part> {
    let hex = row.filled("udh")?;
    let digit = |digit: &u8| char::from(*digit).to_digit(16).and_then(|n| u8::try_from(n).ok());
    let octets: Option<Vec<u8>> = hex
        .as_bytes()
        .chunks(2)
        .map(|two| Some(digit(two.first()?)? << 4 | digit(two.get(1)?)?))
        .collect();
    let octets = octets?;
    let mut rest = octets.get(1..)?;
    while let [id, length, more @ ..] = rest {
        let data = more.get(..usize::from(*length))?;
        let (reference, total, number) = match (id, data) {
            (0, [reference, total, number]) => (u16::from(*reference), *total, *number),
            (8, [high, low, total, number]) => (u16::from_be_bytes([*high, *low]), *total, *number),
            _ => {
                rest = more.get(usize::from(*length)..)?;
                continue;
            }
        };
        return (1..=total).contains(&number).then_some(Part { reference, total, number });
    }
    None
}

/// The text of a row; none: it is data.
pub(super) fn text(row: &Row) -> Option<String> {
    let coding = row.filled("coding").unwrap_or_default();
    (coding != "8bit").then(|| row.text("textdecoded").unwrap_or_default())
}

/// A long message of which parts are missing yet.
struct Waiting {
    sender: Option<String>,
    part: Part,
    rows: Vec<(u8, Row)>,
}

/// Received messages that wait for their parts.
#[derive(Default)]
pub(super) struct Long(VecDeque<Waiting>);

impl Long {
    /// Adds a row. Returns what is whole now, or waits no longer.
    pub(super) fn add(&mut self, row: &Row) -> Vec<Whole> {
        let Some(part) = of(row).filter(|part| part.total > 1) else {
            return vec![Whole { text: text(row), row: row.clone() }];
        };
        let sender = row.filled("sendernumber");
        let is_it = |one: &Waiting| {
            one.sender == sender
                && (one.part.reference, one.part.total) == (part.reference, part.total)
                && one.rows.iter().all(|(number, _)| *number != part.number)
        };
        let at = self.0.iter().position(is_it).unwrap_or_else(|| {
            self.0.push_back(Waiting { sender: sender.clone(), part, rows: Vec::new() });
            self.0.len() - 1
        });
        let waiting = &mut self.0[at];
        waiting.rows.push((part.number, row.clone()));
        let is_whole = waiting.rows.len() == usize::from(part.total);
        let done = if is_whole {
            self.0.remove(at)
        } else if self.0.len() > MOST {
            self.0.pop_front()
        } else {
            None
        };
        done.and_then(whole).into_iter().collect()
    }

    /// After the last row: what there is of the others.
    pub(super) fn rest(self) -> impl Iterator<Item = Whole> {
        self.0.into_iter().filter_map(whole)
    }
}

fn whole(waiting: Waiting) -> Option<Whole> {
    let mut rows = waiting.rows;
    rows.sort_by_key(|(number, _)| *number);
    let texts: Option<String> = rows.iter().map(|(_, row)| text(row)).collect();
    let (_, row) = rows.into_iter().next()?;
    Some(Whole { row, text: texts })
}

/// Adds a row of a message that was sent, whose parts have one number and follow each other. Returns the message before, once
/// another one begins.
pub(super) fn joined(before: &mut Option<Whole>, row: Row) -> Option<Whole> {
    match before {
        Some(known) if known.row.number("id") == row.number("id") => {
            // Of a message of many parts, some may be data.
            known.text = known.text.take().zip(text(&row)).map(|(all, one)| all + &one);
            None
        }
        _ => before.replace(Whole { text: text(&row), row }),
    }
}
