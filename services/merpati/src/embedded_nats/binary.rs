//! The nats-server that is installed, and its version.

use std::path::PathBuf;
use std::process::Stdio;

use platform::config::{Nats, Sync};

use super::EmbeddedNatsError;

/// The oldest server whose behaviour is known to do.
pub(super) const OLDEST: Version = Version(2, 9, 10);
/// The first that can write each message to the disk before it answers.
pub(super) const FIRST_WITH_SYNC_ALWAYS: Version = Version(2, 10, 0);

/// A nats-server version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(super) u16, pub(super) u16, pub(super) u16);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Version {
    /// From what `nats-server --version` prints: `nats-server: v2.9.10`.
    fn parse(text: &str) -> Option<Self> {
        let (_, numbers) = text.trim().rsplit_once('v')?;
        let mut numbers = numbers.split(['.', '-', '+']).map(|n| n.parse().ok());
        Some(Self(numbers.next()??, numbers.next()??, numbers.next()??))
    }
}

/// A nats-server on this machine.
#[derive(Debug, Clone)]
pub(crate) struct Binary {
    pub(super) path: PathBuf,
    pub(crate) version: Version,
    pub(super) sync: Sync,
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
        let version = Version::parse(&text)
            .ok_or_else(|| EmbeddedNatsError::NoVersion(text.trim().into()))?;
        if version < OLDEST {
            return Err(EmbeddedNatsError::TooOld { found: version });
        }
        if config.sync == Sync::Always && version < FIRST_WITH_SYNC_ALWAYS {
            return Err(EmbeddedNatsError::NoSync { found: version });
        }
        Ok(Self { path, version, sync: config.sync })
    }

    /// Whether what was accepted survives a power cut.
    pub(crate) fn syncs_always(&self) -> bool {
        self.sync != Sync::Interval && self.version >= FIRST_WITH_SYNC_ALWAYS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        assert_eq!(Version::parse("nats-server: v2.9.10\n"), Some(Version(2, 9, 10)));
        assert_eq!(Version::parse("nats-server: v2.12.0-beta.1"), Some(Version(2, 12, 0)));
        assert_eq!(Version::parse("hello"), None);
        assert!(Version(2, 9, 9) < OLDEST && Version(2, 10, 0) > OLDEST);
    }
}
