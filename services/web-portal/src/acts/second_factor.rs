//! The second factor beside a password: codes of a phone, and recovery codes. Keys of programs have none.

use std::time::Duration;

use contracts::UserId;
use store::{
    AuditAction, AuditActor, ChangeUserError, MOST_RECOVERY_CODES, Role, SecondFactor, StoreError,
    User,
};

use super::account::{AccountError, PasswordKept};
use super::not_read::NotRead;
use super::{account, session};
use crate::app::App;
use crate::authority::{Authority, entry_by};
use crate::power::{Power, Powers};
use crate::totp::{TotpSecret, new_recovery_code, recovery_hash};

/// Why a code was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    /// Too many tries; how long until the next.
    #[error("there were too many tries")]
    TooOften(Duration),
    /// It is another code, or it was used before.
    #[error("the code is wrong, or it was used before")]
    Wrong,
    /// There is nothing to confirm, or nothing that the code could be of.
    #[error("there is no second factor that waits for a code")]
    Nothing,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a second factor stays as it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unchanged {
    /// The password.
    #[error(transparent)]
    Password(#[from] PasswordKept),
    /// The role of the account has to have one.
    #[error("accounts of this role have to have a second factor")]
    Required,
    /// The account has none.
    #[error("there is no second factor")]
    Nothing,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The roles whose accounts have to have a second factor.
pub(crate) async fn required(app: &App, authority: &Authority) -> Result<Vec<Role>, NotRead> {
    authority.must(Power::UsersManage)?;
    Ok(app.store.second_factor_roles(authority.reach).await?)
}

/// Sets them. Who has such a role and no second factor is asked for one at the next log-in.
pub(crate) async fn require(
    app: &App,
    authority: &Authority,
    roles: &[Role],
) -> Result<(), NotRead> {
    authority.must_for_good(Power::UsersManage)?;
    let store = app.store.audited(authority.entry(app, AuditAction::SigninChanged));
    store.set_second_factor_roles(authority.reach, roles, app.clock.now()).await?;
    tracing::info!(by = authority.name(), "it was set which roles have a second factor");
    Ok(())
}

/// Removes the second factor of somebody who lost their phone and their recovery codes. An account without one stays as it is.
pub(crate) async fn remove(
    app: &App,
    authority: &Authority,
    id: UserId,
) -> Result<(), AccountError> {
    authority.must_for_good(Power::UsersManage)?;
    let user = app.store.user(authority.reach, id).await.map_err(ChangeUserError::from)?;
    let user = user.ok_or(ChangeUserError::NoSuchUser)?;
    authority.must_cover(Powers::of_role(user.role))?;
    let store = app.store.audited(authority.entry(app, AuditAction::UserTotpRemoved));
    let is_there = store.remove_second_factor(authority.reach, id).await;
    if !is_there.map_err(ChangeUserError::from)? {
        return Err(ChangeUserError::NoSuchUser.into());
    }
    tracing::info!(user = %user.name, by = authority.name(), "a second factor was removed");
    Ok(())
}

/// A person's own second factor, confirmed or not.
pub(crate) async fn own(app: &App, user: &User) -> Result<Option<SecondFactor>, StoreError> {
    app.store.second_factor(user.reach(), user.id).await
}

/// Whether a person's role has to have one.
pub(crate) async fn is_required(app: &App, user: &User) -> Result<bool, StoreError> {
    Ok(app.store.second_factor_roles(user.reach()).await?.contains(&user.role))
}

/// The secret that a person is shown until they confirm it by a code; none: they confirmed one before. Shown again it is the same, so
/// that a phone which has read it already does.
pub(crate) async fn begin(app: &App, user: &User) -> Result<Option<TotpSecret>, StoreError> {
    let kept = own(app, user).await?;
    if let Some(factor) = kept {
        if factor.confirmed_at.is_some() {
            return Ok(None);
        }
        if let Some(secret) = TotpSecret::parse(&factor.secret) {
            return Ok(Some(secret));
        }
    }
    let secret = TotpSecret::new();
    let (kept, now) = (secret.base32(), app.clock.now());
    let begun = app.store.begin_second_factor(user.reach(), user.id, &kept, now).await?;
    Ok(begun.then_some(secret))
}

/// Confirms a person's secret by a code of their phone. Returns the recovery codes, which are shown this once.
pub(crate) async fn confirm(app: &App, user: &User, code: &str) -> Result<Vec<String>, NotTaken> {
    app.throttle.try_code(&user.name).map_err(NotTaken::TooOften)?;
    let factor = own(app, user).await?.filter(|factor| factor.confirmed_at.is_none());
    let factor = factor.ok_or(NotTaken::Nothing)?;
    let secret = TotpSecret::parse(&factor.secret).ok_or(NotTaken::Nothing)?;
    let now = app.clock.now();
    let step = secret.step_of(code, now).ok_or(NotTaken::Wrong)?;
    let codes = new_codes();
    let hashes: Vec<_> = codes.iter().filter_map(|code| recovery_hash(code)).collect();
    let actor = AuditActor::account(user.id, &user.name, None);
    let store = app.store.audited(entry_by(app, user.org, actor, AuditAction::UserTotpSet));
    let (reach, secret) = (user.reach(), factor.secret.as_str());
    if !store.confirm_second_factor(reach, user.id, secret, step, &hashes, now).await? {
        return Err(NotTaken::Nothing);
    }
    app.throttle.right_code(&user.name);
    tracing::info!(user = %user.name, "a second factor was set");
    Ok(codes)
}

/// Takes a code of a person's phone, or one of their recovery codes. Each does once.
pub(crate) async fn check(app: &App, user: &User, code: &str) -> Result<(), NotTaken> {
    if let Err(wait) = app.throttle.try_code(&user.name) {
        tracing::warn!(user = %user.name, "too many tries with a code");
        return Err(NotTaken::TooOften(wait));
    }
    let factor = own(app, user).await?.filter(|factor| factor.confirmed_at.is_some());
    let factor = factor.ok_or(NotTaken::Nothing)?;
    let now = app.clock.now();
    let secret = TotpSecret::parse(&factor.secret);
    let is_right = match secret.and_then(|secret| secret.step_of(code, now)) {
        Some(step) => app.store.take_code_step(user.id, step).await?,
        None => match recovery_hash(code) {
            Some(hash) => {
                let actor = AuditActor::account(user.id, &user.name, None);
                let action = AuditAction::UserRecoveryCodeUsed;
                let store = app.store.audited(entry_by(app, user.org, actor, action));
                store.take_recovery_code(user.id, hash, now).await?
            }
            None => false,
        },
    };
    if !is_right {
        tracing::info!(user = %user.name, "a code was refused");
        session::tell_of_failure(app, user.org, Some(&user.name)).await;
        return Err(NotTaken::Wrong);
    }
    app.throttle.right_code(&user.name);
    Ok(())
}

/// Removes a person's own second factor, by their password.
pub(crate) async fn off(app: &App, user: &User, password: &str) -> Result<(), Unchanged> {
    account::check_own_password(app, user, password).await?;
    if is_required(app, user).await? {
        return Err(Unchanged::Required);
    }
    let actor = AuditActor::account(user.id, &user.name, None);
    let store = app.store.audited(entry_by(app, user.org, actor, AuditAction::UserTotpRemoved));
    store.remove_second_factor(user.reach(), user.id).await?;
    tracing::info!(user = %user.name, "a second factor was removed");
    Ok(())
}

/// Replaces a person's own recovery codes, by their password. Returns the new ones, which are shown this once.
pub(crate) async fn renew(
    app: &App,
    user: &User,
    password: &str,
) -> Result<Vec<String>, Unchanged> {
    account::check_own_password(app, user, password).await?;
    let codes = new_codes();
    let hashes: Vec<_> = codes.iter().filter_map(|code| recovery_hash(code)).collect();
    let actor = AuditActor::account(user.id, &user.name, None);
    let action = AuditAction::UserRecoveryCodesMade;
    let store = app.store.audited(entry_by(app, user.org, actor, action));
    if !store.renew_recovery_codes(user.reach(), user.id, &hashes).await? {
        return Err(Unchanged::Nothing);
    }
    Ok(codes)
}

fn new_codes() -> Vec<String> {
    (0..MOST_RECOVERY_CODES).map(|_| new_recovery_code()).collect()
}
