//! What is around all pages: who visits is found out before a page is made, and a failure becomes a page after it, in the
//! language of who visits; and the headers that every page has.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use askama::Template;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};
use store::User;

use super::failure::Failure;
use super::frame::{self, Frame};
use super::notice::Notice;
use super::parts::{in_zone, zone_named};
use super::visit::{LANGUAGE, Visit, ZONE, acting_name, cookie, log_in_name, names};
use crate::acts::session;
use crate::app::App;
use crate::authority::Authority;
use crate::causes::in_full;
use crate::secret::random_secret;
use crate::words::{Language, Words};

/// What a proxy in front of the portal says of the browser behind it.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "x-forwarded-proto"];

/// The policy of every page: nothing but our own files, no inline script, no inline style, in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; \
                      img-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// The middleware around all pages.
pub(super) async fn around(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let headers = request.headers();
    let private = is_private(&app, headers, peer);
    let jar = CookieJar::from_headers(headers);
    let (session_name, visit_name) = names(private);
    // Who acts as somebody else is back where they were when that ends.
    let mut found = Ok(None);
    for name in [acting_name(private), session_name] {
        if let Some(cookie) = jar.get(name) {
            found = session::find(&app, cookie.value()).await;
        }
        if !matches!(found, Ok(None)) {
            break;
        }
    }
    let (session, failed) = match found {
        Ok(session) => (session, None),
        Err(error) => {
            tracing::warn!(error = %in_full(&error), "a session could not be read");
            (None, Some(Failure::Unavailable))
        }
    };
    let known = jar.get(visit_name).map(|cookie| cookie.value().to_owned());
    let known = known.filter(|secret| secret.len() == 43);
    let is_new = known.is_none() && session.is_none();
    let secret = known.unwrap_or_else(random_secret);
    let csrf = match &session {
        Some((session, _)) => session.csrf.clone(),
        None => csrf_of(&secret),
    };
    let zone = zone(&jar, session.as_ref().map(|(session, _)| &session.user));
    let visit = Arc::new(Visit {
        words: Words::of(language(&jar, headers, session.as_ref().map(|(s, _)| &s.user))),
        authority: session.map(|(session, cookie)| match session.acting {
            Some(acting) => Authority::acting_as(session.user, cookie, acting),
            None => Authority::by_session(session.user, cookie),
        }),
        csrf,
        private,
        on_this_machine: peer.is_some_and(|peer| peer.to_canonical().is_loopback())
            && !FORWARDED.iter().any(|name| headers.contains_key(*name)),
        address: peer.map(|peer| app.settings.proxies.client(headers, peer)),
        browser: headers
            .get(header::USER_AGENT)
            .map(|agent| String::from_utf8_lossy(agent.as_bytes()).chars().take(256).collect())
            .unwrap_or_default(),
        log_in: jar.get(log_in_name(private)).map(|cookie| cookie.value().to_owned()),
        path: request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        notice: is_page(&request).then(|| Notice::left_in(&jar, private)).flatten(),
    });
    request.extensions_mut().insert(Arc::clone(&visit));
    let answer = async {
        let response = match failed {
            Some(failure) => failure.into_response(),
            None => next.run(request).await,
        };
        match response.extensions().get::<Failure>().copied() {
            Some(failure) => page(&app, &visit, failure).await,
            None => response,
        }
    };
    let mut response = in_zone(zone, answer).await;
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

/// The zone of the times on the page: that of the account, else that of the browser, else that of the machine.
fn zone(jar: &CookieJar, user: Option<&User>) -> TimeZone {
    let of_user = user.and_then(|user| user.zone.as_deref()).and_then(zone_named);
    let of_browser = || jar.get(ZONE).and_then(|cookie| zone_named(cookie.value()));
    of_user.or_else(of_browser).unwrap_or_else(TimeZone::system)
}

/// Https, by our own TLS or that of a proxy that is believed.
fn is_private(app: &App, headers: &HeaderMap, peer: Option<IpAddr>) -> bool {
    let settings = &app.settings;
    settings.tls
        || settings.https_proxy
            && peer.is_some_and(|peer| settings.proxies.took_https(headers, peer))
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    w: Words,
    frame: Frame,
    title: String,
    words: String,
}

/// The page of a failure; who is not logged in is led to where one logs in.
pub(super) async fn page(app: &App, visit: &Visit, failure: Failure) -> Response {
    if failure == Failure::LogInFirst {
        let next: String = url::form_urlencoded::byte_serialize(visit.path.as_bytes()).collect();
        let to =
            if visit.path == "/" { "/login".to_owned() } else { format!("/login?next={next}") };
        return Redirect::to(&to).into_response();
    }
    let w = visit.words;
    let frame = Frame::of(app, visit).await;
    let page = ErrorPage { w, frame, title: failure.title(w), words: failure.words(w) };
    let response = match frame::html(&page) {
        Ok(html) => (failure.status(), html).into_response(),
        Err(_) => failure.status().into_response(),
    };
    match failure {
        Failure::TooOften { seconds } => {
            ([(header::RETRY_AFTER, seconds.to_string())], response).into_response()
        }
        _ => response,
    }
}
