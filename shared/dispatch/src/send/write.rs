//! One message through one carrier.
//!
//! Port lock (the carrier has it) → lease → journal entry by create → deadline check → write. While the answer is due the
//! next message is fetched and encoded, so that the modem is not idle between two. What became of the message is
//! settled in the background ([`crate::settle::settlement`]).

use std::time::Duration;

use contracts::mt::{Given, SendError, SentPart};
use contracts::{MtState, Priority, Subject, Timestamp};
use futures_util::FutureExt as _;
use tokio::time::Instant;

use crate::carrier::{Again, Carrier, Outcome, Progress, Submission};
use crate::journal::entry::Stage;
use crate::reports::Awaited;
use crate::send::attempt::Attempt;
use crate::send::begin::Begun;
use crate::send::ending::{self, Ending};
use crate::send::sender::Sender;
use crate::send::wanted::Wanted;
use crate::send::work::{PROGRESS, Work};
use crate::settle::writing::write;

/// When the answer to a part is still due after so long, it is stored that the part is with the modem. Of most parts that
/// is told live only, and stored with what came of them.
const STORED_AFTER: Duration = Duration::from_secs(10);

/// How often the broker hears that a password is being worked on.
const OTP_PROGRESS: Duration = Duration::from_secs(3);

impl<C: Carrier> Sender<C> {
    /// Sends a message in hand, or does what becomes of it instead.
    pub(crate) async fn send(&mut self, begun: Begun, work: &mut Work, wanted: &Wanted) {
        // Nothing of the last message may be open in the journal when the next is written.
        if let Some(journaled) = self.state.journaled.take() {
            let _ = journaled.await;
        }
        match begun {
            // Boxed, as a message that is not written needs none of it.
            Ok(attempt) => Box::pin(self.write_parts(attempt, work, wanted)).await,
            Err(unbegun) => self.leave(unbegun).await,
        }
    }

    /// Writes part after part.
    async fn write_parts(&mut self, mut attempt: Attempt, work: &mut Work, wanted: &Wanted) {
        loop {
            // The journal names both, and time has gone by since it was written.
            if self.term() != Some(attempt.entry.lease) || self.carrier.sim() != attempt.entry.sim {
                let why = "the modem's lease or its SIM is another since it was made ready";
                return self.leave(attempt.withdrawn(why.to_owned())).await;
            }
            // A message that is begun goes on.
            if let Some(refusal) = attempt.refused.take().filter(|_| attempt.sent.is_empty()) {
                return self.hand_over(attempt, refusal);
            }
            if attempt.sent.is_empty() && attempt.job.is_late(self.dispatch.clock.now()) {
                return self.conclude(attempt, Ending::Expired { error: None }).await;
            }
            let outcome = self.write(&mut attempt, work, wanted).await;
            let ending =
                ending::ending(outcome, attempt.terms(&self.retry), self.dispatch.clock.now());
            self.note(&attempt, &ending);
            match ending {
                Ending::Sent { reference } if !attempt.is_last() => {
                    match self.next_part(attempt, reference).await {
                        Ok(next) => attempt = next,
                        Err(unbegun) => return self.leave(unbegun).await,
                    }
                }
                Ending::WithoutValidity => {
                    tracing::info!(message.id = %attempt.id(), "the service centre takes no validity period; the part is sent again without one");
                    attempt.job.drop_validity();
                }
                ending => return self.conclude(attempt, ending).await,
            }
        }
    }

    /// Gives one part to the modem and waits for the answer.
    async fn write(&mut self, attempt: &mut Attempt, work: &mut Work, wanted: &Wanted) -> Outcome {
        let (part, parts, tries) = (attempt.part, attempt.job.part_count(), attempt.entry.tries);
        let Some(tpdu) = attempt.job.submit(part) else {
            // The journal and the message differ in the number of parts.
            let text = format!("The message has no part {part}.");
            let error = SendError { code: "no-such-part".to_owned(), text };
            return Outcome::Refused { error, again: Again::No };
        };
        let given = Given { at: attempt.entry.at, through: attempt.through(), part, parts, tries };
        // A part that is given to the modem twice, the second time without validity, is told once.
        attempt.given.retain(|before| *before != given);
        attempt.given.push(given);
        let sending = attempt.job.about().event(given.at, given.change());
        // It is told at once or not at all: nothing waits for a connection that is busy.
        let live = Subject::MtLive(MtState::Sending);
        let _ = self.dispatch.bus.hint(&live, &sending).now_or_never();
        self.outstanding.reports.writing(attempt.entry.sim, &attempt.job.tail);
        let alone = self.carrier.is_on_trial() || self.stop.is_cancelled();
        attempt.submission = self.dispatch.number();
        let submission = Submission {
            number: attempt.submission,
            message: attempt.id(),
            to: &attempt.job.request().to,
            part,
            parts,
            tries,
            tpdu,
            more: part < parts || (work.is_flowing() && !alone),
        };
        let began = Instant::now();
        let answer = self.carrier.submit(submission);
        let dispatch = &self.dispatch;
        let is_slow = async {
            tokio::time::sleep_until(began + STORED_AFTER).await;
            dispatch.tell(&sending).await;
        };
        tokio::pin!(answer, is_slow);
        let mut is_stored = false;
        if part == parts && !alone {
            work.look_ahead(wanted);
        }
        let often = match attempt.job.delivery.value.priority {
            Priority::Otp => OTP_PROGRESS,
            _ => PROGRESS,
        };
        let mut progress = tokio::time::interval_at(began + often, often);
        self.carrier.note(Progress::Load { sending: true, held: work.held() });
        loop {
            tokio::select! {
                biased;
                outcome = &mut answer => {
                    metrics::histogram!("merpati_submit_seconds").record(began.elapsed());
                    return outcome;
                }
                // Ends with the answer: what came of the part is told after it, or tells it.
                () = &mut is_slow, if !is_stored => is_stored = true,
                () = work.serve() => {
                    self.carrier.note(Progress::Load { sending: true, held: work.held() });
                }
                _ = progress.tick() => {
                    if let Err(error) = attempt.job.delivery.progress().await {
                        tracing::debug!("the broker was not told that a message is still worked on: {error}");
                    }
                }
            }
        }
    }

    /// Notes that a part is out, and returns what its report will be matched by.
    pub(crate) fn part_is_sent(
        &self,
        attempt: &mut Attempt,
        reference: Option<u8>,
        at: Timestamp,
    ) -> Option<(String, Awaited)> {
        let part = SentPart { part: attempt.part, reference: reference.unwrap_or(0), at };
        attempt.sent.push(part);
        let awaited = attempt.awaited(at, false);
        let (sim, tail) = (attempt.entry.sim, &attempt.job.tail);
        self.outstanding.reports.answered(sim, tail, reference, awaited.as_ref()).zip(awaited)
    }

    /// Writes the result of a part and the entry of the next one at one time.
    async fn next_part(&mut self, mut attempt: Attempt, reference: Option<u8>) -> Begun {
        let at = self.dispatch.clock.now();
        let awaited = self.part_is_sent(&mut attempt, reference, at);
        if let Some((key, awaited)) = awaited.clone() {
            let reports = self.outstanding.reports.clone();
            self.state.settling.spawn(async move { reports.keep_until_kept(&key, &awaited).await });
        }
        let stage = Stage::Sent { reference: reference.unwrap_or(0), at };
        let out = attempt.replaced_by(stage, at);
        let (dispatch, about) = (self.dispatch.clone(), attempt.job.about());
        // That the part is out stays true, whoever else has judged the message.
        let out = write(&dispatch, about, &out, awaited.as_ref());
        // All parts of one go count as one try.
        let (sim, ended_tries) = (attempt.entry.sim, attempt.entry.tries - 1);
        let Attempt { job, holding, part, sent, given, .. } = attempt;
        let next = match self.attempt(job, holding, part + 1, sent, ended_tries, 0) {
            Ok(next) if next.entry.sim == sim => Attempt { given, ..next },
            other => {
                out.await;
                let why = "another SIM is in the modem".to_owned();
                return other.and_then(|next| Err(next.unbegun(Ending::NotNow(why))));
            }
        };
        let key = next.key();
        let (_, written) = tokio::join!(out, dispatch.journal.write(&key, &next.entry, None));
        match written {
            Ok(revision) => Ok(Attempt { revision: Some(revision), ..next }),
            Err(error) => Err(next.withdrawn(error.to_string())),
        }
    }
}
