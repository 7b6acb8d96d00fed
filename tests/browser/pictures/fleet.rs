//! Six simulated modems, each in a state of its own.

use std::path::Path;
use std::time::Duration;

use modem_sim::{Fault, FaultRule, Make, Simulation, SimulationConfig, Timing};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::api::Api;

/// What people call the modems, in the order of their places, and the state in which each is.
const MODEMS: [(&str, &str); 6] = [
    ("Telkomsel 1", "ready"),
    ("Telkomsel 2", "ready"),
    ("Indosat", "blocked"),
    ("XL gudang", "offline"),
    ("Tri", "searching"),
    ("Cadangan", "disabled"),
];

/// The numbers of their SIMs end with their places.
pub(super) fn number(place: usize) -> String {
    format!("+6281234567{:03}", 800 + place)
}

/// What the modem at a place is called.
pub(super) fn name(place: usize) -> &'static str {
    MODEMS[place - 1].0
}

/// Plugs the modems in. A message takes as long as at a real one.
pub(super) async fn plug_in(folder: &Path) -> Simulation {
    let mut config = SimulationConfig::of_makes(MODEMS.len(), &[Make::Huawei, Make::Quectel]);
    config.dir = Some(folder.to_owned());
    let submit = Duration::from_millis(1_500);
    let mut config = config.timing(Timing { submit, ..Timing::INSTANT });
    for (at, modem) in config.modems.iter_mut().enumerate() {
        modem.identity.number = number(at + 1);
    }
    config.modems[2].pin = Some("2468".to_owned());
    config.modems[4].faults.push(FaultRule::always(Fault::NotRegistered));
    Simulation::start(config, CancellationToken::new()).await.unwrap()
}

/// Gives the modems their names and brings each into its state.
pub(super) async fn settle(api: &Api, simulation: &Simulation) {
    for (at, (name, _)) in MODEMS.iter().enumerate() {
        let id = testkit::wait_for(&format!("the modem of place {}", at + 1), || async {
            let modem = api.modem(&format!("modem{}", at + 1)).await;
            // The number is read last; where there is none to read, the state says why.
            let is_known =
                modem["sim"]["number"].is_string() || [2, 4].contains(&at) && !modem.is_null();
            is_known.then(|| modem["id"].as_str().unwrap_or_default().to_owned())
        })
        .await;
        let enabled = *name != "Cadangan";
        api.patch(&format!("/modems/{id}"), &json!({ "name": name, "enabled": enabled })).await;
    }
    simulation.modem(4).unplug().await;
    simulation.modem(2).set_signal(9);
    for (name, status) in MODEMS {
        testkit::wait_for_within(super::PATIENCE, &format!("{name} to be {status}"), || async {
            (api.modem(name).await["status"] == json!(status)).then_some(())
        })
        .await;
    }
}
