//! The listeners: a TCP port, with TLS or without, and a socket in the data folder.
//!
//! HTTP/1 only: the clients of Kannel's endpoint speak HTTP/1.0 without `Host`, and a proxy before us
//! speaks HTTP/2 for us where that matters. Header and idle times are limited; a client that shuts its
//! side down after the request still gets its answer.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Extension, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, any, delete, get, post};
use axum_server::accept::DefaultAcceptor;
use axum_server::tls_rustls::RustlsConfig;
use axum_server::{Address, Handle, Server};
use platform::Shutdown;
use platform::config::Tls;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::{App, LARGEST_BODY};
use crate::doors::api::{Listener, Problem};
use crate::doors::{api, jasmin, kannel, mail, mcp, pages, playsms, smseagle, smsgate, twilio};
use crate::socket::LocalSocket;
use crate::{origin, requests, telemetry};

/// The most bytes of a request's first line and headers together.
const LARGEST_HEAD: usize = 64 * 1024;
/// How long a request may take to answer; event connections begin at once and then go on.
const SLOWEST_ANSWER: Duration = Duration::from_secs(90);
/// How long headers may take to come.
const SLOWEST_HEADERS: Duration = Duration::from_secs(20);
/// How long connections may take to end once asked to.
const GOODBYE: Duration = Duration::from_secs(10);

/// Why a listener cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The port is taken, or not ours to take.
    #[error(
        "cannot listen on {address}: {source}. If another program has the port, choose another with --http, http.listen or mail.door.listen"
    )]
    Tcp {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The socket in the data folder.
    #[error("cannot make the socket {}: {source}", path.display())]
    Socket {
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Certificate or key.
    #[error("cannot use the certificate {} with the key {}: {source}", cert.display(), key.display())]
    Tls {
        /// The certificate's file.
        cert: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Only one of both.
    #[error("http.tls needs both cert and key; only one of them is set")]
    HalfTls,
}

/// A TCP listener on `address`.
pub(crate) fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    let bound = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map_err(|source| ListenError::Tcp { address, source })
}

/// Certificate and key, when they are configured.
pub(crate) async fn tls(tls: &Tls) -> Result<Option<RustlsConfig>, ListenError> {
    match (&tls.cert, &tls.key) {
        (None, None) => Ok(None),
        (Some(cert), Some(key)) => RustlsConfig::from_pem_file(cert, key)
            .await
            .map(Some)
            .map_err(|source| ListenError::Tls { cert: cert.clone(), key: key.clone(), source }),
        _ => Err(ListenError::HalfTls),
    }
}

/// Serves people and programs until the soft step.
pub(crate) async fn serve_network(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    app: App,
    shutdown: Shutdown,
) -> io::Result<()> {
    let service = network(app).into_make_service_with_connect_info::<SocketAddr>();
    let handle = Handle::new();
    let server = prepared(axum_server::from_tcp(listener)?).handle(handle.clone());
    if let Some(config) = tls {
        let acceptor = axum_server::tls_rustls::RustlsAcceptor::new(config);
        let served = server.acceptor(kannel::Lenient(acceptor)).serve(service);
        return until_stopped(served, handle, &shutdown).await;
    }
    let served = server.acceptor(kannel::Lenient(DefaultAcceptor::new())).serve(service);
    until_stopped(served, handle, &shutdown).await
}

/// Serves the command line of this machine until the soft step, and removes the socket.
pub(crate) async fn serve_socket(
    socket: LocalSocket,
    app: App,
    shutdown: Shutdown,
) -> io::Result<()> {
    let handle = Handle::new();
    let server = prepared(axum_server::from_unix(socket.listener()?)?).handle(handle.clone());
    let served = server.serve(local(app).into_make_service());
    until_stopped(served, handle, &shutdown).await
}

fn prepared<A: Address>(server: Server<A>) -> Server<A> {
    let mut server = server.http1_only().first_request_timeout(SLOWEST_HEADERS);
    server
        .http_builder()
        .http1()
        .half_close(true)
        .max_buf_size(LARGEST_HEAD)
        .header_read_timeout(SLOWEST_HEADERS)
        .keep_alive(true);
    server
}

/// Serves until the soft step, lets requests finish, and breaks off at the hard one.
async fn until_stopped<A: Address>(
    served: impl Future<Output = io::Result<()>>,
    handle: Handle<A>,
    shutdown: &Shutdown,
) -> io::Result<()> {
    let ending = async {
        shutdown.soft.cancelled().await;
        handle.graceful_shutdown(Some(GOODBYE));
        shutdown.hard.cancelled().await;
        handle.shutdown();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        served = served => served,
        () = ending => Ok(()),
    }
}

/// Everything, for the network.
fn network(app: App) -> Router {
    let kannel = app.settings.kannel;
    let mut routes = Router::new()
        .nest("/api/v1", api::routes())
        .route("/api/{*other}", any(api::no_such_call))
        .merge(pages::routes(&app));
    if kannel {
        routes = routes
            .route("/cgi-bin/sendsms", any(kannel::sendsms))
            .route("/cgi-bin/{*other}", any(kannel::unknown));
    }
    if app.settings.doors.jasmin {
        // The page that sends has this address, too, by another method.
        routes = routes
            .route("/send", get(jasmin::send))
            .layer(axum::middleware::from_fn_with_state(app.clone(), jasmin::send_or_page));
    }
    layered(routes.merge(mcp::routes(&app)).merge(of_other_gateways(&app)), app, Listener::Network)
}

/// Kannel's admin pages, on their own port.
pub(crate) async fn serve_kannel_admin(
    listener: TcpListener,
    app: App,
    admin: Arc<kannel::Admin>,
    shutdown: Shutdown,
) -> io::Result<()> {
    let routes = Router::new()
        .fallback(kannel::admin_page)
        .layer(Extension(admin))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, SLOWEST_ANSWER))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::from_fn(guarded))
        .layer(axum::middleware::from_fn_with_state(app.clone(), origin::note_kannel_admin))
        .with_state(app);
    let handle = Handle::new();
    let server = prepared(axum_server::from_tcp(listener)?).handle(handle.clone());
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    until_stopped(server.serve(service), handle, &shutdown).await
}

/// Takes mails, on their own port.
pub(crate) async fn serve_mail(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    app: App,
    shutdown: Shutdown,
) -> io::Result<()> {
    mail::serve(listener, tls, app, shutdown).await
}

/// The interfaces of other gateways, each behind its switch.
fn of_other_gateways(app: &App) -> Router<App> {
    let doors = &app.settings.doors;
    let jasmin = (doors.jasmin, "jasmin");
    let twilio = (doors.twilio, "twilio");
    let eagle = (doors.smseagle, "smseagle");
    let routes: Vec<(&str, (bool, &'static str), MethodRouter<App>)> = vec![
        ("/index.php", (doors.playsms, "playsms"), any(playsms::webservices)),
        ("/rate", jasmin, any(jasmin::rate)),
        ("/balance", jasmin, any(jasmin::balance)),
        ("/ping", jasmin, get(jasmin::ping)),
        ("/secure/send", jasmin, post(jasmin::secure_send)),
        ("/secure/sendbatch", jasmin, post(jasmin::secure_sendbatch)),
        ("/secure/rate", jasmin, get(jasmin::secure_rate)),
        ("/secure/balance", jasmin, get(jasmin::secure_balance)),
        ("/secure/ping", jasmin, get(jasmin::secure_ping)),
        ("/2010-04-01/Accounts/{account}", twilio, get(twilio::account)),
        ("/2010-04-01/Accounts/{account}/Messages.json", twilio, any(twilio::messages)),
        ("/2010-04-01/Accounts/{account}/Messages/{file}", twilio, any(twilio::message)),
        ("/2010-04-01/{*other}", twilio, any(twilio::unknown)),
        ("/http_api/send_sms", eagle, any(smseagle::send_sms)),
        ("/index.php/http_api/send_sms", eagle, any(smseagle::send_sms)),
        ("/jsonrpc/sms", eagle, post(smseagle::json_rpc)),
        ("/index.php/jsonrpc/sms", eagle, post(smseagle::json_rpc)),
        ("/api/v2/messages/sms", eagle, post(smseagle::messages_sms)),
        ("/index.php/api/v2/messages/sms", eagle, post(smseagle::messages_sms)),
        ("/api/v2/messages/sms_single", eagle, post(smseagle::messages_sms)),
        ("/index.php/api/v2/messages/sms_single", eagle, post(smseagle::messages_sms)),
    ];
    let smsgate = (doors.smsgate, "smsgate");
    let below: Vec<(&str, MethodRouter<App>)> = vec![
        ("/messages", any(smsgate::messages)),
        ("/message", any(smsgate::messages)),
        ("/messages/{id}", any(smsgate::message)),
        ("/message/{id}", any(smsgate::message)),
        ("/inbox", get(smsgate::inbox)),
        ("/inbox/refresh", post(smsgate::refresh)),
        ("/auth/token", post(smsgate::token)),
        ("/auth/token/{id}", any(smsgate::revoke)),
        ("/devices", get(smsgate::devices)),
        ("/webhooks", any(smsgate::webhooks)),
        ("/webhooks/{id}", delete(smsgate::unregister)),
        ("/settings", any(smsgate::settings)),
        ("/logs", get(smsgate::logs)),
        ("/health", get(smsgate::health)),
        ("/health/live", get(smsgate::health)),
        ("/health/ready", get(smsgate::health)),
        ("/health/startup", get(smsgate::health)),
        ("/{*other}", any(smsgate::unknown)),
    ];
    let routes = routes.into_iter().fold(Router::new(), |router, (path, door, handler)| {
        router.route(path, behind(door, handler))
    });
    let smsgate = below.into_iter().fold(Router::new(), |router, (path, handler)| {
        router.route(path, behind(smsgate, handler))
    });
    // Its own server has the one, and who runs it the other.
    routes.nest("/3rdparty/v1", smsgate.clone()).nest("/api/3rdparty/v1", smsgate)
}

/// The handler, or what is answered as long as the switch is off.
fn behind(
    (is_open, switch): (bool, &'static str),
    handler: MethodRouter<App>,
) -> MethodRouter<App> {
    if is_open { handler } else { any(async move || shut(switch)) }
}

/// What is answered in the place of an interface that is switched off.
fn shut(switch: &str) -> (StatusCode, String) {
    let words = format!(
        "This interface is switched off. doors.{switch} = true in merpati.toml switches it on, or \
         MERPATI__DOORS__{}=true in the environment.\n",
        switch.to_uppercase()
    );
    (StatusCode::NOT_FOUND, words)
}

/// Only the calls of programs, for the socket.
fn local(app: App) -> Router {
    layered(Router::new().nest("/api/v1", api::routes()), app, Listener::Local)
}

fn layered(routes: Router<App>, app: App, listener: Listener) -> Router {
    routes
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, SLOWEST_ANSWER))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(axum::middleware::from_fn(guarded))
        .layer(axum::middleware::from_fn_with_state(app.clone(), origin::note))
        .layer(axum::middleware::from_fn_with_state(app.clone(), requests::note))
        .layer(axum::middleware::from_fn(telemetry::observe))
        .layer(Extension(listener))
        .with_state(app)
}

/// What every answer says, whatever door it came by, unless that says otherwise: no browser guesses what it is, shows it within a page
/// of others or lets anything in it run, and nobody in between keeps it.
async fn guarded(request: Request, next: Next) -> axum::response::Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    set(header::CACHE_CONTROL, "no-store");
    response
}

/// A handler of ours is broken: the log has the panic's words, the caller gets a problem.
fn panicked(_: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    tracing::error!("a request handler panicked");
    Problem::ours().into_response()
}

/// The process answers.
async fn healthz() -> &'static str {
    "ok"
}

/// How long the database may take to answer.
const DATABASE_ANSWERS_WITHIN: Duration = Duration::from_secs(3);

/// Every stream stores, the database answers and can be written, and the disk has room for new messages. Modems and users are not asked
/// after.
async fn readyz(State(app): State<App>) -> axum::response::Response {
    let database = async {
        app.store.healthy().await.map_err(|error| ("the database does not answer", error))?;
        app.store.writable().await.map_err(|error| ("the database cannot be written", error))
    };
    let database = tokio::time::timeout(DATABASE_ANSWERS_WITHIN, database);
    let (broker, database) = tokio::join!(app.bus.healthy(), database);
    let mut wrong = Vec::new();
    if let Err(unhealthy) = broker {
        wrong.push(unhealthy.to_string());
    }
    match database {
        Ok(Ok(())) => {}
        Ok(Err((words, error))) => {
            tracing::warn!(%error, "{words}");
            wrong.push(words.to_owned());
        }
        Err(_) => {
            let seconds = DATABASE_ANSWERS_WITHIN.as_secs();
            wrong.push(format!(
                "the database does not answer, or is not written, within {seconds} s"
            ));
        }
    }
    if let Err(trouble) = app.has_room() {
        wrong.push(format!("new messages are refused: {trouble}"));
    }
    if app.shutdown.is_requested() {
        wrong.push("the gateway is stopping".to_owned());
    }
    if wrong.is_empty() {
        return "ready".into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, wrong.join("\n")).into_response()
}
