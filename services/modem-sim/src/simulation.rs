//! A whole simulation: modems, the network between them, and the control port.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{Interfaces, ModemConfig, Timing};
use crate::control;
use crate::fault::AimedFault;
use crate::machine::Machine;
use crate::make::Make;
use crate::modem::{self, Directory, Modem, PlugError, Port, Shared};
use crate::network::{Network, NetworkConfig};
use crate::pty::Watch;
use crate::task::{Socket, Task};

/// What a simulation is made of.
#[derive(Debug, Clone)]
pub struct SimulationConfig {
    /// The modems; the first is `modem1`.
    pub modems: Vec<ModemConfig>,
    /// Folder of the symbolic links `modem1`, `modem2`, …; made when missing. None: no links.
    pub dir: Option<PathBuf>,
    /// TCP listeners on 127.0.0.1 instead of pseudo-terminals.
    pub tcp: bool,
    /// Where the control port listens; port 0 takes a free one.
    pub control: Option<SocketAddr>,
    /// How the network behaves.
    pub network: NetworkConfig,
}

impl SimulationConfig {
    /// So many modems of all makes in turn (Wavecom first), with no waiting, on pseudo-terminals.
    pub fn new(modems: usize) -> Self {
        Self::of_makes(modems, &Make::ALL)
    }

    /// So many modems of these makes in turn; all makes when there are none.
    pub fn of_makes(modems: usize, makes: &[Make]) -> Self {
        let makes = if makes.is_empty() { &Make::ALL } else { makes };
        let make = |place: usize| makes[(place - 1) % makes.len()];
        Self {
            modems: (1..=modems).map(|place| ModemConfig::new(make(place), place)).collect(),
            dir: None,
            tcp: false,
            control: None,
            network: NetworkConfig::default(),
        }
    }

    /// Sets how long things take, for all modems.
    #[must_use]
    pub fn timing(mut self, timing: Timing) -> Self {
        self.modems.iter_mut().for_each(|modem| modem.timing = timing);
        self
    }

    /// Sets which ports are shown, of all modems.
    #[must_use]
    pub fn interfaces(mut self, interfaces: Interfaces) -> Self {
        self.modems.iter_mut().for_each(|modem| modem.interfaces = interfaces);
        self
    }

    /// Adds faults from the start, to the modems they name or to all.
    pub fn faults(mut self, faults: &[AimedFault]) -> Result<Self, StartError> {
        for fault in faults {
            let mut hit = false;
            for (at, modem) in self.modems.iter_mut().enumerate() {
                if fault.modem.as_ref().is_none_or(|name| *name == name_of(at + 1)) {
                    modem.faults.push(fault.rule.clone());
                    hit = true;
                }
            }
            if !hit {
                let name = fault.modem.clone().unwrap_or_default();
                return Err(StartError::NoModem { name, modems: self.modems.len() });
            }
        }
        Ok(self)
    }
}

/// Why a simulation does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder.
    #[error("cannot make the folder {}", path.display())]
    Folder {
        /// Its path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A port.
    #[error("cannot plug in a modem")]
    Plug(#[from] PlugError),
    /// The control port.
    #[error("cannot listen on {address} for control")]
    Control {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A fault names a modem that is not there.
    #[error("there is no '{name}' to set a fault on; there are {modems} modems")]
    NoModem {
        /// The name.
        name: String,
        /// How many there are.
        modems: usize,
    },
}

/// A running simulation. It ends with the token it was started with, or with [`Simulation::stop`].
#[derive(Debug)]
pub struct Simulation {
    modems: Vec<Modem>,
    network: Network,
    control: Option<SocketAddr>,
    tracker: TaskTracker,
    shutdown: CancellationToken,
}

impl Simulation {
    /// Starts modems, network and control port; all ports are there when it returns.
    pub async fn start(
        config: SimulationConfig,
        shutdown: CancellationToken,
    ) -> Result<Self, StartError> {
        // Stops what was started when a later part fails.
        let shutdown = shutdown.child_token();
        let undo = shutdown.clone().drop_guard();
        let tracker = TaskTracker::new();
        if let Some(dir) = &config.dir {
            std::fs::create_dir_all(dir)
                .map_err(|source| StartError::Folder { path: dir.clone(), source })?;
        }
        let watch = Arc::new(Watch::new());
        let shared: Vec<_> = config
            .modems
            .into_iter()
            .enumerate()
            .map(|(at, modem)| {
                Arc::new(Shared::new(name_of(at + 1), Machine::new(modem, modem::now())))
            })
            .collect();
        let directory = Arc::new(Directory::default());
        for (at, shared) in shared.iter().enumerate() {
            directory.put(shared.number(), at);
        }
        let network = Network::new(config.network, shared.clone(), Arc::clone(&directory));
        let socket = Socket { dir: config.dir, tcp: config.tcp, watch: Arc::clone(&watch) };
        let mut modems = Vec::new();
        for (at, shared) in shared.into_iter().enumerate() {
            let mut task = Task::new(at, Arc::clone(&shared), network.clone(), socket.clone());
            task.plug(None).await?;
            let (orders, inbox) = mpsc::unbounded_channel();
            tracker.spawn(task.run(inbox, shutdown.clone()));
            let directory = Arc::clone(&directory);
            modems.push(Modem { place: at + 1, shared, orders, directory });
        }
        tracker.spawn(network.clone().run(shutdown.clone()));
        let ended = shutdown.clone();
        tracker.spawn(async move {
            tokio::select! {
                () = ended.cancelled() => {}
                () = watch.run() => {}
            }
        });
        let control = match config.control {
            Some(address) => {
                let listener = control::listen(address)
                    .await
                    .map_err(|source| StartError::Control { address, source })?;
                let address = listener
                    .local_addr()
                    .map_err(|source| StartError::Control { address, source })?;
                let desk = control::Desk { modems: modems.clone(), network: network.clone() };
                tracker.spawn(control::serve(listener, desk, shutdown.clone()));
                Some(address)
            }
            None => None,
        };
        tracker.close();
        undo.disarm();
        Ok(Self { modems, network, control, tracker, shutdown })
    }

    /// The command ports of all modems that are plugged in.
    pub fn ports(&self) -> Vec<Port> {
        self.modems
            .iter()
            .flat_map(Modem::ports)
            .filter(|port| port.role == crate::make::Role::Command)
            .collect()
    }

    /// All ports of all modems that are plugged in.
    pub fn all_ports(&self) -> Vec<Port> {
        self.modems.iter().flat_map(Modem::ports).collect()
    }

    /// All modems.
    pub fn modems(&self) -> &[Modem] {
        &self.modems
    }

    /// Modem `place`: 1 is `modem1`.
    ///
    /// # Panics
    /// When there is none, as an index does.
    #[track_caller]
    pub fn modem(&self, place: usize) -> Modem {
        self.modems[place - 1].clone()
    }

    /// The network between them.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Where the control port listens.
    pub fn control(&self) -> Option<SocketAddr> {
        self.control
    }

    /// Ends it and waits until all ports and links are gone.
    pub async fn stop(self) {
        self.shutdown.cancel();
        self.tracker.wait().await;
    }

    /// Waits until it was ended by its token.
    pub async fn ended(&self) {
        self.tracker.wait().await;
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// Name of modem `place`.
fn name_of(place: usize) -> String {
    format!("modem{place}")
}
