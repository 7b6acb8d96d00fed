//! Which conversations one watcher had in reach a moment ago.
//!
//! Whether a conversation is in reach is for the database to say, and who types is told again every few seconds, to everybody
//! of the organisation who has a page open: each of them would ask each time. So what the database said holds here for a
//! while, for what is gone a moment later. Of what stays, such as a note, each watcher asks anew. (Rejected: to ask only where the
//! conversation is on a page, for one connection serves all pages of a browser, and does not know which these are.)

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use contracts::Address;
use tokio::time::Instant;

/// How long an answer holds.
const FRESH: Duration = Duration::from_secs(30);
/// The most answers that are known. Of more, the others are asked for each time.
const MOST: usize = 200;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Reached(Mutex<HashMap<String, (bool, Instant)>>);

impl Reached {
    /// Whether the conversation was in reach a moment ago; none: it is not known.
    pub(crate) fn was(&self, with: &Address) -> Option<bool> {
        let now = Instant::now();
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (is, at) = known.get(&with.to_string()).copied()?;
        is_fresh(now, at).then_some(is)
    }

    /// Notes whether the conversation is in reach.
    pub(crate) fn note(&self, with: &Address, is: bool) {
        let (key, now) = (with.to_string(), Instant::now());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, (_, at)| is_fresh(now, *at));
        }
        if known.len() < MOST || known.contains_key(&key) {
            known.insert(key, (is, now));
        }
    }
}

fn is_fresh(now: Instant, at: Instant) -> bool {
    now.saturating_duration_since(at) < FRESH
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(n: usize) -> Address {
        Address::from_text(&format!("+62812{n:07}"))
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_said_holds_for_a_while() {
        let reached = Reached::default();
        assert_eq!(reached.was(&number(1)), None);
        reached.note(&number(1), true);
        reached.note(&number(2), false);
        assert_eq!((reached.was(&number(1)), reached.was(&number(2))), (Some(true), Some(false)));
        reached.note(&number(1), false);
        assert_eq!(reached.was(&number(1)), Some(false), "the later answer holds");
        tokio::time::advance(FRESH).await;
        assert_eq!(reached.was(&number(1)), None);
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_much_is_known() {
        let reached = Reached::default();
        for n in 0..=MOST {
            reached.note(&number(n), true);
        }
        assert_eq!(reached.was(&number(MOST)), None);
        reached.note(&number(0), false);
        assert_eq!(reached.was(&number(0)), Some(false));
        tokio::time::advance(FRESH).await;
        reached.note(&number(MOST), true);
        assert_eq!(reached.was(&number(MOST)), Some(true));
    }
}
