//! What happened to a message, line by line.

use askama::Template;
use contracts::limits::NEW_RECIPIENT;
use contracts::mt::{Gate, Keeper, MtChange};
use contracts::subject::Target;
use contracts::{MessageId, PhoneNumber, Timestamp};

use super::message::tone;
use super::problem::{Then, error_words};
use super::{Sentence, Tone, When, within};
use crate::words::Words;

/// A line of a timeline.
#[derive(Debug, Template)]
#[template(path = "line.html")]
pub(crate) struct Line {
    id: MessageId,
    key: String,
    tone: Tone,
    at: When,
    words: Sentence,
}

impl Line {
    /// That it was accepted.
    pub(crate) fn accepted(w: Words, id: MessageId, at: Timestamp) -> Self {
        let key = "accepted".to_owned();
        Self { id, key, tone: Tone::Wait, at: When(at), words: Sentence(w.line_accepted()) }
    }

    /// What happened. `who` names the modem it happened at, the account that did it, or the team whose SIM was chosen.
    pub(crate) fn of(
        w: Words,
        id: MessageId,
        at: Timestamp,
        change: &MtChange,
        who: Option<&str>,
    ) -> Self {
        // Two lines are one when the same happened at the same time.
        let key = format!("{}-{}", change.state(), at.as_micros());
        let words = Sentence(change_words(w, change, who));
        Self { id, key, tone: tone(change.state()), at: When(at), words }
    }

    /// Its element's id.
    pub(crate) fn element(&self) -> String {
        format!("l-{}-{}", self.id, self.key)
    }
}

/// What a message goes through: the modem, and the number of its SIM where that is known; none: nothing is known of either.
pub(crate) fn via(modem: Option<String>, number: Option<&PhoneNumber>) -> Option<String> {
    match (modem, number) {
        (Some(modem), Some(number)) => Some(format!("{modem} ({number})")),
        (modem, number) => modem.or_else(|| number.map(ToString::to_string)),
    }
}

fn change_words(w: Words, change: &MtChange, who: Option<&str>) -> String {
    let modem = || who.map_or_else(|| w.a_modem(), str::to_owned);
    match change {
        MtChange::Admitted { parts, rule: Some(rule), target, .. } => {
            let way = match target {
                Target::Pool(pool) => w.routes_pool(pool.to_string()),
                Target::Sim(sim) => w.routes_sim(sim.to_string()),
            };
            w.line_admitted_rule(*parts, rule.clone(), way)
        }
        MtChange::Admitted { parts, .. } => match who {
            Some(team) => w.line_admitted_team(*parts, team.to_owned()),
            None => w.line_admitted(*parts),
        },
        MtChange::Rejected { error } => w.line_rejected(error_words(w, error, Then::Over)),
        MtChange::Held { gate: Gate::Schedule, until, .. } => w.line_held_schedule(within(*until)),
        MtChange::Held { gate: Gate::BackOff, until, .. } => w.line_held_backoff(within(*until)),
        MtChange::Held { gate: Gate::Route, .. } => w.line_held_route(),
        MtChange::Held { gate: Gate::Credit, .. } => w.line_held_credit(),
        MtChange::Held { gate: Gate::CreditUnknown, .. } => w.line_held_credit_unknown(),
        MtChange::Held { gate: Gate::Limit, until, .. } => w.line_held_limit(within(*until)),
        MtChange::Held { gate: Gate::Recipient, until, .. } => {
            w.line_held_recipient(within(*until))
        }
        MtChange::Held { gate: Gate::Double, until, .. } => w.line_held_double(within(*until)),
        MtChange::Held { until, .. } => w.line_held_other(within(*until)),
        MtChange::Released { .. } => w.line_released(),
        // No modem tried.
        MtChange::Deferred { error, kept_by: Keeper::Broker, .. }
            if error.code == NEW_RECIPIENT =>
        {
            w.line_handed_on()
        }
        MtChange::Deferred { error, until, .. } if error.code == NEW_RECIPIENT => {
            w.line_new_recipient(within(*until))
        }
        MtChange::Deferred { error, until, tries, .. } => {
            let error = error_words(w, error, Then::TriedAgain);
            w.line_deferred(error, *tries, within(*until))
        }
        MtChange::Sending { parts: 1, tries, .. } => w.line_sending(modem(), *tries),
        MtChange::Sending { part, parts, tries, .. } => {
            w.line_sending_part(modem(), *part, *parts, *tries)
        }
        MtChange::Sent { .. } => w.line_sent(),
        MtChange::Failed { error, tries: 0 | 1, .. } => {
            w.line_failed(error_words(w, error, Then::Over))
        }
        MtChange::Failed { error, tries, .. } => {
            w.line_failed_tries(error_words(w, error, Then::Over), *tries)
        }
        MtChange::Delivered { .. } => w.line_delivered(),
        MtChange::Undelivered { error } => w.line_undelivered(error_words(w, error, Then::Over)),
        MtChange::Expired {} => w.line_expired(),
        MtChange::Cancelled { .. } => {
            who.map_or_else(|| w.line_cancelled(), |who| w.line_cancelled_by(who.to_owned()))
        }
        MtChange::Uncertain { error, part, .. } => {
            w.line_uncertain(*part, error_words(w, error, Then::Unclear))
        }
        MtChange::Unknown => w.line_unknown(),
    }
}
