//! Who may use a SIM.

use contracts::config_kv::{Access, Sim};
use contracts::{OrgId, SimId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// A change of who may use a SIM. A field that is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimChange {
    /// Who may send through the SIM, besides administrators.
    pub senders: Option<Access>,
    /// Who may read what the SIM receives, besides administrators.
    pub readers: Option<Access>,
}

/// A SIM could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// The SIM belongs to another organisation.
    #[error("the SIM belongs to another organisation")]
    Elsewhere,
    /// The organisation has no such account.
    #[error("there is no user {0}")]
    NoSuchUser(UserId),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Returns the SIMs of an organisation for which something was set, sorted by id.
    pub async fn sims(&self, org: OrgId) -> Result<Vec<(SimId, Sim)>, StoreError> {
        on_engine!(self, db => db.sims(org))
    }

    /// Returns the settings of a SIM, whatever organisation the SIM belongs to. A SIM for which nothing was set has
    /// [`Sim::unset`] and belongs to the default organisation.
    pub async fn sim(&self, id: SimId) -> Result<Sim, StoreError> {
        on_engine!(self, db => db.sim(id))
    }

    /// Returns whether messages of the reach may be sent through a SIM.
    pub async fn may_send_through(&self, reach: Reach, id: SimId) -> Result<bool, StoreError> {
        Ok(reach.sends_through(&self.sim(id).await?))
    }

    /// Changes who may use a SIM of an organisation and returns the settings as they are then.
    pub async fn change_sim(
        &self,
        org: OrgId,
        id: SimId,
        change: &SimChange,
        at: Timestamp,
    ) -> Result<Sim, SimError> {
        self.waking(on_engine!(self, db => db.change_sim(org, id, change, at)))
    }
}
