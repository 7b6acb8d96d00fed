//! Space on the disk of the data folder, watched, and a reserve of it for what was accepted already.
//!
//! A broker and a database whose disk is full lose nothing and do nothing either, and what was accepted waits.
//! So new messages are refused while there is still room for the events, journal entries and rows of those in
//! hand. Free space tells no event when it shrinks: it is looked at once a second, which costs microseconds.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use crate::Shutdown;
use crate::config::Size;

/// How often it is looked at.
const EACH: Duration = Duration::from_secs(1);
/// A disk that was not seen for so long does not answer.
const SILENCE: Duration = Duration::from_secs(15);

/// Bytes of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// What users other than root may still write.
    pub free: u64,
    /// All of it.
    pub total: u64,
}

impl Space {
    /// Of the disk that a folder is on.
    ///
    /// # Errors
    /// The system's.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let disk = rustix::fs::statvfs(folder)?;
        Ok(Self {
            free: disk.f_bavail.saturating_mul(disk.f_frsize),
            total: disk.f_blocks.saturating_mul(disk.f_frsize),
        })
    }
}

/// Why nothing new is accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiskTrouble {
    /// Less than the reserve is free.
    #[error(
        "the disk of {} is full: {} are free, and {} are kept for messages accepted before. Make room there, or \
         lower disk.reserve", folder.display(), Size(*free), Size(*reserve)
    )]
    Full {
        /// A folder on it.
        folder: PathBuf,
        /// Bytes that are free.
        free: u64,
        /// Bytes that are kept free.
        reserve: u64,
    },
    /// The system does not say how much is free.
    #[error("the disk of {} does not answer", folder.display())]
    Silent {
        /// A folder on it.
        folder: PathBuf,
    },
}

/// The disk of the data folder. Clones watch the same one.
#[derive(Clone)]
pub struct Disk(Arc<Watched>);

struct Watched {
    folder: PathBuf,
    reserve: u64,
    seen: watch::Receiver<(Instant, Space)>,
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Disk({}, {:?})", self.0.folder.display(), self.space())
    }
}

impl Disk {
    /// Watches the disk of `folder`, which exists, until the hard shutdown. The reserve is at most half of the
    /// disk, so that one of any size can be used.
    ///
    /// # Errors
    /// When the system does not say how much is free.
    pub fn watch(folder: &Path, reserve: Size, shutdown: &Shutdown) -> io::Result<Self> {
        let space = Space::of(folder)?;
        let reserve = reserve.0.min(space.total / 2);
        let (tell, seen) = watch::channel((Instant::now(), space));
        let disk = Self(Arc::new(Watched { folder: folder.to_owned(), reserve, seen }));
        let stop = shutdown.hard.clone();
        let watched = disk.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = watched.look(tell) => {}
                () = stop.cancelled() => {}
            }
        });
        Ok(disk)
    }

    /// What is free, as it was a second ago.
    pub fn space(&self) -> Space {
        self.0.seen.borrow().1
    }

    /// Bytes that are kept for what was accepted before.
    pub fn reserve(&self) -> u64 {
        self.0.reserve
    }

    /// Whether there is room for new messages.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub fn has_room(&self) -> Result<(), DiskTrouble> {
        let (at, space) = *self.0.seen.borrow();
        let folder = || self.0.folder.clone();
        if at.elapsed() > SILENCE {
            return Err(DiskTrouble::Silent { folder: folder() });
        }
        if space.free < self.0.reserve {
            let (free, reserve) = (space.free, self.0.reserve);
            return Err(DiskTrouble::Full { folder: folder(), free, reserve });
        }
        Ok(())
    }

    /// Returns when at least `bytes` are free.
    pub async fn freed(&self, bytes: u64) {
        let mut seen = self.0.seen.clone();
        if seen.wait_for(|(_, space)| space.free >= bytes).await.is_err() {
            // It is watched no more: the program is leaving.
            std::future::pending::<()>().await;
        }
    }

    async fn look(self, tell: watch::Sender<(Instant, Space)>) {
        let (free, reserve) = (
            metrics::gauge!("merpati_disk_free_bytes"),
            metrics::gauge!("merpati_disk_reserve_bytes"),
        );
        let mut each = tokio::time::interval(EACH);
        each.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut was_full = false;
        loop {
            each.tick().await;
            let folder = self.0.folder.clone();
            // On a disk that hangs it does not return: a thread waits, and the time of the last look tells.
            let space = match tokio::task::spawn_blocking(move || Space::of(&folder)).await {
                Ok(Ok(space)) => space,
                Ok(Err(error)) => {
                    tracing::debug!(%error, "the disk cannot be looked at");
                    continue;
                }
                Err(_) => return,
            };
            free.set(precise(space.free));
            reserve.set(precise(self.0.reserve));
            tell.send_replace((Instant::now(), space));
            let trouble = self.has_room().err();
            match &trouble {
                Some(trouble) if !was_full => {
                    tracing::error!("no new messages are accepted: {trouble}");
                }
                None if was_full => {
                    tracing::info!("the disk has room again; new messages are accepted");
                }
                _ => {}
            }
            was_full = trouble.is_some();
        }
    }
}

/// Bytes as a metric: exact up to 9 PB.
#[expect(clippy::cast_precision_loss, reason = "nobody minds a byte in 9 PB")]
fn precise(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reserve_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let shutdown = Shutdown::new();
        let none = Disk::watch(folder.path(), Size(0), &shutdown).unwrap();
        assert_eq!(none.has_room(), Ok(()));
        none.freed(1).await;
        let total = Space::of(folder.path()).unwrap().total;
        let half = Disk::watch(folder.path(), Size(u64::MAX), &shutdown).unwrap();
        assert_eq!(half.reserve(), total / 2);
        shutdown.hard.cancel();
    }

    #[test]
    fn a_full_disk_is_told_with_numbers() {
        let full = DiskTrouble::Full {
            folder: "/var/lib/merpati".into(),
            free: 1_234_567,
            reserve: 256_000_000,
        };
        let words = full.to_string();
        assert!(words.contains("the disk of /var/lib/merpati is full: 1.2 MB are free"), "{words}");
        assert!(words.contains("256 MB are kept"), "{words}");
    }
}
