//! Who may use a SIM.

use contracts::config_kv::{Access, Sim};
use contracts::{OrgId, SimId, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Scope, Store, StoreError};

/// What is to be changed about a SIM; none: it stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimChange {
    /// Who may send through it, beside administrators.
    pub senders: Option<Access>,
    /// Who may read what it receives, beside administrators.
    pub readers: Option<Access>,
}

/// A SIM could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// It belongs to another organisation.
    #[error("the SIM belongs to another organisation")]
    Elsewhere,
    /// There is no such account in the organisation.
    #[error("there is no user {0}")]
    NoSuchUser(UserId),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// The SIMs of an organisation for which something was set, by id.
    pub async fn sims(&self, org: OrgId) -> Result<Vec<(SimId, Sim)>, StoreError> {
        on_engine!(self, db => db.sims(org))
    }

    /// The settings of a SIM, whatever organisation it belongs to; what was never set is [`Sim::unset`] and of the default one.
    pub async fn sim(&self, id: SimId) -> Result<Sim, StoreError> {
        on_engine!(self, db => db.sim(id))
    }

    /// Whether messages of this scope may be sent through a SIM.
    pub async fn may_send_through(&self, scope: Scope, id: SimId) -> Result<bool, StoreError> {
        Ok(scope.sends_through(&self.sim(id).await?))
    }

    /// Changes who may use a SIM of an organisation; says how it is now.
    pub async fn change_sim(
        &self,
        org: OrgId,
        id: SimId,
        change: &SimChange,
        at: Timestamp,
    ) -> Result<Sim, SimError> {
        self.told(on_engine!(self, db => db.change_sim(org, id, change, at)))
    }
}
