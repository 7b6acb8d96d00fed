//! The socket in the data folder, by which the command line of the gateway's own user comes in.
//!
//! One process has it at a time: who holds the lock beside it. So a socket that a killed process left is replaced, and
//! one that another process serves is neither taken from it nor removed under it.

use std::fs::File;
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, fchmod, flock};
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with,
};

/// Connections that may wait to be taken.
const BACKLOG: i32 = 128;

/// A socket that is listened on; its file goes when this is dropped.
#[derive(Debug)]
pub(crate) struct LocalSocket {
    path: PathBuf,
    /// Device and number of the file that was made.
    file: (u64, u64),
    listener: UnixListener,
    /// Last, so that the file is gone before another process may have the lock.
    _lock: File,
}

impl LocalSocket {
    /// Listens at `path`, where only this user may connect; none: another process serves it.
    pub(crate) fn bind(path: &Path) -> io::Result<Option<Self>> {
        let mut options = File::options();
        let lock = options.create(true).truncate(false).write(true).mode(0o600);
        let lock = lock.open(beside(path, ".lock"))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
            locked => locked?,
        }
        // Moved into its place, so that there is never a moment without a socket or with one that nobody listens on.
        let unready = beside(path, ".new");
        remove(&unready)?;
        let listener = listen_privately(&unready)?;
        let file = identity(&unready)?;
        std::fs::rename(&unready, path)?;
        Ok(Some(Self { path: path.to_owned(), file, listener, _lock: lock }))
    }

    /// Another handle of the listener.
    pub(crate) fn listener(&self) -> io::Result<UnixListener> {
        self.listener.try_clone()
    }
}

impl Drop for LocalSocket {
    fn drop(&mut self) {
        // What somebody put there by hand meanwhile is theirs.
        if identity(&self.path).is_ok_and(|file| file == self.file) {
            // Left behind, it is replaced at the next start.
            let _ = remove(&self.path);
        }
    }
}

/// A listener whose file is only its owner's from the moment it is there: Linux gives the file of a socket the
/// permissions that the socket itself has when it is bound.
fn listen_privately(path: &Path) -> io::Result<UnixListener> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
    bind(&socket, &SocketAddrUnix::new(path)?)?;
    listen(&socket, BACKLOG)?;
    Ok(socket.into())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = std::fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::net::UnixStream;

    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("merpati.sock");
        (folder, path)
    }

    #[test]
    fn it_is_private_from_the_moment_it_is_there() {
        let (_folder, path) = folder();
        let _listener = listen_privately(&path).unwrap();
        // Nothing has set the permissions since.
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{mode:o}");
        assert!(UnixStream::connect(&path).is_ok());
    }

    #[test]
    fn what_another_process_serves_stays_with_it() {
        let (_folder, path) = folder();
        let first = LocalSocket::bind(&path).unwrap().expect("nobody else has it");
        assert!(LocalSocket::bind(&path).unwrap().is_none());
        assert!(UnixStream::connect(&path).is_ok(), "the first still listens");
        drop(first);
        assert!(!path.exists());
        assert!(LocalSocket::bind(&path).unwrap().is_some());
    }

    #[test]
    fn what_a_killed_process_left_is_replaced() {
        let (_folder, path) = folder();
        // Dropped, a listener leaves its file, as a killed process does; its lock is gone.
        drop(listen_privately(&path).unwrap());
        drop(listen_privately(&beside(&path, ".new")).unwrap());
        assert!(UnixStream::connect(&path).is_err());
        let _socket = LocalSocket::bind(&path).unwrap().expect("nobody has it");
        assert!(UnixStream::connect(&path).is_ok());
    }

    #[test]
    fn only_its_own_file_is_removed() {
        let (_folder, path) = folder();
        let socket = LocalSocket::bind(&path).unwrap().expect("nobody else has it");
        std::fs::remove_file(&path).unwrap();
        let _other = listen_privately(&path).unwrap();
        drop(socket);
        assert!(UnixStream::connect(&path).is_ok());
    }
}
