//! A disk that is small enough to be filled, and files that cannot be written any more.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A file system in memory (tmpfs), mounted for one test.
#[derive(Debug)]
pub struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// Mounts one of `megabytes`. None where mounting is not allowed, which is said: the test that needs a full
    /// disk was not run then. (As another user than root: `unshare -Urm cargo test …` allows it.)
    ///
    /// # Panics
    /// When there is no temporary folder.
    pub fn mount(megabytes: u32) -> Option<Self> {
        let folder = TempDir::with_prefix("merpati-disk-").expect("a temporary folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m,mode=700"), "tmpfs"])
            .arg(folder.path())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self { folder }),
            refused => {
                println!(
                    "NOT TRIED: no disk can be mounted here ({refused:?}); run it as root, or by unshare -Urm"
                );
                None
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Bytes that are free.
    ///
    /// # Panics
    /// When the system does not say.
    pub fn free(&self) -> u64 {
        let disk = rustix::fs::statvfs(self.path()).expect("the disk answers");
        disk.f_bavail.saturating_mul(disk.f_frsize)
    }

    /// Fills it to the last byte.
    ///
    /// # Panics
    /// When it does not get full.
    pub fn fill(&self) {
        let mut file = File::options().create(true).append(true).open(self.stuffing());
        let file = file.as_mut().expect("a file to fill the disk with");
        for size in [1 << 16, 1 << 12, 1] {
            let chunk = vec![0; size];
            while file.write_all(&chunk).is_ok() {}
        }
        assert_eq!(self.free(), 0, "the disk is full");
    }

    /// Makes the space free again that [`SmallDisk::fill`] took.
    ///
    /// # Panics
    /// When it was not filled.
    pub fn empty(&self) {
        fs::remove_file(self.stuffing()).expect("the disk was filled");
    }

    fn stuffing(&self) -> PathBuf {
        self.path().join("stuffing")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: what still has files open on it was killed and may not have ended yet.
        let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}

/// Files that nobody can write, root included, nor by a handle that was opened before: as on a disk that the system made
/// read-only after a fault. They can be written again when this is dropped.
#[derive(Debug)]
pub struct Unwritable {
    files: Vec<PathBuf>,
}

impl Unwritable {
    /// Makes these so (`chattr +i`). None where that is not allowed, or does not count for files that are open, as on
    /// tmpfs, which is said: the test that needs it was not run then.
    ///
    /// # Panics
    /// When no file can be made beside them.
    pub fn make(files: &[PathBuf]) -> Option<Self> {
        let folder = files.first()?.parent()?;
        let probe = Self { files: vec![folder.join("unwritable-probe")] };
        let mut open = File::create(probe.files.first()?).expect("a file beside them");
        let works = probe.set("+i") && open.write_all(b"x").is_err();
        drop(probe);
        let unwritable = Self { files: files.to_vec() };
        if works && unwritable.set("+i") {
            return Some(unwritable);
        }
        println!(
            "NOT TRIED: open files cannot be made unwritable in {}; run it as root, with TMPDIR on ext4",
            folder.display()
        );
        None
    }

    fn set(&self, flag: &str) -> bool {
        let done = Command::new("chattr").arg(flag).args(&self.files).output();
        done.is_ok_and(|done| done.status.success())
    }
}

impl Drop for Unwritable {
    fn drop(&mut self) {
        self.set("-i");
    }
}
