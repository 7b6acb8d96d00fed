//! Owns serial ports: discovery, the work loop of a modem, the send journal, the control endpoint.
//!
//! Any number of drivers on any number of hosts share the work: each modem takes a message when it is
//! ready for one, so a dead modem holds none, and a new host adds capacity by being started. NATS is all
//! they need.
//!
//! One modem is served by a handful of tasks: the `pump` owns its port and never waits for the broker,
//! the `sender` takes work and sends it, `receiving` publishes what comes, or spools it while the broker is away,
//! `state` tells how it is,
//! `control` answers questions, `balance` asks the network what is on the SIM, `lease` keeps other
//! drivers away. They share nothing with other modems but the broker's connection, so a sick modem
//! affects nobody else.

mod amount;
mod appearance;
mod balance;
mod certainty;
mod control;
mod dialogue;
pub mod discovery;
mod driver;
mod endings;
mod fate;
mod health;
mod identity;
mod job;
mod journal;
mod lease;
mod line;
mod lines;
mod notes;
mod port;
mod ports;
mod proof;
mod publishing;
mod pump;
mod ready;
mod receiving;
mod reports;
mod retry;
mod rfc2217;
mod seal;
mod sender;
mod sending;
mod serial;
mod settings;
mod settlement;
mod spool;
mod standing;
mod state;
mod sweep;
mod transcript;
pub mod usb;
mod verdict;
mod work;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use bus::{Bucket, Bus, Change, KvError};
use contracts::{EventId, SimId, config_kv};
use platform::Shutdown;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

pub use retry::RetryPolicy;
pub use serial::OpenError;
pub use settings::Settings;
pub use spool::{SpoolContent, SpoolLimits, look_at_spool};

use crate::driver::{Driver, InHand};
use crate::journal::Journal;
use crate::lines::Lines;

/// What a driver needs of its surroundings.
#[derive(Debug, Clone)]
pub struct Deps {
    /// The broker.
    pub bus: Bus,
    /// Where devices are found.
    pub roots: usb::Roots,
    /// The name of this host in states.
    pub host: String,
}

/// Why a driver cannot run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The broker does not give what is needed.
    #[error("the modem driver cannot use the broker: {0}")]
    Broker(#[from] KvError),
}

/// Serves all modems of this host until the shutdown is asked for.
///
/// Soft: messages at hand are finished, what was fetched ahead is given back. Hard: left as they are, for
/// the journal to tell. Dropped, all stops as if the process were killed.
///
/// # Errors
/// When the broker's buckets cannot be opened.
pub async fn run(settings: Settings, deps: Deps, shutdown: Shutdown) -> Result<(), RunError> {
    let Deps { bus, roots, host } = deps;
    let (sims, known_sims) = watch::channel(HashMap::new());
    let (enabled, known_enabled) = watch::channel(HashMap::new());
    let (sweeps, asks) = mpsc::unbounded_channel();
    let driver = Arc::new(Driver {
        id: format!("drv_{}", EventId::new().uuid().simple()),
        host,
        boot: lease::boot_id(),
        journal: Journal::open(&bus).await?,
        leases: bus.kv(Bucket::Leases).await?,
        modems: bus.kv(Bucket::Modems).await?,
        reports: bus.kv(Bucket::Reports).await?,
        sims: known_sims,
        enabled: known_enabled,
        sweeps,
        in_hand: InHand::default(),
        notes: notes::Notes::open(settings.state.as_deref()),
        spool: spool::Spool::open(settings.state.as_deref(), settings.spool),
        waiting: Mutex::default(),
        bus,
        settings,
        roots,
    });
    let mut background = JoinSet::new();
    let config = driver.bus.kv::<config_kv::Sim>(Bucket::Config).await?;
    let mut changes = config.watch_filtered("sim.*").await?;
    // What there is counts before the first message is taken.
    loop {
        match changes.next().await {
            Change::Complete => break,
            change => sims.send_modify(|sims| note(sims, change)),
        }
    }
    background.spawn(async move {
        loop {
            let change = changes.next().await;
            sims.send_modify(|sims| note(sims, change));
        }
    });
    let config = driver.bus.kv::<config_kv::Modem>(Bucket::Config).await?;
    let mut changes = config.watch_filtered("modem.*").await?;
    let note_modem = move |change: Change<config_kv::Modem>| {
        if let Change::Put { key, value, .. } = change
            && let Some(modem) = key.strip_prefix("modem.").and_then(|id| id.parse().ok())
        {
            enabled.send_modify(|enabled| {
                enabled.insert(modem, value.enabled);
            });
        }
    };
    loop {
        match changes.next().await {
            Change::Complete => break,
            change => note_modem(change),
        }
    }
    background.spawn(async move {
        loop {
            note_modem(changes.next().await);
        }
    });
    background.spawn(sweep::run(driver.clone(), asks));
    background.spawn(publishing::run(driver.clone()));
    let lines = Lines::new(driver, shutdown.soft.child_token());
    tokio::select! {
        () = lines.run() => {}
        () = shutdown.hard.cancelled() => {
            tracing::info!("the modem driver leaves at once");
        }
    }
    Ok(())
}

fn note(sims: &mut HashMap<SimId, config_kv::Sim>, change: Change<config_kv::Sim>) {
    let sim_of = |key: &str| key.strip_prefix("sim.").and_then(|id| id.parse::<SimId>().ok());
    match change {
        Change::Put { key, value, .. } => {
            if let Some(sim) = sim_of(&key) {
                sims.insert(sim, value);
            }
        }
        Change::Deleted { key } => {
            if let Some(sim) = sim_of(&key) {
                sims.remove(&sim);
            }
        }
        Change::Complete => {}
    }
}
