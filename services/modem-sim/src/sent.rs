//! What the network took.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use tpdu::Submit;

/// A message that the network took from a modem.
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    /// Counts all of them; 1 is the first.
    pub sequence: u64,
    /// The place of the modem; 1 is `modem1`.
    pub modem: usize,
    /// Number of its SIM.
    pub from: String,
    /// The message, with the reference that the modem gave it.
    pub submit: Submit,
    /// When.
    pub at: Timestamp,
    /// From the modem's being told to send to then.
    pub took: Duration,
}

impl Sent {
    /// The recipient as it was dialled.
    pub fn to(&self) -> String {
        self.submit.destination.to_string()
    }

    /// The text of this part; empty when it is data.
    pub fn text(&self) -> String {
        self.submit.text().unwrap_or_default()
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sent({} by modem{}, {:?})", self.sequence, self.modem, self.submit.destination)
    }
}
