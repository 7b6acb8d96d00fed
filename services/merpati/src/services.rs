//! Starts services on a broker and a database, and waits for them.

use std::time::Duration;

use anyhow::Context as _;
use bus::{Bus, NatsConfig};
use modem_driver::usb::Roots;
use modem_driver::{RetryPolicy, Settings};
use platform::config::{Config, Secret};
use platform::{Clock, Disk, Metrics, Shutdown, Telemetry};
use store::Store;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use web_portal::Started;

use crate::simulated::Simulated;
use crate::{data, output};

contracts::named! {
    /// One of the services, in the order in which they are started.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Service {
        /// Writes the history.
        Persistence = "persistence",
        /// Decides what is sent, when and by which modems.
        Router = "router",
        /// Owns the modems.
        ModemDriver = "modem-driver",
        /// Calls customers' URLs.
        Webhooks = "webhooks",
        /// Serves people and programs.
        WebPortal = "web-portal",
    }
}

impl Service {
    const fn needs_database(self) -> bool {
        matches!(self, Self::Persistence | Self::WebPortal | Self::Webhooks)
    }
}

/// Services that run.
pub(crate) struct Running {
    services: JoinSet<(Service, anyhow::Result<()>)>,
    portal: Option<Started>,
}

impl Running {
    /// Where the portal is, when it is one of them.
    pub(crate) const fn portal(&self) -> Option<&Started> {
        self.portal.as_ref()
    }

    /// Waits for a stop that was asked for, or for a service that cannot go on, and then for all of them.
    pub(crate) async fn finished(
        mut self,
        config: &Config,
        shutdown: &Shutdown,
    ) -> anyhow::Result<()> {
        let mut outcome = Ok(());
        tokio::select! {
            () = shutdown.requested() => {}
            ended = self.services.join_next() => outcome = result(ended),
        }
        let patience = config.shutdown.patience.duration();
        shutdown.request();
        let others = async { while self.services.join_next().await.is_some() {} };
        if tokio::time::timeout(patience, others).await.is_err() {
            tracing::warn!("not every service ended in time; they are told to leave at once");
        }
        shutdown.stop(Duration::from_secs(1)).await;
        while self.services.join_next().await.is_some() {}
        outcome
    }
}

/// What came of a service that ended before it was asked to.
fn result(
    ended: Option<Result<(Service, anyhow::Result<()>), tokio::task::JoinError>>,
) -> anyhow::Result<()> {
    match ended {
        None => Ok(()),
        Some(Ok((service, result))) => {
            result.with_context(|| format!("{} failed", service.as_str()))
        }
        Some(Err(error)) => Err(error).context("a service broke; this is a mistake in merpati"),
    }
}

/// The broker of the configuration, when one is set.
pub(crate) fn broker(config: &Config) -> Option<NatsConfig> {
    let nats = &config.nats;
    Some(NatsConfig {
        url: nats.url.clone()?,
        user: nats.user.clone(),
        password: nats.password.as_ref().map(|password| password.expose().to_owned()),
        credentials: nats.credentials.clone(),
        ca: nats.ca.clone(),
        replicas: nats.replicas,
        max_bytes: (nats.max_bytes > 0).then_some(nats.max_bytes),
        ack_wait: None,
    })
}

/// Connects to the broker of the configuration.
pub(crate) async fn connect(
    config: &Config,
    name: &str,
    shutdown: &Shutdown,
) -> anyhow::Result<Bus> {
    let settings = broker(config).context(
        "a service alone needs a broker: set nats.url (MERPATI__NATS__URL). `merpati up` brings its own",
    )?;
    Ok(Bus::connect(&settings, name, &shutdown.soft).await?)
}

/// The database's URL: the configured one, or the file in the data folder.
pub(crate) fn database_url(config: &Config) -> String {
    config.database.url.as_ref().map_or_else(
        || data::database(&config.data).to_string_lossy().into_owned(),
        |url| Secret::expose(url).to_owned(),
    )
}

/// Opens the database. A file of our own is brought to this version's schema; a server is not touched.
pub(crate) async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let store = Store::open(&database_url(config)).await?;
    if config.database.url.is_none() {
        store.migrate().await?;
    } else {
        store.check_schema().await.context("run: merpati database migrate")?;
    }
    Ok(store)
}

/// `merpati database migrate`.
pub(crate) async fn migrate(as_json: bool, config: &Config) -> anyhow::Result<()> {
    platform::files::create_private_dir(&config.data)?;
    let store = Store::open(&database_url(config)).await?;
    let migrated = store.migrate().await?;
    store.close().await;
    if as_json {
        return output::json(&serde_json::json!({ "applied": migrated.applied }));
    }
    output::line("The database has this version's schema.");
    Ok(())
}

/// What the driver needs of the configuration.
fn driver_settings(config: &Config) -> anyhow::Result<Settings> {
    let mut settings = Settings::new(config.modems.clone());
    settings.retry = RetryPolicy {
        waits: config.modems.retry.iter().map(|wait| wait.duration()).collect(),
        tries: config.modems.tries,
        doubtful_tries: config.modems.doubtful_tries,
    };
    settings.state = Some(data::modems(&config.data));
    if let Some(file) = &config.modems.models {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("modems.models: {} cannot be read", file.display()))?;
        settings.models = settings.models.with(&text).context("modems.models")?;
    }
    Ok(settings)
}

/// The configured name of this host, or the system's.
fn host_name(config: &Config) -> String {
    config
        .modems
        .host
        .clone()
        .unwrap_or_else(|| rustix::system::uname().nodename().to_string_lossy().into_owned())
}

/// What services run on.
#[derive(Clone, Copy)]
pub(crate) struct Deps<'a> {
    pub(crate) bus: &'a Bus,
    pub(crate) store: Option<&'a Store>,
    /// The disk of the data folder, where broker or database are on it.
    pub(crate) disk: Option<&'a Disk>,
}

/// Starts `services`; returns when the portal, if it is one of them, takes connections.
pub(crate) async fn start(
    config: &Config,
    services: &[Service],
    deps: Deps<'_>,
    shutdown: &Shutdown,
) -> anyhow::Result<Running> {
    let Deps { bus, store, disk } = deps;
    let mut running = JoinSet::new();
    let (tell, told) = oneshot::channel();
    let mut tell = Some(tell);
    for &service in services {
        let (config, bus, shutdown) = (config.clone(), bus.clone(), shutdown.clone());
        let store = || store.cloned().context("this service needs a database");
        match service {
            Service::ModemDriver => {
                let settings = driver_settings(&config)?;
                let deps = modem_driver::Deps {
                    bus,
                    roots: Roots::default(),
                    host: host_name(&config),
                    clock: Clock::system(),
                };
                running.spawn(async move {
                    let run = Box::pin(modem_driver::run(settings, deps, shutdown));
                    (service, run.await.map_err(Into::into))
                });
            }
            Service::Router => {
                running.spawn(async move {
                    let numbers = config.numbers.plan();
                    let (clock, recipient) = (Clock::system(), config.limits.recipient);
                    let grace = router::GRACE;
                    let deps = router::Deps { bus, clock, numbers, recipient, grace };
                    (
                        service,
                        Box::pin(router::run(&config.router, deps, shutdown))
                            .await
                            .map_err(Into::into),
                    )
                });
            }
            Service::Persistence => {
                let (store, disk) = (store()?, disk.cloned());
                let deps = persistence::Deps { bus, store, clock: Clock::system(), disk };
                running.spawn(async move {
                    (service, persistence::run(&config, deps, shutdown).await.map_err(Into::into))
                });
            }
            Service::Webhooks => {
                let access_log = config.kannel.access_log.clone();
                let deps = webhooks::Deps::new(
                    bus,
                    store()?,
                    config.router.max_parts,
                    config.mail.smtp.clone(),
                );
                let of_account = config.limits.user_messages;
                let services = config.services.clone();
                let deps = webhooks::Deps { of_account, access_log, services, ..deps };
                running.spawn(async move {
                    (
                        service,
                        webhooks::run(&config.webhooks, deps, shutdown).await.map_err(Into::into),
                    )
                });
            }
            Service::WebPortal => {
                let socket = Some(data::socket(&config.data));
                let (disk, started) = (disk.cloned(), tell.take());
                let (store, clock) = (store()?, Clock::system());
                let deps = web_portal::Deps { bus, store, clock, disk, socket, started };
                running.spawn(async move {
                    (service, web_portal::run(&config, deps, shutdown).await.map_err(Into::into))
                });
            }
        }
    }
    let mut portal = None;
    if services.contains(&Service::WebPortal) {
        tokio::select! {
            started = told => portal = started.ok(),
            () = shutdown.requested() => {}
        }
        if portal.is_none() && !shutdown.is_requested() {
            result(running.join_next().await)?;
        }
    }
    Ok(Running { services: running, portal })
}

/// Runs one service until it is asked to stop.
///
/// `simulated` modems are started with it: of use for the modem driver.
pub(crate) async fn run(
    mut config: Config,
    service: Service,
    simulated: u16,
) -> anyhow::Result<()> {
    platform::files::create_private_dir(&config.data)?;
    let telemetry = Telemetry::start(&config.telemetry, service.as_str())?;
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    let _metrics = Metrics::start(&config.metrics, &shutdown).await?;
    let bus = connect(&config, service.as_str(), &shutdown).await?;
    let simulation = Simulated::start(&mut config, simulated).await?;
    let store = if service.needs_database() { Some(open_store(&config).await?) } else { None };
    let disk = (store.is_some() && config.database.url.is_none())
        .then(|| Disk::watch(&config.data, config.disk.reserve, &shutdown))
        .transpose()
        .with_context(|| format!("the disk of {} cannot be looked at", config.data.display()))?;
    let deps = Deps { bus: &bus, store: store.as_ref(), disk: disk.as_ref() };
    let running = start(&config, &[service], deps, &shutdown).await?;
    let outcome = running.finished(&config, &shutdown).await;
    simulation.stop().await;
    bus.drain().await;
    if let Some(store) = store {
        store.close().await;
    }
    telemetry.shutdown().await;
    outcome
}
