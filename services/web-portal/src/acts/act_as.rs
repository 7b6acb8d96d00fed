//! Acting as somebody else: an administrator sees the pages as the person does. Nothing is sent and no key is made by it, for nobody
//! could tell these from the person's own; what is changed stands in the audit log with both names, and the person sees when it was.

use std::time::Duration;

use contracts::UserId;
use store::{ActedAs, AuditAction, NewSession, Role, SecretHash, StoreError, User};

use crate::app::App;
use crate::authority::{Authority, Denied};
use crate::origin;
use crate::power::{Power, Powers};
use crate::secret::random_secret;

/// How long somebody acts as another at most.
pub(crate) const LASTS: Duration = Duration::from_hours(1);

/// Why nobody acts as that account.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotActing {
    /// Not with this authority.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It is an administrator's, a program's, one that is locked out, or there is none.
    #[error("nobody acts as this account")]
    NotThis,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Begins to act as an account, by a session whose cookie holds this secret.
pub(crate) async fn begin(
    app: &App,
    authority: &Authority,
    id: UserId,
) -> Result<String, NotActing> {
    authority.must_for_good(Power::UsersManage)?;
    // By a session of their own alone, which says who it is.
    let acting = authority.person().ok_or(NotActing::NotThis)?.id;
    let user = app.store.user(authority.reach, id).await?.ok_or(NotActing::NotThis)?;
    if matches!(user.role, Role::Admin | Role::Service) || !user.enabled {
        return Err(NotActing::NotThis);
    }
    authority.must_cover(Powers::of_role(user.role))?;
    let secret = random_secret();
    let new = NewSession {
        token: SecretHash::of(&secret),
        user: user.id,
        csrf: random_secret(),
        idle: LASTS,
        absolute: LASTS,
        browser: String::new(),
        address: origin::of_this_request(),
        acting: Some(acting),
    };
    let entry = authority.entry(app, AuditAction::UserActedAs).about(&user.id, &user.name);
    let store = app.store.audited(entry);
    if !store.begin_session(&new, app.clock.now()).await? {
        return Err(NotActing::NotThis);
    }
    tracing::info!(user = %user.name, by = authority.name(), "somebody acts as a user");
    Ok(secret)
}

/// When administrators acted as a person, the newest first.
pub(crate) async fn times(app: &App, user: &User) -> Result<Vec<ActedAs>, StoreError> {
    app.store.acted_as(user.reach(), user.id).await
}
