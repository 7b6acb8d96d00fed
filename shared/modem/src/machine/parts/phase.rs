//! Where the machine is.

use std::time::Instant;

use super::handshake::Handshake;
use super::task::Step;

/// Where the machine is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The port is closed.
    Closed,
    /// The caller is to open the port anew.
    Gone,
    /// The line is brought in step.
    Handshake(Handshake),
    /// The modem is being set up.
    Boot(Step),
    /// The modem is set up as far as it goes; this step is tried again later.
    Wait { until: Instant, step: Step },
    /// The modem was told to restart.
    Resetting { until: Instant },
    /// The modem is set up.
    Run,
}

impl Phase {
    pub(crate) fn is_open(&self) -> bool {
        !matches!(self, Self::Closed | Self::Gone)
    }

    /// When the phase is over by itself.
    pub(crate) fn due(&self) -> Option<Instant> {
        match self {
            Self::Handshake(handshake) => handshake.due(),
            Self::Wait { until, .. } | Self::Resetting { until } => Some(*until),
            Self::Closed | Self::Gone | Self::Boot(_) | Self::Run => None,
        }
    }
}
