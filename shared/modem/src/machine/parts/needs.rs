//! What "ready" needs, and what happens to a set-up that lacks it.
//!
//! Each step of the set-up states its need ([`super::task::Step::need`]). When a step is refused, by whatever error, or
//! not answered, the modem is put off: it is not ready and says why, and after a pause that grows the whole set-up is
//! gone through again, for a modem that is starting refuses first one thing and then another. A modem that refuses the
//! same need for [`LACKING`] does not have it and goes without, visibly, except for PDU mode: in text mode the length
//! in `AT+CMGS=18` is a telephone number, and the PDU would go out as a text to it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use at::Final;

use super::active::shown;
use super::task::Need;
use super::words::{Words, words};
use crate::snapshot::Status;

/// How long a modem must refuse a need to count as a modem that does not have it.
const LACKING: Duration = Duration::from_secs(45);
/// The pauses between two set-ups: they double from the first to the second, and are of the third length after
/// [`STARTING`].
const PAUSES: (Duration, Duration, Duration) =
    (Duration::from_millis(500), Duration::from_secs(8), Duration::from_secs(30));
/// How long a modem may take to start.
const STARTING: Duration = Duration::from_mins(1);
/// The most characters of a refusal that are shown.
const SHOWN: usize = 80;

/// What a modem was refused on the way to ready.
#[derive(Debug, Default)]
pub(crate) struct Needs {
    /// The need that the step before served.
    serving: Option<Need>,
    /// What was refused last to a step of a need.
    refused_last: Option<String>,
    /// Since when each need is unmet, on the way to ready.
    unmet: BTreeMap<Need, Instant>,
    since: Option<Instant>,
    tries: u32,
    /// The command that was refused when the modem was put off, and how.
    refusal: String,
    text_mode_only: bool,
    /// Needs that the modem goes without.
    lacking: BTreeSet<Need>,
    /// What the modem that goes without them has said of itself.
    lacking_of: String,
}

impl Needs {
    /// The set-up begins.
    pub(crate) fn begin_set_up(&mut self) {
        self.serving = None;
        self.refused_last = None;
    }

    /// The set-up is done, or begins on a port just opened.
    pub(crate) fn met(&mut self) {
        self.unmet.clear();
        self.since = None;
        self.tries = 0;
        self.refusal.clear();
        self.text_mode_only = false;
    }

    /// The need that is left behind by going on to a step of `next`.
    pub(crate) fn left_for(&self, next: Option<Need>) -> Option<Need> {
        self.serving.filter(|before| next != Some(*before))
    }

    /// A step of this need comes next; `None`: a step of no need, or of another SIM.
    pub(crate) fn serve(&mut self, need: Option<Need>) {
        self.serving = need;
    }

    /// Whether the modem goes without this need.
    pub(crate) fn lacks(&self, need: Need) -> bool {
        self.lacking.contains(&need)
    }

    /// What the modem goes without is tried again.
    pub(crate) fn forget_lacking(&mut self) {
        self.lacking.clear();
    }

    /// The modem says what it is: another modem, or another firmware, may have what the last one lacked.
    pub(crate) fn belong_to(&mut self, said: &str) {
        if self.lacking_of != said {
            said.clone_into(&mut self.lacking_of);
            self.forget_lacking();
        }
    }

    /// What a step of a need was refused.
    pub(crate) fn note_refusal(&mut self, command: &str, result: &Final) {
        self.refused_last = Some(refusal(command, result));
    }

    /// A command was accepted and did nothing.
    pub(crate) fn note_no_effect(&mut self, command: &str) {
        self.refused_last = Some(format!("{command} has no effect"));
    }

    /// A need is not met. Returns how long the modem is put off, after which the whole set-up comes again; `None`: it
    /// goes without.
    pub(crate) fn put_off(&mut self, now: Instant, need: Need) -> Option<Duration> {
        if self.lacks(need) {
            return None;
        }
        let unmet_since = *self.unmet.entry(need).or_insert(now);
        if now >= unmet_since + LACKING && !need.is_indispensable() {
            self.lacking.insert(need);
            return None;
        }
        let since = *self.since.get_or_insert(now);
        self.refusal = self.refused_last.take().unwrap_or_else(|| "it does not answer".to_owned());
        let pause = if now >= since + STARTING {
            PAUSES.2
        } else {
            (PAUSES.0 * (1 << self.tries.min(8))).min(PAUSES.1)
        };
        self.tries = self.tries.saturating_add(1);
        Some(pause)
    }

    /// The modem says that text mode is all that it has.
    pub(crate) fn has_text_mode_only(&mut self) {
        self.text_mode_only = true;
    }

    /// Whether something was refused, so that the set-up comes again.
    pub(crate) fn are_unmet(&self) -> bool {
        self.since.is_some()
    }

    /// Why the modem is not ready, when something was refused.
    pub(crate) fn status(&self, now: Instant) -> Option<(Status, Words)> {
        let since = self.since?;
        if self.text_mode_only {
            let words = words(
                "no-pdu-mode",
                "The modem has only text mode for messages, no PDU mode.",
                "Use another modem, or newer firmware for this one: without PDU mode it is given no message.",
            );
            return Some((Status::Blocked, words));
        }
        let words = Words {
            code: "set-up-refused",
            text: format!("The modem refuses its set-up for messages ({}).", self.refusal),
            advice: "Wait: a modem that is starting refuses for a while, and it is tried again by itself. If it stays, \
                     unplug the modem and plug it in again.",
        };
        let status = if now >= since + STARTING { Status::Blocked } else { Status::Starting };
        Some((status, words))
    }
}

/// A refused command and what was said to it, in words.
fn refusal(command: &str, result: &Final) -> String {
    let command = shown(command);
    let said = match result {
        Final::Cms(error) => error.to_string(),
        Final::Cme(error) => error.to_string(),
        Final::Ok => return format!("{command} has no effect"),
        Final::Error | Final::NoCarrier => "ERROR".to_owned(),
    };
    let said: String = said.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    format!("{command}: {said}")
}
