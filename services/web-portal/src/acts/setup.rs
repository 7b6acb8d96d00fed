//! Setting the gateway up: the one-time link that makes the first administrator.

use contracts::{OrgId, Timestamp};
use store::{
    AuditAction, AuditActor, AuditActorKind, NewUser, Role, SETUP_LINK_LASTS, SecretHash,
    SetupError, User,
};

use super::account::{self, Unfit};
use crate::app::App;
use crate::authority::{Authority, Denied, entry_by};
use crate::power::{Power, Powers};
use crate::secret;

/// Why there is no new link.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoLink {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The gateway is set up, or the database.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

/// Why the gateway was not set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSetUp {
    /// Name or password.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The link, or the database.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

/// A one-time link, beside those that were given out before.
pub(crate) async fn another_link(app: &App) -> Result<String, SetupError> {
    let token = secret::random_secret();
    app.store.open_setup(SecretHash::of(&token), app.clock.now()).await?;
    Ok(link(&app.settings.base_url, &token))
}

/// A one-time link in place of all that were given out before, and when it ends.
pub(crate) async fn new_link(
    app: &App,
    authority: &Authority,
) -> Result<(String, Timestamp), NoLink> {
    authority.must_for_good(Power::GatewayOperate)?;
    // Whoever has the link becomes an administrator.
    authority.must_cover(Powers::ALL)?;
    let (token, now) = (secret::random_secret(), app.clock.now());
    let store = app.store.audited(authority.entry(app, AuditAction::SetupLinkMade));
    store.renew_setup(SecretHash::of(&token), now).await?;
    Ok((link(&app.settings.base_url, &token), now.plus(SETUP_LINK_LASTS)))
}

fn link(base_url: &str, token: &str) -> String {
    format!("{base_url}/setup?token={token}")
}

/// Whether the link with this token works.
pub(crate) async fn check(app: &App, token: &str) -> Result<(), SetupError> {
    app.store.check_setup(SecretHash::of(token), app.clock.now()).await
}

/// Makes the first administrator by the link with this token.
pub(crate) async fn set_up(
    app: &App,
    token: &str,
    name: &str,
    password: &str,
    language: &str,
) -> Result<User, NotSetUp> {
    // Before the slow hash: whoever has no link gets none of our time.
    check(app, token).await?;
    let new = NewUser {
        name: account::name(name)?,
        password_hash: Some(account::hash(password.to_owned()).await?),
        role: Role::Admin,
        language: Some(language.to_owned()),
    };
    let token = SecretHash::of(token);
    let actor = AuditActor::without_account(AuditActorKind::Setup, &new.name);
    let entry = entry_by(app, OrgId::default_org(), actor, AuditAction::SetupFinished);
    let store = app.store.audited(entry);
    let user = store.create_first_admin(token, &new, app.clock.now()).await?;
    tracing::info!(user = %user.name, "the gateway was set up");
    Ok(user)
}
