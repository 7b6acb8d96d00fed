//! The command `merpati sim`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::config::{Interfaces, Timing};
use crate::fault::AimedFault;
use crate::make::Make;
use crate::simulation::{Simulation, SimulationConfig, StartError};

/// Its options.
#[derive(Debug, Clone)]
pub struct SimArgs {
    /// How many modems.
    pub modems: usize,
    /// Makes, in turn; empty: all of them.
    pub makes: Vec<Make>,
    /// Folder of the symbolic links.
    pub dir: Option<PathBuf>,
    /// TCP listeners instead of pseudo-terminals.
    pub tcp: bool,
    /// Where the control port listens.
    pub control: Option<SocketAddr>,
    /// All ports of each stick, not only the command port.
    pub all_ports: bool,
    /// How long a submit takes; none: realistic, about 1.6 seconds.
    pub submit_time: Option<Duration>,
    /// From delivery to report.
    pub report_delay: Duration,
    /// Faults from the start.
    pub faults: Vec<AimedFault>,
}

impl SimArgs {
    /// So many modems as `merpati sim --modems N` has them.
    pub fn new(modems: usize) -> Self {
        Self {
            modems,
            makes: Vec::new(),
            dir: None,
            tcp: false,
            control: None,
            all_ports: false,
            submit_time: None,
            report_delay: Duration::from_secs(2),
            faults: Vec::new(),
        }
    }

    /// The simulation they describe.
    pub fn simulation(&self) -> Result<SimulationConfig, StartError> {
        let mut timing = Timing::REALISTIC;
        if let Some(submit) = self.submit_time {
            (timing.submit, timing.link) = (submit, Duration::ZERO);
        }
        let mut config = SimulationConfig::of_makes(self.modems, &self.makes).timing(timing);
        if self.all_ports {
            config = config.interfaces(Interfaces::All);
        }
        config.dir.clone_from(&self.dir);
        config.tcp = self.tcp;
        config.control = self.control;
        config.network.report_delay = self.report_delay;
        config.faults(&self.faults)
    }
}

/// Runs a simulation until the shutdown. Says where the ports are in the log.
pub async fn run(args: SimArgs, shutdown: CancellationToken) -> Result<(), StartError> {
    let simulation = Simulation::start(args.simulation()?, shutdown).await?;
    for modem in simulation.modems() {
        for port in modem.ports() {
            tracing::info!(modem = modem.name(), make = %modem.make(), port = %port.address,
                role = ?port.role, "simulated modem is ready");
        }
    }
    if let Some(control) = simulation.control() {
        tracing::info!(%control, "simulation takes control commands, try: help");
    }
    simulation.ended().await;
    Ok(())
}
