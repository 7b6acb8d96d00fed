//! `merpati send`.

use std::process::ExitCode;

use api::{Acceptance, Languages, MessageDetail, NewMessage, Recipients};
use contracts::{MessageId, MtState};
use serde_json::json;

use crate::cli::Send;
use crate::client::{Answer, Client};
use crate::output;

/// Sends, and with `--wait` stays until each message is sent or given up.
pub(crate) async fn run(
    as_json: bool,
    client: &Client,
    arguments: Send,
) -> anyhow::Result<ExitCode> {
    let languages = (!arguments.languages.is_empty()).then_some(arguments.languages);
    let message = NewMessage {
        to: Recipients::Several(arguments.to),
        text: Some(arguments.text),
        encoding: arguments.encoding,
        languages: languages.map(Languages::Several),
        priority: arguments.priority.unwrap_or_default(),
        flash: arguments.flash,
        tag: arguments.tag,
        allow_double: arguments.allow_double,
        ..NewMessage::default()
    };
    let answer = client.post::<Acceptance>("/messages", &message).await?;
    if !as_json {
        for words in done(&answer) {
            output::note(&words);
        }
    }
    let mut all_sent = true;
    let mut settled_messages = Vec::new();
    for message in &answer.messages {
        if !as_json {
            let to = &message.to;
            output::line(&format!("{}  {to}  {}", message.id, message.state));
            if message.short_code {
                output::note(&format!(
                    "{to} is a short code: a service of the network, not a phone number."
                ));
            }
        }
        if arguments.wait {
            let settled = settled(as_json, client, message.id).await?;
            all_sent &= matches!(settled.message.state, MtState::Sent | MtState::Delivered);
            settled_messages.push(settled.into_read());
        }
    }
    match (as_json, arguments.wait) {
        (false, _) => {}
        (true, false) => answer.print()?,
        (true, true) => output::json(&json!({
            "messages": settled_messages,
            "parts": answer.parts,
            "encoding": answer.alphabet.encoding,
            "tables": answer.alphabet.tables,
            "replaced": answer.alphabet.replaced,
        }))?,
    }
    Ok(if all_sent { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What was done to the text, where the sender would not know.
fn done(answer: &Acceptance) -> Vec<String> {
    let mut said = Vec::new();
    if answer.parts > 1 {
        said.push(format!("In {} parts.", answer.parts));
    }
    let tables = answer.alphabet.tables.as_ref();
    if let Some(language) =
        tables.and_then(|tables| tables.locking.as_ref().or(tables.single.as_ref()))
    {
        said.push(format!("In the GSM letters of the language {}.", output::visible(language)));
    }
    for one in &answer.alphabet.replaced {
        let times = match one.times {
            times @ 2.. => format!("{times} times"),
            _ => "once".to_owned(),
        };
        said.push(if one.to.is_empty() {
            // Nobody sees it, so its number is shown.
            format!("{} was left out, {times}.", one.from.escape_unicode())
        } else {
            let from = output::visible(&one.from.to_string());
            format!("{from} became {}, {times}.", output::visible(&one.to))
        });
    }
    said
}

/// Follows a message until it is sent or ended, and says each step.
async fn settled(
    quiet: bool,
    client: &Client,
    id: MessageId,
) -> anyhow::Result<Answer<MessageDetail>> {
    let mut version = String::new();
    let mut said = 0;
    let mut reason = None;
    loop {
        let detail: Answer<MessageDetail> =
            client.get(&format!("/messages/{id}?after={version}")).await?;
        if !quiet {
            for entry in detail.timeline.iter().skip(said) {
                let words = output::visible(&entry.text);
                output::note(&format!("  {}", output::with_local_times(&words)));
            }
            let waits = detail.message.waiting.as_ref().map(|waiting| waiting.reason.clone());
            if let Some(words) = waits.as_ref().filter(|_| waits != reason) {
                let words = output::visible(words);
                output::note(&format!("  {}", output::with_local_times(&words)));
                reason = waits;
            }
        }
        said = detail.timeline.len();
        let state = detail.message.state;
        if state.is_settled() || state == MtState::Uncertain {
            return Ok(detail);
        }
        version = detail.version.to_string();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_to_the_text_is_said() {
        let read = |answer| serde_json::from_value::<Acceptance>(answer).unwrap();
        let plain = json!({
            "messages": [], "parts": 1, "encoding": "gsm7", "tables": null, "replaced": []
        });
        assert!(done(&read(plain)).is_empty());
        let answer = json!({
            "messages": [],
            "parts": 2,
            "encoding": "gsm7",
            "tables": { "locking": null, "single": "tr" },
            "replaced": [
                { "from": "“", "to": "\"", "times": 3 },
                { "from": "\u{200b}", "to": "", "times": 1 },
            ],
        });
        let said = done(&read(answer));
        let wanted = [
            "In 2 parts.",
            "In the GSM letters of the language tr.",
            "“ became \", 3 times.",
            "\\u{200b} was left out, once.",
        ];
        assert_eq!(said, wanted);
    }
}
