//! `merpati inbox`.

use api::{Inbox, ReceivedMessage};

use crate::client::Client;
use crate::output;

/// Shows received messages, newest first.
pub(crate) async fn list(
    as_json: bool,
    client: &Client,
    limit: u16,
    search: Option<&str>,
) -> anyhow::Result<()> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &limit.to_string());
    if let Some(search) = search {
        query.append_pair("q", search);
    }
    let inbox = client.get::<Inbox>(&format!("/inbox?{}", query.finish())).await?;
    if as_json {
        return inbox.print();
    }
    if inbox.messages.is_empty() {
        output::line(match search {
            Some(_) => "Nothing like this was received.",
            None => "Nothing was received yet.",
        });
        return Ok(());
    }
    let rows: Vec<Vec<String>> = inbox
        .messages
        .iter()
        .map(|message| {
            vec![
                output::local_time(message.received_at),
                output::visible(&message.from.to_string()),
                message.to.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
                said(message),
            ]
        })
        .collect();
    output::table(&["RECEIVED", "FROM", "TO", "TEXT"], &rows);
    Ok(())
}

/// What a message says, in a line: its text, else what it is instead.
pub(super) fn said(message: &ReceivedMessage) -> String {
    let mut words = Vec::new();
    if let Some(text) = message.text.as_ref().or(message.data_text.as_ref()) {
        words.push(output::visible(text));
    } else if let Some(mms) = &message.mms {
        let size = mms.size.map_or_else(String::new, |size| format!(", {size} octets"));
        words.push(format!("[MMS waits at {}{size}]", output::visible(&mms.location)));
    } else if let Some(data) = &message.data {
        words.push(format!("[{} octets of data]", data.len() / 2));
    } else {
        words.push("[cannot be read; --json shows the message]".to_owned());
    }
    for waiting in &message.waiting {
        let kind = output::visible(&waiting.kind);
        words.push(match (waiting.active, waiting.count) {
            (false, _) => format!("[no {kind} waits any more]"),
            (true, Some(count)) => format!("[{kind} waits: {count}]"),
            (true, None) => format!("[{kind} waits]"),
        });
    }
    if message.cut {
        words.push("[cut]".to_owned());
    }
    words.join(" ")
}
