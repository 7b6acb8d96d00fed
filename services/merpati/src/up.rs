//! `merpati up`: a whole gateway in one process: a private broker, SQLite, every service.

use std::path::Path;

use anyhow::Context as _;
use platform::Shutdown;
use platform::config::Config;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::cli::Up;
use crate::embedded_nats::{EmbeddedNats, Folder};
use crate::services::{self, Service};
use crate::{command, data, output};

/// Runs until a signal, or until a service cannot go on.
pub(crate) async fn run(as_json: bool, mut config: Config, arguments: Up) -> anyhow::Result<()> {
    platform::files::create_private_folder(&config.data)
        .with_context(|| format!("the data folder {} cannot be made", config.data.display()))?;
    let _lock = platform::files::lock(&config.data)?;
    let telemetry = platform::telemetry::start(&config.telemetry, "merpati")?;
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    // The broker stops after all that speak to it.
    let broker_stops = CancellationToken::new();
    let broker = match config.nats.url {
        Some(_) => None,
        None => Some(private_broker(&mut config, &broker_stops).await?),
    };
    let outcome = serve(as_json, config, arguments, shutdown).await;
    broker_stops.cancel();
    if let Some(broker) = broker {
        // It cannot panic, and nobody aborts it.
        let _ = broker.await;
    }
    telemetry.stop().await;
    outcome
}

/// Starts the broker and makes the configuration point to it.
async fn private_broker(
    config: &mut Config,
    stops: &CancellationToken,
) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let (broker, settings) =
        EmbeddedNats::start(Folder::of(&config.data), &config.nats).await.context("no broker")?;
    config.nats.url = Some(settings.url());
    config.nats.user = Some(settings.user.clone());
    config.nats.password = Some(platform::config::Secret::new(settings.password));
    Ok(tokio::spawn(broker.supervise(stops.clone())))
}

async fn serve(
    as_json: bool,
    mut config: Config,
    arguments: Up,
    shutdown: Shutdown,
) -> anyhow::Result<()> {
    if arguments.sim > 0 {
        let folder = data::simulated(&config.data);
        config.modems.ports.extend(command::simulated_ports(arguments.sim, &folder, &shutdown).await?);
    }
    let store = services::open_store(&config).await?;
    let bus = services::connect(&config, "merpati", &shutdown).await?;
    let running =
        services::start(&config, &Service::ALL, bus.clone(), Some(store.clone()), &shutdown).await?;
    announce(as_json, &config.data, &running).await?;
    let outcome = running.finished(&config, &shutdown).await;
    bus.drain().await;
    store.close().await;
    outcome
}

/// Says where the portal is: the first thing a newcomer looks for.
async fn announce(as_json: bool, data: &Path, running: &services::Running) -> anyhow::Result<()> {
    let url = running.portal_url().await;
    let link = running.setup_link().await?;
    if as_json {
        output::line(&json!({ "event": "ready", "http": url, "setup_link": link }).to_string());
        return Ok(());
    }
    output::line("");
    output::line(&format!("  Merpati is ready:  {url}"));
    if let Some(link) = link {
        output::line("");
        output::line("  Open this link to choose your name and password (it works once):");
        output::line(&format!("  {link}"));
    }
    output::line("");
    output::line(&format!("  Data: {}   Stop: Ctrl-C", data.display()));
    output::line("");
    Ok(())
}
