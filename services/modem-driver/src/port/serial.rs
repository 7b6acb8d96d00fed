//! Opening a tty of this host: raw, not blocking, and for us alone.
//!
//! `TIOCEXCL` keeps others from opening it but not root, and containers see the same tty under other
//! paths; the lock on the file (`flock`) stops a second driver that runs as root. tokio-serial takes both.
//! The input is not flushed: the answer to what was sent before a crash may still be in it.

use std::io;
use std::path::{Path, PathBuf};

use contracts::Timestamp;
use contracts::modem::ModemProblem;
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use rustix::termios;
use tokio_serial::{ErrorKind, SerialPort as _, SerialStream};

/// Why a port could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no such device.
    #[error("there is no {0}")]
    Missing(PathBuf),
    /// The driver may not open the device.
    #[error("no permission to open {0}")]
    Permission(PathBuf),
    /// Another program has the device open.
    #[error("another program holds {0}")]
    Busy(PathBuf),
    /// A file, a folder, a disk.
    #[error("{0} is no serial port")]
    NotSerial(PathBuf),
    /// The device behind it does not answer the system.
    #[error("{0} cannot be opened ({1})")]
    Broken(PathBuf, #[source] io::Error),
    /// A far port did not answer in time.
    #[error("{0} does not answer")]
    NoAnswer(String),
    /// A far port refused the connection, or there is no such host.
    #[error("cannot connect to {0} ({1})")]
    Connect(String, #[source] io::Error),
    /// The system ran short of something.
    #[error("the system refused to open the port ({0})")]
    Io(#[source] io::Error),
}

impl OpenError {
    /// Returns a stable name of this kind of error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "port-missing",
            Self::Permission(_) => "port-permission",
            Self::Busy(_) => "port-busy",
            Self::NotSerial(_) => "port-not-serial",
            Self::Broken(..) | Self::Io(_) => "port-broken",
            Self::NoAnswer(_) => "port-no-answer",
            Self::Connect(..) => "port-refused",
        }
    }

    /// Returns what is wrong with the port, as the modems page has it.
    pub(crate) fn problem(&self, at: Timestamp) -> ModemProblem {
        ModemProblem {
            code: self.code().to_owned(),
            text: format!("{self}."),
            advice: self.advice(),
            at,
        }
    }

    /// Returns a sentence that says what to do about the error.
    pub fn advice(&self) -> String {
        match self {
            Self::Missing(_) => {
                "Plug the modem in; when it is plugged in, look with `dmesg` whether the system knows it."
                    .to_owned()
            }
            Self::Permission(path) => format!(
                "Add the user that runs Merpati to the group that owns {} (on Debian: `adduser USER dialout`), then log in anew.",
                path.display()
            ),
            Self::Busy(path) => format!(
                "See who holds it with `fuser -v {}`; ModemManager is stopped by `systemctl disable --now ModemManager`.",
                path.display()
            ),
            Self::NotSerial(_) => "Give the path of a serial port, such as /dev/ttyUSB0.".to_owned(),
            Self::Broken(..) => "Unplug the modem, wait a moment and plug it in again.".to_owned(),
            Self::NoAnswer(_) | Self::Connect(..) => {
                "Check that the terminal server runs and that host and port are right.".to_owned()
            }
            Self::Io(_) => "Look into the system's log.".to_owned(),
        }
    }
}

/// Opens the tty at `path` for us alone: raw, 8N1, no flow control, `baud` bits per second.
///
/// Only within a tokio runtime.
pub(crate) fn open(path: &Path, baud: u32) -> Result<SerialStream, OpenError> {
    let at = || path.to_path_buf();
    // Says why not more exactly than the library, and touches nothing of who has it already.
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let probe = rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| match errno {
        Errno::NOENT | Errno::NOTDIR => OpenError::Missing(at()),
        Errno::ACCESS | Errno::PERM => OpenError::Permission(at()),
        Errno::BUSY => OpenError::Busy(at()),
        Errno::ISDIR => OpenError::NotSerial(at()),
        other => OpenError::Broken(at(), other.into()),
    })?;
    if !termios::isatty(&probe) {
        return Err(OpenError::NotSerial(at()));
    }
    for operation in [FlockOperation::NonBlockingLockExclusive, FlockOperation::Unlock] {
        rustix::fs::flock(&probe, operation).map_err(|errno| match errno {
            Errno::WOULDBLOCK => OpenError::Busy(at()),
            other => OpenError::Broken(at(), other.into()),
        })?;
    }
    // The probe is closed after this: a tty that nobody has open drops DTR.
    SerialStream::open(&tokio_serial::new(path.to_string_lossy(), baud)).map_err(|error| {
        match error.kind() {
            // Its word for a lock that another has.
            ErrorKind::NoDevice => OpenError::Busy(at()),
            _ => OpenError::Broken(at(), error.into()),
        }
    })
}

/// Holds DTR low until the port is opened again, where it has such a line.
pub(crate) fn drop_dtr(port: &mut SerialStream) {
    if let Err(error) = port.write_data_terminal_ready(false) {
        tracing::debug!("DTR could not be dropped: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::OwnedFd;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    fn pseudo_terminal() -> (OwnedFd, PathBuf) {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        (master, PathBuf::from(path))
    }

    #[tokio::test]
    async fn a_second_driver_is_kept_out() {
        let (_master, path) = pseudo_terminal();
        let first = open(&path, 115_200).unwrap();
        let second = open(&path, 115_200).unwrap_err();
        assert!(matches!(second, OpenError::Busy(_)), "{second}");
        assert!(second.advice().contains("ModemManager"));
        drop(first);
        open(&path, 115_200).unwrap();
    }

    /// Root may open it in spite of `TIOCEXCL`: then only the lock keeps a second driver out.
    #[tokio::test]
    async fn the_lock_holds_under_another_name_too() {
        let (_master, path) = pseudo_terminal();
        let _first = open(&path, 115_200).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("modem");
        std::os::unix::fs::symlink(&path, &other).unwrap();
        assert_eq!(open(&other, 115_200).unwrap_err().code(), "port-busy");
    }

    #[tokio::test]
    async fn a_file_that_is_no_port_is_told_apart() {
        let open = |path| open(Path::new(path), 9_600);
        assert_eq!(open("/dev/null").unwrap_err().code(), "port-not-serial");
        assert_eq!(open("/dev").unwrap_err().code(), "port-not-serial");
        let missing = open("/dev/ttyNoSuchPort").unwrap_err();
        assert_eq!(missing.code(), "port-missing");
        assert_eq!(missing.to_string(), "there is no /dev/ttyNoSuchPort");
    }
}
