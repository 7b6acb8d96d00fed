//! Votes: which option of a keyword service each sender chose last.

use contracts::{PhoneNumber, ServiceId, Timestamp};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// A vote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// The service that asks for votes.
    pub service: ServiceId,
    /// Who votes. One phone has one vote: a later one takes the place of an earlier one.
    pub sender: PhoneNumber,
    /// The option, in small letters.
    pub option: String,
    /// When the message came that has the vote.
    pub at: Timestamp,
}

impl Store {
    /// Returns how many senders chose which option of a service in reach, by the name of the option. Options that nobody chose
    /// are left out, and those that the service has no more are there.
    pub async fn service_votes(
        &self,
        reach: Reach,
        id: ServiceId,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        on_engine!(self, db => db.service_votes(reach, id))
    }
}
