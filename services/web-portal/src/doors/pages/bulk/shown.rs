//! What is shown of the rows of a file, and of how far it is.

use crate::acts::batch::{self, BatchError};
use crate::acts::bulk::plan::{Outcome, Skip};
use crate::acts::bulk::{self, Judged, Known};
use crate::app::App;
use crate::doors::pages::batches;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::hostile::Hostile;
use crate::doors::pages::parts::Progress;
use crate::doors::pages::visit::Visit;
use crate::power::Power;
use crate::words::Words;

/// How many rows become no message for one reason.
pub(super) struct Reason {
    pub(super) words: String,
    pub(super) count: u32,
}

/// A message as it will be sent, and the ones beside it.
pub(super) struct Step {
    /// Which it is, the first being 1.
    pub(super) at: u32,
    pub(super) of: u32,
    pub(super) before: Option<u32>,
    pub(super) after: Option<u32>,
    pub(super) line: u64,
    pub(super) to: String,
    pub(super) text: Hostile,
    pub(super) parts: u32,
    pub(super) is_unicode: bool,
}

impl Step {
    /// Of a row that becomes a message.
    pub(super) fn of(row: Judged, at: u32, of: u32) -> Option<Self> {
        let Outcome::Message { to, parts, encoding } = row.outcome else { return None };
        Some(Self {
            at,
            of,
            before: (at > 1).then(|| at - 1),
            after: (at < of).then(|| at + 1),
            line: row.line,
            to: to.to_string(),
            text: Hostile(row.text).short(Hostile::WHOLE),
            parts,
            is_unicode: encoding == "ucs2",
        })
    }
}

/// A row that becomes no message.
pub(super) struct SkippedRow {
    pub(super) line: u64,
    pub(super) written: Hostile,
    pub(super) words: String,
}

impl SkippedRow {
    pub(super) fn of(w: Words, row: Judged) -> Self {
        let words = match row.outcome {
            Outcome::Skipped(reason) => reason_words(w, reason),
            Outcome::Names | Outcome::Message { .. } => String::new(),
        };
        Self { line: row.line, written: Hostile(row.written).short(Hostile::NAME), words }
    }
}

/// Why a row becomes no message.
pub(super) fn reason_words(w: Words, reason: Skip) -> String {
    match reason {
        Skip::NoNumber => w.bulk_skip_no_number(),
        Skip::NotANumber => w.bulk_skip_not_a_number(),
        Skip::Rounded => w.bulk_skip_rounded(),
        Skip::Twice => w.bulk_skip_twice(),
        Skip::OptedOut => w.bulk_skip_opted_out(),
        Skip::Destination => w.bulk_skip_destination(),
        Skip::NoText => w.bulk_skip_no_text(),
        Skip::TooLong => w.bulk_skip_too_long(),
        Skip::Unsendable => w.bulk_skip_unsendable(),
    }
}

/// A file that is being sent.
pub(super) struct Sending {
    /// How far it is.
    pub(super) progress: Progress,
    /// The list of the messages of each of its batches.
    pub(super) lists: Vec<List>,
    /// The broker does not have all of it.
    pub(super) is_half: bool,
    pub(super) revision: u32,
}

/// The list of the messages of a batch.
pub(super) struct List {
    pub(super) path: String,
    pub(super) words: String,
}

impl Sending {
    pub(super) async fn of(app: &App, visit: &Visit, known: &Known) -> Result<Self, Failure> {
        let (w, authority) = (visit.words, visit.authority()?);
        let may_order = authority.may(Power::MessagesCancel);
        let path = format!("/bulk/{}", known.bulk.id);
        let mut sending = Self {
            progress: Progress::new(w, &visit.csrf, path, may_order),
            lists: Vec::new(),
            is_half: known.bulk.sent_at.is_none(),
            revision: known.bulk.revision,
        };
        if authority.may(Power::MessagesRead) {
            let ids = bulk::batches(known);
            for (at, id) in ids.iter().enumerate() {
                let batch = match batch::progress(app, authority, *id).await {
                    Ok(batch) => batch,
                    Err(BatchError::Denied(denied)) => return Err(denied.into()),
                    Err(BatchError::Store(error)) => return Err(error.into()),
                    // Its messages are older than what is kept of messages, or the broker is away for a moment.
                    Err(_) => continue,
                };
                sending.progress.add(&batch);
                let words = match ids.len() {
                    1 => w.bulk_list(),
                    of => w.bulk_list_of(at + 1, of),
                };
                sending.lists.push(List { path: batches::list(*id), words });
            }
        }
        let total = known.plan.as_ref().map_or(0, |plan| plan.counts.messages);
        sending.progress = sending.progress.of_all(u64::from(total));
        Ok(sending)
    }
}
