//! `merpati config`: the default configuration file, and what people set in a gateway as a file for git.

mod backups;
mod document;

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use api::{
    CheckConfiguration, CheckedConfiguration, Configuration, ConfigurationChange,
    ConfigurationFault, ImportedConfiguration, NewConfiguration,
};
use platform::Clock;
use serde_json::{Map, Value, json};

use crate::cli::ConfigCommand;
use crate::client::Client;
use crate::output;

/// The most bytes of a file: those of a request of the API.
const LARGEST: u64 = 1024 * 1024;
/// The list of numbers that are sent nothing.
const OPT_OUTS: &str = "optouts";
/// The exit status of `diff` when something differs, and when it cannot be said.
const DIFFERS: u8 = 1;
const UNKNOWN: u8 = 2;

/// Prints the default configuration, which is also the reference.
pub(crate) fn print() {
    output::line(platform::config::REFERENCE.trim_end());
}

/// Exports, compares or imports; copies of what there was are kept in the data folder.
pub(crate) async fn run(
    as_json: bool,
    client: &Client,
    data: &Path,
    said: ConfigCommand,
) -> anyhow::Result<ExitCode> {
    match said {
        ConfigCommand::Export { file, optouts } => {
            export(as_json, client, file.as_deref(), optouts).await?;
        }
        ConfigCommand::Diff { file, prune } => {
            return Ok(match diff(as_json, client, &file, prune).await {
                Ok(true) => ExitCode::SUCCESS,
                Ok(false) => ExitCode::from(DIFFERS),
                Err(error) => {
                    output::error(as_json, &error);
                    ExitCode::from(UNKNOWN)
                }
            });
        }
        ConfigCommand::Import { file, dry_run, prune, no_backup } => {
            let backups = (!no_backup && !dry_run).then_some(data);
            import(as_json, client, &file, (dry_run, prune, backups)).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn export(
    as_json: bool,
    client: &Client,
    file: Option<&Path>,
    has_opt_outs: bool,
) -> anyhow::Result<()> {
    let shown = client.get::<Configuration>(path(has_opt_outs)).await?;
    for left in &shown.left_out {
        output::note(&output::visible(&format!("Without {}: {}", left.kind, left.why)));
    }
    if as_json && file.is_none() {
        return shown.print();
    }
    let text = document::text(&shown.document);
    let Some(file) = file else {
        output::line(text.trim_end());
        return Ok(());
    };
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))?;
    if as_json {
        return output::json(&json!({ "file": file, "left_out": shown.left_out }));
    }
    output::line(&format!("{} has what is set.", file.display()));
    Ok(())
}

const fn path(has_opt_outs: bool) -> &'static str {
    if has_opt_outs { "/configuration?optouts=true" } else { "/configuration" }
}

/// Whether a file and the gateway say the same.
async fn diff(as_json: bool, client: &Client, file: &Path, prune: bool) -> anyhow::Result<bool> {
    let read = ReadFile::read(file)?;
    let checked = read.check(as_json, client, prune).await?;
    if as_json {
        output::json(&checked)?;
    } else {
        print_changes(&checked.changes);
        if checked.changes.is_empty() {
            output::note("Nothing differs.");
        }
    }
    Ok(checked.changes.is_empty())
}

async fn import(
    as_json: bool,
    client: &Client,
    file: &Path,
    (dry_run, prune, backups): (bool, bool, Option<&Path>),
) -> anyhow::Result<()> {
    let read = ReadFile::read(file)?;
    let checked = read.check(as_json, client, prune).await?;
    if dry_run || checked.changes.is_empty() {
        if as_json {
            return output::json(&checked);
        }
        print_changes(&checked.changes);
        output::note(if checked.changes.is_empty() {
            "There is nothing to change."
        } else {
            "Nothing was changed."
        });
        return Ok(());
    }
    let has_opt_outs = read.document.contains_key(OPT_OUTS);
    let kept = match backups {
        Some(data) => {
            let before = client.get::<Configuration>(path(has_opt_outs)).await?;
            if before.version != checked.version {
                bail!("settings were changed meanwhile, and nothing was imported: try again");
            }
            let text = document::text(&before.document);
            let kept = backups::keep(data, &text, Clock::system().now());
            Some(kept.context(
                "no copy of what is set could be kept, and nothing was imported; with --no-backup none is kept",
            )?)
        }
        None => None,
    };
    if let Some(kept) = kept.as_deref().filter(|_| !as_json) {
        output::note(&format!("What was set before is in {}.", kept.display()));
    }
    let total = checked.changes.len();
    let mut wanted = NewConfiguration { document: read.document, version: checked.version, prune };
    let mut done: Vec<ConfigurationChange> = Vec::new();
    loop {
        let answer = client.put::<ImportedConfiguration>("/configuration", &wanted).await;
        let imported = match answer {
            Ok(imported) => imported.into_read(),
            Err(error) => {
                let count = done.len();
                return Err(anyhow::Error::new(error).context(format!(
                    "{count} of {total} changes were made before this call; run the import again for the rest"
                )));
            }
        };
        if !as_json {
            print_changes(&imported.done);
        }
        let is_stuck = imported.done.is_empty();
        done.extend(imported.done);
        if imported.left == 0 {
            break;
        }
        if is_stuck {
            bail!("{} changes are left that the gateway does not make", imported.left);
        }
        wanted.version = imported.version;
        if !as_json {
            output::note(&format!("{} of {total}", done.len()));
        }
    }
    said(as_json, &done, kept.as_deref(), prune)
}

fn said(
    as_json: bool,
    done: &[ConfigurationChange],
    kept: Option<&Path>,
    prune: bool,
) -> anyhow::Result<()> {
    if as_json {
        return output::json(&json!({ "done": done, "backup": kept }));
    }
    output::note(&match done.len() {
        1 => "One setting was changed.".to_owned(),
        count => format!("{count} settings were changed."),
    });
    if done.iter().any(|change| change.kind == "webhooks" && change.action == "add") {
        output::note("A new endpoint has a new secret: merpati webhook rotate shows another.");
    }
    if let Some(kept) = kept {
        let prune =
            if prune || done.iter().any(|change| change.action == "add") { " --prune" } else { "" };
        output::note(&format!("The way back: merpati config import{prune} {}", kept.display()));
    }
    Ok(())
}

fn print_changes(changes: &[ConfigurationChange]) {
    for change in changes {
        output::line(&output::visible(&change.words));
    }
}

/// A file that was read.
struct ReadFile {
    /// What it is called.
    name: String,
    /// Its text, for the lines of what is wrong in it.
    text: String,
    document: Map<String, Value>,
}

impl ReadFile {
    fn read(file: &Path) -> anyhow::Result<Self> {
        let is_input = file == Path::new("-");
        let name =
            if is_input { "the standard input".to_owned() } else { file.display().to_string() };
        let text = text_of(file, is_input).with_context(|| format!("{name} cannot be read"))?;
        if text.len() as u64 > LARGEST {
            bail!(
                "{name} is larger than {} KiB: import it in pieces; what a file has no list of stays as it is",
                LARGEST / 1024
            );
        }
        let document = document::read(&text).map_err(|wrong| match wrong.line {
            Some(line) => anyhow::anyhow!("{name}:{line}: {}", output::visible(&wrong.words)),
            None => anyhow::anyhow!("{name}: {}", output::visible(&wrong.words)),
        })?;
        Ok(Self { name, text, document })
    }

    /// What an import would change. What is wrong with the file is printed, and an error then.
    async fn check(
        &self,
        as_json: bool,
        client: &Client,
        prune: bool,
    ) -> anyhow::Result<CheckedConfiguration> {
        let wanted = CheckConfiguration { document: self.document.clone(), prune };
        let checked = client.post::<CheckedConfiguration>("/configuration/check", &wanted).await?;
        let checked = checked.into_read();
        for warning in checked.warnings.iter().filter(|_| !as_json) {
            output::note(&format!("Warning: {}", self.line(warning)));
        }
        if checked.faults.is_empty() {
            return Ok(checked);
        }
        if as_json {
            output::json(&checked)?;
        }
        for fault in checked.faults.iter().filter(|_| !as_json) {
            output::note(&self.line(fault));
        }
        match checked.faults.len() {
            1 => bail!("one thing is wrong with {}; nothing was changed", self.name),
            count => bail!("{count} things are wrong with {}; nothing was changed", self.name),
        }
    }

    fn line(&self, fault: &ConfigurationFault) -> String {
        let line = document::line_of(&self.text, &fault.place);
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        let ConfigurationFault { place, text, remedy } = fault;
        output::visible(&format!("{}{line}: {place}: {text} {remedy}", self.name))
    }
}

/// A file's text, and one byte more than a file may have at most.
fn text_of(file: &Path, is_input: bool) -> std::io::Result<String> {
    let mut text = String::new();
    if is_input {
        std::io::stdin().lock().take(LARGEST + 1).read_to_string(&mut text)?;
    } else {
        std::fs::File::open(file)?.take(LARGEST + 1).read_to_string(&mut text)?;
    }
    Ok(text)
}
