//! A part that waits for its report, as the bucket `reports` holds it.

use std::time::Duration;

use contracts::{MessageId, OrgId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// How long a part waits for its report beyond its validity.
const GRACE: Duration = Duration::from_hours(24);
/// The validity networks use when none was asked for, at most.
const USUAL_VALIDITY: Duration = Duration::from_hours(4 * 24);

/// A part that waits for its report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Awaited {
    /// The message of the part.
    pub(crate) message: MessageId,
    /// The part; the first part is 1.
    pub(crate) part: u8,
    /// The number of the message's parts.
    pub(crate) parts: u8,
    /// The message's organisation.
    pub(crate) org: OrgId,
    /// The message's account.
    pub(crate) owner: UserId,
    /// When the part was given to the network.
    pub(crate) sent_at: Timestamp,
    /// After this no report will come.
    pub(crate) until: Timestamp,
    /// The round of the message in which the part was given to the network.
    #[serde(default)]
    pub(crate) round: u32,
    /// Whether nobody knows if the part went out: then a report proves that it did.
    #[serde(default)]
    pub(crate) uncertain: bool,
}

impl Awaited {
    /// Returns when the last report about a part sent at `sent_at` can be expected.
    pub(crate) fn end(sent_at: Timestamp, validity_minutes: Option<u32>) -> Timestamp {
        let validity = validity_minutes
            .map_or(USUAL_VALIDITY, |minutes| Duration::from_secs(u64::from(minutes) * 60));
        sent_at.plus(validity).plus(GRACE)
    }

    /// Returns whether both are about the same part of the same message.
    pub(crate) fn is_about_same(&self, other: &Self) -> bool {
        (self.message, self.part) == (other.message, other.part)
    }
}
