//! Copies of what was set before an import, in the data folder: the last ones, for their owner alone.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use contracts::Timestamp;

use crate::data;

/// How many are kept.
const KEPT: usize = 20;
/// What their names begin and end with; other files of the folder are left alone.
const NAME: (&str, &str) = ("config-", ".toml");
/// The most that are made within one second.
const A_SECOND: u32 = 100;

/// Keeps a copy, removes the oldest when there are more than are kept, and returns where the copy is.
///
/// # Errors
/// The folder or the file cannot be made. Nothing was removed then.
pub(super) fn keep(data: &Path, text: &str, now: Timestamp) -> io::Result<PathBuf> {
    let folder = data::backups(data);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
    let second = now.to_jiff().strftime("%Y-%m-%dT%H-%M-%SZ").to_string();
    let mut made = None;
    for number in 0..A_SECOND {
        let path = folder.join(format!("{}{second}-{number:02}{}", NAME.0, NAME.1));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => {
                made = Some((file, path));
                break;
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    let (mut file, path) = made.ok_or_else(|| io::Error::from(io::ErrorKind::AlreadyExists))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    remove_oldest(&folder)?;
    Ok(path)
}

fn remove_oldest(folder: &Path) -> io::Result<()> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        let is_one =
            name.to_str().is_some_and(|name| name.starts_with(NAME.0) && name.ends_with(NAME.1));
        if is_one {
            names.push(name);
        }
    }
    names.sort();
    let most = names.len().saturating_sub(KEPT);
    for name in names.into_iter().take(most) {
        match std::fs::remove_file(folder.join(name)) {
            // Another import removed it.
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_last_copies_are_kept_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let begin: Timestamp = "2026-12-01T08:00:00Z".parse().unwrap();
        let mut paths = Vec::new();
        for second in 0..12 {
            let now = begin.plus(std::time::Duration::from_secs(second));
            for _ in 0..2 {
                paths.push(keep(&data, &format!("{second}"), now).unwrap());
            }
        }
        std::fs::write(data::backups(&data).join("mine.toml"), "x").unwrap();
        let last = keep(&data, "last", begin.plus(std::time::Duration::from_secs(60))).unwrap();
        assert!(last.ends_with("backups/config-2026-12-01T08-01-00Z-00.toml"), "{last:?}");
        let left = std::fs::read_dir(data::backups(&data)).unwrap().count();
        assert_eq!(left, KEPT + 1, "and what is somebody's own");
        assert!(paths[..5].iter().all(|path| !path.exists()));
        assert!(paths[5..].iter().all(|path| path.exists()));
        assert_eq!(std::fs::read_to_string(&last).unwrap(), "last");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&last), mode(&data::backups(&data))), (0o600, 0o700));
    }

    #[test]
    fn where_nothing_can_be_kept_it_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("file");
        std::fs::write(&data, "x").unwrap();
        assert!(keep(&data, "x", "2026-12-01T08:00:00Z".parse().unwrap()).is_err());
    }
}
