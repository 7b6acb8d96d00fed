//! When the due messages are looked at next, and a way to make that sooner.
//!
//! The next look is kept by a clock that nobody sets, for the sleep before it is counted by that one, too: when the wall
//! clock was set forward during the sleep, what is due soon by the new time must wake.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use contracts::Timestamp;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio::time::Instant;

/// Longer than any sleep, and short enough to be added to an [`Instant`].
const FAR_OFF: Duration = Duration::from_hours(24);

/// See the module. Nobody is woken for what is due after the next look.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    /// None: a look is under way.
    next_look: Mutex<Option<Instant>>,
    sooner: Notify,
}

impl Alarm {
    /// Something is due at `at`, and it is `now`.
    pub(crate) fn no_later(&self, at: Timestamp, now: Timestamp) {
        let due = Instant::now() + at.since(now).min(FAR_OFF);
        if self.next_look().is_none_or(|look| due < look) {
            self.sooner.notify_one();
        }
    }

    /// A look begins: whatever is told from now on wakes.
    pub(crate) fn looking(&self) -> Notified<'_> {
        *self.next_look() = None;
        self.sooner.notified()
    }

    /// The next look is so long from now.
    pub(crate) fn set(&self, sleep: Duration) {
        *self.next_look() = Some(Instant::now() + sleep);
    }

    fn next_look(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.next_look.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_due_later_wakes_nobody() {
        let alarm = Alarm::default();
        let now = Timestamp::from_micros(7_200_000_000);
        let later = |seconds| now.plus(Duration::from_secs(seconds));
        let woken = alarm.looking();
        alarm.set(Duration::from_secs(10));
        alarm.no_later(later(20), now);
        assert!(tokio::time::timeout(Duration::from_secs(9), woken).await.is_err());
        let woken = alarm.looking();
        alarm.no_later(later(20), now);
        woken.await;
        let woken = alarm.looking();
        alarm.set(Duration::from_secs(10));
        alarm.no_later(later(5), now);
        woken.await;
        // The clock was set forward by an hour since the look was set, and then back by two.
        for hours in [1_i64, -1] {
            let now = Timestamp::from_micros(now.as_micros() + hours * 3_600_000_000);
            let woken = alarm.looking();
            alarm.set(Duration::from_secs(10));
            alarm.no_later(now.plus(Duration::from_secs(5)), now);
            woken.await;
        }
    }
}
