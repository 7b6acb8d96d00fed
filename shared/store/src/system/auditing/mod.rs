//! How what is done comes to the audit log: with the change that it tells of, or alone before it is done.

use crate::engine::{Engine, on_engine};
use crate::{NewAuditEntry, Store, StoreError};

impl Store {
    /// Returns a handle for one call, whose change is told of by an entry: the transaction that makes it appends the entry, and one that
    /// is rolled back appends none. The call may add to the entry what it knows better, such as the id of what it makes and how
    /// something was before.
    #[must_use]
    pub fn audited(&self, entry: NewAuditEntry) -> Self {
        let engine = match &self.engine {
            Engine::Sqlite(database, path) => Engine::Sqlite(database.audited(entry), path.clone()),
            Engine::Postgres(database, at) => Engine::Postgres(database.audited(entry), at.clone()),
        };
        let mut audited = self.clone();
        audited.engine = engine;
        audited
    }

    /// Appends an entry alone: before something is done that changes nothing in the database.
    pub async fn append_audit(&self, entry: NewAuditEntry) -> Result<(), StoreError> {
        let store = self.audited(entry);
        on_engine!(store, db => db.append_audit())
    }
}
