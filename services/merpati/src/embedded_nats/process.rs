//! The process of the private broker, started by this program or adopted from one that was killed.

use std::io;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal};
use tokio::process::Child;
use tokio::task::JoinHandle;

const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// The process, ours or adopted.
pub(super) enum Process {
    Child(Child),
    Adopted(Pid, JoinHandle<()>),
}

impl Process {
    pub(super) fn adopted(pid: Pid) -> io::Result<Self> {
        let descriptor = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::NONBLOCK)?;
        // A pidfd becomes readable when its process ends. A thread waits for that, as tokio's way to wait
        // for a descriptor wants unsafe code.
        let ended = tokio::task::spawn_blocking(move || {
            let mut watched = [PollFd::new(&descriptor, PollFlags::IN)];
            while poll(&mut watched, None) == Err(Errno::INTR) {}
        });
        Ok(Self::Adopted(pid, ended))
    }

    pub(super) fn signal(&self, signal: Signal) {
        let pid = match self {
            Self::Child(child) => child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)),
            Self::Adopted(pid, _) => Some(*pid),
        };
        if let Some(pid) = pid {
            // It may have ended by itself.
            let _ = rustix::process::kill_process(pid, signal);
        }
    }

    pub(super) async fn ended(&mut self) {
        match self {
            Self::Child(child) => {
                let _ = child.wait().await;
            }
            Self::Adopted(_, ended) => {
                let _ = ended.await;
            }
        }
    }

    pub(super) async fn stop(mut self) {
        self.end().await;
    }

    pub(super) async fn end(&mut self) {
        self.signal(Signal::TERM);
        if tokio::time::timeout(STOP_PATIENCE, self.ended()).await.is_err() {
            tracing::warn!("nats-server does not stop; it is killed");
            self.signal(Signal::KILL);
            self.ended().await;
        }
    }
}
