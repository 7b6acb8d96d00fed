//! `merpati sim`.

use std::process::ExitCode;
use std::time::Duration;

use modem_sim::{SimArgs, Simulation};
use platform::Shutdown;
use serde_json::json;

use crate::cli::Sim;
use crate::output;

/// Runs simulated modems until a signal.
pub(crate) async fn run(as_json: bool, arguments: &Sim) -> anyhow::Result<ExitCode> {
    let shutdown = Shutdown::new();
    shutdown.on_signals()?;
    let mut args = SimArgs::new(arguments.modems.into());
    args.dir.clone_from(&arguments.dir);
    args.tcp = arguments.tcp;
    args.control = arguments.control;
    args.submit_time = arguments.submit_ms.map(Duration::from_millis);
    args.all_ports = arguments.all_ports;
    for make in &arguments.makes {
        args.makes.push(make.parse()?);
    }
    for fault in &arguments.faults {
        args.faults.push(fault.parse()?);
    }
    let simulation = Simulation::start(args.simulation()?, shutdown.soft.clone()).await?;
    let modems: Vec<_> = simulation
        .modems()
        .iter()
        .flat_map(|modem| {
            modem.ports().into_iter().map(|port| {
                json!({ "name": modem.name(), "make": modem.make().to_string(), "port": port.address.to_string(), "number": modem.number() })
            })
        })
        .collect();
    let control = simulation.control().map(|address| address.to_string());
    if as_json {
        output::line(
            &json!({ "event": "ready", "modems": modems, "control": control }).to_string(),
        );
    } else {
        let cell = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let rows: Vec<Vec<String>> = modems
            .iter()
            .map(|modem| {
                ["name", "make", "number", "port"].map(|field| cell(&modem[field])).to_vec()
            })
            .collect();
        output::table(&["NAME", "MAKE", "NUMBER", "PORT"], &rows);
        if let Some(control) = control {
            output::line(&format!("\nControl: {control} (write help)"));
        }
        output::line("\nGive them to a gateway: merpati up --modem PORT …   Stop: Ctrl-C");
    }
    simulation.ended().await;
    Ok(ExitCode::SUCCESS)
}
