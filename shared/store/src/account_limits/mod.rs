//! How much accounts may send, and how many turns they get. That is a setting and nothing else, so it has no table of its own.
//!
//! The account of messages that name none ([`UserId::internal`]) has no row of `users`, and belongs to the default organisation.

use contracts::limits::AccountLimits;
use contracts::{Timestamp, UserId};

use crate::engine::on_engine;
use crate::{ChangeUserError, Reach, Store, StoreError};

/// What the account is called of messages that name none.
pub const LOCAL: &str = "local";

impl Store {
    /// Returns the limits of an account in reach, which limit nothing when none were set.
    pub async fn account_limits(
        &self,
        reach: Reach,
        user: UserId,
    ) -> Result<Option<AccountLimits>, StoreError> {
        on_engine!(self, db => db.account_limits(reach, user))
    }

    /// Returns the accounts in reach for which something was set, sorted by name, each with its name, and [`LOCAL`] last.
    pub async fn limited_accounts(
        &self,
        reach: Reach,
    ) -> Result<Vec<(UserId, String, AccountLimits)>, StoreError> {
        on_engine!(self, db => db.limited_accounts(reach))
    }

    /// Sets all limits of an account, for whoever reaches everything in the organisation. The limits are those that routers
    /// follow; the caller checks them.
    pub async fn change_account_limits(
        &self,
        reach: Reach,
        user: UserId,
        limits: &AccountLimits,
        at: Timestamp,
    ) -> Result<(), ChangeUserError> {
        self.waking(on_engine!(self, db => db.change_account_limits(reach, user, limits, at)))
    }
}
