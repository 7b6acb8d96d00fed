//! The nats-server that is installed, and its version.

use std::path::PathBuf;
use std::process::Stdio;

use bus::ServerVersion;
use platform::config::{Nats, Sync};

use super::EmbeddedNatsError;

/// A nats-server on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Binary {
    pub(crate) path: PathBuf,
    pub(crate) version: ServerVersion,
    pub(crate) sync: Sync,
}

impl Binary {
    /// The one that is configured, else on the path, else in a folder that systems keep servers in.
    pub(crate) fn find(config: &Nats) -> Result<Self, EmbeddedNatsError> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = config
            .program
            .clone()
            .or_else(|| {
                std::env::split_paths(&path)
                    .chain(["/usr/sbin", "/usr/local/bin", "/usr/local/sbin"].map(PathBuf::from))
                    .map(|folder| folder.join("nats-server"))
                    .find(|file| file.is_file())
            })
            .ok_or(EmbeddedNatsError::Missing)?;
        let output = std::process::Command::new(&path)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| EmbeddedNatsError::Run(path.clone(), error))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = ServerVersion::parse(&text)
            .ok_or_else(|| EmbeddedNatsError::NoVersion(text.trim().into()))?;
        if version < ServerVersion::OLDEST {
            return Err(EmbeddedNatsError::TooOld { found: version });
        }
        if config.sync == Sync::Always && !version.can_sync_always() {
            return Err(EmbeddedNatsError::NoSync { found: version });
        }
        Ok(Self { path, version, sync: config.sync })
    }

    /// Whether what was accepted survives a power cut.
    pub(crate) fn syncs_always(&self) -> bool {
        self.sync != Sync::Interval && self.version.can_sync_always()
    }
}
