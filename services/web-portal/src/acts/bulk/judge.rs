//! What becomes of the rows of a file, one after another.

use std::collections::HashSet;

use contracts::mt::{Body, Encoding, SendOptions};
use contracts::{Languages, PhoneNumber};
use numbering::{Plan as Numbers, Unusable};
use store::BulkRow;

use super::filled::Filled;
use super::plan::{Counts, Outcome, Plan, Skip};
use crate::acts::count::{self, Uncountable};

/// What is known of the rows so far.
#[derive(Debug)]
pub(super) struct Judge {
    number: usize,
    has_names: bool,
    mends: bool,
    text: Filled,
    encoding: Encoding,
    languages: Languages,
    most_parts: usize,
    numbers: Numbers,
    known: HashSet<PhoneNumber>,
    is_first: bool,
    /// What became of them together.
    pub(super) counts: Counts,
}

impl Judge {
    /// Nothing was looked at yet.
    pub(super) fn new(
        plan: &Plan,
        text: Filled,
        numbers: Numbers,
        languages: Languages,
        most_parts: usize,
    ) -> Self {
        Self {
            number: plan.number,
            has_names: plan.names,
            mends: plan.mend,
            text,
            encoding: if plan.alike { Encoding::Smart } else { Encoding::Auto },
            languages,
            most_parts,
            numbers,
            known: HashSet::new(),
            is_first: true,
            counts: Counts::default(),
        }
    }

    /// The number of a row, or why it has none.
    pub(super) fn number(&self, row: &BulkRow) -> Result<PhoneNumber, Skip> {
        let written = row.cells.get(self.number).map_or("", String::as_str);
        read_number(&self.numbers, written, self.mends)
    }

    /// What becomes of the next rows; `out` are those of their numbers that are sent nothing.
    pub(super) fn judge(&mut self, rows: &[BulkRow], out: &HashSet<PhoneNumber>) -> Vec<Outcome> {
        rows.iter().map(|row| self.one(row, out)).collect()
    }

    fn one(&mut self, row: &BulkRow, out: &HashSet<PhoneNumber>) -> Outcome {
        if std::mem::take(&mut self.is_first) && self.has_names {
            return Outcome::Names;
        }
        match self.message(row, out) {
            Ok((to, parts, encoding)) => {
                let written = row.cells.get(self.number).map_or("", String::as_str);
                let is_cut_off = is_cut_off(&self.numbers, sheet::without_apostrophe(written));
                self.counts.cut_off += u32::from(is_cut_off && !self.mends);
                self.counts.messages += 1;
                self.counts.parts += u64::from(parts);
                self.counts.unicode += u32::from(encoding == "ucs2");
                Outcome::Message { to, parts, encoding: encoding.to_owned() }
            }
            Err(reason) => {
                *self.counts.skipped.entry(reason.as_str().to_owned()).or_default() += 1;
                Outcome::Skipped(reason)
            }
        }
    }

    fn message(
        &mut self,
        row: &BulkRow,
        out: &HashSet<PhoneNumber>,
    ) -> Result<(PhoneNumber, u32, &'static str), Skip> {
        let to = self.number(row)?;
        if out.contains(&to) {
            return Err(Skip::OptedOut);
        }
        let text = self.text.of(&row.cells);
        if text.chars().all(|c| c.is_whitespace() || crate::acts::name::is_invisible(c)) {
            return Err(Skip::NoText);
        }
        let body = Body::Text { text, encoding: self.encoding };
        let options = SendOptions { languages: self.languages, ..SendOptions::default() };
        let count = count::count(&body, None, &options).map_err(|error| match error {
            Uncountable::TooLong { .. } => Skip::TooLong,
            Uncountable::Because(_) => Skip::Unsendable,
        })?;
        if count.parts > self.most_parts {
            return Err(Skip::TooLong);
        }
        // Last, so that a row that is skipped takes the number from none that is not.
        if !self.known.insert(to.clone()) {
            return Err(Skip::Twice);
        }
        Ok((to, u32::try_from(count.parts).unwrap_or(u32::MAX), count.encoding))
    }
}

/// Whether a spreadsheet seems to have cut the zero at the begin of a number. Where the home country is known, a number is read
/// with it and without it, so nothing is missing.
fn is_cut_off(numbers: &Numbers, written: &str) -> bool {
    numbers.home.is_none() && sheet::spoiled(written) == Some(sheet::Spoiled::ZeroLost)
}

/// The number that stands in a cell, or why there is none.
fn read_number(numbers: &Numbers, cell: &str, mends: bool) -> Result<PhoneNumber, Skip> {
    let written = sheet::without_apostrophe(cell);
    if written.is_empty() {
        return Err(Skip::NoNumber);
    }
    if sheet::spoiled(written) == Some(sheet::Spoiled::Rounded) {
        return Err(Skip::Rounded);
    }
    let read = |text: &str| -> Result<PhoneNumber, Unusable> {
        let number = numbers.read(text)?;
        number.is_whole()?;
        Ok(number)
    };
    let number = if mends && is_cut_off(numbers, written) {
        read(&format!("0{written}"))
    } else {
        read(written)
    };
    number.map_err(|refused| of(&refused))
}

fn of(refused: &Unusable) -> Skip {
    if refused.is_forbidden() { Skip::Destination } else { Skip::NotANumber }
}

#[cfg(test)]
mod tests {
    use store::BulkRow;

    use super::*;

    fn judge(text: &str, plan: &Plan) -> Judge {
        let names = ["nomor".to_owned(), "nama".to_owned()];
        let text = Filled::parse(text, &names).unwrap();
        Judge::new(plan, text, Numbers::default(), Languages::NONE, 2)
    }

    fn row(line: u64, cells: &[&str]) -> BulkRow {
        BulkRow { line, cells: cells.iter().map(|cell| (*cell).to_owned()).collect() }
    }

    #[test]
    fn each_row_becomes_a_message_or_says_why_not() {
        let plan = Plan { names: true, ..Plan::default() };
        let mut judge = judge("{nama}", &plan);
        let rows = [
            row(1, &["nomor", "nama"]),
            row(2, &["+62 811-111-1111", "Siti"]),
            row(3, &["+628111111111", "Siti"]),
            row(4, &["", "Siti"]),
            row(5, &["6.28E+11", "Siti"]),
            row(6, &["Siti", "Siti"]),
            row(7, &["'+628111111112", " \u{200b}"]),
            row(8, &["'+628111111112", "Ж"]),
            row(9, &["+628111111113"]),
            row(10, &["+628111111114", &"Ж".repeat(200)]),
            row(11, &["+628111111115", "Siti"]),
        ];
        let out = HashSet::from(["+628111111115".parse().unwrap()]);
        let outcomes = judge.judge(&rows, &out);
        let skips = |at: usize| match &outcomes[at] {
            Outcome::Skipped(reason) => Some(*reason),
            _ => None,
        };
        assert_eq!(outcomes[0], Outcome::Names);
        assert!(matches!(&outcomes[1], Outcome::Message { parts: 1, .. }), "{outcomes:?}");
        let found: Vec<Option<Skip>> = (2..11).map(skips).collect();
        assert_eq!(
            found,
            [
                Some(Skip::Twice),
                Some(Skip::NoNumber),
                Some(Skip::Rounded),
                Some(Skip::NotANumber),
                Some(Skip::NoText),
                None,
                Some(Skip::NoText),
                Some(Skip::TooLong),
                Some(Skip::OptedOut),
            ]
        );
        assert_eq!((judge.counts.messages, judge.counts.parts, judge.counts.unicode), (2, 2, 1));
        assert_eq!(judge.counts.all_skipped(), 8);
    }

    #[test]
    fn a_zero_that_a_spreadsheet_cut_is_named_and_put_back() {
        let rows = [row(1, &["81234567890"]), row(2, &["081234567891"]), row(3, &["'0812345"])];
        for (mend, first, cut_off) in [(false, "81234567890", 1), (true, "081234567890", 0)] {
            let mut judge = judge("Halo", &Plan { mend, ..Plan::default() });
            let outcomes = judge.judge(&rows, &HashSet::new());
            let Outcome::Message { to, .. } = &outcomes[0] else { panic!("{outcomes:?}") };
            assert_eq!((to.as_str(), judge.counts.cut_off), (first, cut_off));
            assert_eq!(judge.counts.messages, 3);
        }
        let home = Numbers { home: Some("ID".parse().unwrap()), ..Numbers::default() };
        for written in ["81234567890", "6281234567890", "081234567890"] {
            let read = read_number(&home, written, false);
            assert_eq!(read, Ok("+6281234567890".parse().unwrap()), "{written}");
        }
    }
}
