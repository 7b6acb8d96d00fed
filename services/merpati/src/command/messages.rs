//! `merpati messages`, `merpati cancel`, `merpati send-again`: what became of messages, and what can be done about it.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::cli::Messages;
use crate::client::Client;
use crate::output;

/// Shows a list, or one message and its timeline.
pub(crate) async fn show(as_json: bool, client: &Client, wanted: Messages) -> anyhow::Result<()> {
    match &wanted.id {
        Some(id) => one(as_json, client, id).await,
        None => list(as_json, client, &wanted).await,
    }
}

async fn list(as_json: bool, client: &Client, wanted: &Messages) -> anyhow::Result<()> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &wanted.limit.to_string());
    if !wanted.state.is_empty() {
        query.append_pair("state", &wanted.state.join(","));
    }
    for (name, value) in [("to", &wanted.to), ("before", &wanted.before)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let answer: Value = client.get(&format!("/messages?{}", query.finish())).await?;
    if as_json {
        return output::json(&answer);
    }
    let messages = answer["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    if messages.is_empty() {
        output::line("There is no such message.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = messages.iter().map(row).collect();
    output::table(&["ACCEPTED", "ID", "TO", "STATE", "TEXT"], &rows);
    for message in messages {
        if let Some(reason) = message["waiting"]["reason"].as_str() {
            let id = text(&message["id"]);
            output::note(&format!("{id}: {}", output::with_local_times(reason)));
        }
    }
    if let Some(next) = answer["next"].as_str() {
        output::note(&format!("There are older ones: --before {next}"));
    }
    Ok(())
}

fn row(message: &Value) -> Vec<String> {
    let said = message["text"].as_str().map_or_else(
        || format!("[{} octets of data]", text(&message["data"]).len() / 2),
        output::visible,
    );
    vec![
        output::local_time(&message["created_at"]),
        text(&message["id"]),
        text(&message["to"]),
        text(&message["state"]),
        said,
    ]
}

async fn one(as_json: bool, client: &Client, id: &str) -> anyhow::Result<()> {
    let message: Value = client.get(&format!("/messages/{}", segment(id))).await?;
    if as_json {
        return output::json(&message);
    }
    let mut facts = vec![
        ("id", text(&message["id"])),
        ("to", text(&message["to"])),
        ("text", row(&message).pop().unwrap_or_default()),
        ("state", text(&message["state"])),
    ];
    if let Some(reason) = message["waiting"]["reason"].as_str() {
        facts.push(("waits", output::with_local_times(reason)));
        facts.push(("expires", output::local_time(&message["waiting"]["expires_at"])));
    }
    for (name, field) in [("again of", "again_of"), ("again as", "repeated_as")] {
        if let Some(other) = message[field].as_str() {
            facts.push((name, output::visible(other)));
        }
    }
    output::facts(&facts);
    let lines: Vec<Vec<String>> = message["timeline"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|line| {
            let words = output::visible(line["text"].as_str().unwrap_or_default());
            vec![output::local_time(&line["at"]), output::with_local_times(&words)]
        })
        .collect();
    output::line("");
    output::table(&["AT", "WHAT HAPPENED"], &lines);
    Ok(())
}

/// Takes messages back, and fails when it was too late for one of them.
pub(crate) async fn cancel(
    as_json: bool,
    client: &Client,
    ids: &[String],
) -> anyhow::Result<ExitCode> {
    let mut done = Vec::new();
    let mut all = true;
    for id in ids {
        match client.delete::<Value>(&format!("/messages/{}", segment(id))).await {
            Ok(answer) => {
                if !as_json {
                    output::line(&format!("{id}  {}", text(&answer["text"])));
                }
                done.push(answer);
            }
            Err(error) => {
                all = false;
                if !as_json {
                    output::note(&format!("{id}  {error}"));
                }
                done.push(json!({ "id": id, "error": error.to_string() }));
            }
        }
    }
    if as_json {
        output::json(&json!({ "messages": done }))?;
    }
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sends one again.
pub(crate) async fn send_again(as_json: bool, client: &Client, id: &str) -> anyhow::Result<()> {
    let path = format!("/messages/{}/again", segment(id));
    let answer: Value = client.post(&path, &json!({})).await?;
    if as_json {
        return output::json(&answer);
    }
    for message in answer["messages"].as_array().into_iter().flatten() {
        let [id, to, state] = ["id", "to", "state"].map(|field| text(&message[field]));
        output::line(&format!("{id}  {to}  {state}"));
    }
    Ok(())
}

/// What somebody typed, as one segment of a path.
fn segment(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| "-".to_owned(), output::visible)
}
