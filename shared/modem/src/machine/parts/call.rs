//! An incoming call.

use std::time::{Duration, Instant};

/// A phone rings each five seconds.
const SILENT_FOR: Duration = Duration::from_secs(8);

/// A call that rings.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    from: Option<String>,
    last_ring: Instant,
    /// The call is to be hung up.
    hang_up: bool,
}

impl Call {
    /// A call begins to ring. It is hung up, if at all, once it is known who calls or at its second ring.
    pub(crate) fn new(now: Instant, from: Option<String>, hang_up: bool) -> Self {
        let hang_up = hang_up && from.is_some();
        Self { from, last_ring: now, hang_up }
    }

    /// The call rings again, or the number comes, as it does after the first ring.
    pub(crate) fn ring(&mut self, now: Instant, from: Option<String>, hang_up: bool) {
        self.hang_up |= hang_up;
        self.last_ring = now;
        self.from = from.or(self.from.take());
    }

    /// When the call counts as over.
    pub(crate) fn due(&self) -> Instant {
        self.last_ring + SILENT_FOR
    }

    /// Whether the call is to be hung up now. If so, it is not again before the next ring.
    pub(crate) fn take_hang_up(&mut self) -> bool {
        std::mem::take(&mut self.hang_up)
    }

    /// Who called, when told.
    pub(crate) fn into_caller(self) -> Option<String> {
        self.from
    }
}
