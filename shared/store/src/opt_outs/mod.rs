//! Who asked to be sent nothing more, and every change of that.
//!
//! A number is out for all of an organisation. Its row in `opt_outs` says how it is now, and is a setting that routers follow;
//! `opt_out_changes` is the ledger, from which nothing is ever removed.

use contracts::{MessageId, OrgId, PhoneNumber, Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, Store, StoreError};

contracts::named! {
    /// How it came that a number is out, or in again.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum OptOutSource {
        /// The holder of the number sent a word that says so.
        Message = "message",
        /// Somebody said so here.
        Account = "account",
        /// It was brought from elsewhere.
        Import = "import",
    }
}

/// A number that went out or came in again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOutChange {
    /// The number.
    pub number: PhoneNumber,
    /// Whether the number is sent nothing from then on.
    pub out: bool,
    /// How it came to that.
    pub source: OptOutSource,
    /// Who said so, unless it was the holder of the number.
    pub account: Option<UserId>,
    /// The message in which the holder of the number said so.
    pub message: Option<MessageId>,
    /// When.
    pub at: Timestamp,
}

/// What is to be changed about numbers, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOptOuts {
    /// The numbers.
    pub numbers: Vec<PhoneNumber>,
    /// Whether they are sent nothing from now on.
    pub out: bool,
    /// How it came to that.
    pub source: OptOutSource,
    /// Who says so.
    pub account: UserId,
}

impl Store {
    /// Returns at most `limit` numbers of the organisation that are out, sorted by number, from the one after `after`.
    pub async fn opt_outs(
        &self,
        reach: Reach,
        after: Option<&PhoneNumber>,
        limit: u32,
    ) -> Result<Vec<OptOutChange>, StoreError> {
        on_engine!(self, db => db.opt_outs(reach, after, limit))
    }

    /// Returns those of some numbers, of which there may be 1,000, that are sent nothing, in whatever writing they are out.
    pub async fn opted_out(
        &self,
        reach: Reach,
        numbers: &[PhoneNumber],
    ) -> Result<Vec<PhoneNumber>, StoreError> {
        on_engine!(self, db => db.opted_out(reach, numbers))
    }

    /// Returns how those of some numbers, of which there may be 1,000, went out that are sent nothing, in whatever writing they are
    /// out.
    pub async fn opt_outs_of(
        &self,
        reach: Reach,
        numbers: &[PhoneNumber],
    ) -> Result<Vec<OptOutChange>, StoreError> {
        on_engine!(self, db => db.opt_outs_of(reach, numbers))
    }

    /// Returns what was said of a number, in whatever writing, newest first, at most `limit` changes. The first one is how it is now; when there
    /// is none, the number was never out.
    pub async fn opt_out_changes(
        &self,
        reach: Reach,
        number: &PhoneNumber,
        limit: u32,
    ) -> Result<Vec<OptOutChange>, StoreError> {
        on_engine!(self, db => db.opt_out_changes(reach, number, limit))
    }

    /// Changes whether numbers are out, for whoever reaches everything in the organisation; a number is in again in all its
    /// writings. Returns how many were not so before.
    pub async fn change_opt_outs(
        &self,
        reach: Reach,
        new: &NewOptOuts,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        self.waking(on_engine!(self, db => db.change_opt_outs(reach, new, at)))
    }
}

/// A change with what makes it one: told twice, it is one.
pub(crate) struct Said {
    pub(crate) id: String,
    pub(crate) org: OrgId,
    pub(crate) change: OptOutChange,
}
