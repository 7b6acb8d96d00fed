//! Who visits a page: language, session, CSRF token, and whether the connection is private. And the headers
//! that every page has.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header, request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use contracts::Timestamp;
use sha2::{Digest as _, Sha256};
use store::{NewSession, Role, SecretHash, Session, User};

use super::failure::{self, Failure};
use super::notice::Notice;
use crate::access::{Access, Credential};
use crate::app::App;
use crate::problem::in_full;
use crate::secret::random_secret;
use crate::words::{Language, Words};

/// How long a session lasts unused.
const IDLE: Duration = Duration::from_hours(3 * 24);
/// How long a session lasts at most.
const ABSOLUTE: Duration = Duration::from_hours(30 * 24);

/// What a proxy in front of the portal says of the browser behind it.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-forwarded-proto"];

const LANGUAGE: &str = "merpati_language";

/// The policy of every page: nothing but our own files, no inline script, no inline style, in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; \
                      img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// One visit of a page.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    /// The texts in the visitor's language.
    pub(crate) words: Words,
    /// Logged in as, and the hash of the cookie.
    pub(crate) session: Option<(Session, SecretHash)>,
    /// What every form must bring back.
    pub(crate) csrf: String,
    /// The connection is https from end to end, as far as we know.
    pub(crate) private: bool,
    /// The browser is on the gateway's own machine: what is typed crosses no network.
    pub(crate) on_this_machine: bool,
    /// From where.
    pub(crate) address: Option<IpAddr>,
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

    /// The account, for pages that need one.
    pub(crate) fn user(&self) -> Result<&User, Failure> {
        self.session.as_ref().map(|(session, _)| &session.user).ok_or(Failure::LogInFirst)
    }

    /// By what the visitor came in, for what goes on longer than the request.
    pub(crate) fn access(&self) -> Result<Access, Failure> {
        let (session, token) = self.session.as_ref().ok_or(Failure::LogInFirst)?;
        Ok(Access::new(Credential::Session(*token), Some(&session.user)))
    }

    /// The account, for pages of administrators.
    pub(crate) fn admin(&self) -> Result<&User, Failure> {
        self.user().and_then(|user| match user.role {
            Role::Admin => Ok(user),
            Role::User | Role::Service => Err(Failure::Forbidden),
        })
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut request::Parts, _: &App) -> Result<Self, Failure> {
        // Every page is inside the middleware that puts it there.
        parts.extensions.get::<Arc<Self>>().map(|visit| (**visit).clone()).ok_or(Failure::Internal)
    }
}

/// Names of the cookies: on https their names bind them to this host and to https.
fn names(private: bool) -> (&'static str, &'static str) {
    if private { ("__Host-merpati", "__Host-merpati_visit") } else { ("merpati", "merpati_visit") }
}

fn cookie(name: &'static str, value: String, private: bool) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .secure(private)
        .same_site(SameSite::Lax)
        .build()
}

/// The middleware around all pages.
pub(crate) async fn around(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let headers = request.headers();
    let private = is_private(&app, headers, peer);
    let jar = CookieJar::from_headers(headers);
    let (session_name, visit_name) = names(private);
    let session = match jar.get(session_name) {
        Some(cookie) => session(&app, cookie.value()).await,
        None => Ok(None),
    };
    let (session, failed) = match session {
        Ok(session) => (session, None),
        Err(failure) => (None, Some(failure)),
    };
    let known = jar.get(visit_name).map(|cookie| cookie.value().to_owned());
    let known = known.filter(|secret| secret.len() == 43);
    let is_new = known.is_none() && session.is_none();
    let secret = known.unwrap_or_else(random_secret);
    let csrf = match &session {
        Some((session, _)) => session.csrf.clone(),
        None => csrf_of(&secret),
    };
    let visit = Arc::new(Visit {
        words: Words::of(language(&jar, headers, session.as_ref().map(|(s, _)| &s.user))),
        csrf,
        private,
        on_this_machine: peer.is_some_and(|peer| peer.to_canonical().is_loopback())
            && !FORWARDED.iter().any(|name| headers.contains_key(*name)),
        address: peer.map(|peer| app.settings.proxies.client(headers, peer)),
        path: request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        notice: is_page(&request).then(|| Notice::left_in(&jar, private)).flatten(),
        session,
    });
    request.extensions_mut().insert(Arc::clone(&visit));
    let mut response = match failed {
        Some(failure) => failure.into_response(),
        None => next.run(request).await,
    };
    if let Some(failure) = response.extensions().get::<Failure>().copied() {
        response = failure::page(&app, &visit, failure);
    }
    if visit.notice.is_some() {
        response = (Notice::removal(private), response).into_response();
    }
    if is_new {
        let cookie = cookie(visit_name, secret, private);
        response = (CookieJar::new().add(cookie), response).into_response();
    }
    protect(response, private)
}

/// Whether a person will read the answer: a notice is shown on a page, and events are none.
fn is_page(request: &Request) -> bool {
    request.method() == Method::GET && request.uri().path() != "/events"
}

fn protect(mut response: Response, private: bool) -> Response {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::CACHE_CONTROL, "no-store");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    if private {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

async fn session(app: &App, cookie: &str) -> Result<Option<(Session, SecretHash)>, Failure> {
    let token = SecretHash::of(cookie);
    let found = app.store.session(token, IDLE, Timestamp::now()).await;
    match found {
        Ok(session) => Ok(session.map(|session| (session, token))),
        Err(error) => {
            tracing::warn!(error = %in_full(&error), "a session could not be read");
            Err(Failure::Unavailable)
        }
    }
}

/// Begins a session; its cookie takes the place of the one before, so that nobody can foist one on another.
pub(crate) async fn log_in(app: &App, visit: &Visit, user: &User) -> Result<CookieJar, Failure> {
    let secret = random_secret();
    let new = NewSession {
        token: SecretHash::of(&secret),
        user: user.id,
        csrf: random_secret(),
        idle: IDLE,
        absolute: ABSOLUTE,
    };
    if !app.store.begin_session(&new, Timestamp::now()).await? {
        return Err(Failure::Forbidden);
    }
    let (name, _) = names(visit.private);
    let mut cookie = cookie(name, secret, visit.private);
    // The database says when it ends.
    cookie.make_permanent();
    tracing::info!(user = %user.name, "logged in");
    Ok(CookieJar::new().add(cookie))
}

/// Ends the session of this visit, its pages' event connections too.
pub(crate) async fn log_out(app: &App, visit: &Visit) -> Result<CookieJar, Failure> {
    if let Some((_, token)) = &visit.session {
        app.store.end_session(*token, Timestamp::now()).await?;
    }
    let (name, _) = names(visit.private);
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

/// What forms of somebody who is not logged in bring back.
fn csrf_of(secret: &str) -> String {
    let digest = Sha256::new().chain_update("csrf:").chain_update(secret).finalize();
    data_encoding::BASE64URL_NOPAD.encode(&digest)
}

fn language(jar: &CookieJar, headers: &HeaderMap, user: Option<&User>) -> Language {
    let of_user = user.and_then(|user| user.language.as_deref()).and_then(Language::by_tag);
    let of_cookie = || jar.get(LANGUAGE).and_then(|cookie| Language::by_tag(cookie.value()));
    of_user.or_else(of_cookie).or_else(|| Language::wanted(headers)).unwrap_or_default()
}

/// Https, by our own TLS or that of a proxy that is believed.
fn is_private(app: &App, headers: &HeaderMap, peer: Option<IpAddr>) -> bool {
    let settings = &app.settings;
    settings.tls
        || settings.https_proxy
            && peer.is_some_and(|peer| settings.proxies.took_https(headers, peer))
}
