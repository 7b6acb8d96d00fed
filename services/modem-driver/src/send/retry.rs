//! What follows a try that did not succeed: again soon, again later, or given up.
//!
//! Tries are bounded and counted over all rounds of a message. A wait under 30 s is left to the
//! broker, which redelivers; a longer one leaves the broker, so that rules, cancelling and people can
//! still act on the message (DESIGN, step 8).

use std::time::Duration;

use contracts::Timestamp;

/// The longest wait the broker keeps a message for.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// How often and when a message is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The wait after the first try, the second, …; the last one is used for all that follow.
    pub waits: Vec<Duration>,
    /// Tries in all, at least 1.
    pub tries: u32,
    /// Tries in all when the error does not tell whether another try can help (CMS 38, 500).
    pub doubtful_tries: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        let seconds = [5, 15, 60, 300, 900];
        Self {
            waits: seconds.into_iter().map(Duration::from_secs).collect(),
            tries: 5,
            doubtful_tries: 3,
        }
    }
}

/// What to do with the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The broker redelivers it after this wait.
    Soon(Duration),
    /// The router keeps it until then.
    Later(Timestamp),
    /// It has been tried often enough.
    GiveUp,
    /// Its time is over before the next try.
    TooLate,
}

impl RetryPolicy {
    /// After the `tries`-th try, the first being 1.
    pub(crate) fn after(
        &self,
        tries: u32,
        doubtful: bool,
        now: Timestamp,
        not_after: Option<Timestamp>,
    ) -> Next {
        let most = if doubtful { self.doubtful_tries.min(self.tries) } else { self.tries };
        if tries >= most.max(1) {
            return Next::GiveUp;
        }
        let index = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
        let wait = self.waits.get(index).or(self.waits.last()).copied().unwrap_or(SOON);
        let until = now.plus(wait);
        if not_after.is_some_and(|end| end < until) {
            Next::TooLate
        } else if wait < SOON {
            Next::Soon(wait)
        } else {
            Next::Later(until)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_tries_end() {
        let policy = RetryPolicy::default();
        let now = Timestamp::from_micros(0);
        let after = |tries| policy.after(tries, false, now, None);
        assert_eq!(after(1), Next::Soon(Duration::from_secs(5)));
        assert_eq!(after(2), Next::Soon(Duration::from_secs(15)));
        assert_eq!(after(3), Next::Later(now.plus(Duration::from_mins(1))));
        assert_eq!(after(4), Next::Later(now.plus(Duration::from_mins(5))));
        assert_eq!(after(5), Next::GiveUp);
        assert_eq!(policy.after(3, true, now, None), Next::GiveUp);
    }

    #[test]
    fn nothing_is_tried_after_its_time() {
        let policy = RetryPolicy::default();
        let now = Timestamp::from_micros(0);
        let end = now.plus(Duration::from_secs(4));
        assert_eq!(policy.after(1, false, now, Some(end)), Next::TooLate);
        let end = now.plus(Duration::from_secs(6));
        assert_eq!(policy.after(1, false, now, Some(end)), Next::Soon(Duration::from_secs(5)));
    }
}
