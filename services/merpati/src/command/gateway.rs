//! `merpati gateway`: what is done to the gateway as a whole.

use api::{GatewayState, GatewayStatus};

use crate::cli;
use crate::client::Client;
use crate::output;

/// Shows what is done to it, or does something to it.
pub(crate) async fn run(as_json: bool, client: &Client, said: cli::Gateway) -> anyhow::Result<()> {
    let nothing = serde_json::json!({});
    let now = match said {
        cli::Gateway::Status => client.get::<GatewayState>("/gateway").await?,
        cli::Gateway::Suspend => client.post("/gateway/suspend", &nothing).await?,
        cli::Gateway::Isolate => client.post("/gateway/isolate", &nothing).await?,
        cli::Gateway::Resume => client.post("/gateway/resume", &nothing).await?,
    };
    if as_json {
        return now.print();
    }
    let isolated = "What is received is kept, and told to no program until merpati gateway resume.";
    output::line(&match now.status {
        GatewayStatus::Running => "Running.".to_owned(),
        GatewayStatus::Isolated => format!("Isolated. {isolated}"),
        GatewayStatus::Suspended => format!(
            "Suspended. {} until merpati gateway resume.",
            match now.suspended.len() {
                1 => "1 modem sends nothing".to_owned(),
                count => format!("{count} modems send nothing"),
            }
        ),
    });
    if now.status == GatewayStatus::Suspended && now.isolated {
        output::line(isolated);
    }
    Ok(())
}
