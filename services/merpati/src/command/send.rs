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
    if let Some(encoding) = arguments.encoding {
        body["encoding"] = Value::from(encoding);
    }
    if !arguments.languages.is_empty() {
        body["languages"] = Value::from(arguments.languages);
    }
    let mut answer: Value = client.post("/messages", &body).await?;
    if !as_json {
        for words in done(&answer) {
            output::note(&words);
        }
    }
    let messages = answer["messages"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
    let mut all_sent = true;
    for message in messages {
        let id = message["id"].as_str().unwrap_or_default().to_owned();
        if !as_json {
            let to = message["to"].as_str().unwrap_or_default();
            output::line(&format!("{id}  {to}  {}", message["state"].as_str().unwrap_or_default()));
            if message["short_code"] == true {
                output::note(&format!(
                    "{to} is a short code: a service of the network, not a phone number."
                ));
            }
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

/// What was done to the text, where the sender would not know.
fn done(answer: &Value) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(parts) = answer["parts"].as_u64().filter(|parts| *parts > 1) {
        said.push(format!("In {parts} parts."));
    }
    let tables = &answer["tables"];
    if let Some(language) = tables["locking"].as_str().or(tables["single"].as_str()) {
        said.push(format!("In the GSM letters of the language {language}."));
    }
    let replaced = answer["replaced"].as_array().map(Vec::as_slice).unwrap_or_default();
    for one in replaced {
        let (from, to) = (one["from"].as_str().unwrap_or_default(), one["to"].as_str());
        let times = match one["times"].as_u64() {
            Some(2..) => format!("{} times", one["times"]),
            _ => "once".to_owned(),
        };
        said.push(match to.filter(|to| !to.is_empty()) {
            Some(to) => {
                format!("{} became {}, {times}.", output::visible(from), output::visible(to))
            }
            // Nobody sees it, so its number is shown.
            None => format!("{} was left out, {times}.", from.escape_unicode()),
        });
    }
    said
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
                let words = entry["text"].as_str().unwrap_or_default();
                output::note(&format!("  {}", output::with_local_times(words)));
            }
            let waits = &message["waiting"]["reason"];
            if !waits.is_null() && *waits != reason {
                reason = waits.clone();
                let words = reason.as_str().unwrap_or_default();
                output::note(&format!("  {}", output::with_local_times(words)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_to_the_text_is_said() {
        let plain = json!({ "parts": 1, "encoding": "gsm7", "tables": null, "replaced": [] });
        assert!(done(&plain).is_empty());
        let answer = json!({
            "parts": 2,
            "encoding": "gsm7",
            "tables": { "locking": null, "single": "tr" },
            "replaced": [
                { "from": "“", "to": "\"", "times": 3 },
                { "from": "\u{200b}", "to": "", "times": 1 },
            ],
        });
        let said = done(&answer);
        let wanted = [
            "In 2 parts.",
            "In the GSM letters of the language tr.",
            "“ became \", 3 times.",
            "\\u{200b} was left out, once.",
        ];
        assert_eq!(said, wanted);
    }
}
