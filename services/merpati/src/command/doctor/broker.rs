//! Which broker there is, and what it may lose.

use bus::{NatsConfig, ServerVersion};
use platform::config::{Config, Sync};

use super::{Finding, sentence};
use crate::embedded_nats::{Binary, Folder};
use crate::services;

/// Looks at the broker that is configured, else at the private one: what runs, or what would be started.
pub(super) async fn look(config: &Config) -> Finding {
    if let Some(settings) = services::broker(config) {
        return external(&settings).await;
    }
    let binary = match Binary::find(&config.nats) {
        Ok(binary) => binary,
        Err(error) => return Finding::problem("nats-missing", sentence(&error.to_string()), ""),
    };
    let folder = Folder::of(&config.data);
    if let Err(error) = folder.check_release(&binary) {
        return Finding::problem("nats-older", sentence(&error.to_string()), "");
    }
    if let Some(settings) = folder.running_settings()
        && let Ok(running) = bus::server_version(&settings).await
        && running != binary.version
    {
        return Finding::notice(
            "nats-other-runs",
            format!("The broker runs as nats-server {running}; installed is {}.", binary.version),
            "Start the gateway again to run the installed one.",
        );
    }
    private(&binary)
}

async fn external(settings: &NatsConfig) -> Finding {
    let url = settings.shown_url();
    match bus::server_version(settings).await {
        Ok(version) => old(version).unwrap_or_else(|| {
            Finding::good(
                "nats-external",
                format!(
                    "The broker at {url} is nats-server {version}. Whether it writes each message to the disk before it \
                     confirms it (sync_interval: always), only its own configuration says."
                ),
            )
        }),
        Err(error) => Finding::problem("nats-unusable", sentence(&error.to_string()), ""),
    }
}

fn private(binary: &Binary) -> Finding {
    let version = binary.version;
    old(version).unwrap_or_else(|| match binary.sync {
        Sync::Auto | Sync::Always => Finding::good(
            "nats-found",
            format!(
                "nats-server {version} is installed; it writes each message to the disk before it confirms it."
            ),
        ),
        Sync::Interval => Finding::notice(
            "nats-sync",
            format!(
                "nats-server {version} is installed, and told to write to the disk each two minutes: a power cut may \
                 lose what was accepted and received in that time."
            ),
            "Set nats.sync to \"auto\", unless speed matters more.",
        ),
    })
}

/// What an old release may lose is no fault of the moment, so the doctor stays content.
fn old(version: ServerVersion) -> Option<Finding> {
    let weakness = version.weakness()?;
    Some(Finding::notice("nats-old", weakness.text, weakness.advice))
}

#[cfg(test)]
mod tests {
    use super::super::Grade;
    use super::*;

    fn found(version: ServerVersion, sync: Sync) -> Finding {
        private(&Binary { path: "nats-server".into(), version, sync })
    }

    #[test]
    fn what_a_power_cut_costs_is_said() {
        let old = found(ServerVersion(2, 9, 10), Sync::Auto);
        assert_eq!((old.grade, &*old.code), (Grade::Notice, "nats-old"));
        assert!(old.text.contains("two minutes") && old.advice.contains("2.10.0"), "{old:?}");
        let lazy = found(ServerVersion(2, 15, 1), Sync::Interval);
        assert_eq!((lazy.grade, &*lazy.code), (Grade::Notice, "nats-sync"));
        for sync in [Sync::Auto, Sync::Always] {
            assert_eq!(found(ServerVersion(2, 10, 0), sync).grade, Grade::Good);
        }
    }
}
