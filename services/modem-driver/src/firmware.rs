//! What was seen of firmwares on this host: whether a stored message that went out is marked as sent.
//!
//! With `send = "auto"` the first message through a firmware shows it; kept in the driver's folder, so that no
//! modem is looked at twice and all of one firmware are known at once.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// All that was seen; clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Firmwares {
    file: Option<PathBuf>,
    seen: Arc<Mutex<BTreeMap<String, bool>>>,
}

impl Firmwares {
    /// What is kept in `folder`; without one it is known as long as the process lives.
    pub(crate) fn open(folder: Option<&Path>) -> Self {
        let file = folder.map(|folder| folder.join("firmware.json"));
        let seen: BTreeMap<String, bool> = file
            .as_ref()
            .and_then(|file| fs::read(file).ok())
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Self { file, seen: Arc::new(Mutex::new(seen)) }
    }

    /// By the name of the firmware.
    pub(crate) fn all(&self) -> BTreeMap<String, bool> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A message of this firmware was looked at after it had gone out.
    pub(crate) fn saw(&self, firmware: String, marks: bool) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(firmware, marks);
        let Some(file) = &self.file else { return };
        // A name that somebody could have made longer and longer is not kept for ever.
        while seen.len() > 256 {
            seen.pop_first();
        }
        if let Err(error) = write(file, &seen) {
            tracing::warn!(file = %file.display(), "what a firmware does could not be kept, and is found out again: {error}");
        }
    }
}

fn write(file: &Path, seen: &BTreeMap<String, bool>) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = file.with_extension("new");
    fs::write(&new, serde_json::to_vec_pretty(seen)?)?;
    fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("driver");
        let firmwares = Firmwares::open(Some(&folder));
        firmwares.clone().saw("Acme/M1/1.0".to_owned(), true);
        assert_eq!(firmwares.all().len(), 1);
        let again = Firmwares::open(Some(&folder)).all();
        assert_eq!(again.get("Acme/M1/1.0"), Some(&true));
        fs::write(folder.join("firmware.json"), "{").unwrap();
        assert!(Firmwares::open(Some(&folder)).all().is_empty());
    }
}
