//! Makes a message ready to be written: in hand, entered in the journal, or why not.
//!
//! It may be done while the last message is being settled, so what is said here is looked at once more before the PDU goes
//! to the modem; what was made ready and is not written is taken back.

use std::time::Duration;

use bus::KvError;
use contracts::mt::{SendError, SentPart};
use contracts::subject::Target;
use contracts::{SimId, Timestamp};

use crate::journal::entry::{self, Entry, Recorded, Stage};
use crate::journal::in_hand::Holding;
use crate::journal::settlement::Withdrawal;
use crate::journal::verdict::{Verdict, judge};
use crate::receive::reports::Awaited;
use crate::send::endings::give_back;
use crate::send::job::Job;
use crate::send::sender::Sender;
use crate::send::sending::{LOOK_SOON, encoded};
use crate::send::work::Work;

/// A journal entry of a writer without a lease is left alone this long: its broker may just have been
/// restarted, and it be about to have the lease again.
const WRITER_MAY_RETURN: Duration = Duration::from_secs(5);

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
    pub(crate) fn through(self, sim: SimId) -> Result<Self, Stop> {
        if self.entry.sim == sim {
            Ok(self)
        } else {
            Err(Stop::NotNow("another SIM is in the modem".to_owned()))
        }
    }

    /// What takes the entry back: the part was not given to the modem.
    pub(crate) fn withdrawal(&self, job: &Job) -> Withdrawal {
        let tries = self.entry.tries.saturating_sub(1);
        Withdrawal {
            key: entry::key(job.id(), self.part),
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
    pub(crate) job: Job,
    pub(crate) holding: Holding,
    pub(crate) parts: u8,
    pub(crate) begun: Result<Begun, Stop>,
}

impl Ready {
    /// What follows belongs to the message's trace.
    pub(crate) fn span(&self) -> tracing::Span {
        self.job.delivery.span("send")
    }
}

/// Why a message is not written.
pub(crate) enum Stop {
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
            begun.withdrawal(&ready.job).carry_out(&self.driver, ready.job.about()).await;
        }
        ready.job
    }

    /// Enters the first part that is not out in the journal.
    async fn begin(&self, job: &Job, parts: u8) -> Result<Begun, Stop> {
        let not_now = |error: KvError| match error {
            // It is for that release to go on with it.
            KvError::Decode { .. } => Stop::Verdict(Box::new(Verdict::InHand)),
            error => Stop::NotNow(error.to_string()),
        };
        let request = job.request();
        for _ in 0..3 {
            // Most messages are new: then one step says so.
            let mut begun = self.begun(job, 1, parts, vec![], request.tries, 0)?;
            let key = entry::key(job.id(), 1);
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
                    let key = entry::key(job.id(), part);
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

    pub(crate) fn begun(
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
            org: Some(job.request().org),
            owner: Some(job.request().owner),
            sequence: job.delivery.sequence,
            ack: job.delivery.ack_subject().to_owned(),
            parts,
            print: entry::fingerprint(&encoded(job, part).unwrap_or_default()),
            to: job.tail.clone(),
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
        // Whoever wrote it by a clock that was ahead, or before this one was set back, is not waited for until then.
        Ok(Timestamp::now().distance(entry.at) < WRITER_MAY_RETURN)
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
                let key = entry::key(job.id(), part);
                let written = self.driver.journal.write(&key, &entry, Some(recorded.revision));
                if let Err(error) = written.await {
                    tracing::debug!(key, "the entry stays as it is: {error}");
                }
            }
        }
    }
}
