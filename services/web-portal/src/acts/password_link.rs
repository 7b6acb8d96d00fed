//! Links for a new password, which an administrator hands over: nobody but the person themselves knows the password then.

use contracts::{Timestamp, UserId};
use store::{AuditAction, AuditActor, ChangeUserError, LinkError, SecretHash, User};

use super::account;
use super::invitation::NotTaken;
use crate::app::App;
use crate::authority::{Authority, Denied, entry_by};
use crate::power::Power;
use crate::secret::random_secret;

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPasswordLink {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such account that logs in, or the database.
    #[error(transparent)]
    Link(#[from] LinkError),
}

/// Makes a link for a new password of an account in the place of those before it, and says when it ends. The password of before is
/// good until the link is used.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    account: UserId,
) -> Result<(String, Timestamp), NoPasswordLink> {
    authority.must_for_good(Power::UsersManage)?;
    let found = app.store.user(authority.reach, account).await.map_err(LinkError::from)?;
    let user = found.ok_or(LinkError::Change(ChangeUserError::NoSuchUser))?;
    account::must_give_password(authority, user.role)?;
    let token = random_secret();
    let hash = SecretHash::of(&token);
    let (reach, maker) = (authority.reach, authority.account());
    let store = app.store.audited(authority.entry(app, AuditAction::UserPasswordLinkMade));
    let ends = store.create_password_link(reach, account, hash, maker, app.clock.now()).await?;
    tracing::info!(user = %user.name, by = authority.name(), "a link for a new password was made");
    Ok((format!("{}/password?token={token}", app.settings.base_url), ends))
}

/// The account whose password the link with this token sets.
pub(crate) async fn check(app: &App, token: &str) -> Result<User, LinkError> {
    app.store.check_password_link(SecretHash::of(token), app.clock.now()).await
}

/// Sets the password by the link with this token, which ends the sessions of the account.
pub(crate) async fn take(app: &App, token: &str, password: &str) -> Result<User, NotTaken> {
    // Before the slow hash: whoever has no link gets none of our time.
    let user = check(app, token).await?;
    let hash = account::hash(password.to_owned()).await?;
    let actor = AuditActor::account(user.id, &user.name, None);
    let store = app.store.audited(entry_by(app, user.org, actor, AuditAction::UserPasswordChanged));
    let user = store.take_password_link(SecretHash::of(token), &hash, app.clock.now()).await?;
    tracing::info!(user = %user.name, "a password was set by a link");
    Ok(user)
}
