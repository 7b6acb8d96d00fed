//! What an import says: what became of each thing, and what was not carried over.

use std::process::ExitCode;

use serde::Serialize;

use crate::client::ClientError;
use crate::output;

/// The most remarks that are kept; the others are counted.
const MOST_REMARKS: usize = 1_000;

/// What became, or would become, of one thing.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) place: String,
    pub(super) what: &'static str,
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) state: State,
}

/// See [`Line`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(super) enum State {
    /// It would be made.
    New,
    /// It was made.
    Made,
    /// It was there before.
    There,
    /// It was not made.
    Failed {
        /// Why not.
        error: String,
    },
}

impl State {
    /// What kept something from being made.
    pub(super) fn failed(error: &ClientError) -> Self {
        Self::Failed { error: error.to_string() }
    }
}

/// What became of many things of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Count {
    pub(super) what: &'static str,
    /// How many were found.
    pub(super) found: u64,
    /// How many were made.
    pub(super) made: u64,
    /// How many were there before.
    pub(super) there: u64,
    /// How many could not be made.
    pub(super) refused: u64,
}

impl Count {
    /// None of them yet.
    pub(super) const fn of(what: &'static str) -> Self {
        Self { what, found: 0, made: 0, there: 0, refused: 0 }
    }
}

#[derive(Debug, Serialize)]
struct Remark {
    place: String,
    text: String,
}

/// What is printed, for programs as it is.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) dry_run: bool,
    pub(super) lines: Vec<Line>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) counts: Vec<Count>,
    remarks: Vec<Remark>,
    /// Remarks beyond [`MOST_REMARKS`].
    #[serde(skip_serializing_if = "is_zero")]
    more_remarks: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl Report {
    /// With nothing in it.
    pub(super) const fn new(dry_run: bool) -> Self {
        Self {
            dry_run,
            lines: Vec::new(),
            counts: Vec::new(),
            remarks: Vec::new(),
            more_remarks: 0,
        }
    }

    /// Notes what was not carried over, or was read otherwise than it is written.
    pub(super) fn remark(&mut self, place: &impl ToString, text: &str) {
        if self.remarks.len() < MOST_REMARKS {
            self.remarks.push(Remark { place: place.to_string(), text: text.to_owned() });
        } else {
            self.more_remarks += 1;
        }
    }

    /// Prints it. `file` is what was read, in words. The code says whether something could not be made.
    pub(super) fn show(&self, as_json: bool, file: &str) -> anyhow::Result<ExitCode> {
        if as_json {
            output::json(self)?;
        } else {
            self.print(file);
        }
        let is_failed = |line: &Line| matches!(line.state, State::Failed { .. });
        let is_whole = !self.lines.iter().any(is_failed);
        Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn print(&self, file: &str) {
        if self.lines.is_empty() && self.counts.iter().all(|count| count.found == 0) {
            output::line(&format!("There is nothing in {file} that can be imported."));
        }
        if !self.lines.is_empty() {
            let rows = self.lines.iter().map(|line| {
                let state = match &line.state {
                    State::New => "would be made".to_owned(),
                    State::Made => "made".to_owned(),
                    State::There => "there already".to_owned(),
                    State::Failed { error } => format!("not made: {}", output::visible(error)),
                };
                vec![
                    output::visible(&line.place),
                    line.what.to_owned(),
                    output::visible(&line.name),
                    state,
                ]
            });
            output::table(&["LINE", "WHAT", "NAME", "STATE"], &rows.collect::<Vec<_>>());
        }
        if self.counts.iter().any(|count| count.found > 0) {
            output::line("");
            let rows = self.counts.iter().filter(|count| count.found > 0).map(|count| {
                let Count { what, found, made, there, refused } = *count;
                [what.to_owned()]
                    .into_iter()
                    .chain([found, made, there, refused].iter().map(ToString::to_string))
                    .collect()
            });
            let header = ["WHAT", "FOUND", "MADE", "THERE ALREADY", "REFUSED"];
            output::table(&header, &rows.collect::<Vec<_>>());
        }
        if !self.remarks.is_empty() {
            output::line("");
        }
        for remark in &self.remarks {
            let (place, text) = (output::visible(&remark.place), output::visible(&remark.text));
            output::line(&format!("{place}: {text}"));
        }
        if self.more_remarks > 0 {
            output::line(&format!("… and {} more of these.", self.more_remarks));
        }
    }

    /// Whether something of a kind was made.
    pub(super) fn has_made(&self, what: &str) -> bool {
        self.lines.iter().any(|line| line.what == what && line.state == State::Made)
    }
}
