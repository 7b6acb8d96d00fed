//! `merpati broadcast`: one text to many, handed out at a pace.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use api::{
    Acceptance, Broadcast, Broadcasts, NewBroadcast, Nothing, Sims, Templates, TestBroadcast,
};
use contracts::{BroadcastId, SimId, TemplateId};
use serde_json::json;

use super::schedules::{group_called, zone_of_this_machine};
use super::sims::choose;
use crate::cli::{self, AddBroadcast};
use crate::client::{Client, ClientError, segment};
use crate::output;

/// Broadcasts of one page.
const PAGE: usize = 500;
/// The largest file of numbers that is read: more than a gateway takes at once.
const LARGEST_FILE: u64 = 4 * 1024 * 1024;

/// Makes, shows, tests, starts, pauses, ends and removes broadcasts.
pub(crate) async fn run(
    as_json: bool,
    client: &Client,
    said: cli::Broadcast,
) -> anyhow::Result<()> {
    match said {
        cli::Broadcast::Add(said) => add(as_json, client, *said).await,
        cli::Broadcast::List => list(as_json, client).await,
        cli::Broadcast::Show { broadcast } => {
            let id = find(client, &broadcast).await?;
            let shown = client.get::<Broadcast>(&format!("/broadcasts/{id}")).await?;
            if as_json {
                return shown.print();
            }
            show(&shown);
            Ok(())
        }
        cli::Broadcast::Test { broadcast, to } => {
            let id = find(client, &broadcast).await?;
            let path = format!("/broadcasts/{id}/test");
            let sent = client.post::<Acceptance>(&path, &TestBroadcast { to }).await?;
            if as_json {
                return sent.print();
            }
            let ids: Vec<String> = sent.messages.iter().map(|one| one.id.to_string()).collect();
            output::line(&format!("The test is accepted: {}.", ids.join(", ")));
            Ok(())
        }
        cli::Broadcast::Start { broadcast } => call(as_json, client, &broadcast, "start").await,
        cli::Broadcast::Pause { broadcast } => call(as_json, client, &broadcast, "pause").await,
        cli::Broadcast::Resume { broadcast } => call(as_json, client, &broadcast, "resume").await,
        cli::Broadcast::Cancel { broadcast } => call(as_json, client, &broadcast, "cancel").await,
        cli::Broadcast::Remove { broadcast } => {
            let id = find(client, &broadcast).await?;
            client.delete::<Nothing>(&format!("/broadcasts/{id}")).await?;
            let words = "The broadcast is removed; what it sent stays.";
            if as_json {
                return output::json(&json!({ "done": words }));
            }
            output::line(words);
            Ok(())
        }
    }
}

async fn add(as_json: bool, client: &Client, said: AddBroadcast) -> anyhow::Result<()> {
    let mut groups = Vec::with_capacity(said.groups.len());
    for group in &said.groups {
        groups.push(group_called(client, group).await?);
    }
    let template = match &said.template {
        Some(template) => Some(template_called(client, template).await?),
        None => None,
    };
    let zone = match said.zone {
        Some(zone) => zone,
        None => zone_of_this_machine()?,
    };
    let mut to = said.to;
    if let Some(file) = &said.numbers {
        to.extend(numbers_of(file)?);
    }
    let sim = match &said.sim {
        None => None,
        Some(sim) => Some(match sim.parse::<SimId>() {
            Ok(id) => id,
            Err(_) => choose(&client.get::<Sims>("/sims").await?.sims, sim)?,
        }),
    };
    let new = NewBroadcast {
        name: said.name,
        to,
        groups,
        text: said.text,
        template,
        at: said.at,
        zone,
        pace: said.pace,
        quiet: said.quiet,
        priority: said.priority,
        sim,
        pool: said.pool,
        user: said.user,
        ..NewBroadcast::default()
    };
    let made =
        client.post::<Broadcast>("/broadcasts", &new).await.map_err(|error| match error {
            ClientError::Refused(words) => {
                ClientError::Refused(format!("{words} Nothing was written down."))
            }
            error => error,
        })?;
    if let Some(pool) = &new.pool
        && let Ok(known) = client.get::<Sims>("/sims").await
        && known.sims.iter().all(|sim| sim.pool != *pool)
    {
        output::note(&format!(
            "No SIM is in the pool {pool}, so nothing of it goes out until one is: merpati sims shows those there are."
        ));
    }
    if as_json {
        return made.print();
    }
    let name = output::visible(&made.name);
    output::line(&format!(
        "The broadcast {name} is a draft: merpati broadcast start {} starts it.",
        made.id
    ));
    Ok(())
}

/// The numbers of a file, one on each line.
fn numbers_of(file: &Path) -> anyhow::Result<Vec<String>> {
    let shown = file.display();
    let size = std::fs::metadata(file).with_context(|| format!("{shown} cannot be read"))?.len();
    if size > LARGEST_FILE {
        bail!(
            "{shown} has {size} bytes, and {LARGEST_FILE} are read: make a group of contacts of it"
        );
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("{shown} cannot be read"))?;
    let numbers = text.lines().map(str::trim).filter(|number| !number.is_empty());
    Ok(numbers.map(str::to_owned).collect())
}

/// The template of this name, letter case aside, or of this id.
async fn template_called(client: &Client, said: &str) -> anyhow::Result<TemplateId> {
    if let Ok(id) = said.parse() {
        return Ok(id);
    }
    let path = format!("/templates?limit={PAGE}&q={}", segment(said));
    let all = client.get::<Templates>(&path).await?;
    let wanted = said.to_lowercase();
    let mut found = all.templates.iter().filter(|one| one.name.to_lowercase() == wanted);
    let one = found.next().ok_or_else(|| anyhow!("there is no template '{said}' here"))?;
    if found.next().is_some() {
        bail!("there are several templates '{said}': say the id of one");
    }
    Ok(one.id)
}

/// The broadcast of this name, letter case aside, or of this id.
async fn find(client: &Client, said: &str) -> anyhow::Result<BroadcastId> {
    if let Ok(id) = said.parse() {
        return Ok(id);
    }
    let path = format!("/broadcasts?limit={PAGE}&q={}", segment(said));
    let all = client.get::<Broadcasts>(&path).await?;
    let wanted = said.to_lowercase();
    let found = all.broadcasts.iter().filter(|one| one.name.to_lowercase() == wanted);
    let ids: Vec<BroadcastId> = found.map(|one| one.id).collect();
    match ids.as_slice() {
        [] => bail!(
            "there is no broadcast '{said}' here; `merpati broadcast list` shows those there are"
        ),
        [one] => Ok(*one),
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            bail!("several accounts have a broadcast '{said}': say one of {}", ids.join(", "))
        }
    }
}

async fn call(as_json: bool, client: &Client, said: &str, call: &str) -> anyhow::Result<()> {
    let id = find(client, said).await?;
    let path = format!("/broadcasts/{id}/{call}");
    let now = client.post::<Broadcast>(&path, &Nothing {}).await?;
    if as_json {
        return now.print();
    }
    let name = output::visible(&now.name);
    let words = match now.next {
        Some(at) if now.state == "scheduled" => {
            format!("The broadcast {name} starts at {}.", output::local_time(at))
        }
        _ => format!("The broadcast {name} is {}.", output::visible(&now.state)),
    };
    output::line(&words);
    Ok(())
}

async fn list(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let mut all: Vec<Broadcast> = Vec::new();
    let mut after = String::new();
    loop {
        let page = client.get::<Broadcasts>(&format!("/broadcasts?limit={PAGE}{after}")).await?;
        let Broadcasts { broadcasts, next } = page.into_read();
        all.extend(broadcasts);
        let Some(next) = next else { break };
        after = format!("&after={}", segment(&next));
    }
    if as_json {
        return output::json(&Broadcasts { broadcasts: all, next: None });
    }
    if all.is_empty() {
        output::line("There are no broadcasts. merpati broadcast add makes one.");
        return Ok(());
    }
    let rows = all
        .iter()
        .map(|one| vec![output::visible(&one.name), output::visible(&one.state), handed_out(one)]);
    output::table(&["NAME", "STATE", "HANDED OUT"], &rows.collect::<Vec<_>>());
    Ok(())
}

fn handed_out(broadcast: &Broadcast) -> String {
    let audience = broadcast.audience;
    if !audience.read && audience.recipients == 0 {
        return "-".to_owned();
    }
    format!("{} of {}", audience.handed_out, audience.recipients)
}

fn show(broadcast: &Broadcast) {
    let audience = broadcast.audience;
    let groups: Vec<String> = broadcast.groups.iter().map(ToString::to_string).collect();
    let mut facts = vec![
        ("Id", broadcast.id.to_string()),
        ("Name", output::visible(&broadcast.name)),
        ("State", output::visible(&broadcast.state)),
        ("Text", output::visible(&broadcast.text)),
        ("Groups", output::cell(Some(&groups.join(", ")))),
        ("Numbers", broadcast.numbers.to_string()),
        ("Starts", output::cell(broadcast.at.as_deref())),
        ("Zone", output::visible(&broadcast.zone)),
        ("Pace", output::cell(broadcast.pace.as_deref())),
        ("Quiet", output::cell(broadcast.quiet.as_deref())),
        ("Handed out", handed_out(broadcast)),
        (
            "Left out",
            format!(
                "{} twice, {} opted out, {} unusable",
                audience.duplicates, audience.opted_out, audience.unusable
            ),
        ),
    ];
    if let Some(expected) = audience.expected {
        facts.push(("Is for", format!("{expected} numbers")));
    }
    if let Some(trouble) = &broadcast.trouble {
        facts.push(("Trouble", output::visible(trouble)));
    }
    if let Some(next) = broadcast.next {
        facts.push(("Next", output::local_time(next)));
    }
    let states: Vec<String> =
        broadcast.states.iter().map(|(state, count)| format!("{count} {state}")).collect();
    if !states.is_empty() {
        facts.push(("Messages", output::visible(&states.join(", "))));
    }
    for quiet in &broadcast.quiet_until {
        let until = output::local_time(quiet.until);
        let zone = output::visible(&quiet.zone);
        facts.push(("Quiet now", format!("{} in {zone} until {until}", quiet.recipients)));
    }
    output::facts(&facts);
}
