//! What people set for single modems: a name, and whether the modem sends.

use contracts::config_kv::Modem;
use contracts::{ModemId, Timestamp};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

/// A change of what is set for a modem. A field that is none stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModemChange {
    /// What people call the modem. An empty name removes the present one.
    pub name: Option<String>,
    /// Whether the modem sends.
    pub enabled: Option<bool>,
}

impl ModemChange {
    /// Makes the change that removes everything that was set.
    pub fn forget() -> Self {
        Self { name: Some(String::new()), enabled: Some(true) }
    }
}

/// A modem could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ModemError {
    /// Somebody of another organisation has set something for the modem.
    #[error("the modem belongs to another organisation")]
    Elsewhere,
    /// Another modem of the organisation has the name.
    #[error("another modem is already named '{0}'")]
    NameTaken(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Returns what is set for a modem, if anything is, for whoever reaches everything in the organisation.
    pub async fn modem(&self, reach: Reach, id: ModemId) -> Result<Option<Modem>, StoreError> {
        on_engine!(self, db => db.modem(reach, id))
    }

    /// Changes what is set for a modem and returns the settings as they are then, for whoever reaches everything in the
    /// organisation.
    pub async fn change_modem(
        &self,
        reach: Reach,
        id: ModemId,
        change: &ModemChange,
        at: Timestamp,
    ) -> Result<Modem, ModemError> {
        self.waking(on_engine!(self, db => db.change_modem(reach, id, change, at)))
    }
}
