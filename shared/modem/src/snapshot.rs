//! The state of a modem, for people and programs.

use std::time::Instant;

use at::reply::{Registration, StorageUse};

use crate::event::{Identity, SimIdentity};

/// Whether a modem works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The modem is being set up.
    Starting,
    /// The modem can send and receive.
    Ready,
    /// The modem works, but has no network.
    Searching,
    /// A person must do something: the problem says what.
    Blocked,
    /// The modem does not answer and is being brought back.
    Recovering,
    /// The modem's port is closed.
    Closed,
}

/// Something wrong, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A stable name, such as `no-sim`.
    pub code: &'static str,
    /// What is wrong, in an English sentence.
    pub text: String,
    /// What to do about it, in an English sentence.
    pub advice: String,
    /// When the problem began.
    pub since: Instant,
}

/// How often things happened since the modem was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Submissions accepted.
    pub accepted: u64,
    /// Submissions rejected.
    pub rejected: u64,
    /// Submissions that never started.
    pub not_sent: u64,
    /// Submissions of which nobody knows whether they are out.
    pub uncertain: u64,
    /// Messages and reports handed out.
    pub received: u64,
    /// Commands without answer in time.
    pub timeouts: u64,
    /// Restarts of the modem by itself.
    pub reboots: u64,
    /// Lines that fit nothing.
    pub garbage: u64,
}

/// The state of a modem at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Whether the modem works.
    pub status: Status,
    /// The status in an English sentence.
    pub text: String,
    /// A submission is being worked on.
    pub sending: bool,
    /// What is wrong now.
    pub problem: Option<Problem>,
    /// What the modem is.
    pub identity: Identity,
    /// What the SIM is.
    pub sim: Option<SimIdentity>,
    /// The best of the registrations in the three domains.
    pub registration: Registration,
    /// The network's name.
    pub operator: Option<String>,
    /// The network's technology: `GSM`, `LTE` and so on.
    pub technology: Option<&'static str>,
    /// The signal in dBm.
    pub signal_dbm: Option<i16>,
    /// How full the memory for received messages is.
    pub storage: Option<StorageUse>,
    /// Messages handed out and neither stored nor refused.
    pub unanswered: usize,
    /// How messages are announced, as read back from the modem: `+CNMI: 2,1,0,1,0`.
    pub announcing: Option<String>,
    /// How often things happened.
    pub counters: Counters,
}
