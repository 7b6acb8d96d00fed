//! Waiting for something to change in a folder: a device node that appears, a udev rule that gives
//! permission. By inotify, so a modem plugged in is opened within milliseconds.
//!
//! A folder that is not there is waited for in the nearest one above it that is. Where inotify is
//! not to be had (its watches are used up), the caller's own timer remains.

use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use inotify::{EventStream, Inotify, WatchMask};

/// A watch on one folder.
pub(crate) struct FolderWatch {
    stream: Option<EventStream<Vec<u8>>>,
}

impl FolderWatch {
    /// Watches `folder`, or the nearest folder above it.
    pub(crate) fn on(folder: &Path) -> Self {
        let stream = watch(folder);
        if let Err(error) = &stream {
            tracing::debug!(folder = %folder.display(), "the folder cannot be watched by inotify: {error}");
        }
        Self { stream: stream.ok() }
    }

    /// Returns when something in the folder appeared, went, or changed its permissions.
    pub(crate) async fn changed(&mut self) {
        let Some(stream) = &mut self.stream else { return std::future::pending().await };
        if !matches!(stream.next().await, Some(Ok(_))) {
            self.stream = None;
            std::future::pending::<()>().await;
        }
    }
}

/// Returns when something happened in the folder of `path` that may let it be opened.
pub(crate) async fn stirs_at(path: &Path) {
    let folder = path.parent().map_or_else(|| PathBuf::from("/"), Path::to_path_buf);
    FolderWatch::on(&folder).changed().await;
}

fn watch(folder: &Path) -> std::io::Result<EventStream<Vec<u8>>> {
    let existing = folder.ancestors().find(|dir| dir.is_dir()).unwrap_or(Path::new("/"));
    let inotify = Inotify::init()?;
    let mask = WatchMask::CREATE
        | WatchMask::DELETE
        | WatchMask::MOVED_TO
        | WatchMask::MOVED_FROM
        | WatchMask::ATTRIB
        | WatchMask::DELETE_SELF;
    inotify.watches().add(existing, mask)?;
    inotify.into_event_stream(vec![0; 4096])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_file_that_appears_is_seen_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut watch = FolderWatch::on(&dir.path().join("not/yet/there"));
        std::fs::create_dir(dir.path().join("not")).unwrap();
        tokio::time::timeout(Duration::from_secs(20), watch.changed()).await.unwrap();

        let path = dir.path().join("ttyUSB0");
        let mut watch = FolderWatch::on(path.parent().unwrap());
        std::fs::write(&path, "").unwrap();
        tokio::time::timeout(Duration::from_secs(20), watch.changed()).await.unwrap();
    }
}
