//! Sessions of browsers: logging in and out.

use std::net::IpAddr;
use std::time::Duration;

use contracts::OrgId;
use store::{
    AuditAction, AuditActor, AuditActorKind, NewSession, Role, SecretHash, Session, StoreError,
    User,
};

use crate::app::App;
use crate::authority::{Actor, Authority, entry_by};
use crate::causes::in_full;
use crate::origin;
use crate::password;
use crate::secret::random_secret;

/// How long a session lasts unused.
const IDLE: Duration = Duration::from_hours(3 * 24);
/// How long a session lasts at most.
const ABSOLUTE: Duration = Duration::from_hours(30 * 24);

/// Characters that are kept of what a browser calls itself.
const LONGEST_BROWSER: usize = 256;

/// Why nobody was logged in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotLoggedIn {
    /// Too many tries; how long until the next.
    #[error("there were too many tries to log in")]
    TooOften(Duration),
    /// No such name, another password, or a disabled account: nobody is told which.
    #[error("name or password is wrong")]
    Wrong,
    /// The account is a program's.
    #[error("the account of a program cannot log in")]
    Program,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The account of this name and password.
pub(crate) async fn check(
    app: &App,
    name: &str,
    password: &str,
    address: Option<IpAddr>,
) -> Result<User, NotLoggedIn> {
    if let Err(wait) = app.throttle.try_now(name, address) {
        tracing::warn!(?address, "too many tries to log in");
        return Err(NotLoggedIn::TooOften(wait));
    }
    let known = app.store.user_named(name).await?;
    let org = known.as_ref().map_or_else(OrgId::default_org, |user| user.org);
    let is_known = known.is_some();
    let user = known.filter(|user| user.enabled);
    let hash = match &user {
        Some(user) => app.store.password_hash(user.id).await?,
        None => None,
    };
    let right = password::verify(password.to_owned(), hash).await;
    let Some(user) = user.filter(|_| right) else {
        tracing::info!(?address, "a log-in was refused");
        tell_of_failure(app, org, is_known.then_some(name)).await;
        return Err(NotLoggedIn::Wrong);
    };
    if user.role == Role::Service {
        tracing::info!(user = %user.name, ?address, "a program's account cannot log in");
        tell_of_failure(app, org, Some(name)).await;
        return Err(NotLoggedIn::Program);
    }
    app.throttle.right(name, address);
    Ok(user)
}

/// Notes a try that failed in the audit log; when there were many, only some of them: the log says how many. What is no name of an
/// account may be a password that somebody wrote there, and is not kept.
pub(super) async fn tell_of_failure(app: &App, org: OrgId, name: Option<&str>) {
    if !app.throttle.is_told() {
        return;
    }
    let name = name.unwrap_or("…");
    let actor = AuditActor::without_account(AuditActorKind::Stranger, name);
    let entry = entry_by(app, org, actor, AuditAction::LoginFailed);
    // Whoever is refused is refused all the same.
    if let Err(error) = app.store.append_audit(entry).await {
        tracing::warn!(error = %in_full(&error), "a log-in that was refused is not in the audit log");
    }
}

/// Begins a session of a browser that calls itself so, whose cookie holds this secret; none: the account may not log in any more.
pub(crate) async fn begin(
    app: &App,
    user: &User,
    browser: &str,
) -> Result<Option<String>, StoreError> {
    let secret = random_secret();
    let new = NewSession {
        token: SecretHash::of(&secret),
        user: user.id,
        csrf: random_secret(),
        idle: IDLE,
        absolute: ABSOLUTE,
        browser: browser.chars().take(LONGEST_BROWSER).collect(),
        address: origin::of_this_request(),
        acting: None,
    };
    let actor = AuditActor::account(user.id, &user.name, None);
    let entry = entry_by(app, user.org, actor, AuditAction::LoginSucceeded);
    let store = app.store.audited(entry.about(&user.id, &user.name));
    if !store.begin_session(&new, app.clock.now()).await? {
        return Ok(None);
    }
    tracing::info!(user = %user.name, "a user logged in");
    Ok(Some(secret))
}

/// The session that this cookie holds, and the cookie's hash.
pub(crate) async fn find(
    app: &App,
    cookie: &str,
) -> Result<Option<(Session, SecretHash)>, StoreError> {
    let token = SecretHash::of(cookie);
    let session = app.store.session(token, IDLE, app.clock.now()).await?;
    Ok(session.map(|session| (session, token)))
}

/// Ends the session by which somebody came in, and the event connections of its pages.
pub(crate) async fn end(app: &App, authority: &Authority) -> Result<(), StoreError> {
    if let Actor::Person { session, user, acting } = &authority.actor {
        let action = match acting {
            Some(_) => AuditAction::UserActingEnded,
            None => AuditAction::LoginEnded,
        };
        let entry = authority.entry(app, action);
        let entry = if acting.is_some() { entry.about(&user.id, &user.name) } else { entry };
        let store = app.store.audited(entry);
        store.end_session(*session, app.clock.now()).await?;
    }
    Ok(())
}
