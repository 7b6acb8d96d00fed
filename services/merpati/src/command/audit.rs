//! `merpati audit`: what was done, by whom and from where; and whether the log is whole.

use std::process::ExitCode;

use api::{AuditEntry, AuditLog, AuditVerdict};
use serde_json::{Map, Value};

use crate::cli;
use crate::client::Client;
use crate::output;

/// Shows what was done, newest first, or verifies the log.
pub(crate) async fn run(
    as_json: bool,
    client: &Client,
    said: cli::Audit,
) -> anyhow::Result<ExitCode> {
    if said.command == Some(cli::AuditCommand::Verify) {
        return verify(as_json, client).await;
    }
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &said.limit.to_string());
    let times = [("since", said.since), ("until", said.until)];
    let times = times.map(|(name, time)| (name, time.map(|time| time.to_string())));
    let words = [("actor", said.user), ("action", said.action), ("subject", said.subject)];
    for (name, value) in words.into_iter().chain(times) {
        if let Some(value) = value {
            query.append_pair(name, &value);
        }
    }
    let log = client.get::<AuditLog>(&format!("/audit?{}", query.finish())).await?;
    if as_json {
        log.print()?;
        return Ok(ExitCode::SUCCESS);
    }
    if log.entries.is_empty() {
        output::line("Nothing like this was done.");
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<Vec<String>> = log.entries.iter().map(row).collect();
    output::table(&["WHEN", "WHO", "FROM", "ACTION", "WHAT", "CHANGED"], &rows);
    if log.next.is_some() {
        output::note("There are more; --limit and --until show others.");
    }
    Ok(ExitCode::SUCCESS)
}

fn row(entry: &AuditEntry) -> Vec<String> {
    let from = match &entry.address {
        Some(address) => format!("{} {address}", entry.door),
        None => entry.door.clone(),
    };
    let subject = &entry.subject;
    let what = if subject.name.is_empty() { &subject.id } else { &subject.name };
    vec![
        output::local_time(entry.at),
        output::visible(&entry.actor.name),
        output::visible(&from),
        output::visible(&entry.action),
        output::cell(Some(what)),
        output::visible(&changes(&entry.before, &entry.after)),
    ]
}

/// The fields that were changed, as `field before → after`.
fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> String {
    let text = |value: Option<&Value>| match value {
        None => "-".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let names = after.keys().chain(gone);
    let each = names.map(|name| match (before.get(name), after.get(name)) {
        (None, now) => format!("{name} {}", text(now)),
        (was, now) => format!("{name} {} → {}", text(was), text(now)),
    });
    each.collect::<Vec<_>>().join(", ")
}

/// Verifies the whole chain, as many entries a call as the gateway looks at.
async fn verify(as_json: bool, client: &Client) -> anyhow::Result<ExitCode> {
    let mut checked = 0;
    let mut after = 0;
    let last = loop {
        let verdict = client.get::<AuditVerdict>(&format!("/audit/verify?after={after}")).await?;
        let verdict = verdict.into_read();
        checked += verdict.checked;
        match verdict.next {
            Some(next) if next > after => {
                output::note(&format!("{checked} entries so far"));
                after = next;
            }
            _ => break AuditVerdict { checked, ..verdict },
        }
    };
    let code = if last.whole { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    if as_json {
        output::json(&last)?;
        return Ok(code);
    }
    match &last.broken {
        None if last.through == 0 => output::line("The log is whole: it has no entries yet."),
        None => {
            output::line(&format!("The log is whole: {checked} entries were checked."));
            output::line(&format!(
                "The last is entry {} with the hash {}.",
                last.through, last.hash
            ));
        }
        Some(broken) => {
            let what = match broken.fault.as_str() {
                "missing" => "it is missing",
                "unlinked" => "it does not follow the one before",
                _ => "it is not as it was written",
            };
            let sequence = broken.sequence;
            output::line(&format!(
                "The log is not whole: entry {sequence} is the first that is wrong, for {what}."
            ));
        }
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn changes_are_told_in_a_line() {
        let fields = |value: Value| value.as_object().cloned().unwrap_or_default();
        let before = fields(json!({ "limits.per_hour": 100, "pool": "fast" }));
        let after = fields(json!({ "limits.per_hour": 50, "role": "admin" }));
        assert_eq!(changes(&before, &after), "limits.per_hour 100 → 50, role admin, pool fast → -");
    }
}
