//! A modem's port as a pseudo-terminal.
//!
//! We keep the other side (the terminal that the driver opens) open too, so that the line lives on when
//! the driver closes it, as a modem on its cable does. Two things then need care:
//!
//! * What the modem said to nobody must not be read by the next driver, and a driver's exclusive use
//!   (`TIOCEXCL`) must end with it. Only the last close of a terminal would do that, so we do it
//!   when inotify tells that somebody opened or closed it. Polling was the other way, and was rejected.
//! * Output that nobody reads is thrown away once the terminal's buffer and ours are full.
//!
//! Unplugging drops both sides: the driver reads end-of-file or `EIO`.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use rustix::fs::inotify;
use rustix::pty::OpenptFlags;
use rustix::termios::{OptionalActions, QueueSelector};
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

/// Output that waits for a driver to read; more is thrown away.
const MOST_PENDING: usize = 256 * 1024;

/// A pseudo-terminal.
pub(crate) struct Pty {
    ours: AsyncFd<OwnedFd>,
    theirs: OwnedFd,
    pending: Vec<u8>,
    /// Something was typed since it was opened.
    talked: bool,
    users: Arc<Users>,
    watch: Arc<Watch>,
    watched: Option<i32>,
    path: PathBuf,
}

/// What others did to a terminal.
struct Users {
    opened: AtomicBool,
    closed: AtomicBool,
    wake: Arc<Notify>,
}

impl Pty {
    pub(crate) fn open(watch: &Arc<Watch>, wake: Arc<Notify>) -> io::Result<Self> {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let ours = rustix::pty::openpt(flags)?;
        rustix::pty::unlockpt(&ours)?;
        let path = PathBuf::from(OsString::from(OsStr::from_bytes(
            rustix::pty::ptsname(&ours, Vec::new())?.as_bytes(),
        )));
        let theirs = rustix::pty::ioctl_tiocgptpeer(&ours, flags)?;
        make_raw(&theirs)?;
        rustix::io::ioctl_fionbio(&ours, true)?;
        let users = Arc::new(Users {
            opened: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            wake,
        });
        let watched = watch.add(&path, &users);
        Ok(Self {
            ours: registered(ours)?,
            theirs,
            pending: Vec::new(),
            talked: false,
            users,
            watch: Arc::clone(watch),
            watched,
            path,
        })
    }

    /// The terminal: `/dev/pts/7`.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what fits; the rest goes out by [`Pty::poll`].
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        if !self.talked {
            self.watch.drain();
            self.tidy();
        }
        let written = if self.pending.is_empty() {
            rustix::io::write(self.ours.get_ref(), bytes).unwrap_or(0)
        } else {
            0
        };
        let rest = &bytes[written..];
        if self.pending.len() + rest.len() <= MOST_PENDING {
            self.pending.extend_from_slice(rest);
        }
    }

    /// Writes what waits, and reads.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.tidy();
        while !self.pending.is_empty() {
            let Poll::Ready(guard) = self.ours.poll_write_ready(cx) else { break };
            let mut guard = guard?;
            match rustix::io::write(self.ours.get_ref(), &self.pending) {
                Ok(written) => {
                    self.pending.drain(..written);
                }
                Err(rustix::io::Errno::AGAIN) => guard.clear_ready(),
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
        loop {
            let mut guard = ready!(self.ours.poll_read_ready(cx))?;
            match rustix::io::read(self.ours.get_ref(), &mut *buffer) {
                Ok(read) => {
                    // What was opened or closed before these bytes came is dealt with before they are answered.
                    self.watch.drain();
                    self.tidy();
                    self.talked = true;
                    return Poll::Ready(Ok(read));
                }
                Err(rustix::io::Errno::AGAIN) => guard.clear_ready(),
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }

    /// After a close: nothing old to be read, nobody's exclusive use, raw again. After an open: nothing
    /// old to be read, unless somebody else is talking.
    fn tidy(&mut self) {
        if self.users.closed.swap(false, Ordering::AcqRel) {
            self.talked = false;
            self.forget();
            // Neither can fail on a terminal that is open, and nothing would follow from it.
            let _ = rustix::termios::ioctl_tiocnxcl(&self.theirs);
            let _ = make_raw(&self.theirs);
        }
        if self.users.opened.swap(false, Ordering::AcqRel) && !self.talked {
            self.forget();
        }
    }

    /// Throws away what was said and not read.
    fn forget(&mut self) {
        self.pending.clear();
        // As above.
        let _ = rustix::termios::tcflush(self.ours.get_ref(), QueueSelector::OFlush);
        let _ = rustix::termios::tcflush(&self.theirs, QueueSelector::IFlush);
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        if let Some(watched) = self.watched {
            self.watch.remove(watched);
        }
    }
}

fn make_raw(terminal: &OwnedFd) -> io::Result<()> {
    let mut settings = rustix::termios::tcgetattr(terminal)?;
    settings.make_raw();
    rustix::termios::tcsetattr(terminal, OptionalActions::Now, &settings)?;
    Ok(())
}

#[expect(
    deprecated,
    reason = "sound for an OwnedFd, which keeps its descriptor; `register` is unsafe code"
)]
fn registered(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::new(descriptor)
}

/// Tells of all terminals of a simulation when somebody opens or closes them.
pub(crate) struct Watch {
    /// None where inotify is not to be had.
    events: Option<AsyncFd<OwnedFd>>,
    terminals: Mutex<HashMap<i32, Arc<Users>>>,
}

impl Watch {
    pub(crate) fn new() -> Self {
        let flags = inotify::CreateFlags::NONBLOCK | inotify::CreateFlags::CLOEXEC;
        let events =
            inotify::init(flags).map_err(io::Error::from).and_then(registered).inspect_err(
                |error| tracing::warn!(%error, "who opens and closes simulated ports will not be noticed"),
            );
        Self { events: events.ok(), terminals: Mutex::new(HashMap::new()) }
    }

    /// Waits for opens and closes, for ever.
    pub(crate) async fn run(&self) {
        let Some(events) = &self.events else { return std::future::pending().await };
        while let Ok(mut guard) = events.readable().await {
            self.drain();
            guard.clear_ready();
        }
    }

    fn add(&self, path: &Path, users: &Arc<Users>) -> Option<i32> {
        let events = self.events.as_ref()?;
        let flags = inotify::WatchFlags::OPEN
            | inotify::WatchFlags::CLOSE_WRITE
            | inotify::WatchFlags::CLOSE_NOWRITE;
        let mut terminals = self.terminals.lock().unwrap_or_else(PoisonError::into_inner);
        let watched = inotify::add_watch(events.get_ref(), path, flags).ok()?;
        terminals.insert(watched, Arc::clone(users));
        Some(watched)
    }

    fn remove(&self, watched: i32) {
        let mut terminals = self.terminals.lock().unwrap_or_else(PoisonError::into_inner);
        terminals.remove(&watched);
        if let Some(events) = &self.events {
            // The terminal may be gone already, and its watch with it.
            let _ = inotify::remove_watch(events.get_ref(), watched);
        }
    }

    fn drain(&self) {
        let Some(events) = &self.events else { return };
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(events.get_ref(), &mut buffer);
        while let Ok(event) = reader.next() {
            let terminals = self.terminals.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(users) = terminals.get(&event.wd()) {
                let opened = event.events().contains(inotify::ReadFlags::OPEN);
                let flag = if opened { &users.opened } else { &users.closed };
                flag.store(true, Ordering::Release);
                users.wake.notify_one();
            }
        }
    }
}
