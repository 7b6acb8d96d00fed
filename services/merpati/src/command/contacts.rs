//! `merpati contact`: contacts, and files of them.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use api::{
    ConfirmContactImport, Contact, ContactImport, ContactImportRows, ContactImports, Contacts,
    Nothing, PlanContactImport,
};
use contracts::ContactImportId;
use serde_json::json;

use crate::cli;
use crate::client::{Client, segment};
use crate::output;

/// The most bytes of a file that the gateway takes.
const LARGEST: u64 = 16 * 1024 * 1024;
/// Contacts of one page.
const PAGE: usize = 500;
/// Rows that are shown of those that become no contact.
const SHOWN: usize = 10;
/// How long it takes until a call that was not over is made again, so that one that is answered at once does no harm.
const PAUSE: Duration = Duration::from_secs(1);

/// Shows contacts, and makes them from files.
pub(crate) async fn run(as_json: bool, client: &Client, said: cli::Contact) -> anyhow::Result<()> {
    match said {
        cli::Contact::List { search, tag, group } => {
            let mut query = format!("limit={PAGE}");
            let group = group.map(|group| group.to_string());
            for (name, value) in [("q", search), ("tag", tag), ("group", group)] {
                if let Some(value) = value {
                    query.extend(["&", name, "=", &segment(&value)]);
                }
            }
            list(as_json, client, &query).await
        }
        cli::Contact::Import(said) => import(as_json, client, said).await,
        cli::Contact::Imports => imports(as_json, client).await,
        cli::Contact::Undo { id } => undo(as_json, client, id).await,
    }
}

async fn list(as_json: bool, client: &Client, query: &str) -> anyhow::Result<()> {
    let mut all: Vec<Contact> = Vec::new();
    let mut after = String::new();
    loop {
        let page = client.get::<Contacts>(&format!("/contacts?{query}{after}")).await?;
        all.extend(page.contacts.iter().cloned());
        let Some(next) = &page.next else { break };
        after = format!("&after={}", segment(next));
    }
    if as_json {
        return output::json(&json!({ "contacts": all }));
    }
    if all.is_empty() {
        output::line("There is no such contact.");
        return Ok(());
    }
    let rows = all.iter().map(|contact| {
        let state = contact.opted_out.as_ref().map_or("", |_| "sent nothing");
        vec![
            output::visible(&contact.name),
            contact.number.to_string(),
            output::visible(&contact.tags.join(" ")),
            state.to_owned(),
        ]
    });
    output::table(&["NAME", "NUMBER", "TAGS", "OPTED OUT"], &rows.collect::<Vec<_>>());
    Ok(())
}

async fn import(as_json: bool, client: &Client, said: cli::ImportContacts) -> anyhow::Result<()> {
    let shown = said.file.display().to_string();
    let opened = || format!("{shown} cannot be read");
    let size = std::fs::metadata(&said.file).with_context(opened)?.len();
    ensure!(size <= LARGEST, "{shown} is larger than 16 MB, which is the most that is taken");
    let file = std::fs::read(&said.file).with_context(opened)?;
    let name = said.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let name: String = name.unwrap_or_default().chars().take(120).collect();
    let mut path = format!("/contact-imports?name={}", segment(&name));
    if said.shared {
        path.push_str("&shared=true");
    }
    if let Some(user) = &said.user {
        path.extend(["&user=", &segment(user)]);
    }
    if let Some(team) = &said.team {
        path.extend(["&team=", &segment(team)]);
    }
    let id = client.post_file::<ContactImport>(&path, file).await?.id;
    let path = format!("/contact-imports/{id}");
    let done = write(as_json, client, said, &path).await;
    // What was imported so far is kept, to be taken back; anything else is not. Where it stays, the gateway removes it after a day.
    let is_kept = match &done {
        Ok(is_imported) => *is_imported,
        Err(_) => client.get::<ContactImport>(&path).await.is_ok_and(|known| known.confirmed),
    };
    if !is_kept {
        let _ = client.delete::<Nothing>(&path).await;
    } else if done.is_err() {
        output::note(&format!("A part was imported. To take it back: merpati contact undo {id}"));
    }
    done.map(drop)
}

/// Whether it was imported.
async fn write(
    as_json: bool,
    client: &Client,
    said: cli::ImportContacts,
    path: &str,
) -> anyhow::Result<bool> {
    let wanted = PlanContactImport { roles: said.columns, has_names: None, keep: said.keep };
    let planned = client.patch::<ContactImport>(path, &wanted).await?;
    if !said.confirm {
        if as_json {
            planned.print()?;
            return Ok(false);
        }
        show(client, path, &planned).await?;
        output::note("Nothing was imported. With --confirm it is.");
        return Ok(false);
    }
    let revision = ConfirmContactImport { revision: planned.revision };
    let confirm = format!("{path}/confirm");
    let mut done = client.post::<ContactImport>(&confirm, &revision).await?;
    // Each call waits for a while for a large file, unless somebody takes it back meanwhile.
    while done.applied_at.is_none() && done.undone_at.is_none() {
        tokio::time::sleep(PAUSE).await;
        done = client.post::<ContactImport>(&confirm, &revision).await?;
    }
    if as_json {
        done.print()?;
        return Ok(true);
    }
    let ContactImport { id, made, changed, skipped, undone_at, .. } = &*done;
    if undone_at.is_some() {
        output::line(&format!("{id} was taken back meanwhile."));
        return Ok(true);
    }
    output::line(&format!("Imported as {id}: {made} new, {changed} changed, {skipped} skipped."));
    output::note(&format!("To take it back: merpati contact undo {id}"));
    Ok(true)
}

async fn show(client: &Client, path: &str, planned: &ContactImport) -> anyhow::Result<()> {
    let columns = planned.columns.iter().zip(&planned.roles).map(|(name, role)| {
        let role = if role.is_empty() { "-" } else { role };
        vec![output::visible(name), output::visible(role)]
    });
    output::table(&["COLUMN", "IS"], &columns.collect::<Vec<_>>());
    let plan = planned.plan.as_ref().context("the gateway kept no plan")?;
    let skipped: u32 = plan.skipped.values().sum();
    output::facts(&[
        ("new", plan.made.to_string()),
        ("changed", plan.changed.to_string()),
        ("unchanged", plan.same.to_string()),
        ("skipped", skipped.to_string()),
        ("new groups", output::visible(&plan.new_groups.join(", "))),
    ]);
    if skipped == 0 {
        return Ok(());
    }
    let rows = format!("{path}/rows?show=skipped&limit={SHOWN}");
    let rows = client.get::<ContactImportRows>(&rows).await?;
    let cells = rows.rows.iter().map(|row| {
        vec![
            row.line.to_string(),
            output::visible(&row.name),
            output::visible(&row.number),
            output::cell(row.skipped.as_deref()),
        ]
    });
    output::table(&["ROW", "NAME", "NUMBER", "SKIPPED"], &cells.collect::<Vec<_>>());
    Ok(())
}

async fn imports(as_json: bool, client: &Client) -> anyhow::Result<()> {
    let all = client.get::<ContactImports>("/contact-imports").await?;
    if as_json {
        return all.print();
    }
    if all.imports.is_empty() {
        output::line("Nothing was imported or merged.");
        return Ok(());
    }
    let rows = all.imports.iter().map(|one| {
        let state = match (one.undone_at, one.applied_at, one.confirmed) {
            (Some(_), _, _) => "taken back",
            (None, Some(_), _) => "done",
            (None, None, true) => "half done",
            (None, None, false) => "not confirmed",
        };
        vec![
            one.id.to_string(),
            output::visible(&one.name),
            output::local_time(one.created_at),
            state.to_owned(),
        ]
    });
    output::table(&["ID", "NAME", "SINCE", "STATE"], &rows.collect::<Vec<_>>());
    Ok(())
}

async fn undo(as_json: bool, client: &Client, id: ContactImportId) -> anyhow::Result<()> {
    let path = format!("/contact-imports/{id}");
    let call = format!("{path}/undo");
    while client.post::<ContactImport>(&call, &json!({})).await?.undone_at.is_none() {
        tokio::time::sleep(PAUSE).await;
    }
    let undone = client.get::<ContactImport>(&path).await?;
    if as_json {
        return undone.print();
    }
    output::line(&format!("Taken back: {} contacts.", undone.undone));
    let rows = undone
        .left_contacts
        .iter()
        .map(|left| vec![output::visible(&left.name), left.contact.to_string(), left.why.clone()]);
    let rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        output::note("Left as they are:");
        output::table(&["NAME", "CONTACT", "WHY"], &rows);
    }
    Ok(())
}
