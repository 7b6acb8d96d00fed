//! `merpati bulk`: a message for each row of a file.

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use api::{Bulk, BulkPlan, BulkRows, Nothing, PlanBulk, SendBulk};

use crate::cli;
use crate::client::{Client, segment};
use crate::output;

/// The most bytes of a file that the gateway takes.
const LARGEST: u64 = 16 * 1024 * 1024;
/// Rows that are shown of those that become no message.
const SHOWN: usize = 10;

/// Shows what would be sent of a file, or sends it.
pub(crate) async fn run(
    as_json: bool,
    client: &Client,
    said: cli::Bulk,
) -> anyhow::Result<ExitCode> {
    let shown = said.file.display().to_string();
    let opened = || format!("{shown} cannot be read");
    let size = std::fs::metadata(&said.file).with_context(opened)?.len();
    ensure!(size <= LARGEST, "{shown} is larger than 16 MB, which is the most that is taken");
    let file = std::fs::read(&said.file).with_context(opened)?;
    let name = said.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let name: String = name.unwrap_or_default().chars().take(120).collect();
    let path = format!("/bulk?name={}", segment(&name));
    let id = client.post_file::<Bulk>(&path, file).await?.id;
    let done = send(as_json, client, said, &format!("/bulk/{id}")).await;
    if !matches!(done, Ok(true)) {
        // What was not sent is not kept. Where it stays, the gateway removes it after a day.
        let _ = client.delete::<Nothing>(&format!("/bulk/{id}")).await;
    }
    done.map(|_| ExitCode::SUCCESS)
}

/// Whether it was sent.
async fn send(as_json: bool, client: &Client, said: cli::Bulk, path: &str) -> anyhow::Result<bool> {
    let wanted = PlanBulk {
        number: said.number,
        text: said.text,
        has_names: None,
        alike: said.alike,
        mend: said.mend,
        priority: said.priority,
        sim: said.sim,
        pool: said.pool,
        at: said.at,
        zone: said.zone,
    };
    let planned = client.patch::<Bulk>(path, &wanted).await?;
    if !said.send {
        if as_json {
            planned.print()?;
            return Ok(false);
        }
        let plan = planned.plan.as_ref().context("the gateway kept no plan")?;
        show(client, path, plan).await?;
        output::note("Nothing was sent. With --send it is.");
        return Ok(false);
    }
    let revision = SendBulk { revision: planned.revision };
    let sent = client.post::<Bulk>(&format!("{path}/send"), &revision).await?;
    if as_json {
        sent.print()?;
        return Ok(true);
    }
    let messages = sent.plan.as_ref().map_or(0, |plan| plan.messages);
    let batches: Vec<String> = sent.batches.iter().map(ToString::to_string).collect();
    output::line(&format!("Accepted: {messages} messages, in {}.", batches.join(", ")));
    Ok(true)
}

async fn show(client: &Client, path: &str, plan: &BulkPlan) -> anyhow::Result<()> {
    let skipped: u32 = plan.skipped.values().sum();
    output::facts(&[
        ("messages", plan.messages.to_string()),
        ("parts", plan.parts.to_string()),
        ("skipped", skipped.to_string()),
    ]);
    if plan.cut_off > 0 {
        output::note(&format!(
            "{} numbers begin with neither 0 nor +; --mend puts a 0 before them.",
            plan.cut_off
        ));
    }
    let first = client.get::<BulkRows>(&format!("{path}/rows?message=0&limit=1")).await?;
    for row in &first.rows {
        if let (Some(to), Some(text)) = (&row.to, &row.text) {
            output::line(&format!("The first, to {to}: {}", output::visible(text)));
        }
    }
    if skipped == 0 {
        return Ok(());
    }
    let rows = client.get::<BulkRows>(&format!("{path}/rows?show=skipped&limit={SHOWN}")).await?;
    let cells: Vec<Vec<String>> = rows
        .rows
        .iter()
        .map(|row| {
            let reason = row.skipped.as_deref();
            vec![row.line.to_string(), output::visible(&row.written), output::cell(reason)]
        })
        .collect();
    output::table(&["ROW", "NUMBER", "SKIPPED"], &cells);
    Ok(())
}
