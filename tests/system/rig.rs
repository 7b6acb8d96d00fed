//! A gateway with simulated modems that belong to the test.

use std::path::Path;

use modem_sim::{Make, Modem, Network, Simulation, SimulationConfig};
use tokio_util::sync::CancellationToken;

use crate::gateway::Gateway;

/// Simulated modems without waiting times, and a gateway that has them.
pub(crate) struct Rig {
    /// The gateway.
    pub(crate) gateway: Gateway,
    simulation: Simulation,
    // Last, so that everything in it has ended before the folder goes.
    _folder: tempfile::TempDir,
}

impl Rig {
    /// One modem of each of these makes; `modem1` is the first.
    pub(crate) async fn start(makes: &[Make]) -> Self {
        Self::start_with(makes, &[]).await
    }

    /// The same, with environment variables for the gateway.
    pub(crate) async fn start_with(makes: &[Make], environment: &[(&str, &str)]) -> Self {
        Self::start_in(&std::env::temp_dir(), makes, environment).await
    }

    /// The same, with everything in a new folder of `parent`.
    pub(crate) async fn start_in(
        parent: &Path,
        makes: &[Make],
        environment: &[(&str, &str)],
    ) -> Self {
        let folder = tempfile::tempdir_in(parent).unwrap();
        let mut config = SimulationConfig::of_makes(makes.len(), makes);
        config.dir = Some(folder.path().join("modems"));
        let simulation = Simulation::start(config, CancellationToken::new()).await.unwrap();
        let ports: Vec<String> =
            simulation.ports().iter().map(|port| port.address.to_string()).collect();
        let mut arguments = vec!["--no-discovery"];
        for port in &ports {
            arguments.extend(["--modem", port]);
        }
        let data = folder.path().join("data");
        let gateway = Gateway::start_with(&data, &arguments, environment).await;
        gateway.modems_ready(makes.len()).await;
        Self { gateway, simulation, _folder: folder }
    }

    /// Modem `place`; 1 is the first.
    pub(crate) fn modem(&self, place: usize) -> Modem {
        self.simulation.modem(place)
    }

    /// The number of modem `place`.
    pub(crate) fn number(&self, place: usize) -> String {
        self.modem(place).number()
    }

    /// The network between the modems.
    pub(crate) fn network(&self) -> &Network {
        self.simulation.network()
    }
}

/// The words of a message's timeline.
pub(crate) fn words(message: &serde_json::Value) -> Vec<String> {
    let timeline = message["timeline"].as_array().unwrap();
    timeline.iter().map(|entry| entry["text"].as_str().unwrap().to_owned()).collect()
}
