//! One message through one modem.
//!
//! Port lock (the pump has it) → lease → journal entry by create → deadline check → write. While the
//! answer is due the next message is fetched and encoded, so that the modem is not idle between two.
//! What became of it is settled in the background ([`crate::settlement`]).

use std::time::Duration;

use bus::KvError;
use contracts::mt::{Keeper, MtChange, SendError, SentPart};
use contracts::subject::Target;
use contracts::{Priority, SimId, Timestamp};
use modem::{Outcome, Submission};
use tokio::sync::oneshot;
use tracing::Instrument as _;

use crate::driver::Holding;
use crate::endings::{Settling, about, give_back};
use crate::fate::{self, Fate};
use crate::job::Job;
use crate::journal::{self, Entry, Recorded, Stage};
use crate::reports::Awaited;
use crate::sender::Sender;
use crate::settlement::{self, End, Withdrawal};
use crate::verdict::{Verdict, judge};
use crate::work::{PROGRESS, Work};

/// A journal entry of a writer without a lease is left alone this long: its broker may just have been
/// restarted, and it be about to have the lease again.
const WRITER_MAY_RETURN: Duration = Duration::from_secs(5);
/// When a message that cannot be begun just now comes again.
const LOOK_SOON: Duration = Duration::from_secs(1);
/// When a message that another driver has in hand is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// How often the broker hears that a password is being worked on.
const OTP_PROGRESS: Duration = Duration::from_secs(3);

/// A part that is entered in the journal as being written.
pub(crate) struct Begun {
    pub(crate) part: u8,
    pub(crate) parts: u8,
    pub(crate) sent: Vec<SentPart>,
    pub(crate) tries: u32,
    pub(crate) returns: u32,
    pub(crate) entry: Entry,
    /// Of the entry as it was seen last; none: there was none.
    pub(crate) revision: Option<u64>,
}

impl Begun {
    /// It, if it goes out through this SIM, as the parts before it.
    fn through(self, sim: SimId) -> Result<Self, Stop> {
        if self.entry.sim == sim {
            Ok(self)
        } else {
            Err(Stop::NotNow("another SIM is in the modem".to_owned()))
        }
    }

    /// What takes the entry back: the part was not given to the modem.
    fn withdrawal(&self, job: &Job) -> Withdrawal {
        let tries = self.entry.tries.saturating_sub(1);
        Withdrawal {
            key: journal::key(job.id(), self.part),
            begun: self.entry.clone(),
            waiting: Entry {
                stage: Stage::Waiting,
                tries,
                at: Timestamp::now(),
                ..self.entry.clone()
            },
            revision: self.revision,
        }
    }

    /// What its report will be matched by, where one is asked for.
    pub(crate) fn awaited(&self, job: &Job, at: Timestamp, uncertain: bool) -> Option<Awaited> {
        let request = job.request();
        (!request.options.no_report).then(|| Awaited {
            message: job.id(),
            part: self.part,
            parts: self.parts,
            org: request.org,
            owner: request.owner,
            sent_at: at,
            until: Awaited::end(at, request.options.validity_minutes),
            uncertain,
        })
    }
}

/// A message in hand, and how far it was made ready.
pub(crate) struct Ready {
    job: Job,
    holding: Holding,
    parts: u8,
    begun: Result<Begun, Stop>,
}

impl Ready {
    /// What follows belongs to the message's trace.
    pub(crate) fn span(&self) -> tracing::Span {
        self.job.delivery.span("send")
    }
}

/// Why a message is not written.
enum Stop {
    /// It cannot be encoded.
    Unfit(SendError),
    /// The journal says otherwise.
    Verdict(Box<Verdict>),
    /// Something is missing just now.
    NotNow(String),
    /// The broker did not say whether the journal has its entry; the modem never got it.
    Doubtful(Box<Begun>, KvError),
}

impl Sender {
    /// The message that was fetched ahead, made ready while the broker is asked for a more urgent one. So it takes
    /// one exchange with the broker from the end of a message to the beginning of the next.
    pub(crate) async fn next(
        &self,
        ahead: Job,
        work: &mut Work,
        targets: &[Target],
    ) -> Option<Ready> {
        let (ahead, password) = tokio::join!(self.make_ready(ahead), work.password(targets));
        let Some(password) = password else { return ahead };
        let (password, ()) = tokio::join!(self.make_ready(password), async {
            if let Some(ready) = ahead {
                work.put_back(self.unready(ready).await);
            }
        });
        password
    }

    /// Takes a message in hand and enters it in the journal. `None`: it went back to the broker.
    pub(crate) async fn make_ready(&self, job: Job) -> Option<Ready> {
        let Some(holding) = self.driver.in_hand.take(job.id()) else {
            // The broker delivered it again while its last delivery is being settled.
            give_back(job, LOOK_SOON).await;
            return None;
        };
        let parts =
            job.parts.as_ref().map_or(0, |parts| u8::try_from(parts.len()).unwrap_or(u8::MAX));
        let begun = match &job.parts {
            Ok(_) => self.begin(&job, parts).await,
            Err(error) => Err(Stop::Unfit(error.clone())),
        };
        Some(Ready { job, holding, parts, begun })
    }

    /// A message made ready that was not written after all: the journal says so.
    pub(crate) async fn unready(&self, ready: Ready) -> Job {
        let begun = match ready.begun {
            Ok(begun) => Some(begun),
            Err(Stop::Doubtful(begun, _)) => Some(*begun),
            Err(Stop::Unfit(_) | Stop::Verdict(_) | Stop::NotNow(_)) => None,
        };
        if let Some(begun) = begun {
            begun.withdrawal(&ready.job).carry_out(&self.driver).await;
        }
        ready.job
    }

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
                self.standing.failed();
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

    /// Enters the first part that is not out in the journal.
    async fn begin(&self, job: &Job, parts: u8) -> Result<Begun, Stop> {
        let not_now = |error: KvError| Stop::NotNow(error.to_string());
        let request = job.request();
        for _ in 0..3 {
            // Most messages are new: then one step says so.
            let mut begun = self.begun(job, 1, parts, vec![], request.tries, 0)?;
            let key = journal::key(job.id(), 1);
            match self.driver.journal.write(&key, &begun.entry, None).await {
                Ok(revision) => return Ok(Begun { revision: Some(revision), ..begun }),
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(Stop::Doubtful(Box::new(begun), error)),
            }
            let journal = &self.driver.journal;
            let entries = journal.entries_of(job.id(), parts).await.map_err(not_now)?;
            let mut living = Vec::new();
            for Recorded { entry, revision } in &entries {
                if entry.stage == Stage::Writing && self.lives(entry).await.map_err(not_now)? {
                    living.push((entry.at, *revision));
                }
            }
            let lives = |entry: &Entry| living.iter().any(|(at, _)| *at == entry.at);
            match judge(&entries, parts, request.round, request.tries, self.sim(), lives) {
                Verdict::Go { part, sent, revision, tries, returns } => {
                    let resumed = part > 1;
                    begun = self.begun(job, part, parts, sent, tries, returns)?;
                    let key = journal::key(job.id(), part);
                    begun.revision = revision;
                    match journal.write(&key, &begun.entry, revision).await {
                        Ok(revision) => begun.revision = Some(revision),
                        Err(error) if error.is_conflict() => continue,
                        Err(error) => return Err(Stop::Doubtful(Box::new(begun), error)),
                    }
                    if resumed {
                        self.adopt(job, &entries[..usize::from(part) - 1]).await;
                    }
                    return Ok(begun);
                }
                verdict => return Err(Stop::Verdict(Box::new(verdict))),
            }
        }
        Err(Stop::NotNow("its journal entries change while they are read".to_owned()))
    }

    fn begun(
        &self,
        job: &Job,
        part: u8,
        parts: u8,
        sent: Vec<SentPart>,
        ended_tries: u32,
        returns: u32,
    ) -> Result<Begun, Stop> {
        let tries = ended_tries.saturating_add(1);
        let lease =
            self.term().ok_or_else(|| Stop::NotNow("the modem's lease is not held".to_owned()))?;
        let entry = Entry {
            stage: Stage::Writing,
            modem: self.modem,
            sim: self.sim(),
            driver: self.driver.id.clone(),
            lease,
            tries,
            returns,
            round: job.request().round,
            sequence: job.delivery.sequence,
            ack: job.delivery.ack_subject().to_owned(),
            parts,
            print: journal::fingerprint(&encoded(job, part).unwrap_or_default()),
            keep_until: None,
            at: Timestamp::now(),
        };
        Ok(Begun { part, parts, sent, tries, returns, entry, revision: None })
    }

    /// Whether the writer of an entry is still at it.
    async fn lives(&self, entry: &Entry) -> Result<bool, bus::KvError> {
        // We hold the port and the lease of this modem, and are not writing this.
        if entry.modem == self.modem {
            return Ok(false);
        }
        if self.driver.is_alive(entry).await? {
            return Ok(true);
        }
        Ok(Timestamp::now().since(entry.at) < WRITER_MAY_RETURN)
    }

    /// The sent parts of a message that goes on now belong to its new item.
    async fn adopt(&self, job: &Job, entries: &[Recorded]) {
        for (part, recorded) in (1..).zip(entries) {
            let entry = Entry {
                sequence: job.delivery.sequence,
                ack: job.delivery.ack_subject().to_owned(),
                round: job.request().round,
                keep_until: None,
                ..recorded.entry.clone()
            };
            if entry != recorded.entry {
                let key = journal::key(job.id(), part);
                let written = self.driver.journal.write(&key, &entry, Some(recorded.revision));
                if let Err(error) = written.await {
                    tracing::debug!(key, "the entry stays as it is: {error}");
                }
            }
        }
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
            finished => {
                tracing::debug!(message.id = %id, "finished before; its ack was lost");
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
                        self.standing.sent();
                        let through = self.through(sim);
                        let sent = MtChange::Sent { through, parts: begun.sent };
                        let key = journal::key(job.id(), begun.part);
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
                    self.standing.failed();
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
        let (driver, about) = (self.driver.clone(), about(job));
        self.state.settling.spawn(
            async move {
                driver.tell_change(about, sending).await;
                let _ = telling.send(());
            }
            .in_current_span(),
        );
        self.reports.writing(sim, &job.tail);
        self.standing.trying();
        let alone = self.standing.is_on_trial() || self.stop.is_cancelled();
        self.state.submissions += 1;
        let submission = Submission {
            id: self.state.submissions,
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
        self.standing.hands(true, work.held());
        loop {
            tokio::select! {
                biased;
                outcome = &mut answer => {
                    metrics::histogram!("merpati_submit_seconds").record(began.elapsed());
                    return (outcome, told);
                }
                () = work.serve() => self.standing.hands(true, work.held()),
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
        if let Some((key, awaited)) = awaited {
            let reports = self.reports.clone();
            self.state.settling.spawn(async move {
                settlement::keep(&reports, &key, &awaited).await;
            });
        }
        let key = journal::key(job.id(), begun.part);
        let part = begun.part + 1;
        // All parts of one go count as one try.
        let next = self.begun(job, part, begun.parts, begun.sent, begun.tries - 1, 0);
        let next = match next.and_then(|next| next.through(begun.entry.sim)) {
            Ok(next) => next,
            Err(stop) => {
                settlement::write(&self.driver, &key, &entry, begun.revision).await;
                return Err(stop);
            }
        };
        let next_key = journal::key(job.id(), part);
        let ((), written) = tokio::join!(
            settlement::write(&self.driver, &key, &entry, begun.revision),
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

fn encoded(job: &Job, part: u8) -> Option<Vec<u8>> {
    // Each part was encoded once when it was composed.
    submit_of(job, part)?.encode().ok()
}
