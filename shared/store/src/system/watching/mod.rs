//! Watching the gateway: what its messages say of it, and the alerts that are made of that.
//!
//! An alert is a row before anybody is told of it, and there is one open row of a kind and a subject. So of several copies of the
//! service that watch one makes it, and whoever is killed before telling of it leaves a row from which the next one tells.

use contracts::alert::{Alert, AlertKind};
use contracts::{AlertId, EventId, OrgId, Timestamp};

use crate::engine::on_engine;
use crate::{Store, StoreError};

/// How many alerts are kept that are over.
pub const KEPT_ALERTS: u32 = 1_000;

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAlert {
    /// What is wrong.
    pub kind: AlertKind,
    /// With what.
    pub subject: String,
    /// The same for people.
    pub name: String,
    /// What is wrong, in English sentences.
    pub text: String,
    /// What to do about it, in English sentences.
    pub advice: String,
}

/// An alert of which something is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UntoldAlert {
    /// The alert as it is now. Its end is told when it has one.
    pub alert: Alert,
    /// Whether its beginning is to be told.
    pub opening: bool,
    /// What the alerts have in common that one SMS tells of. None: none does.
    pub together: Option<EventId>,
}

/// Since when the oldest of the messages wait that nothing holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OldestWaiting {
    /// Of one-time passwords and usual messages.
    pub usual: Option<Timestamp>,
    /// Of bulk.
    pub bulk: Option<Timestamp>,
}

/// Since when the oldest of the messages wait that something has in hand, or ought to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stuck {
    /// When the first of those that are held should have been requested again.
    pub overdue: Option<Timestamp>,
    /// Since when a modem has the first of those that it was given.
    pub sending: Option<Timestamp>,
    /// Since when nobody knows of the first of those that were accepted within a day whether it went out.
    pub uncertain: Option<Timestamp>,
}

/// How the messages fared that came to an end last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastEnds {
    /// How many came to an end, but for those that were refused or cancelled.
    pub ended: u32,
    /// How many of them were not sent or did not reach their recipient.
    pub failed: u32,
}

impl Store {
    /// Returns since when the oldest messages of an organisation wait. A message that was held waits since it was requested again.
    /// Of each state the oldest thousand are looked at, and the oldest thousand that are no bulk.
    pub async fn oldest_waiting(&self, org: OrgId) -> Result<OldestWaiting, StoreError> {
        on_engine!(self, db => db.oldest_waiting(org))
    }

    /// Returns since when messages of an organisation are held beyond their time, are with a modem, or are uncertain. Of each the
    /// oldest thousand are looked at.
    pub async fn stuck(&self, org: OrgId, now: Timestamp) -> Result<Stuck, StoreError> {
        on_engine!(self, db => db.stuck(org, now))
    }

    /// Returns how the last messages of an organisation fared, at most `limit`, that came to an end after `since`.
    pub async fn last_ends(
        &self,
        org: OrgId,
        since: Timestamp,
        limit: u32,
    ) -> Result<LastEnds, StoreError> {
        on_engine!(self, db => db.last_ends(org, since, limit))
    }

    /// Opens alerts, and returns how many were not open before. They are told by one SMS, unless there were `sms` such in the 24 hours
    /// before `now`.
    pub async fn open_alerts(
        &self,
        org: OrgId,
        new: &[NewAlert],
        sms: u32,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        on_engine!(self, db => db.open_alerts(org, new, sms, now))
    }

    /// Closes alerts that are open, returns how many were, and forgets the oldest of those that are over and were told of, when there
    /// are more than [`KEPT_ALERTS`].
    pub async fn close_alerts(&self, ids: &[AlertId], now: Timestamp) -> Result<u64, StoreError> {
        on_engine!(self, db => db.close_alerts(ids, now))
    }

    /// Returns at most `limit` alerts whose beginning or whose end is not known to be told, the first to begin first.
    pub async fn untold_alerts(&self, limit: u32) -> Result<Vec<UntoldAlert>, StoreError> {
        on_engine!(self, db => db.untold_alerts(limit))
    }

    /// Notes that the beginning of these alerts was told, as they were read, and the end of those that had one.
    pub async fn alerts_told(&self, told: &[UntoldAlert]) -> Result<(), StoreError> {
        on_engine!(self, db => db.alerts_told(told))
    }
}
