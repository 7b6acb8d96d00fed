//! Pauses between tries, and waiting for a moment that may never come.

use std::time::Duration;

use tokio::time::Instant;

/// Pauses between tries: each twice as long as the one before, up to a longest one.
///
/// Doubling and no jitter: what waits here waits for one broker, database or port, and few wait for the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    /// Pauses that begin with `first` and are never longer than `longest`.
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first }
    }

    /// Pauses that are given in milliseconds.
    pub const fn of_millis(first: u64, longest: u64) -> Self {
        Self::new(Duration::from_millis(first), Duration::from_millis(longest))
    }

    /// How long to wait before the next try; the time after that is twice as long.
    pub fn step(&mut self) -> Duration {
        let step = self.next;
        self.next = self.next.saturating_mul(2).min(self.longest);
        step
    }

    /// Waits before the next try.
    pub async fn wait(&mut self) {
        tokio::time::sleep(self.step()).await;
    }

    /// A try went well: the next pause is the first again.
    pub const fn reset(&mut self) {
        self.next = self.first;
    }
}

/// Waits until `end`; without one for ever. For an arm of a `select!`.
pub async fn sleep_until(end: Option<Instant>) {
    match end {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let mut backoff = Backoff::of_millis(100, 500);
        let steps: Vec<u128> = (0..5).map(|_| backoff.step().as_millis()).collect();
        assert_eq!(steps, [100, 200, 400, 500, 500]);
        backoff.reset();
        assert_eq!(backoff.step(), Duration::from_millis(100));
        let mut longest = Backoff::new(Duration::MAX, Duration::MAX);
        assert_eq!((longest.step(), longest.step()), (Duration::MAX, Duration::MAX));
    }
}
