//! The second factor beside a password: the secret of the codes that a phone shows (RFC 6238), and recovery codes for when the phone is
//! lost. API keys have none.

use std::fmt;

use contracts::{Timestamp, UserId};

use crate::engine::on_engine;
use crate::{Reach, Role, SecretHash, Store, StoreError};

/// The most recovery codes of an account.
pub const MOST_RECOVERY_CODES: usize = 10;

/// The second factor of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The secret, in base32, as a phone is told it.
    pub secret: String,
    /// When a code of the phone was right for the first time. None: the secret was shown, and counts for nothing yet.
    pub confirmed_at: Option<Timestamp>,
    /// How many recovery codes are left.
    pub recovery_codes: u32,
}

/// Leaves out the secret.
impl fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecondFactor({:?}, {})", self.confirmed_at, self.recovery_codes)
    }
}

impl Store {
    /// Returns the second factor of an account in reach.
    pub async fn second_factor(
        &self,
        reach: Reach,
        account: UserId,
    ) -> Result<Option<SecondFactor>, StoreError> {
        on_engine!(self, db => db.second_factor(reach, account))
    }

    /// Keeps a secret for an account in reach, which counts once it is confirmed, and takes the place of one that never was. Returns
    /// false when the account has a second factor already, or is not in reach.
    pub async fn begin_second_factor(
        &self,
        reach: Reach,
        account: UserId,
        secret: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.begin_second_factor(reach, account, secret, at))
    }

    /// Confirms a secret by a code of a time step, which is taken no second time, and keeps the hashes of recovery codes. Returns false
    /// when the account in reach has another secret by now, or confirmed it before.
    pub async fn confirm_second_factor(
        &self,
        reach: Reach,
        account: UserId,
        secret: &str,
        step: i64,
        codes: &[SecretHash],
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.confirm_second_factor(reach, account, (secret, step), codes, at))
    }

    /// Replaces the recovery codes of an account in reach. Returns false when it has no second factor.
    pub async fn renew_recovery_codes(
        &self,
        reach: Reach,
        account: UserId,
        codes: &[SecretHash],
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.renew_recovery_codes(reach, account, codes))
    }

    /// Removes the second factor of an account in reach with its recovery codes. Returns false when there is no such account. An
    /// account that has none stays as it is.
    pub async fn remove_second_factor(
        &self,
        reach: Reach,
        account: UserId,
    ) -> Result<bool, StoreError> {
        on_engine!(self, db => db.remove_second_factor(reach, account))
    }

    /// Returns the roles of the organisation whose accounts have to have a second factor.
    pub async fn second_factor_roles(&self, reach: Reach) -> Result<Vec<Role>, StoreError> {
        on_engine!(self, db => db.second_factor_roles(reach))
    }

    /// Sets the roles whose accounts have to have a second factor from their next log-in on, for whoever reaches everything in the
    /// organisation.
    pub async fn set_second_factor_roles(
        &self,
        reach: Reach,
        roles: &[Role],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        on_engine!(self, db => db.set_second_factor_roles(reach, roles, at))
    }
}
