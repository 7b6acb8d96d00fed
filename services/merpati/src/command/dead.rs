//! `merpati dead`: what could not be read and was given up, with the reason.

use serde_json::Value;

use crate::client::Client;
use crate::output;

/// Shows it, newest first.
pub(crate) async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let answer: Value = client.get("/dead").await?;
    if as_json {
        return output::json(&answer);
    }
    let letters = answer["dead"].as_array().map(Vec::as_slice).unwrap_or_default();
    if letters.is_empty() {
        output::line("Nothing was given up.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = letters
        .iter()
        .map(|letter| {
            let [subject, reason] = ["subject", "reason"]
                .map(|field| output::visible(letter[field].as_str().unwrap_or_default()));
            vec![output::local_time(&letter["at"]), subject, reason]
        })
        .collect();
    output::table(&["AT", "SUBJECT", "REASON"], &rows);
    Ok(())
}
