//! What follows an ending: what the journal, people and the broker are told, and what is noted of the modem.

use std::time::Duration;

use contracts::Timestamp;
use contracts::mt::{Keeper, MtChange, SendError};
use tokio::sync::oneshot;
use tracing::Instrument as _;

use crate::carrier::{Carrier, Progress};
use crate::journal::entry::{self, Entry, Recorded};
use crate::journal::in_hand::Holding;
use crate::journal::verdict::Verdict;
use crate::outstanding::UncertainPart;
use crate::reports::Awaited;
use crate::send::attempt::{Attempt, Refusal, Unbegun};
use crate::send::begin::LOOK_SOON;
use crate::send::ending::{self, Ending};
use crate::send::job::Job;
use crate::send::sender::Sender;
use crate::settle::awaiting::await_reports;
use crate::settle::settlement::Settlement;
use crate::settle::writing::Replacement;

/// When a message that another driver has in hand is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// For how long entries of sent parts are kept when the message comes again later and names no end.
const KEPT_FOR: Duration = Duration::from_hours(7 * 24);

impl<C: Carrier> Sender<C> {
    /// Settles an attempt that has ended.
    pub(crate) async fn conclude(&mut self, mut attempt: Attempt, ending: Ending) {
        let (at, part, through) = (self.dispatch.clock.now(), attempt.part, attempt.through());
        let tries = attempt.entry.tries;
        let mut changes: Vec<_> = ending.change(part, tries, through, at).into_iter().collect();
        let awaited = match &ending {
            Ending::Sent { reference } => {
                let awaited = self.part_is_sent(&mut attempt, *reference, at);
                self.carrier.note(Progress::Sent);
                changes.push(MtChange::Sent { through, parts: attempt.sent.clone() });
                awaited
            }
            Ending::Uncertain { .. } => self.left_uncertain(&attempt),
            _ => {
                self.outstanding.reports.answered(through.sim, &attempt.job.tail, None, None);
                None
            }
        };
        let ending = match ending {
            Ending::Uncertain { then: Some(then), .. } => {
                changes.extend(then.change(part, tries, through, at));
                *then
            }
            other => other,
        };
        if matches!(ending, Ending::Failed { .. }) {
            self.carrier.note(Progress::GivenUp);
        }
        let mut entries: Vec<_> =
            ending.stage(at).map(|stage| attempt.replaced_by(stage, at)).into_iter().collect();
        let mut again_after = None;
        match ending {
            Ending::Again { wait, tried, .. } => {
                again_after = Some(wait);
                if let Some(Replacement { entry, .. }) = entries.first_mut().filter(|_| !tried) {
                    entry.tries -= 1;
                    entry.returns += 1;
                }
            }
            Ending::Later { .. } if !attempt.sent.is_empty() => {
                entries.extend(self.kept(&attempt.job, part - 1, at).await);
            }
            _ => {}
        }
        let given = attempt.given;
        let settlement = Settlement::new(attempt.job.delivery, attempt.holding);
        self.settle(Settlement { entries, awaited, changes, given, again_after, ..settlement });
    }

    /// Leaves a message to the router that the carrier does not take, so that another carrier may have it. That is no try,
    /// and the journal has it like any other end of a round: an acknowledgement that is lost sends nothing twice.
    pub(crate) fn hand_over(&mut self, mut attempt: Attempt, refusal: Refusal) {
        let Refusal { error, until } = refusal;
        tracing::info!(message.id = %attempt.id(), error.code, "the message is left to the router: {error}");
        metrics::counter!("merpati_messages_not_taken_total").increment(1);
        attempt.entry.tries = attempt.entry.tries.saturating_sub(1);
        let (at, part, tries) = (self.dispatch.clock.now(), attempt.part, attempt.entry.tries);
        let ending = Ending::Later { error, until };
        let changes = ending.change(part, tries, attempt.through(), at).into_iter().collect();
        let stage = ending.stage(at);
        let entries = stage.map(|stage| attempt.replaced_by(stage, at)).into_iter().collect();
        let settlement = Settlement::new(attempt.job.delivery, attempt.holding);
        self.settle(Settlement { entries, changes, ..settlement });
    }

    /// Remembers a part of which nobody knows whether it is out: a late answer or a report may still tell. Returns what
    /// its report will be matched by.
    fn left_uncertain(&self, attempt: &Attempt) -> Option<(String, Awaited)> {
        metrics::counter!("merpati_messages_uncertain_total").increment(1);
        let (tail, through) = (&attempt.job.tail, attempt.through());
        let awaited = attempt.awaited(attempt.entry.at, true);
        let key = self.outstanding.reports.answered(through.sim, tail, None, awaited.as_ref());
        self.outstanding.uncertain.remember(UncertainPart {
            submission: attempt.submission,
            item: attempt.job.delivery.value.clone(),
            part: attempt.part,
            tries: attempt.entry.tries,
            through,
        });
        key.zip(awaited)
    }

    /// Returns the entries of sent parts, to be kept for the message's next round.
    async fn kept(&self, job: &Job, parts: u8, now: Timestamp) -> Vec<Replacement> {
        let until = job.request().not_after.unwrap_or(now.plus(KEPT_FOR));
        let entries = self.dispatch.journal.entries_when_answered(job.id(), parts).await;
        (1..)
            .zip(entries)
            .map(|(part, Recorded { entry, revision })| Replacement {
                key: entry::key(job.id(), part),
                entry: Entry { keep_until: Some(until), ..entry },
                revision: Some(revision),
            })
            .collect()
    }

    /// Settles a message that is not given to the modem.
    pub(crate) async fn leave(&mut self, unbegun: Box<Unbegun>) {
        let Unbegun { job, holding, ending, withdrawal } = *unbegun;
        match ending {
            Ending::Judged(verdict) => self.heed(job, holding, *verdict).await,
            Ending::NotNow(why) => {
                tracing::info!(message.id = %job.id(), "the message is not sent just now: {why}");
                let settlement = Settlement::new(job.delivery, holding);
                let again_after = Some(LOOK_SOON);
                self.settle(Settlement { withdrawal, again_after, ..settlement });
            }
            // A message that cannot be encoded.
            ending => {
                if let Some(error) = ending.error().cloned() {
                    self.carrier.note(Progress::GivenUp);
                    let tries = job.request().tries;
                    let changes = vec![MtChange::Failed { error, through: None, tries }];
                    self.settle(Settlement { changes, ..Settlement::new(job.delivery, holding) });
                }
            }
        }
    }

    /// Does what the journal says.
    async fn heed(&mut self, job: Job, holding: Holding, verdict: Verdict) {
        let id = job.id();
        match verdict {
            Verdict::Go { .. } | Verdict::InHand => {
                tracing::debug!(message.id = %id, "another driver has the message in hand");
                job.give_back(Some(LOOK_AGAIN)).await;
            }
            Verdict::Elsewhere(sim) => {
                tracing::info!(message.id = %id, "the first parts of the message went out through {sim}; the rest follows there");
                let changes = vec![MtChange::Deferred {
                    error: SendError {
                        code: "other-sim".to_owned(),
                        text: "The first parts of the message went out through another SIM, and the rest follows through that one."
                            .to_owned(),
                    },
                    until: self.dispatch.clock.now(),
                    tries: job.request().tries,
                    kept_by: Keeper::Broker,
                    through: None,
                }];
                let settlement = Settlement::new(job.delivery, holding);
                self.settle(Settlement { changes, moves_to: Some(sim), ..settlement });
            }
            Verdict::Orphaned { part, sent, recorded: Recorded { entry, revision } } => {
                let error = SendError {
                    code: "driver-stopped".to_owned(),
                    text: "The driver stopped while the message was with the modem. It may have gone out."
                        .to_owned(),
                };
                tracing::warn!(message.id = %id, part, "{}", error.text);
                let revision = Some(revision);
                let entries = self.dispatch.journal.entries_when_answered(id, part).await;
                let (given, submission) = (entry::given(&entries), 0);
                let attempt = Attempt {
                    job,
                    holding,
                    part,
                    sent,
                    given,
                    entry,
                    revision,
                    submission,
                    refused: None,
                };
                let terms = attempt.terms(&self.retry);
                let ending = ending::uncertain(error, terms, self.dispatch.clock.now());
                self.conclude(attempt, ending).await;
            }
            Verdict::Cancelled { by, recorded: Recorded { entry, revision } } => {
                tracing::info!(message.id = %id, "the message was cancelled before a modem had it");
                // So that the sweep finds the item, should its ack be lost.
                let entry = Entry {
                    sequence: job.delivery.sequence,
                    ack: job.delivery.ack_subject().to_owned(),
                    parts: job.part_count(),
                    ..entry
                };
                let revision = Some(revision);
                let entries = vec![Replacement { key: entry::key(id, 1), entry, revision }];
                let changes = vec![MtChange::Cancelled { by }];
                self.settle(Settlement {
                    entries,
                    changes,
                    ..Settlement::new(job.delivery, holding)
                });
            }
            finished => {
                tracing::debug!(message.id = %id, "the message was finished before, and the acknowledgement of its item was lost");
                let parts = job.part_count();
                let entries = self.dispatch.journal.entries_when_answered(id, parts).await;
                await_reports(&self.dispatch, &job.delivery.value, &entries).await;
                let (changes, given) = (finished.changes(), entry::given(&entries));
                let settlement = Settlement::new(job.delivery, holding);
                self.settle(Settlement { changes, given, ..settlement });
            }
        }
    }

    /// Carries a settlement out in the background; the next message waits only for the journal's part.
    fn settle(&mut self, settlement: Settlement) {
        let (journaled, is_journaled) = oneshot::channel();
        self.state.journaled = Some(is_journaled);
        let work = settlement.carry_out(
            self.dispatch.clone(),
            self.outstanding.reports.clone(),
            journaled,
        );
        self.state.settling.spawn(work.in_current_span());
    }

    /// Tells people how a try ended.
    pub(crate) fn note(&self, attempt: &Attempt, ending: &Ending) {
        let (message, part, parts) = (attempt.id(), attempt.part, attempt.job.part_count());
        let modem = attempt.entry.modem;
        if matches!(ending, Ending::Sent { .. }) {
            metrics::counter!("merpati_parts_sent_total").increment(1);
            tracing::info!(message.id = %message, modem.id = %modem, part, parts, "sent part {part} of {parts}");
        }
        if let Some(error) = ending.error() {
            self.carrier.note(Progress::WentWrong(error));
            tracing::warn!(message.id = %message, modem.id = %modem, part, error.code, "part {part} of {parts}, try {}: {error}", attempt.entry.tries);
        }
    }
}
