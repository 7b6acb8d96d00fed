//! One message through one modem.
//!
//! Port lock (the pump has it) → lease → journal entry by create → deadline check → write. While the
//! answer is due the next message is fetched and encoded, so that the modem is not idle between two.
//! What became of it is settled in the background ([`crate::journal::settlement`]).

use std::time::Duration;

use contracts::mt::{Keeper, MtChange, SendError, SentPart};
use contracts::subject::Target;
use contracts::{Priority, Timestamp};
use modem::{Outcome, Submission};
use tokio::sync::oneshot;
use tracing::Instrument as _;

use crate::journal::entry::{self, Entry, Recorded, Stage};
use crate::journal::in_hand::Holding;
use crate::journal::settlement::{self, End};
use crate::journal::verdict::Verdict;
use crate::receive::reports::Awaited;
use crate::send::endings::{Settling, give_back};
use crate::send::fate::{self, Fate};
use crate::send::job::Job;
use crate::send::ready::{Begun, Ready, Stop};
use crate::send::sender::Sender;
use crate::send::work::{PROGRESS, Work};

/// When a message that cannot be begun just now comes again.
pub(crate) const LOOK_SOON: Duration = Duration::from_secs(1);
/// When a message that another driver has in hand is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// How often the broker hears that a password is being worked on.
const OTP_PROGRESS: Duration = Duration::from_secs(3);

impl Sender {
    /// Sends it, or finds out why not.
    pub(crate) async fn send(&mut self, ready: Ready, work: &mut Work, targets: &[Target]) {
        // Nothing of the last message may be open in the journal when the next is written.
        if let Some(journaled) = self.state.journaled.take() {
            let _ = journaled.await;
        }
        let Ready { job, holding, parts, begun } = ready;
        match begun {
            Ok(begun) => self.write_parts(job, holding, begun, work, targets).await,
            Err(Stop::Unfit(error)) => {
                let tries = job.request().tries;
                self.tally.failed();
                let failed = MtChange::Failed { error, through: None, tries };
                self.settle(job, holding, Settling::new(vec![failed], End::Done));
            }
            Err(Stop::Verdict(verdict)) => self.heed(job, holding, *verdict, parts).await,
            Err(Stop::NotNow(why)) => {
                tracing::info!(message.id = %job.id(), "not sent just now: {why}");
                give_back(job, LOOK_SOON).await;
            }
            Err(Stop::Doubtful(begun, why)) => {
                self.not_begun(job, holding, &begun, &why.to_string());
            }
        }
    }

    /// The entry in the journal, if there is one, must not say that the message is being written.
    fn not_begun(&mut self, job: Job, holding: Holding, begun: &Begun, why: &str) {
        tracing::info!(message.id = %job.id(), "not sent just now: {why}");
        let withdrawal = Some(begun.withdrawal(&job));
        let settling = Settling::new(vec![], End::Again(Some(LOOK_SOON)));
        self.settle(job, holding, Settling { withdrawal, ..settling });
    }

    /// Does what the journal says.
    async fn heed(&mut self, job: Job, holding: Holding, verdict: Verdict, parts: u8) {
        let id = job.id();
        let settling = match verdict {
            Verdict::Go { .. } | Verdict::InHand => {
                tracing::debug!(message.id = %id, "another driver has it in hand");
                return give_back(job, LOOK_AGAIN).await;
            }
            Verdict::Elsewhere(sim) => {
                tracing::info!(message.id = %id, "its first parts went out through {sim}; the rest follows there");
                let error = SendError {
                    code: "other-sim".to_owned(),
                    text: "Its first parts went out through another SIM, and the rest follows through that one."
                        .to_owned(),
                };
                let (tries, until) = (job.request().tries, Timestamp::now());
                let kept_by = Keeper::Broker;
                let through = None;
                let moved = MtChange::Deferred { error, until, tries, kept_by, through };
                Settling::new(vec![moved], End::To(sim))
            }
            Verdict::Orphaned { part, sent, recorded } => {
                let error = SendError {
                    code: "driver-stopped".to_owned(),
                    text: "The driver stopped while the message was with the modem. It may have gone out."
                        .to_owned(),
                };
                tracing::warn!(message.id = %id, part, "{}", error.text);
                let Recorded { entry, revision } = recorded;
                let revision = Some(revision);
                let (tries, returns) = (entry.tries, entry.returns);
                let begun = Begun { part, parts, sent, tries, returns, entry, revision };
                return self.uncertain(job, holding, begun, error, None).await;
            }
            Verdict::Cancelled { by, recorded: Recorded { entry, revision } } => {
                tracing::info!(message.id = %id, "taken back before a modem had it");
                // So that the sweep finds the item, should its ack be lost.
                let (sequence, ack) =
                    (job.delivery.sequence, job.delivery.ack_subject().to_owned());
                let entry = Entry { sequence, ack, parts, ..entry };
                let entries = vec![(entry::key(id, 1), entry, Some(revision))];
                let changes = vec![MtChange::Cancelled { by }];
                Settling { entries, ..Settling::new(changes, End::Done) }
            }
            finished => {
                tracing::debug!(message.id = %id, "finished before; its ack was lost");
                let entries = self.driver.journal.entries_when_answered(id, parts).await;
                settlement::await_reports(&self.driver, &job.delivery.value, &entries).await;
                Settling::new(finished.changes(), End::Done)
            }
        };
        self.settle(job, holding, settling);
    }

    /// Writes part after part.
    async fn write_parts(
        &mut self,
        mut job: Job,
        holding: Holding,
        mut begun: Begun,
        work: &mut Work,
        targets: &[Target],
    ) {
        loop {
            // The journal names both, and time has gone by since it was written.
            if self.term() != Some(begun.entry.lease) || self.sim() != begun.entry.sim {
                let why = "the modem's lease or its SIM is another since it was made ready";
                return self.not_begun(job, holding, &begun, why);
            }
            if begun.sent.is_empty() && job.is_late(Timestamp::now()) {
                return self.end_with(
                    job,
                    holding,
                    begun,
                    Stage::Expired,
                    MtChange::Expired {},
                    None,
                );
            }
            let (outcome, told) = self.write(&job, &begun, work, targets).await;
            let has_validity = submit_of(&job, begun.part).is_some_and(|s| s.validity.is_some());
            let fate = fate::of(outcome, has_validity);
            self.note(&job, &begun, &fate);
            match fate {
                Fate::Sent { reference } => {
                    let at = Timestamp::now();
                    let noted = reference.unwrap_or(0);
                    begun.sent.push(SentPart { part: begun.part, reference: noted, at });
                    let awaited = begun.awaited(&job, at, false);
                    let sim = begun.entry.sim;
                    let key = self.reports.answered(sim, &job.tail, reference, awaited.as_ref());
                    let entry = Entry {
                        stage: Stage::Sent { reference: noted, at },
                        at,
                        ..begun.entry.clone()
                    };
                    let awaited = key.zip(awaited);
                    if begun.part == begun.parts {
                        self.tally.sent();
                        let through = self.through(sim);
                        let sent = MtChange::Sent { through, parts: begun.sent };
                        let key = entry::key(job.id(), begun.part);
                        let settling = Settling {
                            entries: vec![(key, entry, begun.revision)],
                            awaited,
                            after: Some(told),
                            ..Settling::new(vec![sent], End::Done)
                        };
                        return self.settle(job, holding, settling);
                    }
                    match self.next_part(&job, begun, entry, awaited).await {
                        Ok(next) => begun = next,
                        Err(Stop::Doubtful(next, why)) => {
                            return self.not_begun(job, holding, &next, &why.to_string());
                        }
                        Err(_) => {
                            tracing::info!(message.id = %job.id(), "the rest of it waits: the modem's lease is not held, or its SIM is another");
                            return give_back(job, LOOK_SOON).await;
                        }
                    }
                }
                Fate::WithoutValidity => {
                    tracing::info!(message.id = %job.id(), "the service centre takes no validity period; sending without");
                    for submit in job.parts.iter_mut().flatten() {
                        submit.validity = None;
                    }
                }
                Fate::Retry { error, doubtful } => {
                    return self.retry(job, holding, begun, error, doubtful, Some(told)).await;
                }
                Fate::Return { error } => {
                    return self.come_again(job, holding, begun, error, Some(told)).await;
                }
                Fate::Fail { error } => {
                    self.tally.failed();
                    let stage = Stage::Failed { error: error.clone() };
                    let through = Some(self.through(begun.entry.sim));
                    let failed = MtChange::Failed { error, through, tries: begun.tries };
                    return self.end_with(job, holding, begun, stage, failed, Some(told));
                }
                Fate::Uncertain { error } => {
                    return self.uncertain(job, holding, begun, error, Some(told)).await;
                }
            }
        }
    }

    /// Gives one part to the modem and waits for what becomes of it.
    async fn write(
        &mut self,
        job: &Job,
        begun: &Begun,
        work: &mut Work,
        targets: &[Target],
    ) -> (Outcome, oneshot::Receiver<()>) {
        let Begun { part, parts, tries, .. } = *begun;
        let sim = begun.entry.sim;
        let (telling, told) = oneshot::channel();
        let sending = MtChange::Sending { through: self.through(sim), part, parts, tries };
        let (driver, about) = (self.driver.clone(), job.about());
        self.state.settling.spawn(
            async move {
                driver.tell_change(about, sending).await;
                let _ = telling.send(());
            }
            .in_current_span(),
        );
        self.reports.writing(sim, &job.tail);
        self.tally.trying();
        let alone = self.tally.is_on_trial() || self.stop.is_cancelled();
        self.state.submission = self.pump.number();
        let submission = Submission {
            id: self.state.submission,
            pdu: encoded(job, part).unwrap_or_default(),
            more: part < parts || (work.is_flowing() && !alone),
        };
        let span = tracing::info_span!(
            "AT+CMGS",
            otel.kind = "client",
            message.id = %job.id(),
            modem.id = %self.modem,
            part,
            parts,
            tries,
        );
        let began = std::time::Instant::now();
        let pump = self.pump.clone();
        let answer = pump.submit(submission).instrument(span);
        tokio::pin!(answer);
        if part == parts && !alone {
            work.look_ahead(targets);
        }
        let often = match job.delivery.value.priority {
            Priority::Otp => OTP_PROGRESS,
            _ => PROGRESS,
        };
        let mut progress = tokio::time::interval_at(tokio::time::Instant::now() + often, often);
        self.tally.hands(true, work.held());
        loop {
            tokio::select! {
                biased;
                outcome = &mut answer => {
                    metrics::histogram!("merpati_submit_seconds").record(began.elapsed());
                    return (outcome, told);
                }
                () = work.serve() => self.tally.hands(true, work.held()),
                _ = progress.tick() => {
                    if let Err(error) = job.delivery.progress().await {
                        tracing::debug!("no sign of progress got through: {error}");
                    }
                }
            }
        }
    }

    /// The result of a part and the entry of the next one, written at one time.
    async fn next_part(
        &mut self,
        job: &Job,
        begun: Begun,
        entry: Entry,
        awaited: Option<(String, Awaited)>,
    ) -> Result<Begun, Stop> {
        if let Some((key, awaited)) = awaited.clone() {
            let reports = self.reports.clone();
            self.state.settling.spawn(async move {
                settlement::keep(&reports, &key, &awaited).await;
            });
        }
        let key = entry::key(job.id(), begun.part);
        let part = begun.part + 1;
        // All parts of one go count as one try.
        let next = self.begun(job, part, begun.parts, begun.sent, begun.tries - 1, 0);
        let next = match next.and_then(|next| next.through(begun.entry.sim)) {
            Ok(next) => next,
            Err(stop) => {
                let awaited = awaited.as_ref();
                settlement::write(&self.driver, job.about(), &key, &entry, begun.revision, awaited)
                    .await;
                return Err(stop);
            }
        };
        let next_key = entry::key(job.id(), part);
        // That it is out stays true, whoever else has judged it.
        let (_, written) = tokio::join!(
            settlement::write(
                &self.driver,
                job.about(),
                &key,
                &entry,
                begun.revision,
                awaited.as_ref()
            ),
            self.driver.journal.write(&next_key, &next.entry, None),
        );
        match written {
            Ok(revision) => Ok(Begun { revision: Some(revision), ..next }),
            Err(error) => Err(Stop::Doubtful(Box::new(next), error)),
        }
    }
}

fn submit_of(job: &Job, part: u8) -> Option<&tpdu::Submit> {
    job.parts.as_ref().ok()?.get(usize::from(part).checked_sub(1)?)
}

pub(crate) fn encoded(job: &Job, part: u8) -> Option<Vec<u8>> {
    // Each part was encoded once when it was composed.
    submit_of(job, part)?.encode().ok()
}
