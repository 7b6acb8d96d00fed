//! The simulated modems of `--sim N`, for those who have none yet.

use modem_sim::{Modem, SimArgs, Simulation};
use platform::config::{Config, PortAddress};
use tokio_util::sync::CancellationToken;

use crate::data;

/// Simulated modems on pseudo-terminals in the data folder; perhaps none.
pub(crate) struct Simulated(Option<Simulation>);

impl Simulated {
    /// Starts `count` of them and adds their ports to the configuration.
    pub(crate) async fn start(config: &mut Config, count: u16) -> anyhow::Result<Self> {
        if count == 0 {
            return Ok(Self(None));
        }
        let mut arguments = SimArgs::new(count.into());
        arguments.dir = Some(data::simulated(&config.data));
        let simulation =
            Simulation::start(arguments.simulation()?, CancellationToken::new()).await?;
        for port in simulation.modems().iter().flat_map(Modem::ports) {
            let address: Result<PortAddress, String> = port.address.to_string().parse();
            config.modems.ports.push(address.map_err(anyhow::Error::msg)?);
        }
        Ok(Self(Some(simulation)))
    }

    /// Ends them. To be called when nobody speaks to them any more.
    pub(crate) async fn stop(self) {
        if let Some(simulation) = self.0 {
            simulation.stop().await;
        }
    }
}
