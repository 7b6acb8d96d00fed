//! Who asks: by API key, or over the local socket.

use axum::extract::FromRequestParts;
use axum::http::{StatusCode, header, request};
use contracts::{OrgId, Timestamp, UserId};
use store::{Role, Scope, User};

use super::problem::{Answer, Problem};
use crate::access::{Access, Credential};
use crate::app::App;
use crate::authority::{Holder, by_key};

/// By which listener a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listener {
    /// A TCP port.
    Network,
    /// The socket in the data folder. Only the gateway's own user can open it, and that user can read
    /// everything in the folder anyway: whoever comes in by it is an administrator without a key.
    Local,
}

/// Somebody whose key is good.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The organisation.
    pub(crate) org: OrgId,
    /// The account messages are sent for.
    pub(crate) owner: UserId,
    /// The account, unless it is the local administrator.
    pub(crate) user: Option<User>,
    /// What may be read.
    pub(crate) scope: Scope,
    /// May do everything in the organisation.
    pub(crate) admin: bool,
    /// The key they came by.
    pub(crate) key: Option<store::ApiKey>,
    /// By what they came in.
    pub(crate) access: Access,
}

impl Caller {
    /// The administrator behind the local socket.
    fn local() -> Self {
        let org = OrgId::default_org();
        let scope = Scope::all(org);
        let access = Access::new(Credential::Socket, None);
        let (user, key) = (None, None);
        Self { org, owner: UserId::internal(), user, scope, admin: true, key, access }
    }

    /// An account.
    fn account(Holder { user, key, secret }: Holder) -> Self {
        Self {
            key: Some(key),
            access: Access::new(Credential::Key(secret), Some(&user)),
            org: user.org,
            owner: user.id,
            scope: user.scope(),
            admin: user.role == Role::Admin,
            user: Some(user),
        }
    }

    /// Until when something that this caller makes may be good: no longer than what they came by.
    pub(crate) fn lasting(&self, wanted: Option<Timestamp>) -> Answer<Option<Timestamp>> {
        let Some(own) = self.key.as_ref().and_then(|key| key.expires_at) else { return Ok(wanted) };
        match wanted {
            Some(wanted) if wanted > own => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "key-would-outlive",
                "Longer than the key itself",
                format!(
                    "This key is good until {own}, so the keys that it makes are good no longer."
                ),
            )
            .with("field", "expires_at")),
            wanted => Ok(wanted.or(Some(own))),
        }
    }

    /// Who it is, for the log.
    pub(crate) fn name(&self) -> &str {
        self.user.as_ref().map_or("local", |user| user.name.as_str())
    }

    /// Does `work`, which may take long, as long as the key is good.
    pub(crate) async fn while_good<T>(
        &self,
        app: &App,
        work: impl Future<Output = Answer<T>>,
    ) -> Answer<T> {
        self.access.while_good(app, work).await.unwrap_or_else(|| {
            Err(Problem::unauthorized(
                "This API key was revoked, or its user may not use it any more, while the answer was \
                 being waited for.",
            ))
        })
    }

    /// Refuses those who may not give an account something that it keeps: who is no administrator, and an administrator
    /// by a key that expires, for what that key gave would still be there when the key is not.
    pub(crate) fn must_give_for_good(&self) -> Answer<()> {
        self.must_be_admin()?;
        let Some(end) = self.key.as_ref().and_then(|key| key.expires_at) else { return Ok(()) };
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "key-expires",
            "Not with a key that expires",
            format!(
                "This key is good until {end}, and what it gives would stay: accounts, passwords, roles, set-up links \
                 and the use of SIMs are given on the pages, by the command line on the gateway's own machine, or \
                 with an administrator's key that does not expire."
            ),
        ))
    }

    /// Refuses those who are none.
    pub(crate) fn must_be_admin(&self) -> Answer<()> {
        if self.admin { Ok(()) } else { Err(Problem::admins_only()) }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, app: &App) -> Answer<Self> {
        let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
            if parts.extensions.get::<Listener>() == Some(&Listener::Local) {
                return Ok(Self::local());
            }
            return Err(Problem::unauthorized(
                "There is no API key in the request. Send the header 'Authorization: Bearer KEY'; \
                 'merpati key add USER' or the account page makes one.",
            ));
        };
        let text = value.to_str().unwrap_or_default();
        let key = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, key)) = key else {
            return Err(Problem::unauthorized(
                "The Authorization header is of another kind. Send 'Authorization: Bearer KEY'.",
            ));
        };
        let holder = by_key(app, key.trim()).await?;
        holder.map(Self::account).ok_or_else(|| {
            Problem::unauthorized(
                "This API key is not known, or it was revoked. 'merpati key add USER' or the account \
                 page makes a new one.",
            )
        })
    }
}
