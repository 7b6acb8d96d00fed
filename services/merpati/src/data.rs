//! What lies in the data folder of a gateway.

use std::path::{Path, PathBuf};

/// The API's socket, for the command line.
pub(crate) fn socket(data: &Path) -> PathBuf {
    data.join("merpati.sock")
}

/// The SQLite database.
pub(crate) fn database(data: &Path) -> PathBuf {
    data.join("merpati.db")
}

/// PINs, and which of them were refused.
pub(crate) fn modems(data: &Path) -> PathBuf {
    data.join("modems")
}

/// Ports of the simulated modems of `merpati up --sim`.
pub(crate) fn simulated(data: &Path) -> PathBuf {
    data.join("sim")
}

/// Copies of what was set before `merpati config import`.
pub(crate) fn backups(data: &Path) -> PathBuf {
    data.join("backups")
}
