//! What is outstanding of the parts that went out through one modem: reports, and answers that may come late.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use contracts::mt::{MtItem, Through};

use crate::reports::Reports;

/// What reports and late answers of one modem may be about. Clones are the same.
#[derive(Debug, Clone)]
pub struct Outstanding {
    pub(crate) reports: Arc<Reports>,
    pub(crate) uncertain: UncertainParts,
}

/// A part of which nobody knew whether it went out when it was put here.
#[derive(Debug, Clone)]
pub(crate) struct UncertainPart {
    /// The number under which the part was submitted; 0 for a part of an earlier run.
    pub(crate) submission: u64,
    pub(crate) item: MtItem,
    pub(crate) part: u8,
    pub(crate) tries: u32,
    pub(crate) through: Through,
}

/// How many uncertain parts are remembered for a late answer.
const REMEMBERED: usize = 32;

/// The uncertain parts of one modem, newest first. Clones are the same parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct UncertainParts(Arc<Mutex<VecDeque<UncertainPart>>>);

impl UncertainParts {
    /// Remembers a part, at the cost of the oldest where there are many.
    pub(crate) fn remember(&self, part: UncertainPart) {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        parts.push_front(part);
        parts.truncate(REMEMBERED);
    }

    /// Takes out the newest part for which `which` holds.
    pub(crate) fn take(&self, which: impl Fn(&UncertainPart) -> bool) -> Option<UncertainPart> {
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = parts.iter().position(which)?;
        parts.remove(index)
    }
}
