//! That something is to be sent at a time: told live by whoever makes or changes a schedule, and kept by nobody.

use serde::{Deserialize, Serialize};

use crate::{Subject, Timestamp};

/// A schedule has its next time then, or something is to be done for a broadcast, so that whoever sends for them need not look until then. It may be lost; who waits
/// looks by itself too, now and then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// The time.
    pub at: Timestamp,
}

impl Scheduled {
    /// The subject it is told on, which no stream keeps.
    pub const SUBJECT: Subject = Subject::Scheduled;
}
