//! What people set for single modems: a name, and that one is not to be used.

use contracts::config_kv::Modem;
use contracts::{ModemId, OrgId, Timestamp};

use crate::engine::on_engine;
use crate::{Store, StoreError};

/// What is to be changed about a modem; none: it stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModemChange {
    /// What people call it; an empty name takes the last one back.
    pub name: Option<String>,
    /// Whether it sends.
    pub enabled: Option<bool>,
}

impl ModemChange {
    /// Takes back everything that was set.
    pub fn forget() -> Self {
        Self { name: Some(String::new()), enabled: Some(true) }
    }
}

/// A modem could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ModemError {
    /// Somebody of another organisation has set something for it.
    #[error("the modem belongs to another organisation")]
    Elsewhere,
    /// Another modem of the organisation is called so.
    #[error("another modem is already named '{0}'")]
    NameTaken(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Changes what is set for a modem; says how it is now.
    pub async fn change_modem(
        &self,
        org: OrgId,
        id: ModemId,
        change: &ModemChange,
        at: Timestamp,
    ) -> Result<Modem, ModemError> {
        self.told(on_engine!(self, db => db.change_modem(org, id, change, at)))
    }
}
