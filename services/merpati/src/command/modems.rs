//! `merpati modems`, and what can be asked of one modem.

use serde::Serialize;
use serde_json::{Value, json};

use crate::client::Client;
use crate::output;

/// Shows every modem and what it does.
pub(crate) async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let answer: Value = client.get("/modems").await?;
    if as_json {
        return output::json(&answer);
    }
    let modems = answer["modems"].as_array().map(Vec::as_slice).unwrap_or_default();
    if modems.is_empty() {
        output::line(
            "No modem yet. Plug one in, or say where it is: merpati up --modem /dev/ttyUSB0",
        );
        output::line("Try without hardware: merpati up --sim 2");
        return Ok(());
    }
    let text = |value: &Value| match value {
        Value::String(text) => output::visible(text),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    };
    let rows: Vec<Vec<String>> = modems
        .iter()
        .map(|modem| {
            let signal = match &modem["signal_dbm"] {
                Value::Null => "-".to_owned(),
                dbm => format!("{dbm} dBm"),
            };
            vec![
                text(&modem["name"]),
                text(&modem["status"]),
                text(&modem["model"]),
                text(&modem["sim"]["number"]),
                text(&modem["operator"]),
                signal,
                text(&modem["queue"]),
                text(&modem["sent_today"]),
                text(&modem["failed_today"]),
            ]
        })
        .collect();
    output::table(
        &["NAME", "STATUS", "MODEL", "NUMBER", "OPERATOR", "SIGNAL", "QUEUE", "SENT", "FAILED"],
        &rows,
    );
    for modem in modems {
        let problem = &modem["problem"];
        if !problem.is_null() {
            output::line(&format!(
                "\n{}: {} {}",
                text(&modem["name"]),
                text(&problem["text"]),
                text(&problem["advice"])
            ));
        }
    }
    Ok(())
}

/// The id of the modem of that id, name, port or IMEI.
async fn find(client: &Client, wanted: &str) -> anyhow::Result<String> {
    let answer: Value = client.get("/modems").await?;
    let modems = answer["modems"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_it = |modem: &&Value| {
        ["id", "name", "port", "imei"].iter().any(|field| modem[*field] == *wanted)
    };
    let mut found = modems.iter().filter(is_it);
    match (found.next(), found.next()) {
        (Some(modem), None) => Ok(modem["id"].as_str().unwrap_or_default().to_owned()),
        (Some(_), Some(_)) => {
            anyhow::bail!(
                "more than one modem is called {wanted}; say its id (merpati modems --json)"
            )
        }
        (None, _) => {
            let names: Vec<&str> = modems.iter().filter_map(|m| m["name"].as_str()).collect();
            anyhow::bail!("there is no modem {wanted}; there are: {}", names.join(", "))
        }
    }
}

async fn ask(
    client: &Client,
    modem: &str,
    call: &str,
    body: &impl Serialize,
) -> anyhow::Result<Value> {
    let id = find(client, modem).await?;
    Ok(client.post(&format!("/modems/{id}/{call}"), body).await?)
}

/// Gives the modem an AT command.
pub(crate) async fn at(
    as_json: bool,
    client: &Client,
    modem: &str,
    command: &str,
) -> anyhow::Result<()> {
    let answer = ask(client, modem, "at", &json!({ "command": command })).await?;
    if as_json {
        return output::json(&answer);
    }
    for line in answer["lines"].as_array().into_iter().flatten() {
        output::line(&output::visible(line.as_str().unwrap_or_default()));
    }
    Ok(())
}

/// Dials a USSD code.
pub(crate) async fn ussd(
    as_json: bool,
    client: &Client,
    modem: &str,
    code: &str,
) -> anyhow::Result<()> {
    let answer = ask(client, modem, "ussd", &json!({ "code": code })).await?;
    if as_json {
        return output::json(&answer);
    }
    for line in answer["text"].as_str().unwrap_or_default().lines() {
        output::line(&output::visible(line));
    }
    if answer["answer_wanted"] == true {
        output::note(&format!("The network waits for an answer: merpati ussd {modem} ANSWER"));
    }
    Ok(())
}

/// Records the serial line.
pub(crate) async fn trace(
    as_json: bool,
    client: &Client,
    modem: &str,
    seconds: u8,
) -> anyhow::Result<()> {
    if !as_json {
        output::note(&format!("recording for {seconds} s …"));
    }
    let answer = ask(client, modem, "trace", &json!({ "seconds": seconds })).await?;
    if as_json {
        return output::json(&answer);
    }
    for line in answer["transcript"].as_str().unwrap_or_default().lines() {
        output::line(&output::visible(line));
    }
    Ok(())
}

/// Sets the SIM's PIN.
pub(crate) async fn pin(as_json: bool, client: &Client, modem: &str) -> anyhow::Result<()> {
    let pin = super::first_line_of_input("the PIN")?;
    let answer = ask(client, modem, "pin", &json!({ "pin": pin })).await?;
    if as_json {
        return output::json(&answer);
    }
    output::line("The PIN is kept on the modem's host and will be tried once.");
    Ok(())
}
