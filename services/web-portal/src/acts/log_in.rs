//! What comes between the right password and the session: a code of the phone, or setting one up where the role has to.

use std::time::Duration;

use store::{NewLogIn, SecretHash, StoreError, User};

use super::second_factor::{self, NotTaken};
use crate::app::App;
use crate::secret::random_secret;

/// How long a code is waited for.
pub(crate) const LASTS: Duration = Duration::from_mins(10);

/// Why nobody is in yet.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotIn {
    /// The log-in took too long, was used before, or the account may not log in any more.
    #[error("the log-in has ended")]
    Ended,
    /// The code.
    #[error(transparent)]
    Code(#[from] NotTaken),
}

impl From<StoreError> for NotIn {
    fn from(error: StoreError) -> Self {
        Self::Code(error.into())
    }
}

/// Whether the password is not enough: the account has a second factor, or has to have one.
pub(crate) async fn needs_code(app: &App, user: &User) -> Result<bool, StoreError> {
    Ok(user.second_factor || second_factor::is_required(app, user).await?)
}

/// Begins a log-in that waits for a code, whose cookie holds this secret; none: the account may not log in any more.
pub(crate) async fn begin(app: &App, user: &User) -> Result<Option<String>, StoreError> {
    let secret = random_secret();
    let new = NewLogIn { token: SecretHash::of(&secret), user: user.id, lasts: LASTS };
    let begun = app.store.begin_log_in(&new, app.clock.now()).await?;
    Ok(begun.then_some(secret))
}

/// Who gave the right password, when a code is still waited for.
pub(crate) async fn waiting(app: &App, cookie: &str) -> Result<Option<User>, StoreError> {
    app.store.log_in(SecretHash::of(cookie), app.clock.now()).await
}

/// Ends a log-in by a code of the phone or a recovery code. Returns who is in.
pub(crate) async fn give(app: &App, cookie: &str, code: &str) -> Result<User, NotIn> {
    let user = waiting(app, cookie).await?.ok_or(NotIn::Ended)?;
    second_factor::check(app, &user, code).await?;
    end(app, cookie, user).await
}

/// Ends a log-in by the first code of a phone that was just set up. Returns who is in, and the recovery codes.
pub(crate) async fn enrol(
    app: &App,
    cookie: &str,
    code: &str,
) -> Result<(User, Vec<String>), NotIn> {
    let user = waiting(app, cookie).await?.ok_or(NotIn::Ended)?;
    let codes = second_factor::confirm(app, &user, code).await?;
    Ok((end(app, cookie, user).await?, codes))
}

/// A log-in comes to its end once.
async fn end(app: &App, cookie: &str, user: User) -> Result<User, NotIn> {
    if app.store.end_log_in(SecretHash::of(cookie)).await? { Ok(user) } else { Err(NotIn::Ended) }
}
