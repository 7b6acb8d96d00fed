//! Calls of a message's URL: what was tried, what came back, and what follows.

use askama::Template;
use store::{Callback, CallbackAttempt, CallbackState, NumberedAttempt};

use super::{Sentence, Tone, When, within};
use crate::doors::pages::hostile::Hostile;
use crate::words::Words;

/// The most tries of a call that are shown, the last ones.
const TRIES: usize = 20;

/// The calls of a message that asked for them.
#[derive(Debug, Template)]
#[template(path = "callbacks.html")]
pub(crate) struct Callbacks {
    w: Words,
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    about: String,
    url: Hostile,
    lines: Vec<CallLine>,
}

#[derive(Debug)]
struct CallLine {
    tone: Tone,
    at: Option<When>,
    words: Sentence,
}

impl Callbacks {
    /// The calls with their tries.
    pub(crate) fn of(w: Words, calls: &[(Callback, Vec<NumberedAttempt>)]) -> Self {
        let calls = calls.iter().map(|(callback, tries)| Call::of(w, callback, tries)).collect();
        Self { w, calls }
    }
}

impl Call {
    fn of(w: Words, callback: &Callback, tries: &[NumberedAttempt]) -> Self {
        let first = tries.len().saturating_sub(TRIES);
        let mut lines: Vec<CallLine> =
            tries[first..].iter().map(|tried| CallLine::tried(w, &tried.attempt)).collect();
        lines.extend(CallLine::follows(w, callback));
        Self {
            about: about(w, &callback.event_key),
            url: Hostile(without_secrets(&callback.url)),
            lines,
        }
    }
}

impl CallLine {
    fn tried(w: Words, attempt: &CallbackAttempt) -> Self {
        let (tone, words) = match (&attempt.error, attempt.http_status) {
            (None, status) => (Tone::Good, w.callback_taken(usize::from(status.unwrap_or(200)))),
            (Some(_), Some(status)) => (Tone::Bad, w.callback_answered(usize::from(status))),
            (Some(error), None) => (Tone::Bad, error.clone()),
        };
        Self { tone, at: Some(When(attempt.at)), words: Sentence(words) }
    }

    /// What is still to come; none: it was taken.
    fn follows(w: Words, callback: &Callback) -> Option<Self> {
        let (tone, words) = match (callback.state, callback.next_at) {
            (CallbackState::Done, _) => return None,
            (CallbackState::Failed, _) => (Tone::Bad, w.callback_given_up()),
            (CallbackState::Pending, None) => (Tone::Wait, w.callback_soon()),
            (CallbackState::Pending, Some(at)) if callback.attempts == 0 => {
                (Tone::Wait, w.callback_first(within(at)))
            }
            (CallbackState::Pending, Some(at)) => (Tone::Wait, w.callback_next(within(at))),
        };
        Some(Self { tone, at: None, words: Sentence(words) })
    }
}

/// What a call tells, by its key: Kannel's values.
fn about(w: Words, key: &str) -> String {
    match key {
        "dlr-1" => w.callback_delivered(),
        "dlr-2" => w.callback_undelivered(),
        "dlr-4" => w.callback_buffered(),
        "dlr-8" => w.callback_sent(),
        "dlr-16" => w.callback_refused(),
        other => other.to_owned(),
    }
}

/// A URL without what may be a secret in it: user, password, query.
pub(crate) fn without_secrets(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let host = host.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_secrets() {
        for (url, shown) in [
            ("https://a:b@c@shop.example:8443/dlr?token=x#y", "https://shop.example:8443/dlr"),
            ("http://shop.example?x", "http://shop.example"),
            ("http://shop.example/a@b", "http://shop.example/a@b"),
            ("nonsense?x", "nonsense"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }
}
