//! Takes a message in hand and enters it in the journal, or finds out why not.
//!
//! This may be done while the last message is being settled, so what is said here is looked at once more before the PDU
//! goes to the modem; an attempt that was begun and is not written is taken back.

use std::time::Duration;

use bus::KvError;
use contracts::mt::SentPart;

use crate::carrier::{Candidate, Carrier, MayBegin};
use crate::journal::entry::{self, Entry, Recorded, Stage};
use crate::journal::in_hand::Holding;
use crate::journal::verdict::{Verdict, judge};
use crate::send::attempt::{Attempt, Refusal, Unbegun};
use crate::send::ending::Ending;
use crate::send::job::Job;
use crate::send::sender::Sender;
use crate::send::wanted::Wanted;
use crate::send::work::Work;

/// When a message that cannot be begun just now comes again.
pub(crate) const LOOK_SOON: Duration = Duration::from_secs(1);
/// For how long the journal entry of a writer without a lease is left alone: the writer's broker may just have been
/// restarted, and the writer be about to have its lease again.
const WRITER_MAY_RETURN: Duration = Duration::from_secs(5);
/// How often a message is looked at whose entries change while they are read.
const LOOKS: usize = 3;

/// A message in hand: begun, or what becomes of it instead.
pub(crate) type Begun = Result<Attempt, Box<Unbegun>>;

impl<C: Carrier> Sender<C> {
    /// Begins the message that was fetched ahead while the broker is asked for a more urgent one. So it takes one
    /// exchange with the broker from the end of a message to the beginning of the next.
    pub(crate) async fn next(&self, ahead: Job, work: &mut Work, wanted: &Wanted) -> Option<Begun> {
        let (ahead, password) = tokio::join!(self.begin(ahead), work.password(wanted));
        let Some(password) = password else { return ahead };
        let (password, ()) = tokio::join!(self.begin(password), async {
            if let Some(begun) = ahead {
                work.put_back(self.undo(begun).await);
            }
        });
        password
    }

    /// Takes a message in hand and enters it in the journal. Returns `None` when the message went back to the broker.
    pub(crate) async fn begin(&self, job: Job) -> Option<Begun> {
        let candidate = Candidate {
            parts: job.part_count(),
            priority: job.delivery.value.priority,
            to: &job.request().to,
        };
        let refused = match self.carrier.may_begin(candidate) {
            MayBegin::Yes => None,
            MayBegin::NotNow => {
                job.give_back(None).await;
                return None;
            }
            MayBegin::NotThis { .. } if job.is_offered_on() => {
                job.give_back(Some(LOOK_SOON)).await;
                return None;
            }
            MayBegin::NotThis { error, until } => {
                let soon = self.dispatch.clock.now().plus(job.pause());
                Some(Refusal { error, until: until.min(soon) })
            }
        };
        let Some(holding) = self.dispatch.in_hand.take(job.id()) else {
            // The broker delivered it again while its last delivery is being settled.
            job.give_back(Some(LOOK_SOON)).await;
            return None;
        };
        Some(match &job.parts {
            Ok(_) => {
                let begun = self.enter(job, holding).await;
                begun.map(|attempt| Attempt { refused, ..attempt })
            }
            Err(error) => {
                let ending = Ending::Failed { error: error.clone() };
                Err(Unbegun::new(job, holding, ending))
            }
        })
    }

    /// Takes back what was begun and is not written after all, so that the journal says so.
    pub(crate) async fn undo(&self, begun: Begun) -> Job {
        let (job, withdrawal) = match begun {
            Ok(attempt) => {
                let withdrawal = attempt.withdrawal();
                (attempt.job, Some(withdrawal))
            }
            Err(unbegun) => (unbegun.job, unbegun.withdrawal),
        };
        if let Some(withdrawal) = withdrawal {
            withdrawal.carry_out(&self.dispatch, job.about()).await;
        }
        job
    }

    /// Enters the first part that is not out in the journal.
    async fn enter(&self, mut job: Job, mut holding: Holding) -> Begun {
        let journal = &self.dispatch.journal;
        for _ in 0..LOOKS {
            // Most messages are new: then one step says so.
            let tries = job.request().tries;
            let mut attempt = self.attempt(job, holding, 1, vec![], tries, 0)?;
            match journal.write(&attempt.key(), &attempt.entry, None).await {
                Ok(revision) => return Ok(Attempt { revision: Some(revision), ..attempt }),
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(attempt.withdrawn(error.to_string())),
            }
            let (verdict, entries) = match self.judged(&attempt.job).await {
                Ok(judged) => judged,
                // A later release wrote an entry, and is to go on with the message.
                Err(KvError::Decode { .. }) => (Verdict::InHand, vec![]),
                Err(error) => return Err(attempt.unbegun(Ending::NotNow(error.to_string()))),
            };
            let Verdict::Go { part, sent, revision, tries, returns } = verdict else {
                return Err(attempt.unbegun(Ending::Judged(Box::new(verdict))));
            };
            attempt = self.attempt(attempt.job, attempt.holding, part, sent, tries, returns)?;
            attempt.revision = revision;
            match journal.write(&attempt.key(), &attempt.entry, revision).await {
                Ok(revision) => {
                    let before = &entries[..usize::from(part) - 1];
                    self.adopt(&attempt.job, before).await;
                    attempt.given = entry::given(before);
                    return Ok(Attempt { revision: Some(revision), ..attempt });
                }
                Err(error) if error.is_conflict() => {
                    (job, holding) = (attempt.job, attempt.holding);
                }
                Err(error) => return Err(attempt.withdrawn(error.to_string())),
            }
        }
        let why = "the journal entries of the message change while they are read".to_owned();
        Err(Unbegun::new(job, holding, Ending::NotNow(why)))
    }

    /// Returns what the journal says is to be done with a message, and its entries.
    async fn judged(&self, job: &Job) -> Result<(Verdict, Vec<Recorded>), KvError> {
        let (request, parts) = (job.request(), job.part_count());
        let entries = self.dispatch.journal.entries_of(job.id(), parts).await?;
        let mut living = Vec::new();
        for Recorded { entry, .. } in &entries {
            if entry.stage == Stage::Writing && self.lives(entry).await? {
                living.push(entry.at);
            }
        }
        let lives = |entry: &Entry| living.contains(&entry.at);
        let verdict =
            judge(&entries, parts, request.round, request.tries, self.carrier.sim(), lives);
        Ok((verdict, entries))
    }

    /// Makes an attempt at a part, to be entered in the journal, when `ended_tries` tries have ended.
    pub(crate) fn attempt(
        &self,
        job: Job,
        holding: Holding,
        part: u8,
        sent: Vec<SentPart>,
        ended_tries: u32,
        returns: u32,
    ) -> Begun {
        let Some(lease) = self.term() else {
            let ending = Ending::NotNow("the modem's lease is not held".to_owned());
            return Err(Unbegun::new(job, holding, ending));
        };
        let (request, at) = (job.request(), self.dispatch.clock.now());
        let entry = Entry {
            stage: Stage::Writing,
            modem: self.carrier.modem(),
            sim: self.carrier.sim(),
            driver: self.dispatch.id.clone(),
            lease,
            tries: ended_tries.saturating_add(1),
            returns,
            round: request.round,
            org: Some(request.org),
            owner: Some(request.owner),
            sequence: job.delivery.sequence,
            ack: job.delivery.ack_subject().to_owned(),
            parts: job.part_count(),
            print: job.print(part),
            to: job.tail.clone(),
            keep_until: None,
            begun_at: Some(at),
            at,
        };
        let given = Vec::new();
        Ok(Attempt {
            job,
            holding,
            part,
            sent,
            given,
            entry,
            revision: None,
            submission: 0,
            refused: None,
        })
    }

    /// Returns whether the writer of an entry is still at it.
    async fn lives(&self, entry: &Entry) -> Result<bool, KvError> {
        // This sender has the lease of this modem, and is not writing this.
        if entry.modem == self.carrier.modem() {
            return Ok(false);
        }
        if self.dispatch.is_alive(entry).await? {
            return Ok(true);
        }
        // Whoever wrote it by a clock that was ahead, or before this one was set back, is not waited for until then.
        Ok(self.dispatch.clock.now().distance(entry.at) < WRITER_MAY_RETURN)
    }

    /// Gives the sent parts of a message that goes on now to its new item.
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
                let key = entry::key(job.id(), part);
                let written = self.dispatch.journal.write(&key, &entry, Some(recorded.revision));
                if let Err(error) = written.await {
                    tracing::debug!(key, "an entry stays as it is: {error}");
                }
            }
        }
    }
}
