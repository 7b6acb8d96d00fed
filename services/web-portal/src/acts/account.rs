//! Accounts.

use std::net::IpAddr;
use std::time::Duration;

use contracts::UserId;
use serde_json::json;
use store::{
    AuditAction, AuditActor, ChangeUserError, CreateUserError, NewUser, Role, StoreError, User,
};

use super::name::is_name;
use super::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied, entry_by};
use crate::origin;
use crate::password;
use crate::power::{Power, Powers};

/// The most characters of an account's name.
pub(crate) const LONGEST_NAME: usize = 64;

/// Why a name or a password does not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    /// The name is empty, too long, or has characters nobody can type.
    #[error("the name does not do")]
    Name,
    /// The password.
    #[error("the password does not do")]
    Password(password::Unfit),
    /// There is no memory to hash it.
    #[error("the password could not be hashed: the machine has no memory left")]
    Hashing,
}

/// A name to log in with: 1 to 64 visible characters.
pub(crate) fn name(written: &str) -> Result<String, Unfit> {
    if is_name(written, LONGEST_NAME) { Ok(written.to_owned()) } else { Err(Unfit::Name) }
}

/// The hash of a password that may be chosen.
pub(crate) async fn hash(chosen: String) -> Result<String, Unfit> {
    password::check(&chosen).map_err(Unfit::Password)?;
    password::hash(chosen).await.ok_or(Unfit::Hashing)
}

/// An account to be made.
#[derive(Debug, Clone)]
pub(crate) struct NewAccount {
    /// The name to log in with.
    pub(crate) name: String,
    /// The password; none: nobody can log in with it.
    pub(crate) password: Option<String>,
    /// What it may do.
    pub(crate) role: Role,
    /// The tag of its language.
    pub(crate) language: Option<String>,
}

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Name or password.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// It could not be made.
    #[error(transparent)]
    Make(#[from] CreateUserError),
    /// It could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeUserError),
}

/// The accounts of the organisation, for who manages them or says which of them may use a SIM.
pub(crate) async fn list(app: &App, authority: &Authority) -> Result<Vec<User>, NotRead> {
    authority.must_one_of([Power::UsersManage, Power::SimsManage])?;
    Ok(app.store.users(authority.reach).await?)
}

/// One account, for who manages them; none: there is none of this id.
pub(crate) async fn one(
    app: &App,
    authority: &Authority,
    id: UserId,
) -> Result<Option<User>, NotRead> {
    authority.must(Power::UsersManage)?;
    Ok(app.store.user(authority.reach, id).await?)
}

/// Makes an account.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    new: NewAccount,
) -> Result<User, AccountError> {
    authority.must_for_good(Power::UsersManage)?;
    authority.must_cover(Powers::special(new.role))?;
    if new.password.is_some() {
        must_give_password(authority, new.role)?;
    }
    let name = name(&new.name)?;
    let password_hash = match new.password {
        None => None,
        Some(password) => Some(hash(password).await?),
    };
    let NewAccount { role, language, .. } = new;
    let new = NewUser { name, password_hash, role, language };
    let with = json!({ "role": role.as_str(), "has_password": new.password_hash.is_some() });
    let entry = authority.entry(app, AuditAction::UserCreated).with(&with);
    let store = app.store.audited(entry);
    let user = store.create_user(authority.reach, &new, app.clock.now()).await?;
    tracing::info!(user = %user.name, role = %user.role, by = authority.name(), "an account was made");
    Ok(user)
}

/// Who sets a password can log in with it: then all that the account may is in their hands, from any address.
pub(super) fn must_give_password(authority: &Authority, role: Role) -> Result<(), Denied> {
    authority.must_cover(Powers::of_role(role))?;
    if authority.allowed().is_empty() { Ok(()) } else { Err(Denied::Beyond) }
}

/// Lets an account in, or locks it out: its sessions and keys too.
pub(crate) async fn set_enabled(
    app: &App,
    authority: &Authority,
    id: UserId,
    enabled: bool,
) -> Result<(), AccountError> {
    // Locking out takes away and gives nothing.
    if enabled {
        authority.must_for_good(Power::UsersManage)?;
    } else {
        authority.must(Power::UsersManage)?;
    }
    let action = if enabled { AuditAction::UserEnabled } else { AuditAction::UserDisabled };
    let store = app.store.audited(authority.entry(app, action));
    store.set_user_enabled(authority.reach, id, enabled, app.clock.now()).await?;
    Ok(())
}

/// Sets or takes away an account's password, which ends its sessions.
pub(crate) async fn set_password(
    app: &App,
    authority: &Authority,
    id: UserId,
    password: Option<String>,
) -> Result<(), AccountError> {
    authority.must_for_good(Power::UsersManage)?;
    if let Some(user) = app.store.user(authority.reach, id).await.map_err(ChangeUserError::from)? {
        must_give_password(authority, user.role)?;
    }
    let hash = match password {
        None => None,
        Some(password) => Some(hash(password).await?),
    };
    let store = app.store.audited(authority.entry(app, AuditAction::UserPasswordChanged));
    store.set_password(authority.reach, id, hash.as_deref(), app.clock.now()).await?;
    Ok(())
}

/// Sets an account's role: ends its sessions, and what is open by its keys is looked at anew.
pub(crate) async fn set_role(
    app: &App,
    authority: &Authority,
    id: UserId,
    role: Role,
) -> Result<(), AccountError> {
    authority.must_for_good(Power::UsersManage)?;
    authority.must_cover(Powers::special(role))?;
    let store = app.store.audited(authority.entry(app, AuditAction::UserRoleChanged));
    store.set_role(authority.reach, id, role, app.clock.now()).await?;
    tracing::info!(user = %id, %role, by = authority.name(), "a role was set");
    Ok(())
}

/// Why somebody's own password was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PasswordKept {
    /// Too many tries; how long until the next.
    #[error("there were too many tries")]
    TooOften(Duration),
    /// The old password is another.
    #[error("the old password is wrong")]
    Wrong,
    /// The new password.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// It could not be changed.
    #[error(transparent)]
    Change(#[from] ChangeUserError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Refuses who does not know the password of their own account. Tries are counted with those to log in.
pub(super) async fn check_own_password(
    app: &App,
    user: &User,
    said: &str,
) -> Result<(), PasswordKept> {
    let address = origin::of_this_request();
    app.throttle.try_now(&user.name, address).map_err(PasswordKept::TooOften)?;
    let kept = app.store.password_hash(user.id).await?;
    if !password::verify(said.to_owned(), kept).await {
        return Err(PasswordKept::Wrong);
    }
    app.throttle.right(&user.name, address);
    Ok(())
}

/// Changes a person's own password, which ends all of their sessions.
pub(crate) async fn change_own_password(
    app: &App,
    user: &User,
    address: Option<IpAddr>,
    old: &str,
    new: &str,
) -> Result<(), PasswordKept> {
    app.throttle.try_now(&user.name, address).map_err(PasswordKept::TooOften)?;
    let kept = app.store.password_hash(user.id).await?;
    if !password::verify(old.to_owned(), kept).await {
        return Err(PasswordKept::Wrong);
    }
    app.throttle.right(&user.name, address);
    let hash = hash(new.to_owned()).await?;
    let actor = AuditActor::account(user.id, &user.name, None);
    let entry = entry_by(app, user.org, actor, AuditAction::UserPasswordChanged);
    let store = app.store.audited(entry);
    store.set_password(user.reach(), user.id, Some(&hash), app.clock.now()).await?;
    tracing::info!(user = %user.name, "a password was changed");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_be_typed() {
        assert_eq!(name("budi"), Ok("budi".to_owned()));
        assert_eq!(name("Siti Nurhaliza"), Ok("Siti Nurhaliza".to_owned()));
        for bad in ["", " budi", "bu\u{202e}di", "bu\ndi", &"x".repeat(65)] {
            assert_eq!(name(bad), Err(Unfit::Name), "{bad:?}");
        }
    }
}
