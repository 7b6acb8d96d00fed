//! What is shown of the rows of a file, and of how far it is.

use contracts::batch::Order;

use crate::acts::batch::{self, BatchError};
use crate::acts::bulk::plan::{Outcome, Skip};
use crate::acts::bulk::{self, Judged, Known};
use crate::app::App;
use crate::doors::pages::failure::Failure;
use crate::doors::pages::hostile::Hostile;
use crate::doors::pages::parts::state_words;
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

/// How far a file is that is being sent.
pub(super) struct Progress {
    /// Messages that the file has.
    pub(super) total: u32,
    /// Messages that were sent, or came to an end.
    pub(super) done: u64,
    /// How many are in each state.
    pub(super) states: Vec<(String, u64)>,
    /// The broker does not have all of it.
    pub(super) is_half: bool,
    pub(super) is_paused: bool,
    pub(super) is_cancelled: bool,
    /// Whoever looks may pause, resume and cancel.
    pub(super) may_order: bool,
    pub(super) revision: u32,
}

impl Progress {
    pub(super) async fn of(app: &App, visit: &Visit, known: &Known) -> Result<Self, Failure> {
        let (w, authority) = (visit.words, visit.authority()?);
        let mut progress = Self {
            total: known.plan.as_ref().map_or(0, |plan| plan.counts.messages),
            done: 0,
            states: Vec::new(),
            is_half: known.bulk.sent_at.is_none(),
            is_paused: false,
            is_cancelled: false,
            may_order: authority.may(Power::MessagesCancel),
            revision: known.bulk.revision,
        };
        if !authority.may(Power::MessagesRead) {
            return Ok(progress);
        }
        for id in bulk::batches(known) {
            let batch = match batch::progress(app, authority, id).await {
                Ok(batch) => batch,
                Err(BatchError::Denied(denied)) => return Err(denied.into()),
                Err(BatchError::Store(error)) => return Err(error.into()),
                // Its messages are older than what is kept of messages, or the broker is away for a moment.
                Err(_) => continue,
            };
            progress.is_paused |= batch.order == Order::Paused;
            progress.is_cancelled |= batch.order == Order::Cancelled;
            for (state, count) in batch.states {
                progress.done += if state.is_settled() { count } else { 0 };
                let words = state_words(w, state);
                match progress.states.iter_mut().find(|(known, _)| *known == words) {
                    Some((_, all)) => *all += count,
                    None => progress.states.push((words, count)),
                }
            }
        }
        Ok(progress)
    }
}
