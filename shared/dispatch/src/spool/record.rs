//! What is kept on this host until the broker has it.

use contracts::mo::MoPart;
use contracts::{MessageId, ModemId, OrgId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::journal::entry::Entry;
use crate::reports::Awaited;

/// What came from a modem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Record {
    /// A message, or what cannot be read.
    Message(MoPart),
    /// A delivery report. Which part it is about is found out when it is published.
    Report(MoPart),
    /// What is known of a part that was being written: the network took it, or the modem never got it.
    Answer(Box<Answer>),
}

impl Record {
    /// Returns the modem that the record came from.
    pub(crate) fn modem(&self) -> ModemId {
        match self {
            Self::Message(part) | Self::Report(part) => part.modem,
            Self::Answer(answer) => answer.entry.modem,
        }
    }

    /// Returns when the record came.
    pub(crate) fn at(&self) -> Timestamp {
        match self {
            Self::Message(part) | Self::Report(part) => part.received_at,
            Self::Answer(answer) => answer.entry.at,
        }
    }

    /// Returns whether the record goes before those that came earlier.
    pub(crate) fn goes_first(&self) -> bool {
        matches!(self, Self::Answer(_))
    }
}

/// What is known of a part, which the journal and the bucket of reports are still to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) message: MessageId,
    pub(crate) part: u8,
    pub(crate) org: OrgId,
    pub(crate) owner: UserId,
    /// What takes the place of the entry that says `Writing`.
    pub(crate) entry: Entry,
    /// What the report about the part will be matched by, and the key of that in the bucket of reports.
    pub(crate) awaited: Option<(String, Awaited)>,
}
