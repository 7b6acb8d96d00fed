//! How a try ends: sent, tried again, given up, left uncertain.

use std::time::Duration;

use at::{CmeError, CmsError, Described};
use contracts::mt::{Keeper, MtChange, SendError, Through, WhenUncertain};
use contracts::{SimId, Timestamp};
use tokio::sync::oneshot;
use tracing::Instrument as _;

use crate::journal::entry::{self, Entry, Recorded, Stage};
use crate::journal::in_hand::Holding;
use crate::journal::settlement::{End, Settlement, Withdrawal};
use crate::port::handle::Command;
use crate::receive::reports::Awaited;
use crate::receive::waiting::UncertainPart;
use crate::send::fate::Fate;
use crate::send::job::Job;
use crate::send::ready::Begun;
use crate::send::retry::Next;
use crate::send::sender::Sender;

/// How often a message may come back untried before that counts as a try.
const MOST_RETURNS: u32 = 8;
/// How long entries of sent parts are kept for a message that comes again later and names no end.
const KEPT_FOR: Duration = Duration::from_hours(7 * 24);

/// A settlement without what is the same for all.
pub(crate) struct Settling {
    pub(crate) entries: Vec<(String, Entry, Option<u64>)>,
    pub(crate) withdrawal: Option<Withdrawal>,
    pub(crate) awaited: Option<(String, Awaited)>,
    pub(crate) after: Option<oneshot::Receiver<()>>,
    pub(crate) changes: Vec<MtChange>,
    pub(crate) end: End,
}

impl Settling {
    pub(crate) fn new(changes: Vec<MtChange>, end: End) -> Self {
        Self { entries: Vec::new(), withdrawal: None, awaited: None, after: None, changes, end }
    }
}

impl Sender {
    /// By the policy: again soon, again later, or given up.
    pub(crate) async fn retry(
        &mut self,
        job: Job,
        holding: Holding,
        begun: Begun,
        error: SendError,
        doubtful: bool,
        told: Option<oneshot::Receiver<()>>,
    ) {
        let settling = self.retrying(&job, &begun, error, doubtful).await;
        self.forget_flight(&job, &begun);
        self.settle(job, holding, Settling { after: told, ..settling });
    }

    async fn retrying(
        &self,
        job: &Job,
        begun: &Begun,
        error: SendError,
        doubtful: bool,
    ) -> Settling {
        let (now, tries) = (Timestamp::now(), begun.tries);
        let not_after = job.request().not_after;
        let through = Some(Through { modem: begun.entry.modem, sim: begun.entry.sim });
        let (stage, change, end) =
            match self.driver.settings.retry.after(tries, doubtful, now, not_after) {
                Next::Soon(wait) => {
                    let (until, kept_by) = (now.plus(wait), Keeper::Broker);
                    let change = MtChange::Deferred { error, until, tries, kept_by, through };
                    (Stage::Waiting, change, End::Again(Some(wait)))
                }
                Next::Later(until) => {
                    let kept_by = Keeper::Router;
                    let change = MtChange::Deferred { error, until, tries, kept_by, through };
                    (Stage::HandedOver, change, End::Done)
                }
                Next::GiveUp => {
                    self.tally.failed();
                    let stage = Stage::Failed { error: error.clone() };
                    (stage, MtChange::Failed { error, through, tries }, End::Done)
                }
                Next::TooLate => (Stage::Expired, MtChange::Expired {}, End::Done),
            };
        let handed_over = stage == Stage::HandedOver;
        let key = entry::key(job.id(), begun.part);
        let entry = Entry { stage, at: now, ..begun.entry.clone() };
        let mut entries = vec![(key, entry, begun.revision)];
        if handed_over && !begun.sent.is_empty() {
            entries.extend(self.kept(job, begun.part - 1, now).await);
        }
        Settling { entries, ..Settling::new(vec![change], end) }
    }

    /// The entries of sent parts, to be kept for the message's next round.
    async fn kept(
        &self,
        job: &Job,
        parts: u8,
        now: Timestamp,
    ) -> Vec<(String, Entry, Option<u64>)> {
        let until = job.request().not_after.unwrap_or(now.plus(KEPT_FOR));
        let entries = self.driver.journal.entries_when_answered(job.id(), parts).await;
        (1..)
            .zip(entries)
            .map(|(part, Recorded { entry, revision })| {
                let entry = Entry { keep_until: Some(until), ..entry };
                (entry::key(job.id(), part), entry, Some(revision))
            })
            .collect()
    }

    /// It was not tried: again in a moment, which is no try unless it goes on like that.
    pub(crate) async fn come_again(
        &mut self,
        job: Job,
        holding: Holding,
        begun: Begun,
        error: SendError,
        told: Option<oneshot::Receiver<()>>,
    ) {
        if begun.returns >= MOST_RETURNS {
            return self.retry(job, holding, begun, error, false, told).await;
        }
        self.forget_flight(&job, &begun);
        let wait = Duration::from_millis(250 << begun.returns).min(Duration::from_secs(20));
        let now = Timestamp::now();
        let change = MtChange::Deferred {
            error,
            until: now.plus(wait),
            tries: begun.tries,
            kept_by: Keeper::Broker,
            through: Some(Through { modem: begun.entry.modem, sim: begun.entry.sim }),
        };
        let entry = Entry {
            stage: Stage::Waiting,
            tries: begun.tries - 1,
            returns: begun.returns + 1,
            at: now,
            ..begun.entry
        };
        let settling = Settling {
            entries: vec![(entry::key(job.id(), begun.part), entry, begun.revision)],
            after: told,
            ..Settling::new(vec![change], End::Again(Some(wait)))
        };
        self.settle(job, holding, settling);
    }

    /// Nobody knows whether it went out: said in any case, then left so or sent again, as the message
    /// wants it. A late answer or a report may still tell.
    pub(crate) async fn uncertain(
        &mut self,
        job: Job,
        holding: Holding,
        begun: Begun,
        error: SendError,
        told: Option<oneshot::Receiver<()>>,
    ) {
        let through = Through { modem: begun.entry.modem, sim: begun.entry.sim };
        let awaited = begun.awaited(&job, begun.entry.at, true);
        let key = self.reports.answered(through.sim, &job.tail, None, awaited.as_ref());
        self.uncertain.remember(UncertainPart {
            submission: if told.is_some() { self.state.submission } else { 0 },
            item: job.delivery.value.clone(),
            part: begun.part,
            tries: begun.tries,
            through,
        });
        let part = begun.part;
        let uncertain = MtChange::Uncertain { error: error.clone(), through, part };
        metrics::counter!("merpati_messages_uncertain_total").increment(1);
        let mut settling = match job.request().when_uncertain {
            WhenUncertain::Hold => {
                let entry = Entry {
                    stage: Stage::Uncertain { error },
                    at: Timestamp::now(),
                    ..begun.entry
                };
                Settling {
                    entries: vec![(entry::key(job.id(), part), entry, begun.revision)],
                    ..Settling::new(vec![], End::Done)
                }
            }
            WhenUncertain::Resend => self.retrying(&job, &begun, error, false).await,
        };
        settling.changes.insert(0, uncertain);
        settling.awaited = key.zip(awaited);
        settling.after = told;
        self.settle(job, holding, settling);
    }

    pub(crate) fn end_with(
        &mut self,
        job: Job,
        holding: Holding,
        begun: Begun,
        stage: Stage,
        change: MtChange,
        told: Option<oneshot::Receiver<()>>,
    ) {
        self.forget_flight(&job, &begun);
        let entry = Entry { stage, at: Timestamp::now(), ..begun.entry };
        let settling = Settling {
            entries: vec![(entry::key(job.id(), begun.part), entry, begun.revision)],
            after: told,
            ..Settling::new(vec![change], End::Done)
        };
        self.settle(job, holding, settling);
    }

    /// In the background; the next message waits only for the journal's part.
    pub(crate) fn settle(&mut self, job: Job, holding: Holding, settling: Settling) {
        let Settling { entries, withdrawal, awaited, after, changes, end } = settling;
        let about = job.about();
        let delivery = job.delivery;
        let settlement = Settlement {
            about,
            delivery,
            holding,
            entries,
            withdrawal,
            awaited,
            after,
            changes,
            end,
        };
        let (journaled, is_journaled) = oneshot::channel();
        self.state.journaled = Some(is_journaled);
        let work = settlement.carry_out(self.driver.clone(), self.reports.clone(), journaled);
        self.state.settling.spawn(work.in_current_span());
    }

    /// No answer of this part is waited for any more.
    fn forget_flight(&self, job: &Job, begun: &Begun) {
        self.reports.answered(begun.entry.sim, &job.tail, None, None);
    }

    pub(crate) fn through(&self, sim: SimId) -> Through {
        Through { modem: self.modem, sim }
    }

    /// What the outcome says of the modem, for people and for its health.
    pub(crate) fn note(&self, job: &Job, begun: &Begun, fate: &Fate) {
        let (message, part, parts) = (job.id(), begun.part, begun.parts);
        match fate {
            Fate::Sent { .. } => {
                metrics::counter!("merpati_parts_sent_total").increment(1);
                tracing::info!(message.id = %message, modem.id = %self.modem, part, parts, "sent part {part} of {parts}");
            }
            Fate::WithoutValidity => {}
            Fate::Retry { error, .. }
            | Fate::Return { error }
            | Fate::Fail { error }
            | Fate::Uncertain { error } => {
                metrics::counter!("merpati_submit_errors_total", "code" => label(&error.code))
                    .increment(1);
                self.tally.went_wrong(error);
                tracing::warn!(message.id = %message, modem.id = %self.modem, part, error.code, "part {part} of {parts}, try {}: {error}", begun.tries);
            }
        }
        if let Some(well) = fate.speaks_well()
            && self.tally.outcome(message, well)
        {
            tracing::warn!(modem.id = %self.modem, "this modem fails too often; it rests and is set up anew");
            self.pump.tell(Command::Restart);
        }
    }
}

/// The broker delivers it again after a while.
pub(crate) async fn give_back(job: Job, wait: Duration) {
    let id = job.id();
    if let Err(error) = job.delivery.nak(Some(wait)).await {
        tracing::debug!(message.id = %id, "a message goes back by itself: {error}");
    }
}

/// A code as a label of metrics, which are kept for ever: a modem can name any number, and those that nobody knows
/// are one.
fn label(code: &str) -> String {
    let is_known = |number: &str, all: &[Described]| {
        number.parse().is_ok_and(|number: u16| all.iter().any(|known| known.code == number))
    };
    match code.split_once('-') {
        Some(("cms", number)) if !is_known(number, CmsError::all()) => "cms-other".to_owned(),
        Some(("cme", number)) if !is_known(number, CmeError::all()) => "cme-other".to_owned(),
        _ => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modem_cannot_make_up_labels() {
        for known in ["cms-38", "cms-500", "cme-14", "modem-error", "cms", "no-answer"] {
            assert_eq!(label(known), known);
        }
        for number in 10_000..20_000 {
            assert_eq!(label(&format!("cms-{number}")), "cms-other");
            assert_eq!(label(&format!("cme-{number}")), "cme-other");
        }
    }
}
