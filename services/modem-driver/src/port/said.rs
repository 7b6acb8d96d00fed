//! What a modem says: how it is, and what it was not asked for.

use std::sync::Arc;

use contracts::modem::ModemProblem;
use modem::{FoundSubmission, Outcome, Received, Snapshot};
use platform::config::PortAddress;

/// A modem as it is now.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// The modem's own state.
    pub(crate) snapshot: Snapshot,
    /// The port that is or was open last.
    pub(crate) port: PortAddress,
    /// What is wrong with the port, while it is not open.
    pub(crate) port_problem: Option<ModemProblem>,
    /// Whether the modem has told who it is since the port was opened.
    pub(crate) identified: bool,
    /// How often a PIN was refused since the driver began, by the SIM or because the SIM had refused it before.
    pub(crate) pins_refused: u32,
}

/// What a modem says unasked, and the modem as it was then: another SIM may be in it when this is taken in hand.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) what: Incoming,
    pub(crate) view: Arc<View>,
}

/// What a modem says unasked.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A message or a report.
    Received(Received),
    /// A message for sending in its memory.
    Found(FoundSubmission),
    /// A submission that had ended as uncertain is certain now.
    Settled(u64, Outcome),
    /// Another SIM is in it.
    SimChanged,
    /// Somebody called.
    MissedCall(Option<String>),
    /// The network sent a USSD text unasked.
    Ussd(String),
}
