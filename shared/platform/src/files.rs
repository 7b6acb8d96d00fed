//! Files that are nobody else's business, and the lock on the data folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// The file in the data folder that is locked.
pub const LOCK_FILE: &str = "lock";

/// Makes a folder that only its owner can enter (0700), with those above it. One that is there stays as
/// it is.
///
/// # Errors
/// The system's.
pub fn create_private_dir(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Writes a file that only its owner can read (0600): all of it or nothing, and on the disk when this
/// returns.
///
/// # Errors
/// The system's.
pub fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = dir.join(format!(".{name}.{}", std::process::id()));
    // A draft left behind by a crash may have other rights.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&draft, path))
        .and_then(|()| File::open(dir)?.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Reads a small text file; none when there is none.
///
/// # Errors
/// The system's, but for a missing file.
pub fn read_if_there(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Why the data folder is not ours.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another gateway has it.
    #[error(
        "the data folder {dir} is in use by another gateway{}; stop it first, or give this one its own \
         folder with --data", .process.map(|id| format!(" (process {id})")).unwrap_or_default()
    )]
    InUse {
        /// The folder.
        dir: PathBuf,
        /// Who has it, when that can be told.
        process: Option<u32>,
    },
    /// The folder cannot be made or written.
    #[error("cannot use the data folder {dir}: {source}")]
    Unusable {
        /// The folder.
        dir: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The right to use a data folder, until it is dropped or the process ends.
///
/// Two nats-servers or two gateways on one store would destroy it without a complaint.
#[derive(Debug)]
pub struct FolderLock {
    dir: PathBuf,
    _file: File,
}

impl FolderLock {
    /// Makes the folder if it is not there, and locks it.
    ///
    /// # Errors
    /// When another gateway has it, or it cannot be written.
    pub fn acquire(dir: &Path) -> Result<Self, LockError> {
        let unusable = |source| LockError::Unusable { dir: dir.to_owned(), source };
        create_private_dir(dir).map_err(unusable)?;
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(dir.join(LOCK_FILE))
            .map_err(unusable)?;
        if let Err(error) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
            if error != rustix::io::Errno::WOULDBLOCK {
                return Err(unusable(error.into()));
            }
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            return Err(LockError::InUse {
                dir: dir.to_owned(),
                process: holder.trim().parse().ok(),
            });
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(unusable)?;
        Ok(Self { dir: dir.to_owned(), _file: file })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The process that has a folder; none when it is free.
    pub fn holder(dir: &Path) -> Option<u32> {
        let file = File::open(dir.join(LOCK_FILE)).ok()?;
        if flock(&file, FlockOperation::NonBlockingLockShared).is_ok() {
            return None;
        }
        fs::read_to_string(dir.join(LOCK_FILE)).ok()?.trim().parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_private_file_is_private_and_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write_private(&path, b"new").unwrap();
        assert_eq!(read_if_there(&path).unwrap().as_deref(), Some("new"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert_eq!(read_if_there(&dir.path().join("none")).unwrap(), None);
    }

    #[test]
    fn a_folder_has_one_gateway() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        assert_eq!(FolderLock::holder(&data), None);
        let lock = FolderLock::acquire(&data).unwrap();
        let error = FolderLock::acquire(&data).unwrap_err();
        let own = std::process::id();
        assert!(
            matches!(error, LockError::InUse { process: Some(id), .. } if id == own),
            "{error}"
        );
        assert!(error.to_string().contains(&format!("(process {own})")), "{error}");
        assert_eq!(FolderLock::holder(&data), Some(own));
        drop(lock);
        assert_eq!(FolderLock::holder(&data), None);
        FolderLock::acquire(&data).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_said_to_be() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        let error = FolderLock::acquire(&dir.path().join("file/data")).unwrap_err();
        assert!(error.to_string().starts_with("cannot use the data folder"), "{error}");
    }
}
