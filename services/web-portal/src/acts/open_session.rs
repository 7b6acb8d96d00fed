//! Sessions that are open: one's own, and for who manages accounts those of others.

use contracts::{SessionId, UserId};
use store::{AuditAction, AuditActor, ChangeUserError, OpenSession, SecretHash, StoreError, User};

use crate::acts::account::AccountError;
use crate::acts::not_read::NotRead;
use crate::app::App;
use crate::authority::{Authority, entry_by};
use crate::power::Power;

/// The open sessions of an account; none: there is no such account.
pub(crate) async fn list(
    app: &App,
    authority: &Authority,
    account: UserId,
) -> Result<Option<Vec<OpenSession>>, NotRead> {
    authority.must(Power::UsersManage)?;
    if app.store.user(authority.reach, account).await?.is_none() {
        return Ok(None);
    }
    Ok(Some(app.store.open_sessions(authority.reach, account, app.clock.now()).await?))
}

/// Ends one session; false: there is none.
pub(crate) async fn end(
    app: &App,
    authority: &Authority,
    session: SessionId,
) -> Result<bool, NotRead> {
    authority.must(Power::UsersManage)?;
    let store = app.store.audited(authority.entry(app, AuditAction::SessionEnded));
    Ok(store.end_open_session(authority.reach, session, app.clock.now()).await?)
}

/// Ends all sessions of an account, and returns how many there were.
pub(crate) async fn end_all(
    app: &App,
    authority: &Authority,
    account: UserId,
) -> Result<u64, AccountError> {
    authority.must(Power::UsersManage)?;
    let store = app.store.audited(authority.entry(app, AuditAction::SessionEnded));
    let ended = store.end_open_sessions(authority.reach, account, None, app.clock.now()).await;
    let ended = ended.map_err(ChangeUserError::from)?;
    Ok(ended.ok_or(ChangeUserError::NoSuchUser)?)
}

/// A person's own open sessions.
pub(crate) async fn own(app: &App, user: &User) -> Result<Vec<OpenSession>, StoreError> {
    app.store.open_sessions(user.reach(), user.id, app.clock.now()).await
}

/// Ends one of a person's own sessions; false: there is none, or it is another's.
pub(crate) async fn end_own(
    app: &App,
    user: &User,
    session: SessionId,
) -> Result<bool, StoreError> {
    let is_own = own(app, user).await?.iter().any(|open| open.id == session);
    if !is_own {
        return Ok(false);
    }
    let actor = AuditActor::account(user.id, &user.name, None);
    let store = app.store.audited(entry_by(app, user.org, actor, AuditAction::SessionEnded));
    store.end_open_session(user.reach(), session, app.clock.now()).await
}

/// Ends all of a person's own sessions but the one that they came by, and returns how many there were.
pub(crate) async fn end_others(
    app: &App,
    user: &User,
    present: SecretHash,
) -> Result<u64, StoreError> {
    let actor = AuditActor::account(user.id, &user.name, None);
    let store = app.store.audited(entry_by(app, user.org, actor, AuditAction::SessionEnded));
    let ended =
        store.end_open_sessions(user.reach(), user.id, Some(present), app.clock.now()).await;
    Ok(ended?.unwrap_or_default())
}
