//! A transaction that is over before the call returns that began it, however it ends. This file is compiled once in the module of
//! each engine.
//!
//! The driver rolls back what was dropped in a task of its own, some time later. Until then the locks stand: whoever asks at once
//! again waits for them, and whoever passes over rows that are locked does not see these. So what is dropped here is rolled
//! back by a task that the call waits for, and no query has to see to it where it refuses something.

use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::Serialize;
use sqlx::{Database, Transaction};

use super::Db;
use crate::NewAuditEntry;
use crate::engine::roll_back;

/// The connection of an engine.
type Connection = <Db as Database>::Connection;

/// A transaction. One that is dropped without a commit is rolled back, and the call waits for that.
pub(crate) struct Tx {
    transaction: Option<Transaction<'static, Db>>,
    /// The entry of the audit log that tells of it, if one does.
    entry: Option<Box<NewAuditEntry>>,
}

impl Tx {
    pub(super) fn new(begun: Transaction<'static, Db>, entry: Option<NewAuditEntry>) -> Self {
        Self { transaction: Some(begun), entry: entry.map(Box::new) }
    }

    /// Adds to the entry of the audit log what the change is about. An empty name leaves the one that is known.
    pub(crate) fn about(&mut self, id: &dyn fmt::Display, name: &str) {
        if let Some(entry) = &mut self.entry {
            entry.set_subject(&id.to_string(), name);
        }
    }

    /// Adds to the entry of the audit log how something is before the change and after it: of two objects the fields that
    /// differ.
    pub(crate) fn changed(&mut self, before: &impl Serialize, after: &impl Serialize) {
        if let Some(entry) = &mut self.entry {
            entry.add_change(before, after);
        }
    }

    /// Makes what was written hold, with the entry of the audit log that tells of it.
    pub(crate) async fn commit(mut self) -> Result<(), sqlx::Error> {
        if let Some(entry) = self.entry.take() {
            super::audit::append(&mut self, &entry).await?;
        }
        match self.transaction.take() {
            Some(transaction) => transaction.commit().await,
            None => Ok(()),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "only `commit` and `drop` take it, and nobody has the value after them"
)]
impl Deref for Tx {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.transaction.as_ref().expect("a transaction that is not over")
    }
}

#[expect(
    clippy::expect_used,
    reason = "only `commit` and `drop` take it, and nobody has the value after them"
)]
impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Connection {
        self.transaction.as_mut().expect("a transaction that is not over")
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(transaction) = self.transaction.take() else { return };
        roll_back(async move {
            if let Err(error) = transaction.rollback().await {
                // The connection is gone, and the engine rolls back what it had.
                tracing::debug!("a transaction could not be rolled back: {error}");
            }
        });
    }
}
