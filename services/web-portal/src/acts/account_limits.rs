//! How much accounts may send, whatever they send by, and how many turns they get: limits as people write them, refused as a whole
//! when one of them cannot be meant, and what of them is used.

use bus::{Bucket, KvError};
use contracts::limits::{AccountCounter, AccountLimits, AccountLimitsError, Usage};
use contracts::{Priority, UserId};
use store::{AuditAction, ChangeUserError, LOCAL, StoreError};

use super::not_read::NotRead;
use super::sim_limits::{self, NotLimits};
use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::causes::in_full;
use crate::power::Power;

/// Why limits of an account were not shown or set.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LimitsKept {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// They do not go together, or one is too large.
    #[error(transparent)]
    Numbers(#[from] AccountLimitsError),
    /// There is no such zone.
    #[error(transparent)]
    Zone(#[from] NotLimits),
    /// There is no such account, or the database failed.
    #[error(transparent)]
    Change(#[from] ChangeUserError),
}

impl From<StoreError> for LimitsKept {
    fn from(error: StoreError) -> Self {
        Self::Change(error.into())
    }
}

impl LimitsKept {
    /// The field that is wrong, as the API names it.
    pub(crate) const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Numbers(error) => Some(error.field()),
            Self::Zone(error) => Some(error.field()),
            Self::Denied(_) | Self::Change(_) => None,
        }
    }
}

/// What of an account's limits is used, in the windows that it is in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Used {
    /// By everything that is not counted apart.
    pub(crate) all: Usage,
    /// By one-time passwords, where they are counted apart.
    pub(crate) passwords: Option<Usage>,
}

/// The accounts of the organisation that have limits, with their names.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
) -> Result<Vec<(UserId, String, AccountLimits)>, NotRead> {
    authority.must(Power::UsersManage)?;
    Ok(app.store.limited_accounts(authority.reach).await?)
}

/// The name of an account, and its limits.
pub(crate) async fn find(
    app: &App,
    authority: &Authority,
    id: UserId,
) -> Result<(String, AccountLimits), LimitsKept> {
    authority.must(Power::UsersManage)?;
    let limits = app.store.account_limits(authority.reach, id).await?;
    let limits = limits.ok_or(ChangeUserError::NoSuchUser)?;
    // What services send that name no account has one without a name.
    let user = app.store.user(authority.reach, id).await?;
    Ok((user.map_or_else(|| LOCAL.to_owned(), |user| user.name), limits))
}

/// Sets all limits of an account.
pub(crate) async fn change(
    app: &App,
    authority: &Authority,
    id: UserId,
    limits: &AccountLimits,
) -> Result<(String, AccountLimits), LimitsKept> {
    authority.must_for_good(Power::UsersManage)?;
    let limits = checked(limits)?;
    let now = app.clock.now();
    let (name, before) = find(app, authority, id).await?;
    let entry = authority.entry(app, AuditAction::UserLimitsChanged).about(&id, &name);
    let store = app.store.audited(entry.changed(&before, &limits));
    store.change_account_limits(authority.reach, id, &limits, now).await?;
    tracing::info!(user = %id, by = authority.name(), ?limits, "the limits of an account were changed");
    find(app, authority, id).await
}

/// Refuses limits that cannot be meant, and writes the name of their zone as it is written.
fn checked(limits: &AccountLimits) -> Result<AccountLimits, LimitsKept> {
    limits.check()?;
    let zone = sim_limits::checked(&limits.of(Priority::Normal))?.zone;
    Ok(AccountLimits { zone, ..limits.clone() })
}

/// What of the limits of an account is used, where the broker says it. Parts are counted some at a time before they are sent, so
/// it may be a hundredth of the smallest limit a router more than what went out.
pub(crate) async fn used(app: &App, account: UserId, limits: &AccountLimits) -> Option<Used> {
    let all = usage(app, AccountCounter { account, passwords: false }).await?;
    let passwords = if limits.counts_passwords_apart() {
        Some(usage(app, AccountCounter { account, passwords: true }).await?)
    } else {
        None
    };
    Some(Used { all, passwords })
}

async fn usage(app: &App, counter: AccountCounter) -> Option<Usage> {
    match read(app, counter).await {
        Ok(usage) => Some(usage),
        Err(error) => {
            tracing::debug!(user = %counter.account, error = %in_full(&error), "what an account has sent cannot be said");
            None
        }
    }
}

async fn read(app: &App, counter: AccountCounter) -> Result<Usage, KvError> {
    let usage = app.bus.kv::<Usage>(Bucket::Usage).await?.get(&counter.key()).await?;
    Ok(usage.map(|entry| entry.value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn what_cannot_be_meant_names_its_field() {
        let limits = |zone: &str| AccountLimits {
            weight: NonZeroU32::new(3),
            zone: Some(zone.to_owned()),
            ..AccountLimits::default()
        };
        let set = checked(&limits("asia/jakarta")).unwrap();
        assert_eq!(set, limits("Asia/Jakarta"));
        let error = checked(&limits("Asia/Jakata")).unwrap_err();
        assert_eq!(error.field(), Some("zone"));
        assert!(error.to_string().contains("the nearest is Asia/Jakarta"), "{error}");
        let heavy = AccountLimits { weight: NonZeroU32::new(101), ..AccountLimits::default() };
        assert_eq!(checked(&heavy).unwrap_err().field(), Some("weight"));
    }
}
