//! Keeps what a carrier received: a message as it came, a delivery report with the part that it is about.
//!
//! What was received is published at once where the broker takes it, or written to the spool ([`crate::spool`]) and
//! published from there ([`crate::receive::backlog`]); both match reports in the same way. A report that comes before
//! its part's TP-MR is known waits for that. What is published twice is one, by its id.

use std::sync::Arc;
use std::time::Duration;

use bus::{KvError, PublishError};
use contracts::dlr::{Dlr, DlrOutcome};
use contracts::mo::MoPart;
use contracts::{PhoneNumber, SimId, Timestamp};
use tokio::time::Instant;
use tpdu::{Pdu, StatusReport, Submit};

use crate::carrier::Outcome;
use crate::dispatch::Dispatch;
use crate::journal::entry::fingerprint;
use crate::outstanding::{Outstanding, UncertainPart};
use crate::reports::{self, Awaited, Found};
use crate::settle::certainty;
use crate::settle::proof::{self, Reported};
use crate::spool::record::{Answer, Record};

/// How long publishing may take before what the network waits for goes to the spool.
const BEFORE_SPOOL: Waits =
    Waits { answer: Duration::from_secs(3), unmatched: false, broker: Duration::from_secs(3) };
/// How long publishing is tried where there is no spool. The network waits 12 to 20 s for an acknowledgement.
const WITHOUT_SPOOL: Waits =
    Waits { answer: Duration::from_secs(5), unmatched: true, broker: Duration::from_secs(7) };
/// How long a report waits until it is told that its message was sent. What is told may itself stand behind the report in the
/// spool, so it does not wait for long.
const TOLD_WITHIN: Duration = Duration::from_secs(2);
/// What the carrier keeps can wait, and an answer is due for two minutes at most.
const IF_KEPT: Waits =
    Waits { answer: Duration::from_mins(3), unmatched: true, broker: Duration::from_mins(1) };

/// What comes from one carrier. Clones are the same.
#[derive(Debug, Clone)]
pub struct Inbound {
    dispatch: Arc<Dispatch>,
    outstanding: Outstanding,
}

/// What a carrier received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A message, or what cannot be read.
    Message(MoPart),
    /// A delivery report. Which part it is about is found out when it is published.
    Report(MoPart),
}

/// Where something is that a carrier received.
#[derive(Debug)]
pub enum Kept {
    /// The broker has it, and if it is a report about a known part, the journal is still to be told.
    Published(Option<Box<Matched>>),
    /// The spool on this host's disk has it.
    Spooled,
    /// Nothing keeps what was received: it has to come again, or stay where it is.
    Nowhere,
}

impl Kept {
    /// Returns whether the network, or whoever else keeps it, may forget it.
    pub fn is_safe(&self) -> bool {
        !matches!(self, Self::Nowhere)
    }
}

/// How long publishing waits, and for what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waits {
    /// How long to wait for the answer to the message that a report may be about.
    pub(crate) answer: Duration,
    /// Whether a report is published without its message after that. Otherwise it is not published.
    pub(crate) unmatched: bool,
    /// How long to wait for the broker, at each step.
    pub(crate) broker: Duration,
}

/// Why a record is not published.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotPublished {
    /// There is no connection.
    #[error("there is no connection to the broker")]
    Away,
    /// The broker was not asked, as what came before is still to be published.
    #[error("what came before still waits")]
    NotItsTurn,
    /// The modem is still to say what became of the message that a report may be about.
    #[error("the answer to the message that it may be about is still due")]
    AnswerDue,
    /// The broker did not take the record.
    #[error(transparent)]
    Publish(#[from] PublishError),
    /// A bucket did not answer.
    #[error("which message it is about is not known: {0}")]
    Lookup(#[from] KvError),
    /// A bucket did not answer in time.
    #[error("the broker did not say in time which message a report is about")]
    LookupTime,
}

/// A published report, and the part that it is about.
#[derive(Debug)]
pub struct Matched {
    awaited: Awaited,
    report: StatusReport,
}

impl Inbound {
    /// Returns what takes in what comes from the carrier whose parts are `outstanding`.
    pub fn new(dispatch: Arc<Dispatch>, outstanding: Outstanding) -> Self {
        Self { dispatch, outstanding }
    }

    /// Keeps what was received. With `stays` it stays with the carrier until it is kept, so that the broker may be
    /// waited for; otherwise the network waits, and it goes to the spool where the broker does not take it in seconds.
    ///
    /// What was received may be acknowledged where [`Kept::is_safe`]; then the answer is for [`Inbound::heed`].
    pub async fn keep(&self, received: Received, stays: bool) -> Kept {
        let record = match received {
            Received::Message(part) => Record::Message(part),
            Received::Report(part) => Record::Report(part),
        };
        let modem = record.modem();
        let published = if stays {
            self.publish(&record, IF_KEPT).await
        } else if !self.dispatch.spool.is_empty() {
            // In order: what came before is published before.
            Err(NotPublished::NotItsTurn)
        } else if self.dispatch.bus.is_connected() {
            self.publish(&record, BEFORE_SPOOL).await
        } else {
            Err(NotPublished::Away)
        };
        let mut error = match published {
            Ok(matched) => return Kept::Published(matched.map(Box::new)),
            Err(error) => error,
        };
        if !stays {
            match self.dispatch.spool.append(record.clone()).await {
                Ok(()) => {
                    tracing::warn!(modem.id = %modem, "what the modem received is not published ({error}); the spool has it");
                    return Kept::Spooled;
                }
                Err(spool) => {
                    tracing::warn!(modem.id = %modem, "what the modem received is not published ({error}), and not kept on this host: {spool}");
                }
            }
            // The network still waits.
            match self.publish(&record, WITHOUT_SPOOL).await {
                Ok(matched) => return Kept::Published(matched.map(Box::new)),
                Err(again) => error = again,
            }
        }
        tracing::warn!(modem.id = %modem, "what the modem received is not stored and stays where it is: {error}");
        Kept::Nowhere
    }

    /// Notes what a report proves that was published.
    pub async fn heed(&self, kept: Kept) {
        if let Kept::Published(Some(matched)) = kept {
            self.make_certain(&matched).await;
            self.settle(&matched);
        }
    }

    /// Takes note of a part that the carrier still has in a memory of its own, with the mark whether that was `sent`.
    /// Returns whether the part is known, so that the carrier may forget it.
    ///
    /// # Errors
    /// The broker does not answer.
    pub async fn found(
        &self,
        sim: SimId,
        tpdu: Option<&Submit>,
        sent: bool,
    ) -> Result<bool, KvError> {
        let print = tpdu.and_then(|tpdu| tpdu.encode().ok()).map(|octets| fingerprint(&octets));
        certainty::found(&self.dispatch, &self.outstanding.uncertain, sim, print, sent).await
    }

    /// Takes note of what became of a submission that had ended as uncertain.
    pub async fn answered_late(&self, submission: u64, outcome: Outcome) {
        let uncertain = &self.outstanding.uncertain;
        if let Outcome::Uncertain(error) = &outcome {
            tracing::info!(error.code, "a late answer leaves a part uncertain: {error}");
            return;
        }
        let Some(part) = uncertain.take(|part| part.submission == submission) else {
            return;
        };
        // The journal may not have yet that it was left uncertain.
        self.dispatch.in_hand.settled(part.item.id).await;
        match outcome {
            Outcome::Sent { reference } => {
                certainty::is_sent(&self.dispatch, &part, reference.unwrap_or(0)).await;
            }
            // A refusal says what it would have said in time.
            _ => certainty::is_not_sent(&self.dispatch, &part).await,
        }
    }

    /// Publishes what was received, or notes an answer.
    ///
    /// # Errors
    /// The broker does not have it, or may have it: it has to be published again.
    pub(crate) async fn publish(
        &self,
        record: &Record,
        waits: Waits,
    ) -> Result<Option<Matched>, NotPublished> {
        let part = match record {
            Record::Message(part) | Record::Report(part) => part,
            Record::Answer(answer) => return self.note(answer).await.map(|()| None),
        };
        if let Record::Report(_) = record
            && let Some(report) = readable(part)
        {
            let found = self.find(part, &report, waits).await?;
            let round = found.as_ref().map_or(0, |awaited| awaited.round);
            // What follows from a report is one event with it, where the driver knows all of that.
            let dlr = dlr(part, &report, found.as_ref());
            let end = match (dlr.end(round), &found) {
                (Some(end), Some(awaited)) if self.is_told(awaited).await => Some(end),
                _ => None,
            };
            match end {
                Some(end) => self.dispatch.bus.publish_within(&end, waits.broker).await?,
                None => self.dispatch.bus.publish_within(&dlr, waits.broker).await?,
            };
            let status = report.status;
            tracing::info!(modem.id = %part.modem, matched = found.is_some(), status = status.0, "delivery report: {}", status.words());
            return Ok(found.map(|awaited| Matched { awaited, report }));
        }
        self.dispatch.bus.publish_within(part, waits.broker).await?;
        tracing::info!(event.id = %part.id, modem.id = %part.modem, "received a message, which the broker has");
        Ok(None)
    }

    /// Waits for a while until what became of a message is told, and returns whether it is. A report may be quicker, and
    /// the end of a message must not be told before it was sent: then persistence tells the end, from the report alone.
    async fn is_told(&self, awaited: &Awaited) -> bool {
        let in_hand = &self.dispatch.in_hand;
        let told = in_hand.settled(awaited.message);
        tokio::time::timeout(TOLD_WITHIN, told).await.is_ok() && !in_hand.has(awaited.message)
    }

    /// Notes an answer: first what its report is matched by, then the journal. The item comes again and is found to be
    /// sent.
    async fn note(&self, answer: &Answer) -> Result<(), NotPublished> {
        if let Some((key, awaited)) = &answer.awaited {
            self.outstanding.reports.keep(key, awaited).await?;
        }
        certainty::answered(&self.dispatch, answer).await?;
        Ok(())
    }

    /// Makes certain what was uncertain until the report came.
    pub(crate) async fn make_certain(&self, matched: &Matched) {
        let Matched { awaited, report, .. } = matched;
        if awaited.uncertain {
            self.dispatch.in_hand.settled(awaited.message).await;
            let is_it =
                |part: &UncertainPart| part.item.id == awaited.message && part.part == awaited.part;
            let known = self.outstanding.uncertain.take(is_it);
            certainty::is_out(&self.dispatch, awaited, known, report.reference).await;
        }
    }

    /// Waits for no other report after the last one about a part.
    pub(crate) fn settle(&self, matched: &Matched) {
        let Matched { awaited, report } = matched;
        if report.status.outcome() != tpdu::Outcome::Buffered {
            self.outstanding.reports.settle(awaited);
        }
    }

    /// Returns the part that a report is about. While an answer is due that may tell, waits for the answer.
    async fn find(
        &self,
        part: &MoPart,
        report: &StatusReport,
        waits: Waits,
    ) -> Result<Option<Awaited>, NotPublished> {
        let reports = &self.outstanding.reports;
        let tail = reports::tail_of_digits(report.recipient.value());
        let reported = Reported { part, report, tail: &tail, taken_at: time(report.smsc_time) };
        let end = Instant::now() + waits.answer;
        let mut answers = reports.answers();
        loop {
            answers.borrow_and_update();
            let in_flight = reports.may_be_in_flight(part.sim, &tail, part.received_at);
            let is_last = !in_flight || (waits.unmatched && Instant::now() >= end);
            let finding = tokio::time::timeout(waits.broker, self.known(reported, is_last));
            let found = finding.await.map_err(|_| NotPublished::LookupTime)??;
            if found.is_some() || is_last {
                return Ok(found);
            }
            tracing::debug!("a delivery report came before the answer to its message");
            let answered = tokio::time::timeout_at(end, answers.changed()).await;
            if answered.is_err() && !waits.unmatched {
                return Err(NotPublished::AnswerDue);
            }
        }
    }

    /// Returns the part that a report is about, as far as it is known now, or, with `unanswered`, as the report itself
    /// proves.
    async fn known(
        &self,
        reported: Reported<'_>,
        unanswered: bool,
    ) -> Result<Option<Awaited>, KvError> {
        let Reported { part, report, tail, taken_at } = reported;
        let reports = &self.outstanding.reports;
        let found = reports.find(part.sim, report.reference, tail, taken_at).await?;
        if let Some(Found { awaited, doubtful: false }) = &found
            && !awaited.uncertain
        {
            return Ok(Some(awaited.clone()));
        }
        // An answer that is due may tell of a part to which the report belongs rather.
        let found = found.filter(|found| unanswered || !found.doubtful);
        let unanswered = unanswered && found.as_ref().is_none_or(|found| found.doubtful);
        let Some(proved) = proof::find(&self.dispatch, reported, unanswered).await? else {
            return Ok(found.map(|found| found.awaited));
        };
        if report.status.outcome() == tpdu::Outcome::Buffered {
            // The last report may come when the journal has forgotten it.
            let key = reports::key(part.sim, Some(report.reference), tail);
            reports.keep(&key, &proved).await?;
        }
        Ok(Some(proved))
    }
}

/// Returns the report in a part; `None` when it cannot be read, and is published as it came, as a message.
fn readable(part: &MoPart) -> Option<StatusReport> {
    match Pdu::<StatusReport>::from_hex(&part.pdu) {
        Ok(decoded) => Some(decoded.tpdu),
        Err(error) => {
            tracing::warn!(modem.id = %part.modem, "a delivery report cannot be read ({error}) and is published as it came");
            None
        }
    }
}

fn dlr(part: &MoPart, report: &StatusReport, awaited: Option<&Awaited>) -> Dlr {
    let recipient = &report.recipient;
    let plus = if recipient.is_international() { "+" } else { "" };
    Dlr {
        id: part.id,
        org: awaited.map_or_else(contracts::OrgId::default_org, |awaited| awaited.org),
        owner: awaited.map(|awaited| awaited.owner),
        modem: part.modem,
        sim: part.sim,
        message: awaited.map(|awaited| awaited.message),
        part: awaited.map(|awaited| awaited.part),
        parts: awaited.map(|awaited| awaited.parts),
        reference: report.reference,
        to: PhoneNumber::parse(&format!("{plus}{}", recipient.value())).ok(),
        status: report.status.0,
        outcome: match report.status.outcome() {
            tpdu::Outcome::Delivered => DlrOutcome::Delivered,
            tpdu::Outcome::Buffered => DlrOutcome::Buffered,
            tpdu::Outcome::Undelivered => DlrOutcome::Undelivered,
        },
        text: report.status.words().to_owned(),
        // Service centres with a broken clock exist: then it is when it came.
        discharged_at: time(report.discharged).unwrap_or(part.received_at),
        pdu: part.pdu.clone(),
        received_at: part.received_at,
    }
}

fn time(stamp: tpdu::Scts) -> Option<Timestamp> {
    let seconds = stamp.to_timestamp()?;
    Some(Timestamp::from_micros(seconds.saturating_mul(1_000_000)))
}
