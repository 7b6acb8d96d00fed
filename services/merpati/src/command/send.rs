//! `merpati send`.

use std::process::ExitCode;

use contracts::MtState;
use serde_json::{Value, json};

use crate::cli::Send;
use crate::client::Client;
use crate::output;

/// Sends, and with `--wait` stays until each message is sent or given up.
pub(crate) async fn run(
    as_json: bool,
    client: &Client,
    arguments: Send,
) -> anyhow::Result<ExitCode> {
    let mut body = json!({ "to": arguments.to, "text": arguments.text });
    if let Some(priority) = arguments.priority {
        body["priority"] = Value::from(priority);
    }
    if arguments.flash {
        body["class"] = Value::from(0);
    }
    let mut answer: Value = client.post("/messages", &body).await?;
    let messages = answer["messages"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
    let mut all_sent = true;
    for message in messages {
        let id = message["id"].as_str().unwrap_or_default().to_owned();
        if !as_json {
            let to = message["to"].as_str().unwrap_or_default();
            output::line(&format!("{id}  {to}  {}", message["state"].as_str().unwrap_or_default()));
        }
        if arguments.wait {
            *message = settled(as_json, client, &id).await?;
            let state = message["state"].as_str().map_or(MtState::Unknown, MtState::from_name);
            all_sent &= matches!(state, MtState::Sent | MtState::Delivered);
        }
    }
    if as_json {
        output::json(&answer)?;
    }
    Ok(if all_sent { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Follows a message until it is sent or ended, and says each step.
async fn settled(quiet: bool, client: &Client, id: &str) -> anyhow::Result<Value> {
    let mut version = String::new();
    let mut said = 0;
    let mut reason = Value::Null;
    loop {
        let message: Value = client.get(&format!("/messages/{id}?after={version}")).await?;
        let timeline = message["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
        if !quiet {
            for entry in timeline.iter().skip(said) {
                output::note(&format!("  {}", entry["text"].as_str().unwrap_or_default()));
            }
            let waits = &message["waiting"]["reason"];
            if !waits.is_null() && *waits != reason {
                reason = waits.clone();
                output::note(&format!("  {}", reason.as_str().unwrap_or_default()));
            }
        }
        said = timeline.len();
        let state = message["state"].as_str().map_or(MtState::Unknown, MtState::from_name);
        if state.is_settled() || state == MtState::Uncertain {
            return Ok(message);
        }
        version = message["version"].to_string();
    }
}
