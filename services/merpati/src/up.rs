//! `merpati up`: a whole gateway in one process: a private broker, SQLite, every service.

use std::path::Path;

use anyhow::Context as _;
use platform::config::{Config, Secret};
use platform::{Disk, FolderLock, Metrics, Shutdown, Telemetry};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use web_portal::Started;

use crate::cli::Up;
use crate::embedded_nats::attendant::{self, Restart};
use crate::embedded_nats::{EmbeddedNats, Folder};
use crate::output;
use crate::services::{self, Service};
use crate::simulated::Simulated;

/// Runs until a signal, or until a service cannot go on.
pub(crate) async fn run(as_json: bool, mut config: Config, arguments: Up) -> anyhow::Result<()> {
    platform::files::create_private_dir(&config.data)
        .with_context(|| format!("the data folder {} cannot be made", config.data.display()))?;
    let _lock = FolderLock::acquire(&config.data)?;
    let telemetry = Telemetry::start(&config.telemetry, "merpati")?;
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    let _metrics = Metrics::start(&config.metrics, &shutdown).await?;
    // The broker stops after all that speak to it.
    let broker_stops = CancellationToken::new();
    let broker = match config.nats.url {
        Some(_) => None,
        None => Some(private_broker(&mut config, &broker_stops).await?),
    };
    let keeper = broker.as_ref().map(|broker| broker.keeper.clone());
    let outcome = serve(as_json, config, arguments, shutdown, keeper).await;
    broker_stops.cancel();
    if let Some(broker) = broker {
        broker.task.await.context("the broker's keeper broke; this is a mistake in merpati")?;
    }
    telemetry.shutdown().await;
    outcome
}

/// The private broker and its keeper.
struct PrivateBroker {
    task: JoinHandle<()>,
    keeper: mpsc::Sender<Restart>,
}

/// Starts the broker and makes the configuration point to it.
async fn private_broker(
    config: &mut Config,
    stops: &CancellationToken,
) -> anyhow::Result<PrivateBroker> {
    let (broker, settings) = EmbeddedNats::start(Folder::of(&config.data), &config.nats).await?;
    config.nats.url = Some(settings.url());
    config.nats.user = Some(settings.user.clone());
    config.nats.password = Some(Secret::new(settings.password));
    if config.nats.max_bytes == 0 {
        config.nats.max_bytes = settings.max_bytes.unwrap_or(0);
    }
    let (keeper, wishes) = mpsc::channel(1);
    Ok(PrivateBroker { task: tokio::spawn(broker.supervise(stops.clone(), wishes)), keeper })
}

async fn serve(
    as_json: bool,
    mut config: Config,
    arguments: Up,
    shutdown: Shutdown,
    keeper: Option<mpsc::Sender<Restart>>,
) -> anyhow::Result<()> {
    let simulation = Simulated::start(&mut config, arguments.ports.sim).await?;
    let store = services::open_store(&config).await?;
    let bus = services::connect(&config, "merpati", &shutdown).await?;
    let disk = (keeper.is_some() || config.database.url.is_none())
        .then(|| watch_disk(&config, &shutdown))
        .transpose()?;
    let attendant = keeper.zip(disk.clone()).map(|(keeper, disk)| {
        tokio::spawn(attendant::attend(bus.clone(), disk, keeper, shutdown.soft.clone()))
    });
    let deps = services::Deps { bus: &bus, store: Some(&store), disk: disk.as_ref() };
    let running = services::start(&config, &Service::ALL, deps, &shutdown).await?;
    if let Some(portal) = running.portal() {
        announce(as_json, &config.data, portal);
    }
    let outcome = running.finished(&config, &shutdown).await;
    simulation.stop().await;
    if let Some(attendant) = attendant {
        attendant.await.context("the broker's attendant broke; this is a mistake in merpati")?;
    }
    bus.drain().await;
    store.close().await;
    outcome
}

fn watch_disk(config: &Config, shutdown: &Shutdown) -> anyhow::Result<Disk> {
    Disk::watch(&config.data, config.disk.reserve, shutdown)
        .with_context(|| format!("the disk of {} cannot be looked at", config.data.display()))
}

/// Says where the portal is: the first thing a newcomer looks for.
fn announce(as_json: bool, data: &Path, portal: &Started) {
    let Started { url, setup_link, .. } = portal;
    if as_json {
        output::line(
            &json!({ "event": "ready", "http": url, "setup_link": setup_link }).to_string(),
        );
        return;
    }
    output::line("");
    output::line(&format!("  Merpati is ready:  {url}"));
    if let Some(link) = setup_link {
        output::line("");
        output::line(
            "  Open this link to choose your name and password (it works once, within 24 hours):",
        );
        output::line(&format!("  {link}"));
    }
    output::line("");
    output::line(&format!("  Data: {}   Stop: Ctrl-C", data.display()));
    output::line("");
}
