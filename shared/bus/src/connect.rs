//! The connection, and what it says to people when it cannot be made.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::ConnectErrorKind;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use tokio::sync::{RwLock, mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::delivery::{Naks, give_back};
use crate::health::Health;
use crate::pause::Backoff;
use crate::truncated::{self, Link};
use crate::{Cause, Durable, NatsConfig, ServerVersion, TopologyError, topology};

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The program is being stopped.
    #[error("stopped while waiting for the broker")]
    Stopped,
    /// The URL is none.
    #[error("nats.url '{url}' is not a URL of a NATS server, such as nats://127.0.0.1:4222")]
    Url {
        /// The URL, without a password.
        url: String,
        /// What is wrong with it.
        #[source]
        source: Cause,
    },
    /// A file of the configuration cannot be used.
    #[error("cannot read the NATS credentials file: {0}")]
    Credentials(#[source] std::io::Error),
    /// Nobody answers there.
    #[error("the NATS server at {url} cannot be reached")]
    Unreachable {
        /// Where, without a password.
        url: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// Wrong user or password.
    #[error(
        "the NATS server at {url} refuses user and password; look at nats.user and nats.password"
    )]
    Refused {
        /// Where, without a password.
        url: String,
    },
    /// TLS does not come about.
    #[error("no TLS with the NATS server at {url}: {source}")]
    Tls {
        /// Where.
        url: String,
        /// Why.
        #[source]
        source: Cause,
    },
    /// The server is too old.
    #[error(
        "the NATS server at {url} is version {version}; {} or newer is needed",
        ServerVersion::OLDEST
    )]
    TooOld {
        /// Where.
        url: String,
        /// What it says of itself.
        version: String,
    },
    /// JetStream is off.
    #[error(
        "JetStream is off on the NATS server at {url}; start it with -js or a jetstream section"
    )]
    NoJetStream {
        /// Where.
        url: String,
    },
    /// The streams are not right.
    #[error(transparent)]
    Topology(#[from] TopologyError),
}

/// A connection to the broker. Clones share it.
#[derive(Clone)]
pub struct Bus {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) client: async_nats::Client,
    pub(crate) context: Context,
    pub(crate) settings: NatsConfig,
    pub(crate) service: String,
    pub(crate) connected: watch::Receiver<bool>,
    pub(crate) ensured: RwLock<HashSet<Durable>>,
    pub(crate) endings: TaskTracker,
    pub(crate) naks: Naks,
    pub(crate) draining: AtomicBool,
    pub(crate) health: Health,
    /// Ends what looks at the streams after each connect, which holds the client too.
    _gone: DropGuard,
}

impl std::fmt::Debug for Bus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bus({} at {})", self.inner.service, self.inner.settings.shown_url())
    }
}

impl Bus {
    /// Connects, and sees that everything the services need is on the broker.
    ///
    /// A server that cannot be reached is tried again until it can or `shutdown` is asked for; once
    /// connected, a lost connection comes back by itself.
    ///
    /// # Errors
    /// What waiting does not mend: a wrong password, an old server, streams that are not ours.
    pub async fn connect(
        config: &NatsConfig,
        service: &str,
        shutdown: &CancellationToken,
    ) -> Result<Self, ConnectError> {
        let (link, linked) = watch::channel(Link::default());
        let (state, mut connected) = watch::channel(false);
        let client = tokio::select! {
            client = reach(config, service, Arc::new(link), state.clone()) => client?,
            () = shutdown.cancelled() => return Err(ConnectError::Stopped),
        };
        if let Some(weakness) = check_server(&client, config)?.weakness() {
            tracing::warn!("{} {}", weakness.text, weakness.advice);
        }
        let context = ContextBuilder::new()
            .timeout(Duration::from_secs(5))
            .ack_timeout(Duration::from_secs(2))
            .build(client.clone());
        let gone = CancellationToken::new();
        let looking = truncated::run(context.clone(), linked, state);
        tokio::spawn(gone.clone().run_until_cancelled_owned(looking));
        let gone = gone.drop_guard();
        let ready = async {
            topology_with_patience(&context, config).await?;
            // The sender lives as long as the client, which is here.
            let _ = connected.wait_for(|connected| *connected).await;
            Ok::<(), TopologyError>(())
        };
        tokio::select! {
            done = ready => done?,
            () = shutdown.cancelled() => return Err(ConnectError::Stopped),
        }
        let (naks, given_back) = mpsc::unbounded_channel();
        tokio::spawn(give_back(client.clone(), given_back));
        tracing::info!(url = %config.shown_url(), "connected to NATS at {}", config.shown_url());
        let inner = Inner {
            client,
            context,
            settings: config.clone(),
            service: service.to_owned(),
            connected,
            ensured: RwLock::default(),
            endings: TaskTracker::new(),
            naks: Naks(naks),
            draining: AtomicBool::new(false),
            health: Health::new(),
            _gone: gone,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The client itself, for request and reply (the modems' control services).
    pub fn client(&self) -> &async_nats::Client {
        &self.inner.client
    }

    /// Whether the connection stands at this moment.
    pub fn is_connected(&self) -> bool {
        *self.inner.connected.borrow()
    }

    /// Sends what is still to be sent and closes. Call it at the end of the program: what was only
    /// published, not awaited, is lost otherwise.
    pub async fn drain(self) {
        self.inner.draining.store(true, Ordering::Relaxed);
        self.inner.endings.close();
        if tokio::time::timeout(Duration::from_secs(3), self.inner.endings.wait()).await.is_err() {
            tracing::debug!("a reader did not end in time");
        }
        self.inner.naks.flushed().await;
        let goodbye = async {
            let flushed = self.inner.client.flush().await;
            let drained = self.inner.client.drain().await;
            if flushed.is_err() || drained.is_err() {
                tracing::debug!("the connection to NATS was closed before it was drained");
            }
        };
        if tokio::time::timeout(Duration::from_secs(5), goodbye).await.is_err() {
            tracing::warn!("NATS did not take everything within 5 s; leaving without");
        }
    }

    /// The connection's state, and that it changed: who must look again at what the broker has after it
    /// was lost (the drivers' journal) asks `has_changed`, as it may be back already.
    pub fn connection(&self) -> watch::Receiver<bool> {
        self.inner.connected.clone()
    }

    /// Waits for the connection; false when it did not come before `deadline`.
    pub(crate) async fn connected_before(&self, deadline: tokio::time::Instant) -> bool {
        let mut connected = self.inner.connected.clone();
        let wait = connected.wait_for(|connected| *connected);
        tokio::time::timeout_at(deadline, wait).await.is_ok_and(|state| state.is_ok())
    }
}

/// Tries until somebody answers.
async fn reach(
    config: &NatsConfig,
    service: &str,
    link: Arc<watch::Sender<Link>>,
    state: watch::Sender<bool>,
) -> Result<async_nats::Client, ConnectError> {
    let url = config.shown_url();
    let mut backoff = Backoff::of_millis(100, 2_000);
    let mut said: Option<String> = None;
    loop {
        let options = options(config, service, Arc::clone(&link), state.clone()).await?;
        let error = match options.connect(config.addresses().as_slice()).await {
            Ok(client) => {
                link.send_if_modified(Link::comes_up);
                metrics::gauge!("merpati_nats_connected").set(1.0);
                return Ok(client);
            }
            Err(error) => error,
        };
        let why = error.to_string();
        match refusal(url.clone(), error) {
            ConnectError::Unreachable { .. } => {}
            final_error => return Err(final_error),
        }
        if said.as_ref() == Some(&why) {
            tracing::debug!(%url, "NATS still cannot be reached: {why}");
        } else {
            tracing::warn!(%url, "cannot reach NATS at {url}: {why}; trying again until it is there");
            said = Some(why);
        }
        backoff.wait().await;
    }
}

/// What a failed attempt says; anything but [`ConnectError::Unreachable`] is not mended by waiting.
fn refusal(url: String, error: async_nats::ConnectError) -> ConnectError {
    match error.kind() {
        ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
            ConnectError::Refused { url }
        }
        ConnectErrorKind::ServerParse => ConnectError::Url { url, source: Box::new(error) },
        ConnectErrorKind::Tls => ConnectError::Tls { url, source: Box::new(error) },
        _ => ConnectError::Unreachable { url, source: Box::new(error) },
    }
}

/// Asks the server for its release. It tries once, and changes nothing there.
///
/// # Errors
/// As [`Bus::connect`], and when the server cannot be reached.
pub async fn server_version(config: &NatsConfig) -> Result<ServerVersion, ConnectError> {
    let (link, _) = watch::channel(Link::default());
    let (state, _) = watch::channel(false);
    let options = options(config, "doctor", Arc::new(link), state).await?.max_reconnects(1);
    let client = options
        .connect(config.addresses().as_slice())
        .await
        .map_err(|error| refusal(config.shown_url(), error))?;
    check_server(&client, config)
}

async fn options(
    config: &NatsConfig,
    service: &str,
    link: Arc<watch::Sender<Link>>,
    state: watch::Sender<bool>,
) -> Result<async_nats::ConnectOptions, ConnectError> {
    let mut options = async_nats::ConnectOptions::new()
        .name(format!("merpati {service}"))
        .ping_interval(Duration::from_secs(10))
        .connection_timeout(Duration::from_secs(5))
        .request_timeout(Some(Duration::from_secs(10)))
        .reconnect_delay_callback(|attempt| {
            let steps = u32::try_from(attempt.min(6)).unwrap_or(6);
            Duration::from_millis(25 << steps)
        })
        .event_callback(move |event| {
            let (link, state) = (Arc::clone(&link), state.clone());
            async move { note(&event, &link, &state) }
        });
    if let (Some(user), Some(password)) = (&config.user, &config.password) {
        options = options.user_and_password(user.clone(), password.clone());
    }
    if let Some(file) = &config.credentials {
        options = options.credentials_file(file).await.map_err(ConnectError::Credentials)?;
    }
    if let Some(file) = &config.ca {
        options = options.add_root_certificates(file.clone());
    }
    Ok(options)
}

/// Keeps the state of the connection and tells people.
fn note(event: &async_nats::Event, link: &watch::Sender<Link>, state: &watch::Sender<bool>) {
    let connected = metrics::gauge!("merpati_nats_connected");
    match event {
        async_nats::Event::Connected => {
            connected.set(1.0);
            if link.send_if_modified(Link::comes_up) {
                tracing::info!("the connection to NATS stands");
            }
        }
        async_nats::Event::Disconnected => {
            connected.set(0.0);
            metrics::counter!("merpati_nats_disconnects_total").increment(1);
            link.send_modify(|link| link.up = false);
            if state.send_replace(false) {
                tracing::warn!("the connection to NATS is lost; it is being made again");
            }
        }
        async_nats::Event::Closed | async_nats::Event::Draining => {
            link.send_modify(|link| link.up = false);
            state.send_replace(false);
        }
        async_nats::Event::LameDuckMode => {
            tracing::info!(
                "the NATS server is about to stop; changing to another where there is one"
            );
        }
        async_nats::Event::SlowConsumer(_) => {
            tracing::debug!("live hints came faster than they were read; some were dropped");
        }
        async_nats::Event::ServerError(error) => {
            tracing::warn!("the NATS server says: {error}");
        }
        async_nats::Event::ClientError(error) => {
            tracing::debug!("the connection to NATS: {error}");
        }
    }
}

fn check_server(
    client: &async_nats::Client,
    config: &NatsConfig,
) -> Result<ServerVersion, ConnectError> {
    let info = client.server_info();
    let url = config.shown_url();
    let version = ServerVersion::parse(&info.version)
        .filter(|version| *version >= ServerVersion::OLDEST)
        .ok_or(ConnectError::TooOld { url: url.clone(), version: info.version })?;
    if info.jetstream { Ok(version) } else { Err(ConnectError::NoJetStream { url }) }
}

/// JetStream may still be reading its store for a moment after the server answers.
async fn topology_with_patience(
    context: &Context,
    config: &NatsConfig,
) -> Result<(), TopologyError> {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
    loop {
        match topology::ensure_all(context, config).await {
            Ok(()) => return Ok(()),
            Err(error) if error.is_final() => return Err(error),
            Err(error) if tokio::time::Instant::now() > deadline => return Err(error),
            Err(error) => {
                tracing::debug!("JetStream is not ready: {error}");
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
        }
    }
}
