//! Owns serial ports: discovery, modems as carriers of messages, their state, the control endpoint.
//!
//! Any number of drivers on any number of hosts share the work: each modem takes a message when it is
//! ready for one, so a dead modem holds none, and a new host adds capacity by being started. NATS is all
//! they need.
//!
//! One modem is served by a handful of tasks. In `port`, the pump owns its port and never waits for the broker. In
//! `send`, the modem is a [`Carrier`](dispatch::Carrier), through which a [`Sender`](dispatch::Sender) sends. In
//! `receive`, the receiver has what comes kept. In `limits`, the meter counts what a SIM with limits sends. In `report`, the teller says how the modem is, the control service
//! answers questions, and the watch asks the network what is on the SIM. What is known of messages is in the crate
//! [`dispatch`]: the journal, reports, and the lease that keeps other drivers away. The tasks of a modem share nothing
//! with those of other modems but the broker's connection, so a sick modem affects nobody else.

mod driver;
mod host;
mod limits;
mod port;
mod receive;
mod report;
mod send;
mod settings;

use std::collections::HashMap;
use std::sync::Arc;

use bus::{Bucket, Bus, Change, KvError};
use contracts::{SimId, config_kv};
use dispatch::{Dispatch, Surroundings};
use platform::{Clock, Shutdown};
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use dispatch::{RetryPolicy, SpoolContent, SpoolLimits, look_at_spool};
pub use host::{discovery, usb};
pub use port::serial::OpenError;
pub use settings::Settings;

use crate::driver::Driver;
use crate::host::fleet::Fleet;
use crate::port::notes::Notes;

/// What a driver needs of its surroundings.
#[derive(Debug, Clone)]
pub struct Deps {
    /// The broker.
    pub bus: Bus,
    /// Where devices are found.
    pub roots: usb::Roots,
    /// The name of this host in states.
    pub host: String,
    /// The time of day.
    pub clock: Clock,
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
    let Deps { bus, roots, host, clock } = deps;
    let (sims, known_sims) = watch::channel(HashMap::new());
    let (enabled, known_enabled) = watch::channel(HashMap::new());
    let modems = bus.kv(Bucket::Modems).await?;
    let usage = bus.kv(Bucket::Usage).await?;
    let (state, spool) = (settings.state.clone(), settings.spool);
    let surroundings = Surroundings { bus: bus.clone(), host: host.clone(), state, spool, clock };
    let (dispatch, upkeep) = Dispatch::open(surroundings).await?;
    let driver = Arc::new(Driver {
        dispatch,
        host,
        clock,
        modems,
        usage,
        sims: known_sims,
        enabled: known_enabled,
        notes: Notes::open(settings.state.as_deref()),
        settings,
        roots,
    });
    let mut background = JoinSet::new();
    let config = bus.kv::<config_kv::Sim>(Bucket::Config).await?;
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
    let config = bus.kv::<config_kv::Modem>(Bucket::Config).await?;
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
    upkeep.start(&mut background);
    let fleet = Fleet::new(driver, shutdown.soft.child_token());
    tokio::select! {
        () = fleet.run() => {}
        () = shutdown.hard.cancelled() => {
            tracing::info!("the modem driver stops at once");
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
