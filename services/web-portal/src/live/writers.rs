//! Who writes an answer at the moment.
//!
//! It is told to pages that are open in this process and kept nowhere: who loads the page of a conversation later is told at the next
//! key press. Copies of the portal do not tell each other.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use contracts::{Address, OrgId, UserId};
use store::Note;
use tokio::time::Instant;

/// How soon it is told again that somebody still writes. Pages show it for longer.
const AGAIN: Duration = Duration::from_secs(8);
/// The most who are known to write at one time. Of more, some are not told of.
const MOST: usize = 1_000;

/// That somebody writes an answer.
#[derive(Debug, Clone)]
pub(crate) struct Writing {
    /// The organisation.
    pub(crate) org: OrgId,
    /// To whom.
    pub(crate) with: Address,
    /// Who.
    pub(crate) by: UserId,
    /// What that account is called.
    pub(crate) name: String,
}

/// That somebody wrote a note into a conversation.
#[derive(Debug, Clone)]
pub(crate) struct Noted {
    /// The organisation.
    pub(crate) org: OrgId,
    /// With whom the conversation is.
    pub(crate) with: Address,
    /// The note.
    pub(crate) note: Note,
}

/// That a conversation was assigned, archived or blocked, or that was taken back.
#[derive(Debug, Clone)]
pub(crate) struct Refiled {
    /// The organisation.
    pub(crate) org: OrgId,
    /// With whom the conversation is.
    pub(crate) with: Address,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Writers(Mutex<HashMap<(OrgId, UserId, String), Instant>>);

impl Writers {
    /// Whether it was not told lately that this account writes there. It counts as told then.
    pub(super) fn is_news(&self, writing: &Writing) -> bool {
        let now = Instant::now();
        let is_recent = |at: &Instant| now.saturating_duration_since(*at) < AGAIN;
        let key = (writing.org, writing.by, writing.with.to_string());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.get(&key).is_some_and(is_recent) {
            return false;
        }
        if known.len() >= MOST {
            known.retain(|_, at| is_recent(at));
        }
        if known.len() >= MOST {
            return false;
        }
        known.insert(key, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writing(by: &str, number: &str) -> Writing {
        let (org, by) = (OrgId::default_org(), UserId::derived(by));
        Writing { org, with: Address::from_text(number), by, name: "Siti".to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_on_writing_is_told_of_now_and_then() {
        let writers = Writers::default();
        assert!(writers.is_news(&writing("siti", "+628123456789")));
        assert!(!writers.is_news(&writing("siti", "+628123456789")));
        assert!(writers.is_news(&writing("siti", "+628123456780")));
        assert!(writers.is_news(&writing("budi", "+628123456789")));
        tokio::time::advance(AGAIN).await;
        assert!(writers.is_news(&writing("siti", "+628123456789")));
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_are_known() {
        let writers = Writers::default();
        for n in 0..MOST {
            assert!(writers.is_news(&writing("siti", &format!("+62812{n:07}"))));
        }
        assert!(!writers.is_news(&writing("budi", "+628123456789")));
        tokio::time::advance(AGAIN).await;
        assert!(writers.is_news(&writing("budi", "+628123456789")));
    }
}
