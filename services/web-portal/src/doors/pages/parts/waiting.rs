//! Why a message waits, in the reader's language.

use askama::Template;
use contracts::limits::{Closed, Limit, NEW_RECIPIENT};
use contracts::{MessageId, MtState};

use super::problem::{Then, error_words};
use super::{Sentence, within};
use crate::acts::waiting::{Waiting, Why};
use crate::words::Words;

/// Why a message waits, on its page.
#[derive(Debug, Template)]
#[template(path = "waits.html")]
pub(crate) struct WaitsLine {
    id: MessageId,
    rank: u8,
    words: Sentence,
}

impl WaitsLine {
    /// With when it expires, where nobody knows when it goes on.
    pub(crate) fn of(w: Words, id: MessageId, state: MtState, waiting: Option<&Waiting>) -> Self {
        let words = waiting.map(|waiting| {
            let words = reason_words(w, waiting);
            match waiting.ends_at.filter(|_| waiting.until.is_none()) {
                Some(end) => format!("{words} {}", w.waits_ends(within(end))),
                None => words,
            }
        });
        Self { id, rank: state.phase(), words: Sentence(words.unwrap_or_default()) }
    }
}

/// Why a message waits, and until when.
pub(super) fn reason_words(w: Words, waiting: &Waiting) -> String {
    let until = |words: String| match waiting.until {
        Some(until) => format!("{words} {}", w.waits_until(within(until))),
        None => words,
    };
    match &waiting.why {
        Why::Unchecked => w.waits_unchecked(),
        Why::Scheduled => until(w.waits_scheduled()),
        Why::TryFailed(Some(error)) if error.code == NEW_RECIPIENT => {
            until(w.waits_new_recipient())
        }
        Why::TryFailed(Some(error)) => {
            until(w.waits_try_failed(error_words(w, error, Then::TriedAgain)))
        }
        Why::TryFailed(None) => until(w.waits_try_failed(String::new())),
        Why::AccountLimit => until(w.waits_account_limit()),
        Why::AccountClosed(closed) => {
            w.waits_account_closed(closed_words(w, closed), within(closed.until))
        }
        Why::RecipientLimit => until(w.waits_recipient_limit()),
        Why::Double => until(w.waits_double()),
        Why::Rule => until(w.waits_rule()),
        Why::NoCredit => w.waits_no_credit(),
        Why::CreditUnknown => w.waits_credit_unknown(),
        Why::NoModem => w.waits_no_modem(),
        Why::PoolAway(pool) => w.waits_pool_away(pool.to_string()),
        Why::SimAway(modem) => w.waits_sim_away(modem.clone()),
        Why::SimUnknown => w.waits_sim_unknown(),
        Why::SimClosed(closed) => w.waits_sim_closed(closed_words(w, closed), within(closed.until)),
        Why::PoolClosed(closed) => {
            w.waits_pool_closed(closed_words(w, closed), within(closed.until))
        }
        Why::Turn => w.waits_turn(),
    }
}

/// Which limit it is for which a SIM sends nothing, as part of a sentence.
pub(crate) fn closed_words(w: Words, closed: &Closed) -> String {
    let most = closed.most.unwrap_or_default();
    match closed.limit {
        Limit::Minute => w.closed_per_minute(most),
        Limit::Hour => w.closed_per_hour(most),
        Limit::Day => w.closed_per_day(most),
        Limit::Month => w.closed_per_month(most),
        Limit::SpendDay => w.closed_spend_per_day(most),
        Limit::SpendMonth => w.closed_spend_per_month(most),
        Limit::Recipients => w.closed_recipients_per_month(most),
        Limit::Quiet => w.closed_quiet(),
        Limit::Unknown => w.closed_unknown(),
    }
}
