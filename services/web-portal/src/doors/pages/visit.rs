//! Who visits a page: language, session, CSRF token, and whether the connection is private.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use store::User;

use super::failure::Failure;
use super::notice::Notice;
use crate::acts::{act_as, log_in, session};
use crate::app::App;
use crate::authority::{Authority, Need};
use crate::words::{Language, Words};

/// The cookie with the language that was chosen.
pub(super) const LANGUAGE: &str = "merpati_language";
/// The cookie with the zone of the browser's clock, by its IANA name: `zone.js` writes it.
pub(super) const ZONE: &str = "merpati_zone";

/// One visit of a page.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// The texts in the visitor's language.
    pub(crate) words: Words,
    /// That of who is logged in.
    pub(crate) authority: Option<Authority>,
    /// What every form must bring back.
    pub(crate) csrf: String,
    /// The connection is https from end to end, as far as we know.
    pub(crate) private: bool,
    /// The browser is on the gateway's own machine: what is typed crosses no network.
    pub(crate) on_this_machine: bool,
    /// From where.
    pub(crate) address: Option<IpAddr>,
    /// What the browser calls itself.
    pub(crate) browser: String,
    /// The cookie of a log-in that waits for a code.
    pub(crate) log_in: Option<String>,
    /// Path and query that were asked for.
    pub(crate) path: String,
    /// What the form did that led here.
    pub(crate) notice: Option<Notice>,
}

impl Visit {
    /// Leads to a page, which says what was done.
    pub(crate) fn lead_to(&self, page: &str, notice: Notice) -> Response {
        (notice.into_jar(self.private), Redirect::to(page)).into_response()
    }

    /// The authority, for pages that need somebody.
    pub(crate) fn authority(&self) -> Result<&Authority, Failure> {
        self.authority.as_ref().ok_or(Failure::LogInFirst)
    }

    /// The account, for pages that need one.
    pub(crate) fn user(&self) -> Result<&User, Failure> {
        self.authority()?.user().ok_or(Failure::LogInFirst)
    }

    /// The account of who came by a session of their own. Who acts as somebody else changes nothing of how they come in.
    pub(crate) fn person(&self) -> Result<&User, Failure> {
        let authority = self.authority()?;
        authority.person().ok_or(match authority.acting() {
            Some(_) => Failure::Forbidden,
            None => Failure::LogInFirst,
        })
    }

    /// The visit that the middleware around every page found.
    pub(super) fn of(parts: &request::Parts) -> Result<Self, Failure> {
        parts.extensions.get::<Arc<Self>>().map(|visit| (**visit).clone()).ok_or(Failure::Internal)
    }

    /// Refuses whoever lacks what the page needs. A page that does not say what it needs is open to nobody.
    pub(super) fn check(&self, need: Option<Need>) -> Result<(), Failure> {
        match need.ok_or(Failure::Internal)? {
            Need::Nothing => Ok(()),
            need => need.check(self.authority()?).map_err(|_| Failure::Forbidden),
        }
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut request::Parts, _: &App) -> Result<Self, Failure> {
        let visit = Self::of(parts)?;
        visit.check(parts.extensions.get().copied())?;
        Ok(visit)
    }
}

/// Names of the cookies: on https their names bind them to this host and to https.
pub(super) fn names(private: bool) -> (&'static str, &'static str) {
    if private { ("__Host-merpati", "__Host-merpati_visit") } else { ("merpati", "merpati_visit") }
}

pub(super) fn cookie(name: &'static str, value: String, private: bool) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .secure(private)
        .same_site(SameSite::Lax)
        .build()
}

/// The name of the cookie of a log-in that waits for a code.
pub(super) fn log_in_name(private: bool) -> &'static str {
    if private { "__Host-merpati_login" } else { "merpati_login" }
}

/// The name of the cookie by which somebody acts as another.
pub(super) fn acting_name(private: bool) -> &'static str {
    if private { "__Host-merpati_acting" } else { "merpati_acting" }
}

/// Begins to act as an account, for the session of one's own stays beside it.
pub(super) fn act_as(visit: &Visit, secret: String) -> CookieJar {
    let mut cookie = cookie(acting_name(visit.private), secret, visit.private);
    cookie.set_max_age(act_as::LASTS.try_into().ok());
    CookieJar::new().add(cookie)
}

/// After the right password: begins a session, or a log-in that waits for a code. Returns the cookie, and the page where it goes on when
/// that is not `next`.
pub(crate) async fn come_in(
    app: &App,
    visit: &Visit,
    user: &User,
    next: &str,
) -> Result<(CookieJar, String), Failure> {
    if !log_in::needs_code(app, user).await? {
        return Ok((log_in(app, visit, user).await?, next.to_owned()));
    }
    let secret = log_in::begin(app, user).await?.ok_or(Failure::Forbidden)?;
    let mut cookie = cookie(log_in_name(visit.private), secret, visit.private);
    cookie.set_max_age(log_in::LASTS.try_into().ok());
    let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    Ok((CookieJar::new().add(cookie), format!("/login/code?next={next}")))
}

/// After the right code: begins the session, and forgets the log-in that waited for the code.
pub(crate) async fn finish(app: &App, visit: &Visit, user: &User) -> Result<CookieJar, Failure> {
    let mut gone = cookie(log_in_name(visit.private), String::new(), visit.private);
    gone.make_removal();
    Ok(log_in(app, visit, user).await?.add(gone))
}

/// Begins a session; its cookie takes the place of the one before, so that nobody can foist one on another, and the session of that one
/// ends, for no browser has its cookie any more.
pub(crate) async fn log_in(app: &App, visit: &Visit, user: &User) -> Result<CookieJar, Failure> {
    if let Some(before) = &visit.authority {
        session::end(app, before).await?;
    }
    let secret = session::begin(app, user, &visit.browser).await?.ok_or(Failure::Forbidden)?;
    let (name, _) = names(visit.private);
    let mut cookie = cookie(name, secret, visit.private);
    // The database says when it ends.
    cookie.make_permanent();
    Ok(CookieJar::new().add(cookie))
}

/// Ends the session of this visit, its pages' event connections too. Who acts as somebody else stays logged in as themselves.
pub(crate) async fn log_out(app: &App, visit: &Visit) -> Result<CookieJar, Failure> {
    if let Some(authority) = &visit.authority {
        session::end(app, authority).await?;
    }
    let is_acting = visit.authority.as_ref().is_some_and(|own| own.acting().is_some());
    let name = if is_acting { acting_name(visit.private) } else { names(visit.private).0 };
    let mut gone = cookie(name, String::new(), visit.private);
    gone.make_removal();
    Ok(CookieJar::new().add(gone))
}

/// A cookie with the language that was chosen.
pub(crate) fn keep_language(visit: &Visit, language: Language) -> CookieJar {
    let mut cookie = cookie(LANGUAGE, language.tag().to_owned(), visit.private);
    cookie.make_permanent();
    CookieJar::new().add(cookie)
}
