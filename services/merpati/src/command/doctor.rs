//! `merpati doctor`: what keeps the gateway or a modem from working, in words, and what to do.
//!
//! It changes nothing, opens no serial port, and works with and without a running gateway.

mod broker;
mod devices;
mod gateway;
mod host;
mod mail;
mod numbers;

use api::Modems;
use std::borrow::Cow;
use std::path::Path;
use std::process::ExitCode;

use platform::Space;
use platform::config::{Config, Size};
use serde::Serialize;

use crate::client::{Client, ClientError};
use crate::data;
use crate::output;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Grade {
    /// As it should be.
    Good,
    /// Works, or may be wanted so.
    Notice,
    /// Something does not work.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    grade: Grade,
    /// A stable name: `nats-missing`, `port-permission`, ….
    code: Cow<'static, str>,
    text: String,
    /// What to do.
    #[serde(skip_serializing_if = "String::is_empty")]
    advice: String,
}

impl Finding {
    fn good(code: impl Into<Cow<'static, str>>, text: impl Into<String>) -> Self {
        Self { grade: Grade::Good, code: code.into(), text: text.into(), advice: String::new() }
    }

    fn notice(
        code: impl Into<Cow<'static, str>>,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { grade: Grade::Notice, code: code.into(), text: text.into(), advice: advice.into() }
    }

    fn problem(
        code: impl Into<Cow<'static, str>>,
        text: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { grade: Grade::Problem, code: code.into(), text: text.into(), advice: advice.into() }
    }
}

/// Looks, and fails when there is a problem.
pub(crate) async fn run(as_json: bool, config: &Config) -> anyhow::Result<ExitCode> {
    let mut findings = Vec::new();
    findings.push(broker::look(config).await);
    findings.push(data_folder(config));
    findings.extend(spool(&data::modems(&config.data)));
    findings.extend(disk(config));
    findings.extend(mail::look(config).await);
    findings.extend(host::look(&host::Roots::system(), &config.modems));
    findings.extend(modems(config).await);
    let ill = findings.iter().any(|finding| finding.grade == Grade::Problem);
    if as_json {
        output::json(&serde_json::json!({ "healthy": !ill, "findings": findings }))?;
    } else {
        for finding in &findings {
            let mark = match finding.grade {
                Grade::Good => "ok      ",
                Grade::Notice => "notice  ",
                Grade::Problem => "PROBLEM ",
            };
            output::line(&format!("{mark}{}", output::visible(&finding.text)));
            if !finding.advice.is_empty() {
                output::line(&format!("        → {}", output::visible(&finding.advice)));
            }
        }
    }
    Ok(if ill { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn data_folder(config: &Config) -> Finding {
    let folder = &config.data;
    // The nearest folder that exists is where the missing ones would be made.
    let existing = folder.ancestors().find(|folder| folder.exists()).unwrap_or(folder);
    let writable = rustix::fs::access(existing, rustix::fs::Access::WRITE_OK).is_ok();
    if writable {
        Finding::good("data-folder", format!("The data folder is {}.", folder.display()))
    } else {
        Finding::problem(
            "data-folder",
            format!("The data folder {} cannot be written.", folder.display()),
            "Choose another with --data DIR, or run this as the user it belongs to.",
        )
    }
}

/// What modems of this host received while the broker was away.
fn spool(folder: &Path) -> Option<Finding> {
    let content = match modem_driver::look_at_spool(folder) {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return Some(Finding::notice(
                "spool",
                format!("Whether received messages wait in {} cannot be seen.", folder.display()),
                "Run this as the user it belongs to.",
            ));
        }
        Err(error) => {
            return Some(Finding::problem(
                "spool",
                format!(
                    "The spool of received messages in {} cannot be read: {error}.",
                    folder.display()
                ),
                "Look at the disk.",
            ));
        }
    };
    let since = content.since?;
    Some(Finding::problem(
        "spool",
        format!(
            "{} received messages and reports wait in {} since {since}: the broker did not take them.",
            content.entries,
            folder.display(),
        ),
        "Start the gateway, or bring the broker back: they are published then, in order.",
    ))
}

/// What is free on the disk of the data folder, and whether that does for new messages.
fn disk(config: &Config) -> Option<Finding> {
    let folder = config.data.ancestors().find(|folder| folder.exists())?;
    let space = Space::of(folder).ok()?;
    let reserve = Size(config.disk.reserve.0.min(space.total / 2));
    let free = Size(space.free);
    let shown = folder.display();
    Some(if space.free < reserve.0 {
        Finding::problem(
            "disk-full",
            format!("The disk of {shown} is full: {free} are free. New messages are refused."),
            format!(
                "Make room there: {reserve} are kept for messages accepted before (disk.reserve)."
            ),
        )
    } else if space.free < reserve.0.saturating_mul(2) {
        Finding::notice(
            "disk-low",
            format!("The disk of {shown} is nearly full: {free} are free."),
            format!("Make room there: new messages are refused when less than {reserve} are free."),
        )
    } else {
        Finding::good("disk", format!("{free} are free on the disk of {shown}."))
    })
}

/// What the running gateway says of its modems.
async fn modems(config: &Config) -> Vec<Finding> {
    let client = match Client::new(&config.data) {
        Ok(client) => client,
        Err(error) => {
            return vec![Finding::problem("gateway-settings", sentence(&error.to_string()), "")];
        }
    };
    let unready = client.unready().await.unwrap_or_default();
    let unready =
        unready.iter().map(|line| Finding::problem("gateway-not-ready", sentence(line), ""));
    let modems = match client.get::<Modems>("/modems").await {
        Ok(answer) => answer.into_read().modems,
        Err(ClientError::NotRunning(folder)) => {
            return vec![Finding::notice(
                "gateway-stopped",
                format!("No gateway runs on {}.", folder.display()),
                "Start one with: merpati up",
            )];
        }
        Err(error) => {
            return vec![Finding::problem("gateway-silent", sentence(&error.to_string()), "")];
        }
    };
    unready.chain(gateway::look(&modems)).chain(numbers::look(&config.numbers, &modems)).collect()
}

/// An error's text as a sentence.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", chars.as_str())
}
