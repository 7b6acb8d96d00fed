//! Serves people (pages) and programs (REST and compatibility endpoints).
//!
//! The portal keeps nothing of its own: accounts, keys and sessions are in the database, messages go to the
//! broker, and history is read. So any number of copies can run. It alone writes accounts and settings.
//!
//! * [`run`] is the service: a TCP listener for the network, and a socket in the data folder by which the
//!   command line of the gateway's own user comes in as administrator, without a key.
//! * A message is accepted (202) when JetStream has stored it, by whichever way it came: REST, Kannel's
//!   endpoint, or a form. All three go through `acts::acceptance`.
//! * `acts` is what can be done, and knows nothing of HTTP; each of the `doors` translates what it is asked into acts: the
//!   API for programs, Kannel's endpoint, pages for people.
//! * Pages are made by askama templates and work without JavaScript. With it, parts of pages are sent over
//!   one event connection a browser, made by the same templates.
//!
//! Rejected: a single-page application (a second code base, and nothing works before it has loaded), and
//! htmx (third-party bytes in the repository for what 200 lines do).

mod access;
mod acts;
mod app;
#[cfg(test)]
mod audited;
mod authority;
mod basic;
mod causes;
mod csv;
mod demand;
mod directory;
mod door_passwords;
mod doors;
mod fleet;
mod form;
mod gathering;
mod known_keys;
mod limits;
mod live;
mod numbers;
mod old_password;
mod origin;
mod password;
mod power;
mod projection;
mod proxies;
mod qr;
mod quotas;
mod requests;
#[cfg(test)]
mod rooms;
mod rows;
mod secret;
mod serve;
mod signal_line;
mod sim_usage;
mod socket;
mod streams;
mod telemetry;
mod throttle;
mod totp;
mod words;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use platform::config::Config;
use platform::{Clock, Shutdown};
use store::{SetupError, Store};
use tokio::sync::oneshot;

use app::{App, Parts, Settings};
pub use authority::Declared;
use directory::Directory;
pub use doors::api::{declared, fields};
pub use doors::pages::declared as declared_pages;
use fleet::Fleet;
use gathering::Gathering;
use known_keys::KnownKeys;
use live::Hub;
use rows::Rows;
pub use serve::ListenError;
use socket::LocalSocket;

/// What the portal needs from outside.
#[derive(Debug)]
pub struct Deps {
    /// The broker, connected.
    pub bus: Bus,
    /// The database, migrated.
    pub store: Store,
    /// The time of day.
    pub clock: Clock,
    /// The disk that broker or database are on; none: they are elsewhere.
    pub disk: Option<platform::Disk>,
    /// Where the local socket is made; none: there is none.
    pub socket: Option<PathBuf>,
    /// Told once, when both listeners take connections.
    pub started: Option<oneshot::Sender<Started>>,
}

/// The portal takes connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// The address that was taken: of use when port 0 was asked for.
    pub address: SocketAddr,
    /// The address at which mails are taken, if they are.
    pub mail: Option<SocketAddr>,
    /// The URL for people.
    pub url: String,
    /// The one-time link that makes the first administrator; none: there is one already.
    pub setup_link: Option<String>,
}

/// Why the portal cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A listener.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// It was listening, and then could not go on.
    #[error("the HTTP server broke off: {0}")]
    Serve(#[source] io::Error),
    /// The set-up link.
    #[error("the set-up link cannot be made: {0}")]
    Setup(#[from] SetupError),
}

/// Runs until the soft step of `shutdown`, then ends event connections at once and lets requests finish.
///
/// # Errors
/// When a listener cannot be made, or broker and database fail at the start.
pub async fn run(config: &Config, deps: Deps, shutdown: Shutdown) -> Result<(), RunError> {
    let listener = serve::bind(config.http.listen)?;
    let address = listener.local_addr().map_err(RunError::Serve)?;
    let kannel_admin = match (config.kannel.admin, &config.kannel.admin_password) {
        (Some(address), Some(password)) => {
            let status_password = config.kannel.status_password.clone();
            let admin =
                doors::kannel::Admin::new(password.clone(), status_password, deps.clock.now());
            Some((serve::bind(address)?, admin))
        }
        _ => None,
    };
    let mail = config.mail.door.listen.map(serve::bind).transpose()?;
    let mail_address = mail.as_ref().and_then(|listener| listener.local_addr().ok());
    let tls = serve::tls(&config.http.tls).await?;
    let socket = match deps.socket {
        Some(path) => bind_socket(path)?,
        None => None,
    };
    let hub = Hub::new();
    let (listening, soft) = (live::listen(deps.bus.clone(), hub.clone()), shutdown.soft.clone());
    shutdown.spawn(soft.run_until_cancelled_owned(listening));
    let rows = Rows::new();
    let (listening, soft) = (rows.clone().listen(deps.bus.clone()), shutdown.soft.clone());
    shutdown.spawn(soft.run_until_cancelled_owned(listening));
    let known_keys = Arc::new(KnownKeys::new(&deps.store));
    let directory = Directory::follow(deps.bus.clone(), Arc::clone(&known_keys), &shutdown);
    let fleet =
        Fleet::follow(deps.bus.clone(), deps.clock, hub.clone(), directory.clone(), &shutdown);
    let quotas = quotas::Quotas::follow(deps.bus.clone(), &shutdown);
    let sim_usage = sim_usage::SimUsage::follow(deps.bus.clone(), &shutdown);
    let app = App::new(Parts {
        settings: Settings::new(config, address),
        store: deps.store,
        gathering: Gathering::start(&deps.bus, acts::acceptance::PATIENCE, &shutdown),
        bus: deps.bus,
        clock: deps.clock,
        disk: deps.disk,
        numbers: numbers::Numbers::default(),
        known_keys,
        directory,
        fleet,
        quotas,
        sim_usage,
        hub,
        rows,
        throttle: throttle::Throttle::default(),
        door_passwords: door_passwords::DoorPasswords::default(),
        limits: limits::Limits::new(&config.limits),
        requests: requests::Requests::default(),
        streams: streams::Streams::default(),
        shutdown: shutdown.clone(),
    });
    // A number that comes earlier waits for it.
    let plan = app.settings.numbering.clone();
    tokio::task::spawn_blocking(move || plan.load());
    let setup_link = setup_link(&app).await?;
    shutdown.spawn(tidy(app.clone()));
    shutdown.spawn(projection::follow(app.bus.clone(), app.store.clone(), shutdown.clone()));
    let url = app.settings.base_url.clone();
    tracing::info!(%address, "the portal is at {url}");
    let tls_of_mail = tls.clone();
    let network = serve::serve_network(listener, tls, app.clone(), shutdown.clone());
    let mails = async {
        match mail {
            Some(listener) => {
                serve::serve_mail(listener, tls_of_mail, app.clone(), shutdown.clone()).await
            }
            None => Ok(()),
        }
    };
    let local = async {
        match socket {
            Some(socket) => serve::serve_socket(socket, app.clone(), shutdown.clone()).await,
            None => Ok(()),
        }
    };
    let admin = async {
        match kannel_admin {
            Some((listener, admin)) => {
                serve::serve_kannel_admin(listener, app.clone(), admin, shutdown.clone()).await
            }
            None => Ok(()),
        }
    };
    if let Some(started) = deps.started {
        // Whoever wanted to know may be gone, which does not concern the portal.
        let _ = started.send(Started { address, mail: mail_address, url, setup_link });
    }
    tokio::try_join!(network, local, admin, mails).map_err(RunError::Serve)?;
    Ok(())
}

/// The local socket; none: another process serves it, and the command line reaches that one.
fn bind_socket(path: PathBuf) -> Result<Option<LocalSocket>, ListenError> {
    match LocalSocket::bind(&path) {
        Ok(Some(socket)) => Ok(Some(socket)),
        Ok(None) => {
            tracing::warn!(
                socket = %path.display(),
                "another gateway serves the local socket; this one goes without, and the command line \
                 talks to the other"
            );
            Ok(None)
        }
        Err(source) => Err(ListenError::Socket { path, source }),
    }
}

/// A new link while there is no administrator. Those that earlier starts and other copies printed stay good until their
/// time is over: somebody may have one open.
async fn setup_link(app: &App) -> Result<Option<String>, SetupError> {
    match acts::setup::another_link(app).await {
        Ok(link) => Ok(Some(link)),
        Err(SetupError::AdminExists) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Forgets what is over, now and then: sessions, attempts to send, what keys have left of their limits.
async fn tidy(app: App) {
    let mut hourly = tokio::time::interval(Duration::from_hours(1));
    loop {
        tokio::select! {
            () = app.shutdown.soft.cancelled() => return,
            _ = hourly.tick() => {
                if let Err(error) = app.store.remove_ended_sessions(app.clock.now()).await {
                    tracing::warn!(%error, "ended sessions could not be removed");
                }
                if let Err(error) = app.store.remove_old_send_attempts(app.clock.now()).await {
                    tracing::warn!(%error, "old attempts to send could not be forgotten");
                }
                if let Err(error) = app.store.remove_old_removed(app.clock.now()).await {
                    tracing::warn!(%error, "what was removed could not be deleted for good");
                }
                if let Err(error) = app.store.remove_old_bulks(app.clock.now()).await {
                    tracing::warn!(%error, "old files of rows could not be removed");
                }
                app.limits.forget_idle();
            }
        }
    }
}
