//! How many follow along at once: each has a consumer at the broker and reads all that happens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use contracts::UserId;

/// The most of one account.
pub(crate) const OF_AN_ACCOUNT: usize = 16;
/// The most of this process.
pub(crate) const OF_ALL: usize = 256;

/// Counts those who follow; clones are the same count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Streams(Arc<Mutex<HashMap<UserId, usize>>>);

/// One that is counted, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    streams: Streams,
    account: UserId,
}

impl Streams {
    /// Counts one more of an account; none: there are as many as there may be.
    pub(crate) fn take(&self, account: UserId) -> Option<Place> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.values().sum::<usize>() >= OF_ALL {
            return None;
        }
        let count = counts.entry(account).or_default();
        if *count >= OF_AN_ACCOUNT {
            return None;
        }
        *count += 1;
        Some(Place { streams: self.clone(), account })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_takes_its_share_and_all_together_theirs() {
        let streams = Streams::default();
        let one = UserId::new();
        let held: Vec<Place> = (0..OF_AN_ACCOUNT).filter_map(|_| streams.take(one)).collect();
        assert_eq!(held.len(), OF_AN_ACCOUNT);
        assert!(streams.take(one).is_none());
        let others: Vec<Place> = (0..OF_ALL).filter_map(|_| streams.take(UserId::new())).collect();
        assert_eq!(others.len(), OF_ALL - OF_AN_ACCOUNT);
        drop(held);
        assert!(streams.take(one).is_some());
        drop(others);
        assert!(streams.0.lock().unwrap().is_empty(), "nobody is counted who is gone");
    }
}
