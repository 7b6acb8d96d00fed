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
            ["received_at", "from", "to", "text"]
                .map(|field| match &message[field] {
                    Value::String(text) => output::visible(text),
                    _ => "-".to_owned(),
                })
                .to_vec()
        })
        .collect();
    output::table(&["RECEIVED", "FROM", "TO", "TEXT"], &rows);
    Ok(())
}
