//! Invitations: links by which somebody makes an account of their own, with the role that an administrator chose.

use contracts::LinkId;
use serde_json::json;
use store::{
    AuditAction, AuditActor, AuditActorKind, Invitation, LinkError, NewInvitation, NewUser, Role,
    SecretHash, User,
};

use super::account::{self, Unfit};
use super::name::is_typable;
use super::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, Denied, entry_by};
use crate::power::Power;
use crate::secret::random_secret;

/// The most characters of what an invitation is called.
pub(crate) const LONGEST_LABEL: usize = 64;

/// Why an invitation was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotInvited {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Programs log in nowhere.
    #[error("a program is not invited: it works by keys")]
    Program,
    /// The label has characters nobody can type, or too many.
    #[error("what an invitation is called has at most {LONGEST_LABEL} visible characters")]
    Label,
    /// There are too many, or the database.
    #[error(transparent)]
    Link(#[from] LinkError),
}

/// Why no account was made by an invitation, or no password was set by a link.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTaken {
    /// Name or password.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The link, or the database.
    #[error(transparent)]
    Link(#[from] LinkError),
}

/// The open invitations, newest first.
pub(crate) async fn list(app: &App, authority: &Authority) -> Result<Vec<Invitation>, NotRead> {
    authority.must(Power::UsersManage)?;
    Ok(app.store.invitations(authority.reach, app.clock.now()).await?)
}

/// Makes an invitation, and the link that is shown this once.
pub(crate) async fn make(
    app: &App,
    authority: &Authority,
    role: Role,
    label: &str,
) -> Result<(Invitation, String), NotInvited> {
    authority.must_for_good(Power::UsersManage)?;
    // Whoever has the link gets what the role may do.
    account::must_give_password(authority, role)?;
    if role == Role::Service {
        return Err(NotInvited::Program);
    }
    let label = label.trim();
    if label.chars().count() > LONGEST_LABEL || !is_typable(label) {
        return Err(NotInvited::Label);
    }
    let token = random_secret();
    let maker = authority.account();
    let new = NewInvitation { token: SecretHash::of(&token), role, label: label.to_owned(), maker };
    let with = json!({ "role": role.as_str() });
    let entry = authority.entry(app, AuditAction::InvitationMade).with(&with);
    let store = app.store.audited(entry);
    let made = store.create_invitation(authority.reach, &new, app.clock.now()).await?;
    tracing::info!(%role, by = authority.name(), "an invitation was made");
    Ok((made, format!("{}/invitation?token={token}", app.settings.base_url)))
}

/// Revokes an open invitation; false: there is none of this id.
pub(crate) async fn revoke(app: &App, authority: &Authority, id: LinkId) -> Result<bool, NotRead> {
    authority.must(Power::UsersManage)?;
    let store = app.store.audited(authority.entry(app, AuditAction::InvitationRevoked));
    Ok(store.revoke_invitation(authority.reach, id, app.clock.now()).await?)
}

/// The role of the account that is made by the invitation with this token.
pub(crate) async fn check(app: &App, token: &str) -> Result<Role, LinkError> {
    app.store.check_invitation(SecretHash::of(token), app.clock.now()).await
}

/// Makes an account by the invitation with this token.
pub(crate) async fn take(
    app: &App,
    token: &str,
    name: &str,
    password: &str,
    language: &str,
) -> Result<User, NotTaken> {
    // Before the slow hash: whoever has no link gets none of our time.
    let role = check(app, token).await?;
    let new = NewUser {
        name: account::name(name)?,
        password_hash: Some(account::hash(password.to_owned()).await?),
        role,
        language: Some(language.to_owned()),
    };
    let actor = AuditActor::without_account(AuditActorKind::Invited, &new.name);
    let org = contracts::OrgId::default_org();
    let entry = entry_by(app, org, actor, AuditAction::InvitationTaken);
    let store = app.store.audited(entry.with(&json!({ "role": role.as_str() })));
    let user = store.take_invitation(SecretHash::of(token), &new, app.clock.now()).await?;
    tracing::info!(user = %user.name, %role, "an account was made by an invitation");
    Ok(user)
}
