//! How far messages are that were sent together, and what can be said of them.

use askama::Template;
use contracts::MtState;
use contracts::batch::Order;

use super::state_words;
use crate::acts::batch;
use crate::words::Words;

/// How far they are, with the buttons that pause, resume and cancel them.
#[derive(Debug, Template)]
#[template(path = "progress.html")]
pub(crate) struct Progress {
    w: Words,
    csrf: String,
    /// Where orders are given, without the order.
    path: String,
    /// All messages.
    total: u64,
    /// Messages that were sent, or came to an end.
    done: u64,
    states: Vec<InState>,
    is_paused: bool,
    is_cancelled: bool,
    /// Whoever looks may give orders.
    may_order: bool,
}

/// The messages in one state.
#[derive(Debug)]
struct InState {
    state: MtState,
    words: String,
    count: u64,
    /// The list of them; empty: there is none.
    list: String,
}

impl Progress {
    /// Of nothing yet. Orders are given below `path`.
    pub(crate) fn new(w: Words, csrf: &str, path: String, may_order: bool) -> Self {
        Self {
            w,
            csrf: csrf.to_owned(),
            path,
            total: 0,
            done: 0,
            states: Vec::new(),
            is_paused: false,
            is_cancelled: false,
            may_order,
        }
    }

    /// Adds the messages of a batch.
    pub(crate) fn add(&mut self, batch: &batch::Progress) {
        self.is_paused |= batch.order == Order::Paused;
        self.is_cancelled |= batch.order == Order::Cancelled;
        for (state, count) in &batch.states {
            self.total += count;
            self.done += if state.is_settled() { *count } else { 0 };
            match self.states.iter_mut().find(|known| known.state == *state) {
                Some(known) => known.count += count,
                None => self.states.push(InState {
                    state: *state,
                    words: state_words(self.w, *state),
                    count: *count,
                    list: String::new(),
                }),
            }
        }
    }

    /// Of so many messages, however many of them have come to the database yet.
    #[must_use]
    pub(crate) fn of_all(mut self, total: u64) -> Self {
        self.total = self.total.max(total);
        self
    }

    /// With the list of the messages in each state, at this address with a query.
    #[must_use]
    pub(crate) fn listed_at(mut self, address: &str) -> Self {
        for one in &mut self.states {
            one.list = format!("{address}&state={}", one.state.as_str());
        }
        self
    }

    /// Whether it may still change: a message is on its way, or its delivery has not been told.
    pub(crate) fn is_live(&self) -> bool {
        let known: u64 = self.states.iter().map(|one| one.count).sum();
        let may_change = |one: &InState| matches!(one.state.phase(), 0 | 1 | 3);
        known < self.total || self.states.iter().any(may_change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    fn of(states: &[(MtState, u64)], order: Order) -> batch::Progress {
        batch::Progress { order, states: states.to_vec() }
    }

    #[test]
    fn batches_are_counted_together() {
        let w = Words::of(Language::English);
        let mut progress = Progress::new(w, "token", "/bulk/blk_1".to_owned(), true);
        progress.add(&of(&[(MtState::Sent, 2), (MtState::Held, 1)], Order::Running));
        progress.add(&of(&[(MtState::Sent, 3), (MtState::Failed, 1)], Order::Paused));
        assert_eq!((progress.total, progress.done), (7, 6));
        assert!(progress.is_live());
        let shown = progress.listed_at("/sent?batch=b").render().unwrap();
        assert!(shown.contains("href=\"/sent?batch=b&#38;state=sent\">5</a>"), "{shown}");
        assert!(shown.contains("action=\"/bulk/blk_1/resume\""), "{shown}");
        assert!(!shown.contains("/pause"), "{shown}");
    }

    #[test]
    fn what_can_change_no_more_is_not_live() {
        let w = Words::of(Language::Indonesian);
        let mut ended = Progress::new(w, "", "/batches/b".to_owned(), true);
        ended.add(&of(&[(MtState::Delivered, 2), (MtState::Cancelled, 1)], Order::Cancelled));
        assert!(!ended.is_live());
        // A cancelled batch stays so.
        assert!(!ended.render().unwrap().contains("<button"));
        let more = ended.of_all(4);
        assert!(more.is_live(), "a row has not come yet");
    }
}
