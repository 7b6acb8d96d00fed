//! `merpati messages`, `merpati why`, `merpati cancel`, `merpati send-again`: what became of messages, and what can be done about it.

use std::process::ExitCode;

use api::{Acceptance, Cancellation, Message, MessageDetail, Nothing};
use contracts::MtState;
use serde_json::{Value, json};

use crate::cli::Messages;
use crate::client::{Client, segment};
use crate::output;

/// How the timeline begins to say whose the SIM is that was chosen.
const THE_SIM_BELONGS: &str = "The SIM belongs to the team ";

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
    let narrowed = [
        ("to", &wanted.to),
        ("user", &wanted.user),
        ("q", &wanted.search),
        ("before", &wanted.before),
    ];
    for (name, value) in narrowed {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let page = client.get::<api::Messages>(&format!("/messages?{}", query.finish())).await?;
    if as_json {
        return page.print();
    }
    if page.messages.is_empty() {
        output::line("There is no such message.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = page.messages.iter().map(row).collect();
    output::table(&["ACCEPTED", "ID", "TO", "STATE", "TEXT"], &rows);
    for message in &page.messages {
        if let Some(waiting) = &message.waiting {
            let reason = output::visible(&waiting.reason);
            output::note(&format!("{}: {}", message.id, output::with_local_times(&reason)));
        }
    }
    if let Some(next) = &page.next {
        output::note(&format!("There are older ones: --before {}", output::visible(next)));
    }
    Ok(())
}

fn row(message: &Message) -> Vec<String> {
    vec![
        output::local_time(message.created_at),
        message.id.to_string(),
        message.to.to_string(),
        message.state.to_string(),
        said(message),
    ]
}

fn said(message: &Message) -> String {
    match (&message.text, &message.data) {
        (Some(text), _) => output::visible(text),
        (None, data) => {
            let octets = data.as_ref().map_or(0, |data| data.len() / 2);
            format!("[{octets} octets of data]")
        }
    }
}

async fn one(as_json: bool, client: &Client, id: &str) -> anyhow::Result<()> {
    let detail = client.get::<MessageDetail>(&format!("/messages/{}", segment(id))).await?;
    if as_json {
        return detail.print();
    }
    let message = &detail.message;
    let mut facts = vec![
        ("id", message.id.to_string()),
        ("to", message.to.to_string()),
        ("text", said(message)),
        ("state", message.state.to_string()),
    ];
    if let Some(waiting) = &message.waiting {
        facts.push(("waits", output::with_local_times(&output::visible(&waiting.reason))));
        facts.push((
            "expires",
            waiting.expires_at.map_or_else(|| "-".to_owned(), output::local_time),
        ));
    }
    for (name, mark) in [("tag", &detail.tag), ("sender", &detail.sender)] {
        facts.extend(mark.as_ref().map(|mark| (name, output::visible(mark))));
    }
    for (name, other) in [("again of", detail.again_of), ("again as", detail.repeated_as)] {
        facts.extend(other.map(|other| (name, other.to_string())));
    }
    facts.extend(detail.trace.map(|trace| ("trace", trace.to_string())));
    output::facts(&facts);
    let lines: Vec<Vec<String>> = detail
        .timeline
        .iter()
        .map(|line| {
            let words = output::visible(&line.text);
            vec![output::local_time(line.at), output::with_local_times(&words)]
        })
        .collect();
    output::line("");
    output::table(&["AT", "WHAT HAPPENED"], &lines);
    Ok(())
}

/// Says why one waits and until when, or what became of it.
pub(crate) async fn why(as_json: bool, client: &Client, id: &str) -> anyhow::Result<()> {
    let detail = client.get::<MessageDetail>(&format!("/messages/{}", segment(id))).await?;
    if as_json {
        return detail.print();
    }
    let message = &detail.message;
    let Some(waiting) = &message.waiting else {
        let last = detail.timeline.last().map(|line| output::visible(&line.text));
        let words = last.unwrap_or_else(|| "Nothing is known of it yet.".to_owned());
        output::line(&format!("It does not wait; it is {}.", message.state));
        output::line(&output::with_local_times(&words));
        return Ok(());
    };
    output::line(&output::with_local_times(&output::visible(&waiting.reason)));
    // Whose SIM was chosen for it.
    let admitted = detail.timeline.iter().rev().find(|line| line.state == MtState::Admitted);
    if let Some((_, team)) = admitted.and_then(|line| line.text.split_once(THE_SIM_BELONGS)) {
        output::line(&output::visible(&format!("{THE_SIM_BELONGS}{team}")));
    }
    // Most reasons say it.
    if let Some(until) = waiting.until.filter(|until| !waiting.reason.contains(&until.to_string()))
    {
        output::line(&format!("Until {}.", output::local_time(until)));
    }
    if let Some(end) = waiting.expires_at {
        output::line(&format!("It is given up at {}.", output::local_time(end)));
    }
    Ok(())
}

/// Takes messages back, and fails when it was too late for one of them.
pub(crate) async fn cancel(
    as_json: bool,
    client: &Client,
    ids: &[String],
) -> anyhow::Result<ExitCode> {
    let mut done: Vec<Value> = Vec::new();
    let mut all = true;
    for id in ids {
        match client.delete::<Cancellation>(&format!("/messages/{}", segment(id))).await {
            Ok(answer) => {
                if !as_json {
                    output::line(&format!("{id}  {}", output::visible(&answer.text)));
                }
                done.push(json!(answer.into_read()));
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
    let answer = client.post::<Acceptance>(&path, &Nothing {}).await?;
    if as_json {
        return answer.print();
    }
    for message in &answer.messages {
        output::line(&format!("{}  {}  {}", message.id, message.to, message.state));
    }
    Ok(())
}
