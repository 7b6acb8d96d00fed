//! Bars and columns of a report, as SVG that is made here. Their sizes are whole numbers, in the units of the drawing.

use askama::Template;
use askama::filters::HtmlSafe;
use store::Tally;

use super::words::{count, share};
use crate::acts::report::Row;
use crate::doors::pages::hostile::Hostile;
use crate::words::Words;

/// The length of the longest bar, and the height of the highest column.
const FULL: u64 = 1_000;
/// The width of a column with the room beside it.
const STEP: usize = 10;
/// As many days are columns of their own; of more, months are.
pub(super) const MOST_COLUMNS: u64 = 92;

/// A bar with its name and its number.
pub(super) struct Bar {
    pub(super) name: Hostile,
    pub(super) messages: String,
    /// Of all, in percent; empty: it is not shown.
    pub(super) share: String,
    /// More about it.
    pub(super) note: String,
    /// What the name leads to.
    pub(super) href: Option<String>,
    /// Of [`FULL`].
    pub(super) length: u64,
    pub(super) tone: &'static str,
}

impl Bar {
    /// So many messages of all.
    pub(super) fn of(w: Words, name: String, messages: u64, all: u64, tone: &'static str) -> Self {
        Self {
            name: Hostile(name),
            messages: count(w, messages),
            share: share(messages, all),
            note: String::new(),
            href: None,
            length: part(messages, all),
            tone,
        }
    }

    /// The same where the longest bar is not all there is.
    pub(super) fn without_share(self) -> Self {
        Self { share: String::new(), ..self }
    }
}

/// Bars, one below the other.
#[derive(Template)]
#[template(path = "report_bars.html")]
pub(super) struct Bars {
    pub(super) bars: Vec<Bar>,
}

/// Escaped by its own template.
impl HtmlSafe for Bars {}

impl Bars {
    /// There is none.
    pub(super) fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }
}

/// What is counted of a day, an hour of the day, or a month.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) tally: Tally,
}

impl Column {
    /// Each number of it, as it stands in the table.
    pub(super) fn cells(&self, w: Words) -> [String; 9] {
        let Tally { waiting, delivered, undelivered, failed, rejected, .. } = self.tally;
        let Tally { expired, cancelled, received, .. } = self.tally;
        let sent = self.tally.went_out();
        let wrong = failed + rejected + expired;
        let cells = [
            self.tally.accepted(),
            sent,
            delivered,
            undelivered,
            wrong,
            cancelled,
            waiting,
            self.tally.parts,
            received,
        ];
        cells.map(|messages| count(w, messages))
    }
}

/// Rows as columns: days, months, or hours of the day.
pub(super) fn columns(w: Words, are_hours: bool, rows: &[Row]) -> Vec<Column> {
    let column = |row: &Row| {
        let name = if are_hours { w.reports_hour(row.key.clone()) } else { row.key.clone() };
        Column { name, tally: row.tally }
    };
    rows.iter().map(column).collect()
}

/// Columns of what became of messages, one on the other.
pub(super) struct Chart {
    /// The width of the drawing.
    pub(super) width: usize,
    pub(super) columns: Vec<Stack>,
    /// What the highest column stands for.
    pub(super) most: String,
    pub(super) first: String,
    pub(super) last: String,
    /// In a sentence, for who does not see it.
    pub(super) description: String,
    pub(super) legend: Vec<(&'static str, String)>,
}

/// A column.
pub(super) struct Stack {
    /// What it says, where one points at it.
    pub(super) title: String,
    pub(super) pieces: Vec<Piece>,
}

/// A piece of a column.
pub(super) struct Piece {
    pub(super) x: usize,
    pub(super) y: u64,
    pub(super) height: u64,
    pub(super) tone: &'static str,
}

impl Chart {
    pub(super) fn of(w: Words, columns: &[Column]) -> Self {
        let most = columns.iter().map(|column| column.tally.accepted()).max().unwrap_or(0);
        let highest = columns.iter().find(|column| column.tally.accepted() == most);
        let stacks = columns.iter().enumerate().map(|(place, column)| Stack {
            title: format!("{}: {}", column.name, count(w, column.tally.accepted())),
            pieces: pieces(place * STEP + 1, &column.tally, most),
        });
        let name = |column: Option<&Column>| column.map(|one| one.name.clone()).unwrap_or_default();
        Self {
            width: columns.len().max(1) * STEP,
            columns: stacks.collect(),
            most: count(w, most),
            first: name(columns.first()),
            last: name(columns.last()),
            description: w.reports_chart_description(
                name(columns.first()),
                name(highest),
                name(columns.last()),
                count(w, most),
            ),
            legend: vec![
                ("good", w.state_delivered()),
                ("way", w.reports_unreported()),
                ("wait", w.reports_waiting()),
                ("bad", w.reports_wrong()),
                ("odd", w.state_cancelled()),
            ],
        }
    }
}

/// What became of the messages of a column, from its foot to its top. What there is of is seen, however little it is.
fn pieces(x: usize, tally: &Tally, most: u64) -> Vec<Piece> {
    let parts = [
        ("good", tally.delivered),
        ("way", tally.sent),
        ("wait", tally.waiting),
        ("bad", tally.went_wrong()),
        ("odd", tally.cancelled),
    ];
    let mut pieces = Vec::new();
    let mut below = 0;
    let mut foot = FULL;
    for (tone, messages) in parts.into_iter().filter(|(_, messages)| *messages > 0) {
        below += messages;
        let top = FULL - part(below, most);
        let height = foot - top.min(foot);
        pieces.push(Piece { x, y: top, height, tone });
        foot = top;
    }
    pieces
}

/// How much of [`FULL`] some of all are: at least one where there are some.
fn part(some: u64, all: u64) -> u64 {
    if all == 0 {
        return 0;
    }
    some.saturating_mul(FULL).div_ceil(all).min(FULL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn a_column_is_as_high_as_its_messages_are_many() {
        let tally = Tally { delivered: 50, sent: 25, failed: 24, cancelled: 1, ..Tally::default() };
        let pieces = pieces(1, &tally, 200);
        let sizes: Vec<_> =
            pieces.iter().map(|piece| (piece.tone, piece.y, piece.height)).collect();
        assert_eq!(
            sizes,
            [("good", 750, 250), ("way", 625, 125), ("bad", 505, 120), ("odd", 500, 5)]
        );
        assert_eq!((part(0, 0), part(0, 5), part(1, 1_000_000), part(7, 7)), (0, 0, 1, 1_000));
    }

    #[test]
    fn a_drawing_is_as_wide_as_it_has_columns() {
        let w = Words::of(Language::English);
        let row = |n: u64| Row {
            key: format!("2026-{n:02}"),
            name: None,
            tally: Tally { delivered: n, ..Tally::default() },
        };
        let rows: Vec<Row> = (1..=12).map(row).collect();
        let chart = Chart::of(w, &columns(w, false, &rows));
        assert_eq!((chart.width, chart.columns.len(), chart.most.as_str()), (120, 12, "12"));
        assert_eq!((chart.first.as_str(), chart.last.as_str()), ("2026-01", "2026-12"));
        assert!(chart.description.contains("2026-12"), "{}", chart.description);
        assert_eq!(chart.columns[11].title, "2026-12: 12");
        assert_eq!(Chart::of(w, &[]).columns.len(), 0);
    }
}
