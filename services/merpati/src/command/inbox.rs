//! `merpati inbox`.

use serde_json::Value;

use crate::client::Client;
use crate::output;

/// Shows received messages, newest first.
pub(crate) async fn list(as_json: bool, client: &Client, limit: u16) -> anyhow::Result<()> {
    let answer: Value = client.get(&format!("/inbox?limit={limit}")).await?;
    if as_json {
        return output::json(&answer);
    }
    let messages = answer["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
    if messages.is_empty() {
        output::line("Nothing was received yet.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = messages
        .iter()
        .map(|message| {
            let [from, to] = ["from", "to"].map(|field| {
                message[field].as_str().map_or_else(|| "-".to_owned(), output::visible)
            });
            vec![output::local_time(&message["received_at"]), from, to, said(message)]
        })
        .collect();
    output::table(&["RECEIVED", "FROM", "TO", "TEXT"], &rows);
    Ok(())
}

/// What a message says, in a line: its text, else what it is instead.
fn said(message: &Value) -> String {
    let mut words = Vec::new();
    let text = |field: &str| message[field].as_str().map(output::visible);
    if let Some(text) = text("text").or_else(|| text("data_text")) {
        words.push(text);
    } else if let Some(mms) = message["mms"].as_object() {
        let size = mms["size"].as_u64().map_or_else(String::new, |size| format!(", {size} octets"));
        let location = mms["location"].as_str().map(output::visible).unwrap_or_default();
        words.push(format!("[MMS waits at {location}{size}]"));
    } else if let Some(data) = message["data"].as_str() {
        words.push(format!("[{} octets of data]", data.len() / 2));
    } else {
        words.push("[cannot be read; --json shows the message]".to_owned());
    }
    for waiting in message["waiting"].as_array().into_iter().flatten() {
        let kind = waiting["kind"].as_str().unwrap_or("message");
        words.push(match (waiting["active"].as_bool(), waiting["count"].as_u64()) {
            (Some(false), _) => format!("[no {kind} waits any more]"),
            (_, Some(count)) => format!("[{kind} waits: {count}]"),
            _ => format!("[{kind} waits]"),
        });
    }
    if message["cut"] == Value::Bool(true) {
        words.push("[cut]".to_owned());
    }
    words.join(" ")
}
