//! What is sent of a file, as the database keeps it.

use std::collections::BTreeMap;

use contracts::{PhoneNumber, PoolId, Priority, SimId, Timestamp};
use serde::{Deserialize, Serialize};

/// What is sent of a file. Fields are added, never changed: another release may have written it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Plan {
    /// Which column has the numbers, from 0.
    pub(crate) number: usize,
    /// The first row names the columns.
    pub(crate) names: bool,
    /// The text, with fields.
    pub(crate) text: String,
    /// Similar characters take the place of those that make a message longer.
    pub(crate) alike: bool,
    /// A zero is put before numbers that begin with neither zero nor plus, where the home country is not known.
    pub(crate) mend: bool,
    /// How urgent it is.
    pub(crate) priority: Priority,
    /// The SIM it must go out through.
    pub(crate) sim: Option<SimId>,
    /// The pool it must go out through.
    pub(crate) pool: Option<PoolId>,
    /// The local date and time at which it is sent; none: at once.
    pub(crate) at: Option<String>,
    /// The zone of that time.
    pub(crate) zone: Option<String>,
    /// The time.
    pub(crate) not_before: Option<Timestamp>,
    /// What becomes of the rows together.
    pub(crate) counts: Counts,
}

/// What becomes of all rows together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Counts {
    /// Rows that become a message.
    pub(crate) messages: u32,
    /// Parts of all messages together.
    pub(crate) parts: u64,
    /// Messages that go out as Unicode, which have fewer characters in a part.
    pub(crate) unicode: u32,
    /// Messages to numbers whose zero a spreadsheet seems to have cut.
    pub(crate) cut_off: u32,
    /// Rows that become none, by the reason.
    pub(crate) skipped: BTreeMap<String, u32>,
}

impl Counts {
    /// Rows that become no message.
    pub(crate) fn all_skipped(&self) -> u32 {
        self.skipped.values().sum()
    }
}

contracts::named! {
    /// Why a row becomes no message.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub(crate) enum Skip in json {
        /// The cell of the number is empty.
        NoNumber = "no-number",
        /// It is no number that can be dialled.
        NotANumber = "not-a-number",
        /// A spreadsheet has rounded the number, as in `6.28E+11`.
        Rounded = "rounded",
        /// An earlier row has the number.
        Twice = "twice",
        /// Its holder asked to be sent nothing more.
        OptedOut = "opted-out",
        /// Nothing is sent there.
        Destination = "destination",
        /// Its text is empty or blank.
        NoText = "no-text",
        /// Its text has more parts than are allowed.
        TooLong = "too-long",
        /// Its text cannot be sent.
        Unsendable = "unsendable",
    }
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It names the columns.
    Names,
    /// It becomes a message.
    Message {
        /// To whom.
        to: PhoneNumber,
        /// Of how many parts.
        parts: u32,
        /// `gsm7` or `ucs2`.
        encoding: String,
    },
    /// It becomes none.
    Skipped(Skip),
}
