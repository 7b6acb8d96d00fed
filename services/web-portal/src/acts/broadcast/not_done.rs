//! Why something was not done with a broadcast.

use recurrence::PlanError;
use store::{
    BadPace, BadPersonalText, BroadcastError, MOST_AUDIENCE, MOST_GROUPS_OF_BROADCAST,
    MOST_NUMBERS_OF_BROADCAST, StoreError,
};

use super::LONGEST_NAME;
use crate::acts::acceptance::Unaccepted;
use crate::acts::batch::BatchError;
use crate::acts::belonging::NotTheirs;
use crate::acts::draft::Unsendable;
use crate::authority::Denied;

/// Why a broadcast was not made, changed, started or tested.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotDone {
    /// Whose it is to be.
    #[error(transparent)]
    NotTheirs(#[from] NotTheirs),
    /// The name cannot be one.
    #[error("a name is 1 to {LONGEST_NAME} visible characters without spaces at its ends")]
    Name,
    /// There are more groups than a broadcast may have.
    #[error("a broadcast is for at most {MOST_GROUPS_OF_BROADCAST} groups")]
    TooManyGroups,
    /// There are more numbers than may be written down.
    #[error(
        "at most {MOST_NUMBERS_OF_BROADCAST} numbers can be written down for a broadcast: make contacts of them, and a group"
    )]
    TooManyNumbers,
    /// There is no such template in reach.
    #[error("there is no template of this id")]
    NoSuchTemplate,
    /// The text.
    #[error(transparent)]
    Text(#[from] BadPersonalText),
    /// Nobody has what is filled in.
    #[error(
        "nobody this broadcast is for has anything in {{{0}}}: take the field out of the text, or choose a group whose contacts have it"
    )]
    NobodyHas(String),
    /// The SIM.
    #[error("'{0}' is no SIM: write its id, sim_ and 32 hex digits, or nothing for any")]
    Sim(String),
    /// The pool.
    #[error("{0}")]
    Pool(String),
    /// The time or the zone.
    #[error(transparent)]
    When(#[from] PlanError),
    /// The time has gone by.
    #[error("this time has gone by: choose a later one, or none to start it by hand")]
    Past,
    /// The pace.
    #[error(transparent)]
    Pace(#[from] BadPace),
    /// The quiet hours.
    #[error("{0}, so that some of the day is left")]
    Quiet(String),
    /// There is nobody to send it to.
    #[error("there is nobody to send it to: the groups are empty, and no numbers are written down")]
    Nobody,
    /// There are more than an audience may be of.
    #[error(
        "it is for {0} numbers, and a broadcast may be for {MOST_AUDIENCE}: make several broadcasts"
    )]
    TooLarge(u32),
    /// It could not be sent.
    #[error(transparent)]
    Unaccepted(#[from] Unaccepted),
    /// There is none of that id in reach.
    #[error("there is no such broadcast")]
    NoSuchBroadcast,
    /// It could not be made or changed.
    #[error(transparent)]
    Make(#[from] BroadcastError),
    /// Its batches were not told.
    #[error(transparent)]
    Batch(#[from] BatchError),
}

impl From<Denied> for NotDone {
    fn from(denied: Denied) -> Self {
        Self::NotTheirs(denied.into())
    }
}

impl From<Unsendable> for NotDone {
    fn from(unsendable: Unsendable) -> Self {
        Self::Unaccepted(unsendable.into())
    }
}

impl From<StoreError> for NotDone {
    fn from(error: StoreError) -> Self {
        Self::Make(error.into())
    }
}
