//! The data folder of a gateway, and what lies in it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The API's socket, for the command line.
pub(crate) const SOCKET: &str = "merpati.sock";
/// The SQLite database.
const DATABASE: &str = "merpati.db";
/// The configuration.
const CONFIG: &str = "merpati.toml";
/// Ports of the simulated modems of `merpati up --sim`.
const SIMULATED: &str = "sim";

/// Where a gateway keeps everything.
#[derive(Debug, Clone)]
pub(crate) struct DataFolder(PathBuf);

impl DataFolder {
    /// The folder that was asked for, or the user's own.
    pub(crate) fn resolve(asked: Option<PathBuf>) -> anyhow::Result<Self> {
        if let Some(folder) = asked {
            let folder = std::path::absolute(&folder)
                .with_context(|| format!("{} is no folder", folder.display()))?;
            return Ok(Self(folder));
        }
        let base = std::env::var_os("XDG_DATA_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| std::env::home_dir().map(|home| home.join(".local/share")))
            .context("there is no home folder; say with --data DIR where to keep the data")?;
        Ok(Self(base.join("merpati")))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join(DATABASE)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.0.join(CONFIG)
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.0.join(SOCKET)
    }

    pub(crate) fn simulated(&self) -> PathBuf {
        self.0.join(SIMULATED)
    }
}
