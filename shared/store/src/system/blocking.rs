//! Who is blocked, for whatever would answer a message by itself.

use contracts::{Address, OrgId};

use crate::engine::on_engine;
use crate::{Store, StoreError};

impl Store {
    /// Returns whether an organisation blocked a sender: what comes from it is kept, and nothing answers it by itself.
    pub async fn is_blocked(&self, org: OrgId, from: &Address) -> Result<bool, StoreError> {
        on_engine!(self, db => db.is_blocked(org, from))
    }
}
