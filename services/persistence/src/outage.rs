//! Waiting for something that is away, and saying so: at once, each minute, and when it is back.

use std::fmt::Display;
use std::time::Duration;

use bus::Backoff;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const PAUSES: Backoff = Backoff::of_millis(100, 5_000);
const SAY_AGAIN: Duration = Duration::from_mins(1);

/// The service is being stopped.
#[derive(Debug)]
pub(crate) struct Stopped;

/// A time in which something does not work.
pub(crate) struct Outage {
    doing: &'static str,
    since: Option<Instant>,
    said_at: Option<Instant>,
    backoff: Backoff,
}

impl Outage {
    /// Not away. `doing` says what stands still while it is: `writing events`.
    pub(crate) const fn new(doing: &'static str) -> Self {
        Self { doing, since: None, said_at: None, backoff: PAUSES }
    }

    /// Says what is wrong, unless that was said a moment ago, and waits a little, longer each time.
    pub(crate) async fn pause(
        &mut self,
        error: &impl Display,
        soft: &CancellationToken,
    ) -> Result<(), Stopped> {
        let now = Instant::now();
        let since = *self.since.get_or_insert(now);
        if self.said_at.is_none_or(|said| now - said >= SAY_AGAIN) {
            self.said_at = Some(now);
            let seconds = (now - since).as_secs();
            tracing::warn!(
                doing = self.doing,
                seconds,
                "{} stands still, nothing is lost, and it is tried again: {error}",
                self.doing
            );
        }
        tokio::select! {
            () = self.backoff.wait() => Ok(()),
            () = soft.cancelled() => Err(Stopped),
        }
    }

    /// Says that it works again, if it did not.
    pub(crate) fn over(&mut self) {
        if let Some(since) = self.since.take() {
            let seconds = since.elapsed().as_secs();
            tracing::info!(doing = self.doing, seconds, "{} goes on after {seconds} s", self.doing);
        }
        *self = Self::new(self.doing);
    }
}
