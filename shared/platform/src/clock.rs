//! The time of day, as a value that is passed to whoever decides by it.

use contracts::Timestamp;
use tokio::time::Instant;

/// A clock that tells the time of day.
///
/// A service is given its clock when it starts and asks that clock alone, so a test can choose the time and let hours
/// pass in no time. Functions that only compute take a [`Timestamp`] instead of a clock.
///
/// Time that is measured rather than told (time-outs, back-off, how long ago something was heard) is
/// [`tokio::time::Instant`], which a paused test moves too.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Source);

#[derive(Debug, Clone, Copy)]
enum Source {
    System,
    Following { start: Timestamp, since: Instant },
}

impl Clock {
    /// The clock of the system, which a gateway runs by.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows `start` now and goes on with tokio's time.
    ///
    /// In a test whose time is paused, the clock stands still between two steps of that time.
    pub fn following(start: Timestamp) -> Self {
        Self(Source::Following { start, since: Instant::now() })
    }

    /// The time of day.
    ///
    /// The clock of the system may be set back, so a later call can return an earlier time.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn now(self) -> Timestamp {
        match self.0 {
            Source::System => Timestamp::now(),
            Source::Following { start, since } => start.plus(since.elapsed()),
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the clock is compared with the time of the system")]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_following_clock_goes_with_the_time_of_tokio() {
        let start: Timestamp = "2026-12-31T23:59:00Z".parse().unwrap();
        let clock = Clock::following(start);
        assert_eq!(clock.now(), start);
        tokio::time::sleep(Duration::from_hours(24)).await;
        assert_eq!(clock.now(), "2027-01-01T23:59:00Z".parse().unwrap());
        tokio::time::advance(Duration::from_micros(1)).await;
        assert_eq!(clock.now().since(start), Duration::from_hours(24) + Duration::from_micros(1));
    }

    #[test]
    fn the_clock_of_the_system_tells_the_time_of_the_system() {
        let before = Timestamp::now();
        let told = Clock::system().now();
        assert!(before <= told && told <= Timestamp::now());
    }
}
