//! `merpati import`: what another gateway's configuration says, as accounts, services and settings of this one.

mod account;
mod conf;
mod dump;
mod gammu;
mod kannel;
mod messages;
mod modem;
mod networks;
mod plan;
mod playsms;
mod reasons;
mod report;
mod smstools;
mod stopped;
mod waiting;
mod whose;
mod zone;

use std::path::Path;
use std::process::ExitCode;

use platform::config::Config;

use crate::cli;

/// Reads the files of another gateway.
pub(crate) async fn run(
    as_json: bool,
    config: &Config,
    settings: &Path,
    said: cli::Import,
) -> anyhow::Result<ExitCode> {
    match said {
        cli::Import::Kannel { file, dry_run } => {
            kannel::run(as_json, config, settings, &file, dry_run).await
        }
        cli::Import::Playsms { dump, timezone, dry_run } => {
            playsms::run(as_json, config, &dump, (&timezone, dry_run)).await
        }
        cli::Import::Gammu { dump, how } => gammu::run(as_json, config, &dump, &how).await,
        cli::Import::Smstools { folder, how } => {
            smstools::run(as_json, config, &folder, &how).await
        }
    }
}
