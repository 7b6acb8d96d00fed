//! By what somebody came in, and the moment from which that is not good any more.
//!
//! A page's events and a long wait outlive the request whose session or key was checked. So each looks again whenever
//! the account's setting changes (it is disabled, has another password or role, a session was ended, a key revoked), by
//! whichever copy of the portal, and now and then in any case, for sessions and keys also end by time.

use std::time::Duration;

use contracts::UserId;
use futures_util::future::{BoxFuture, FutureExt as _};
use store::{KeyCheck, Role, SecretHash, StoreError};
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;
use crate::authority::{Actor, Authority};
use crate::directory::Changed;

/// How often sessions and keys are looked at without a change: they end by time to this exactness.
const LOOK: Duration = Duration::from_secs(30);
/// How soon it is looked again when the database does not answer.
const AGAIN: Duration = Duration::from_millis(250);
/// How often it is looked then.
const TRIES: u32 = 4;

/// Somebody's access, as it was when they came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Access {
    credential: Credential,
    /// The account and what it might do; none: the local administrator.
    account: Option<(UserId, Role)>,
}

/// What somebody came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credential {
    /// A browser's session.
    Session(SecretHash),
    /// An API key.
    Key(SecretHash),
    /// The socket in the data folder: good as long as the connection.
    Socket,
}

impl Access {
    /// That by which an authority came in.
    pub(crate) fn of(authority: &Authority) -> Self {
        let credential = match &authority.actor {
            Actor::Local => Credential::Socket,
            Actor::Person { session, .. } => Credential::Session(*session),
            Actor::Program { secret, .. } => Credential::Key(*secret),
        };
        Self { credential, account: authority.user().map(|user| (user.id, user.role)) }
    }

    /// Resolves when the access is over.
    pub(crate) fn ended(self, app: &App) -> BoxFuture<'static, ()> {
        let app = app.clone();
        // From now on, so that a change between the first look and here is not missed: it is looked at once again.
        let mut changes = app.directory.changes();
        async move {
            let Some((account, _)) = self.account else { return std::future::pending().await };
            loop {
                if !self.is_good(&app).await {
                    return;
                }
                let changed = async {
                    loop {
                        match changes.recv().await {
                            Ok(Changed::Account(user)) if user == account => return,
                            Ok(_) => {}
                            Err(RecvError::Lagged(_)) => return,
                            Err(RecvError::Closed) => return std::future::pending().await,
                        }
                    }
                };
                // Either way it is looked again.
                let _ = tokio::time::timeout(LOOK, changed).await;
            }
        }
        .boxed()
    }

    /// Does `work` as long as the access is good; none: it ended first.
    pub(crate) async fn while_good<T>(self, app: &App, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.ended(app) => None,
        }
    }

    /// Looks until the database answers. One that is away for long ends the access: it may have been taken meanwhile.
    async fn is_good(self, app: &App) -> bool {
        for _ in 0..TRIES {
            match self.look(app).await {
                Ok(good) => return good,
                Err(error) => {
                    tracing::debug!(%error, "a session or a key could not be checked");
                }
            }
            tokio::time::sleep(AGAIN).await;
        }
        false
    }

    async fn look(self, app: &App) -> Result<bool, StoreError> {
        let now = app.clock.now();
        let user = match self.credential {
            Credential::Socket => return Ok(true),
            Credential::Session(token) => app.store.session_user(token, now).await?,
            Credential::Key(secret) => match app.store.look_at_key(secret, now).await? {
                KeyCheck::Valid { user, .. } => Some(*user),
                _ => None,
            },
        };
        Ok(user.map(|user| (user.id, user.role)) == self.account)
    }
}
