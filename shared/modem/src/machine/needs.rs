//! What "ready" needs, and what happens to a set-up that lacks it.
//!
//! Each step of the set-up states its need ([`Step::need`]). A step that is refused, by whatever error, or not answered,
//! puts the modem off: it is not ready and says why, and after a pause that grows the whole set-up is gone through again,
//! for a modem that is starting refuses first one thing and then another. A modem that refuses the same need for
//! [`LACKING`] does not have it and goes without, visibly, except for PDU mode: in text mode the length in `AT+CMGS=18`
//! is a telephone number, and the PDU would go out as a text to it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use at::Final;

use super::Modem;
use super::active::{Active, shown};
use super::phase::Phase;
use super::status::{Words, words};
use super::task::{Need, Step, Upkeep};
use crate::snapshot::Status;

/// A modem that refuses a need for so long does not have it.
const LACKING: Duration = Duration::from_secs(45);
/// Pauses double from the first to the second; after [`STARTING`] they are of the third length.
const PAUSES: (Duration, Duration, Duration) =
    (Duration::from_millis(500), Duration::from_secs(8), Duration::from_secs(30));
/// Modems start within this time.
const STARTING: Duration = Duration::from_mins(1);
/// Characters of a refusal that are shown.
const SHOWN: usize = 80;

/// What a modem was refused on the way to ready.
#[derive(Debug, Clone, Default)]
pub(super) struct Needs {
    /// Since when each need is unmet, on the way to ready.
    unmet: BTreeMap<Need, Instant>,
    since: Option<Instant>,
    tries: u32,
    /// The last command that was refused, and how.
    refusal: String,
    text_mode_only: bool,
    /// Needs that this modem goes without.
    lacking: BTreeSet<Need>,
}

impl Needs {
    /// The set-up is done, or begins on a port just opened.
    pub(super) fn met(&mut self) {
        let lacking = std::mem::take(&mut self.lacking);
        *self = Self { lacking, ..Self::default() };
    }

    /// The modem goes without it.
    pub(super) fn lacks(&self, need: Need) -> bool {
        self.lacking.contains(&need)
    }

    /// It is another modem, or another firmware.
    pub(super) fn forget_lacking(&mut self) {
        self.lacking.clear();
    }

    /// The modem says that text mode is all that it has.
    pub(super) fn has_text_mode_only(&mut self) {
        self.text_mode_only = true;
    }

    /// Something was refused, and the set-up comes again.
    pub(super) fn are_unmet(&self) -> bool {
        self.since.is_some()
    }

    /// Why the modem is not ready, when something was refused.
    pub(super) fn status(&self, now: Instant) -> Option<(Status, Words)> {
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

impl Modem {
    /// Whether the set-up can go on to this step. When not, the modem is put off: what the steps before it were for is
    /// not in force, or this step settles for less than the modem offers.
    pub(super) fn may_go_on_to(&mut self, step: Step) -> bool {
        let need = step.need();
        let left = self.boot.serving.filter(|before| need != Some(*before));
        if left.is_some_and(|before| !self.is_met(before) && self.put_off(before)) {
            return false;
        }
        self.boot.serving = need;
        if left == Some(Need::Sim) {
            self.sim_is_read();
        }
        !need.is_some_and(|need| self.settles_for_less(step) && self.put_off(need))
    }

    fn is_met(&self, need: Need) -> bool {
        let boot = &self.boot;
        match need {
            Need::PduMode => boot.pdu_mode,
            Need::Sim => boot.iccid.is_some() || boot.imsi.is_some(),
            Need::Service => boot.service_known,
            Need::Storage => boot.storage_known,
            Need::Announcing => {
                !boot.offers_to_announce || boot.announcing.as_deref().is_some_and(announces_all)
            }
            Need::Registration => self.network.is_told(),
        }
    }

    /// Whether a step is taken only because a better one was refused.
    fn settles_for_less(&self, step: Step) -> bool {
        match step {
            Step::Service(0) => self.boot.offers_acknowledging,
            Step::Announce(at) => {
                let candidate = self.boot.announce_candidates.get(at);
                self.boot.offers_to_announce
                    && candidate.is_some_and(|values| !announces_all(values))
            }
            _ => false,
        }
    }

    /// What a step of a need was refused, for words.
    pub(super) fn note_refusal(&mut self, active: &Active, result: Option<&Final>) {
        self.boot.refusal = Some(refusal(active.command(), result));
    }

    /// A need is not met. `true`: the modem is put off, and the whole set-up comes again; `false`: it goes without.
    fn put_off(&mut self, need: Need) -> bool {
        // With the radio off, much is refused, and nothing is sent.
        if self.config.flight_mode || self.needs.lacks(need) {
            return false;
        }
        let now = self.now;
        let needs = &mut self.needs;
        let unmet_since = *needs.unmet.entry(need).or_insert(now);
        if now >= unmet_since + LACKING && !need.is_indispensable() {
            needs.lacking.insert(need);
            return false;
        }
        let since = *needs.since.get_or_insert(now);
        needs.refusal = self.boot.refusal.take().unwrap_or_else(|| "it does not answer".to_owned());
        let pause = if now >= since + STARTING {
            PAUSES.2
        } else {
            (PAUSES.0 * (1 << needs.tries.min(8))).min(PAUSES.1)
        };
        needs.tries = needs.tries.saturating_add(1);
        // What was not answered before may be answered then.
        self.link.forget_missed();
        self.phase = Phase::Wait { until: now + pause, step: Step::Echo };
        true
    }

    /// PDU mode was confirmed, and nothing has happened since then that may have ended it. A modem that was left alone
    /// for a while may have restarted without a word.
    pub(super) fn is_in_pdu_mode(&self) -> bool {
        /// No modem restarts in less.
        const LEFT_ALONE: Duration = Duration::from_secs(2);
        self.boot.pdu_mode && self.now < self.link.last_result_at() + LEFT_ALONE
    }

    /// Something happened after which the modem may be in text mode: it is told again before anything else.
    pub(super) fn doubt_pdu_mode(&mut self) {
        self.boot.pdu_mode = false;
        self.agenda.keep_up(Upkeep::PduMode);
    }
}

/// `+CNMI` values by which messages are announced, or given, and reports are given.
pub(super) fn announces_all(values: &[u8]) -> bool {
    [0, 1, 3].into_iter().all(|at| values.get(at).is_some_and(|value| *value > 0))
}

/// A refused command and what was said to it, in words.
fn refusal(command: &str, result: Option<&Final>) -> String {
    let command = shown(command);
    let said = match result {
        Some(Final::Cms(error)) => error.to_string(),
        Some(Final::Cme(error)) => error.to_string(),
        Some(Final::Ok) => return format!("{command} has no effect"),
        Some(_) => "ERROR".to_owned(),
        None => return format!("{command} is not answered"),
    };
    let said: String = said.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    format!("{command}: {said}")
}
