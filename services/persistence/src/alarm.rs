//! When the due messages are looked at next, and a way to make that sooner.

use std::sync::atomic::{AtomicI64, Ordering};

use contracts::Timestamp;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// See the module. Nobody is woken for what is due after the next look.
#[derive(Debug)]
pub(crate) struct Alarm {
    next_look: AtomicI64,
    sooner: Notify,
}

impl Default for Alarm {
    fn default() -> Self {
        Self { next_look: AtomicI64::new(i64::MAX), sooner: Notify::new() }
    }
}

impl Alarm {
    /// Something is due then.
    pub(crate) fn no_later(&self, at: Timestamp) {
        if at.as_micros() < self.next_look.load(Ordering::SeqCst) {
            self.sooner.notify_one();
        }
    }

    /// A look begins: whatever is told from now on wakes.
    pub(crate) fn looking(&self) -> Notified<'_> {
        self.next_look.store(i64::MAX, Ordering::SeqCst);
        self.sooner.notified()
    }

    /// The next look is then.
    pub(crate) fn set(&self, at: Timestamp) {
        self.next_look.store(at.as_micros(), Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_is_due_later_wakes_nobody() {
        let alarm = Alarm::default();
        let now = Timestamp::now();
        let later = |seconds| now.plus(Duration::from_secs(seconds));
        let woken = alarm.looking();
        alarm.set(later(10));
        alarm.no_later(later(20));
        assert!(tokio::time::timeout(Duration::from_millis(1), woken).await.is_err());
        let woken = alarm.looking();
        alarm.no_later(later(20));
        woken.await;
        let woken = alarm.looking();
        alarm.set(later(10));
        alarm.no_later(later(5));
        woken.await;
    }
}
