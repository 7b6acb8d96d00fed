//! Who writes an answer at the moment.
//!
//! It is told live to pages that are open and kept nowhere: who loads the page of a conversation later is told at the next key press.
//! Here is only noted when it was told last, so that whoever types tells of it now and then.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use contracts::{Address, UserId};
use tokio::time::Instant;

/// How soon it is told again that somebody still writes. Pages show it for longer.
const AGAIN: Duration = Duration::from_secs(8);
/// The most who are known to write at one time. Of more, some are not told of.
const MOST: usize = 1_000;
/// The most numbers to which one account is told to write at one time. People write to one, and whoever asks for more asks everybody
/// who watches.
const MOST_OF_ONE: usize = 5;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Writers(Mutex<HashMap<(UserId, String), Instant>>);

impl Writers {
    /// Whether it was not told lately that this account writes to this number. It counts as told then.
    pub(super) fn is_news(&self, by: UserId, with: &Address) -> bool {
        let now = Instant::now();
        let is_recent = |at: &Instant| now.saturating_duration_since(*at) < AGAIN;
        let key = (by, with.to_string());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.get(&key).is_some_and(is_recent) {
            return false;
        }
        if known.len() >= MOST {
            known.retain(|_, at| is_recent(at));
        }
        let are_own = known.iter().filter(|((who, _), at)| *who == by && is_recent(at)).count();
        if known.len() >= MOST || are_own >= MOST_OF_ONE {
            return false;
        }
        known.insert(key, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_news(writers: &Writers, by: &str, number: &str) -> bool {
        writers.is_news(UserId::derived(by), &Address::from_text(number))
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_on_writing_is_told_of_now_and_then() {
        let writers = Writers::default();
        assert!(is_news(&writers, "siti", "+628123456789"));
        assert!(!is_news(&writers, "siti", "+628123456789"));
        assert!(is_news(&writers, "siti", "+628123456780"));
        assert!(is_news(&writers, "budi", "+628123456789"));
        tokio::time::advance(AGAIN).await;
        assert!(is_news(&writers, "siti", "+628123456789"));
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_are_known() {
        let writers = Writers::default();
        for n in 0..MOST {
            assert!(is_news(&writers, &format!("user {n}"), "+628123456789"));
        }
        assert!(!is_news(&writers, "budi", "+628123456789"));
        tokio::time::advance(AGAIN).await;
        assert!(is_news(&writers, "budi", "+628123456789"));
    }

    #[tokio::test(start_paused = true)]
    async fn one_account_is_told_to_write_to_few_numbers_at_one_time() {
        let writers = Writers::default();
        for n in 0..MOST_OF_ONE {
            assert!(is_news(&writers, "siti", &format!("+62812{n:07}")));
        }
        assert!(!is_news(&writers, "siti", "+628123456789"));
        assert!(is_news(&writers, "budi", "+628123456789"));
        tokio::time::advance(AGAIN).await;
        assert!(is_news(&writers, "siti", "+628123456789"));
    }
}
