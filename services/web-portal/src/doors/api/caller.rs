//! Who asks: by API key, or over the local socket.

use axum::extract::FromRequestParts;
use axum::http::{header, request};

use super::limits::Told;
use super::problem::{Answer, Problem};
use crate::access::Access;
use crate::app::App;
use crate::authority::{Authority, Need};

/// By which listener a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listener {
    /// A TCP port.
    Network,
    /// The socket in the data folder. Only the gateway's own user can open it, and that user can read
    /// everything in the folder anyway: whoever comes in by it is an administrator without a key.
    Local,
}

/// The authority of who asks.
#[derive(Debug, Clone)]
pub(crate) struct Caller(pub(super) Authority);

/// Does `work`, which may take long, as long as what the caller came in by is good.
pub(super) async fn while_good<T>(
    authority: &Authority,
    app: &App,
    work: impl Future<Output = Answer<T>>,
) -> Answer<T> {
    Access::of(authority).while_good(app, work).await.unwrap_or_else(|| Err(key_ended()))
}

/// The key stopped being good before there was an answer.
pub(super) fn key_ended() -> Problem {
    Problem::unauthorized(
        "This API key was revoked, or its user may not use it any more, while the answer was \
         being waited for.",
    )
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut request::Parts, app: &App) -> Answer<Self> {
        // A call that does not say what it needs is open to nobody.
        let need = parts.extensions.get::<Need>().copied().ok_or_else(Problem::undeclared)?;
        let authority = authority(parts, app).await?;
        if let Some(told) = parts.extensions.get::<Told>() {
            told.note(&authority.left);
        }
        need.check(&authority)?;
        Ok(Self(authority))
    }
}

/// The authority of who asks; none but ours can have put one there before.
pub(crate) async fn authority(parts: &request::Parts, app: &App) -> Answer<Authority> {
    if let Some(authority) = parts.extensions.get::<Authority>() {
        return Ok(authority.clone());
    }
    let Some(value) = parts.headers.get(header::AUTHORIZATION) else {
        if parts.extensions.get::<Listener>() == Some(&Listener::Local) {
            return Ok(Authority::local());
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
    let authority = Authority::by_key(app, key.trim()).await?;
    authority.ok_or_else(|| {
        Problem::unauthorized(
            "This API key is not known, or it was revoked. 'merpati key add USER' or the account \
                 page makes a new one.",
        )
    })
}
