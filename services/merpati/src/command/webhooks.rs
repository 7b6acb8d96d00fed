//! `merpati webhook`: endpoints that are told of events.

use std::process::ExitCode;

use api::{
    NewWebhook, Nothing, ReplayDeliveries, Replayed, Webhook, WebhookAttempt, WebhookChanges,
    WebhookDeliveries, WebhookDelivery, WebhookFormat, Webhooks,
};
use contracts::WebhookId;
use serde_json::json;

use crate::cli;
use crate::client::Client;
use crate::output;

/// Makes, shows, tests, changes and removes webhooks.
pub(crate) async fn run(
    as_json: bool,
    client: &Client,
    said: cli::Webhook,
) -> anyhow::Result<ExitCode> {
    match said {
        cli::Webhook::Add {
            url,
            events,
            sim,
            sender,
            keyword,
            raw_pdu,
            format,
            reply_with_body,
            max_messages,
        } => {
            let new = NewWebhook {
                url,
                events,
                sim,
                sender,
                keyword,
                raw_pdu,
                format: (format == "twilio").then_some(WebhookFormat::Twilio),
                reply_with_body,
                max_messages: reply_with_body.then_some(max_messages),
            };
            let made = client.post::<Webhook>("/webhooks", &new).await?;
            if as_json {
                made.print()?;
            } else {
                with_secret(&made);
            }
        }
        cli::Webhook::List => list(as_json, client).await?,
        cli::Webhook::Test { id } => return test(as_json, client, id).await,
        cli::Webhook::Log { id, limit } => log(as_json, client, id, limit).await?,
        cli::Webhook::Replay { id, delivery, since, until, all } => {
            let wanted = ReplayDeliveries { delivery, since, until, all };
            let path = format!("/webhooks/{id}/deliveries/replay");
            let done = client.post::<Replayed>(&path, &wanted).await?;
            if as_json {
                done.print()?;
            } else {
                output::line(&match done.replayed {
                    0 => "There is nothing to be sent again.".to_owned(),
                    1 => "1 event is sent again.".to_owned(),
                    many => format!("{many} events are sent again."),
                });
            }
        }
        cli::Webhook::Rotate { id } => {
            let path = format!("/webhooks/{id}/rotate");
            let rotated = client.post::<Webhook>(&path, &Nothing {}).await?;
            if as_json {
                rotated.print()?;
            } else {
                with_secret(&rotated);
            }
        }
        cli::Webhook::Disable { id } => enable(as_json, client, id, false).await?,
        cli::Webhook::Enable { id } => enable(as_json, client, id, true).await?,
        cli::Webhook::Remove { id } => {
            client.delete::<Nothing>(&format!("/webhooks/{id}")).await?;
            done(as_json, "The webhook is removed.")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the id and the secret of a webhook, this once.
fn with_secret(webhook: &Webhook) {
    output::facts(&[
        ("Id", webhook.id.to_string()),
        ("Secret", webhook.secret.clone().unwrap_or_default()),
    ]);
    output::note("This is the only time the secret is shown.");
}

fn done(as_json: bool, words: &str) -> anyhow::Result<()> {
    if as_json {
        return output::json(&json!({ "done": words }));
    }
    output::line(words);
    Ok(())
}

async fn enable(
    as_json: bool,
    client: &Client,
    id: WebhookId,
    enabled: bool,
) -> anyhow::Result<()> {
    let changes = WebhookChanges { enabled: Some(enabled), ..WebhookChanges::default() };
    let changed = client.patch::<Webhook>(&format!("/webhooks/{id}"), &changes).await?;
    if as_json {
        return changed.print();
    }
    done(false, if enabled { "The webhook is told of events." } else { "The webhook is disabled." })
}

async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let answer = client.get::<Webhooks>("/webhooks").await?;
    if as_json {
        return answer.print();
    }
    if answer.webhooks.is_empty() {
        output::line("There are no webhooks. merpati webhook add makes one.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = answer
        .webhooks
        .iter()
        .map(|webhook| {
            let events: Vec<&str> = webhook.events.iter().map(|event| event.as_str()).collect();
            vec![
                webhook.id.to_string(),
                output::visible(&webhook.url),
                state(webhook),
                webhook.pending.to_string(),
                events.join(","),
            ]
        })
        .collect();
    output::table(&["ID", "URL", "STATE", "WAITING", "EVENTS"], &rows);
    for webhook in answer.webhooks.iter().filter(|webhook| webhook.dropped > 0) {
        let (id, dropped) = (webhook.id, webhook.dropped);
        output::note(&format!("{id} was not told of {dropped} events, because too many waited."));
    }
    Ok(())
}

fn state(webhook: &Webhook) -> String {
    if !webhook.enabled {
        let reason = webhook.disabled_reason.as_deref();
        return reason.map_or_else(
            || "disabled".to_owned(),
            |reason| format!("disabled: {}", output::visible(reason)),
        );
    }
    match (webhook.failures, webhook.next_at) {
        (0, _) => "good".to_owned(),
        (failures, Some(at)) => {
            format!("failed {failures} times, next try {}", output::local_time(at))
        }
        (failures, None) => format!("failed {failures} times"),
    }
}

async fn test(as_json: bool, client: &Client, id: WebhookId) -> anyhow::Result<ExitCode> {
    let path = format!("/webhooks/{id}/test");
    let tested = client.post::<WebhookDelivery>(&path, &Nothing {}).await?;
    if as_json {
        tested.print()?;
    } else {
        output::line(&match tested.attempts.last() {
            Some(attempt) => answered(attempt),
            None => "The test still waits. Does the service webhooks run?".to_owned(),
        });
    }
    let is_good = tested.state == "done";
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn log(as_json: bool, client: &Client, id: WebhookId, limit: u16) -> anyhow::Result<()> {
    let path = format!("/webhooks/{id}/deliveries?limit={limit}");
    let answer = client.get::<WebhookDeliveries>(&path).await?;
    if as_json {
        return answer.print();
    }
    if answer.deliveries.is_empty() {
        output::line("The webhook was told nothing yet.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = answer
        .deliveries
        .iter()
        .map(|delivery| {
            vec![
                output::local_time(delivery.created_at),
                output::visible(&delivery.event),
                delivery.state.clone(),
                delivery.attempts.len().to_string(),
                delivery.attempts.last().map_or_else(|| "-".to_owned(), answered),
                delivery.id.to_string(),
            ]
        })
        .collect();
    output::table(&["CAME", "EVENT", "STATE", "TRIES", "LAST ANSWER", "ID"], &rows);
    Ok(())
}

/// What came of a try, in a line.
fn answered(attempt: &WebhookAttempt) -> String {
    match (&attempt.error, attempt.http_status) {
        (Some(error), _) => output::visible(error),
        (None, Some(status)) => format!("it answered {status} in {} ms", attempt.duration_ms),
        (None, None) => "it took it".to_owned(),
    }
}
