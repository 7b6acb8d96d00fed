//! Stopping in two steps: soft, then hard.
//!
//! Soft: take no new work, finish what is in hand, say goodbye to modems and clients. Hard: leave
//! now; what is unfinished is on disk or in the broker. Tasks are spawned on the tracker, so that
//! whoever stops the program knows when all of them have ended.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The two tokens and the tasks that heed them. Clones are the same shutdown.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    /// Finish what is in hand and take no new work.
    pub soft: CancellationToken,
    /// Leave now.
    pub hard: CancellationToken,
    /// The tasks that are waited for.
    pub tasks: TaskTracker,
}

impl Shutdown {
    /// A shutdown nobody has asked for.
    pub fn new() -> Self {
        Self::default()
    }

    /// A shutdown of a part: it stops with this one, and can be stopped alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            soft: self.soft.child_token(),
            hard: self.hard.child_token(),
            tasks: TaskTracker::new(),
        }
    }

    /// Spawns a task that [`Shutdown::stop`] waits for. The task itself heeds the tokens.
    pub fn spawn<F>(&self, task: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.tasks.spawn(task)
    }

    /// Asks for the soft step.
    pub fn request(&self) {
        self.soft.cancel();
    }

    /// Whether it was asked for.
    pub fn is_requested(&self) -> bool {
        self.soft.is_cancelled()
    }

    /// Returns when it is asked for.
    pub async fn requested(&self) {
        self.soft.cancelled().await;
    }

    /// Stops: soft, then hard after `patience`, then waits one second more.
    ///
    /// Returns whether all tasks ended by themselves.
    pub async fn stop(&self, patience: Duration) -> bool {
        self.soft.cancel();
        self.tasks.close();
        let in_peace = tokio::time::timeout(patience, self.tasks.wait()).await.is_ok();
        self.hard.cancel();
        if !in_peace {
            tracing::warn!(
                tasks = self.tasks.len(),
                "not everything ended within {} s; ending it now",
                patience.as_secs()
            );
            let _ = tokio::time::timeout(Duration::from_secs(1), self.tasks.wait()).await;
        }
        in_peace
    }

    /// Asks for the soft step at the first SIGTERM or SIGINT (Ctrl-C) and for the hard one at the second.
    ///
    /// # Errors
    /// When the signals cannot be listened to.
    pub fn on_signals(&self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (soft, hard) = (self.soft.clone(), self.hard.clone());
        // Not on the tracker: it would never end.
        tokio::spawn(async move {
            for token in [soft, hard] {
                tokio::select! {
                    _ = terminate.recv() => tracing::info!("stopping: SIGTERM"),
                    _ = interrupt.recv() => tracing::info!("stopping: Ctrl-C; press it again to leave at once"),
                }
                token.cancel();
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tasks_that_heed_it_end_in_peace() {
        let shutdown = Shutdown::new();
        let part = shutdown.clone();
        shutdown.spawn(async move { part.requested().await });
        assert!(!shutdown.is_requested());
        assert!(shutdown.stop(Duration::from_secs(20)).await);
        assert!(shutdown.hard.is_cancelled());
    }

    #[tokio::test]
    async fn tasks_that_do_not_are_told_to_leave() {
        let shutdown = Shutdown::new();
        let part = shutdown.clone();
        let stubborn = shutdown.spawn(async move { part.hard.cancelled().await });
        assert!(!shutdown.stop(Duration::from_millis(20)).await);
        stubborn.await.unwrap();
    }

    #[tokio::test]
    async fn a_part_stops_alone_and_with_the_whole() {
        let shutdown = Shutdown::new();
        let part = shutdown.child();
        part.request();
        assert!(!shutdown.is_requested());
        let other = shutdown.child();
        shutdown.request();
        assert!(other.is_requested());
    }
}
