//! How often and when a message is tried again.

use std::time::Duration;

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
