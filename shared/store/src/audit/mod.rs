//! The audit log: what was done, by whom and from where, in a chain of entries that is only appended to.
//!
//! An entry is written in the transaction of the change that it tells of: [`Store::audited`] is a handle whose next change
//! has one, so no change is without its entry, and no entry tells of what did not happen. What changes nothing in the
//! database is told of by [`Store::append_audit`] before it is done. Each entry has the hash of the one before, so an entry
//! that was changed, removed or put between others is found by [`Store::verify_audit`].

mod action;
pub(crate) mod chain;
mod entry;
mod place;

use contracts::{Timestamp, UserId};
use serde_json::{Map, Value};

pub use action::AuditAction;
pub use entry::{AuditActor, AuditActorKind, AuditDoor, NewAuditEntry};
pub use place::AuditPlace;

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};
use chain::Chain;

/// Entries of the chain that are read at once to verify them.
const PIECE: u32 = 500;

/// An entry. Its words may be those of a later version.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its place in the chain of the organisation, from 1.
    pub sequence: i64,
    /// When it was done, by the clock of the portal.
    pub at: Timestamp,
    /// What kind of actor it was, as [`AuditActorKind`] names it.
    pub actor_kind: String,
    /// The id of the account, or the word of the kind.
    pub actor: String,
    /// What the actor was called then.
    pub actor_name: String,
    /// The id of the key by which a program came in.
    pub actor_key: Option<String>,
    /// By which door the actor came, as [`AuditDoor`] names it.
    pub door: String,
    /// From which address the actor came.
    pub address: Option<String>,
    /// What was done, as [`AuditAction`] names it.
    pub action: String,
    /// The id of what it was done to; empty: to all of the organisation, or to nothing in particular.
    pub subject: String,
    /// What that was called then.
    pub subject_name: String,
    /// What was changed, as it was before.
    pub before: Map<String, Value>,
    /// What was changed, as it is after that.
    pub after: Map<String, Value>,
    /// The hash of the entry before, 64 hex digits; empty: this is the first.
    pub previous: String,
    /// The hash of this entry, 64 hex digits.
    pub hash: String,
}

/// Which entries are listed. What is none is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only what this actor did: the id of an account, or the word of a kind of actor.
    pub actor: Option<String>,
    /// Only what was done of this.
    pub action: Option<AuditAction>,
    /// Only what was done to the thing of this id.
    pub subject: Option<String>,
    /// Only what was done at this time or later.
    pub since: Option<Timestamp>,
    /// Only what was done before this time.
    pub until: Option<Timestamp>,
}

/// That an administrator acted as an account, for the person whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActedAs {
    /// When the administrator began.
    pub at: Timestamp,
    /// What the administrator was called then.
    pub name: String,
}

contracts::named! {
    /// What is wrong with an entry of the chain.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum AuditFault {
        /// It is not there, though later ones are, or the head says that it was the last.
        Missing = "missing",
        /// It does not have the hash of the one before.
        Unlinked = "unlinked",
        /// It does not say what its hash was made of.
        Changed = "changed",
    }
}

/// What came of verifying a piece of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditVerdict {
    /// How many entries were looked at.
    pub checked: u64,
    /// The last entry that is whole, with all before it from where the piece began; 0: none.
    pub through: i64,
    /// Its hash; empty: there is none.
    pub hash: String,
    /// The first entry that is not whole, with what is wrong with it.
    pub broken: Option<(i64, AuditFault)>,
    /// Whether the chain goes on after [`Self::through`].
    pub more: bool,
    /// The last entry that there is to be; 0: none.
    pub last: i64,
}

impl Store {
    /// Returns at most `limit` entries that a filter leaves, newest first, from the one after `before`, for whoever reaches
    /// everything in the organisation.
    pub async fn audit(
        &self,
        reach: Reach,
        filter: &AuditFilter,
        before: Option<AuditPlace>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        on_engine!(self, db => db.audit(reach, filter, before, limit))
    }

    /// Returns when administrators acted as an account, the newest twenty, for whoever may act for the account.
    pub async fn acted_as(
        &self,
        reach: Reach,
        account: UserId,
    ) -> Result<Vec<ActedAs>, StoreError> {
        on_engine!(self, db => db.acted_as(reach, account))
    }

    /// Verifies the chain of the organisation from the entry after `after` on, at most `most` entries, for whoever reaches
    /// everything in it. With 0 the chain is verified from its begin; otherwise the entry `after` has to be whole in itself
    /// and is taken to be the right one. What is appended meanwhile is not looked at.
    pub async fn verify_audit(
        &self,
        reach: Reach,
        after: i64,
        most: u32,
    ) -> Result<AuditVerdict, StoreError> {
        let head = on_engine!(self, db => db.audit_head(reach))?;
        let mut chain = Chain::new(head);
        if after > 0 {
            chain
                .begin(after, on_engine!(self, db => db.audit_piece(reach, after - 1, 1))?.first());
        }
        while chain.goes_on() && chain.checked() < u64::from(most) {
            let left = u64::from(most) - chain.checked();
            let limit = u32::try_from(left).unwrap_or(PIECE).min(PIECE);
            let rows = on_engine!(self, db => db.audit_piece(reach, chain.through(), limit))?;
            chain.check(&rows);
        }
        Ok(chain.verdict())
    }
}
