//! What comes from a modem: messages, delivery reports, calls.
//!
//! A message is acknowledged to the network, or deleted from the SIM, only after JetStream has it. What
//! cannot be stored in time is left where it is and comes again. Reports are matched to the part they
//! are about; one that comes before the modem has said the part's TP-MR waits for that.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bus::KvError;
use contracts::dlr::{Dlr, DlrOutcome};
use contracts::mo::MoPart;
use contracts::modem::{ModemEvent, ModemEventKind};
use contracts::{EventId, Message, ModemId, PhoneNumber, SimId, Timestamp};
use modem::{FoundSubmission, Outcome, Receipt, Received, ReceivedKind};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tpdu::{Pdu, StatusReport};

use crate::certainty;
use crate::driver::Driver;
use crate::journal::fingerprint;
use crate::pump::{Command, Handle, Incoming};
use crate::reports::{self, Awaited, Reports};
use crate::sender::{UncertainParts, sim_of};

/// How long storing may take. The network waits 12 to 20 s for an acknowledgement; what lies on the SIM
/// waits for us.
const STORED_WITHIN: Duration = Duration::from_secs(10);
const STORED_WITHIN_IF_KEPT: Duration = Duration::from_mins(1);
/// How long a report waits for the answer to the message that it may be about.
const HELD: Duration = Duration::from_secs(10);
const HELD_IF_KEPT: Duration = Duration::from_mins(1);
/// Characters of a USSD text that are told; 160 octets hold 182 letters (23.038, 5).
const LONGEST_USSD: usize = 500;
/// So many at one time: a full SIM is drained in order, more or less.
const AT_ONCE: usize = 16;

/// What receives for one modem. Clones are for single messages.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) driver: Arc<Driver>,
    pub(crate) modem: ModemId,
    pub(crate) pump: Handle,
    pub(crate) reports: Arc<Reports>,
    pub(crate) uncertain: UncertainParts,
}

impl Receiver {
    /// Receives until `stop` or the pump is gone.
    pub(crate) async fn run(
        self,
        incoming: &mut mpsc::UnboundedReceiver<Incoming>,
        stop: CancellationToken,
    ) {
        let mut tasks = JoinSet::new();
        loop {
            while tasks.len() >= AT_ONCE {
                tasks.join_next().await;
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
                said = incoming.recv() => match said {
                    Some(said) => {
                        tasks.spawn(self.clone().take(said));
                    }
                    None => break,
                },
            }
        }
        while tasks.join_next().await.is_some() {}
    }

    async fn take(self, said: Incoming) {
        match said {
            Incoming::Received(received) => match received.kind {
                ReceivedKind::StatusReport => self.report(received).await,
                ReceivedKind::Deliver | ReceivedKind::Unknown => self.message(received).await,
            },
            Incoming::Found(found) => self.found(found).await,
            Incoming::Settled(submission, outcome) => self.settled(submission, &outcome).await,
            Incoming::SimChanged => {
                let sim = self.sim();
                let text = "Another SIM is in the modem.";
                self.tell(ModemEventKind::SimChanged, Some(sim), text, None).await;
            }
            Incoming::MissedCall(from) => {
                let from = from.and_then(|number| PhoneNumber::parse(&number).ok());
                let text = "Somebody called; calls are not answered.";
                self.tell(ModemEventKind::MissedCall, Some(self.sim()), text, from).await;
            }
            Incoming::Ussd(text) => {
                self.tell(ModemEventKind::Ussd, Some(self.sim()), &shown(&text), None).await;
            }
        }
    }

    fn sim(&self) -> SimId {
        sim_of(&self.pump.view(), self.modem)
    }

    async fn message(&self, received: Received) {
        let sim = self.sim();
        let pdu = tpdu::to_hex(&received.pdu).to_uppercase();
        let number = self.pump.view().snapshot.sim.as_ref().and_then(|sim| sim.number.clone());
        let part = MoPart {
            id: MoPart::id_of(sim, &pdu),
            org: self.driver.org_of(sim),
            modem: self.modem,
            sim,
            to: number.and_then(|number| PhoneNumber::parse(&number).ok()),
            pdu,
            received_at: Timestamp::now(),
        };
        metrics::counter!("merpati_messages_received_total").increment(1);
        if self.store(&part, received.receipt, received.kept).await {
            tracing::info!(event.id = %part.id, modem.id = %self.modem, "received a message; it is stored");
        }
    }

    async fn report(&self, received: Received) {
        let sim = self.sim();
        let pdu = tpdu::to_hex(&received.pdu).to_uppercase();
        let report = match Pdu::<StatusReport>::decode(&received.pdu) {
            Ok(decoded) => decoded.tpdu,
            Err(error) => {
                tracing::warn!(modem.id = %self.modem, "a delivery report cannot be read ({error}); it is kept as it came");
                return self.message(received).await;
            }
        };
        let found = match self.find(sim, &report, received.kept).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(modem.id = %self.modem, "a delivery report waits for the broker: {error}");
                return self.pump.tell(Command::Refused(received.receipt));
            }
        };
        let dlr = dlr(self.modem, sim, &pdu, &report, found.as_ref().map(|(_, part)| part));
        let stored = self.store(&dlr, received.receipt, received.kept).await;
        tracing::info!(modem.id = %self.modem, matched = found.is_some(), status = report.status.0, "delivery report: {}", report.status.words());
        let Some((key, awaited)) = found.filter(|_| stored) else { return };
        if awaited.uncertain {
            let known = self.take_uncertain(|part| {
                part.item.id == awaited.message && part.part == awaited.part
            });
            certainty::is_out(&self.driver, &awaited, known, report.reference).await;
        }
        if report.status.outcome() != tpdu::Outcome::Buffered
            && let Err(error) = self.reports.settle(&key, &awaited).await
        {
            tracing::debug!(key, "the part still waits for a report: {error}");
        }
    }

    /// The part a report is about. While an answer is due that may tell, waits for it.
    async fn find(
        &self,
        sim: SimId,
        report: &StatusReport,
        kept: bool,
    ) -> Result<Option<(String, Awaited)>, KvError> {
        let tail = reports::tail_of_digits(report.recipient.value());
        let taken_at = time(report.smsc_time);
        let end = Instant::now() + if kept { HELD_IF_KEPT } else { HELD };
        let mut answers = self.reports.answers();
        loop {
            answers.borrow_and_update();
            let in_flight = self.reports.may_be_in_flight(sim, &tail);
            let found = self.reports.find(sim, report.reference, &tail, taken_at).await?;
            if found.is_some() || !in_flight {
                return Ok(found);
            }
            tracing::debug!(modem.id = %self.modem, "a delivery report came before its message's answer");
            if tokio::time::timeout_at(end, answers.changed()).await.is_err() {
                return Ok(None);
            }
        }
    }

    /// Publishes it, then lets the modem acknowledge or delete it. Returns whether it is stored.
    async fn store<M: Message>(&self, message: &M, receipt: Receipt, kept: bool) -> bool {
        let patience = if kept { STORED_WITHIN_IF_KEPT } else { STORED_WITHIN };
        match self.driver.bus.publish_within(message, patience).await {
            Ok(_) => {
                self.pump.tell(Command::Stored(receipt));
                true
            }
            Err(error) => {
                tracing::warn!(modem.id = %self.modem, "not stored, so left where it is: {error}");
                self.pump.tell(Command::Refused(receipt));
                false
            }
        }
    }

    /// A message for sending lies in the modem's memory: if it is one of ours, its mark tells whether it
    /// went out.
    async fn found(&self, found: FoundSubmission) {
        let print = Pdu::<tpdu::Submit>::decode(&found.pdu)
            .ok()
            .and_then(|pdu| pdu.tpdu.encode().ok())
            .map(|octets| fingerprint(&octets));
        match certainty::found(&self.driver, self.sim(), print, found.sent).await {
            Ok(true) => self.pump.tell(Command::Stored(found.receipt)),
            Ok(false) => self.pump.tell(Command::Refused(found.receipt)),
            Err(error) => {
                tracing::warn!(modem.id = %self.modem, "a message found on the SIM stays there: {error}");
                self.pump.tell(Command::Refused(found.receipt));
            }
        }
    }

    /// The modem has said at last what became of a submission.
    async fn settled(&self, submission: u64, outcome: &Outcome) {
        let Some(part) = self.take_uncertain(|part| part.submission == submission) else { return };
        match outcome {
            Outcome::Accepted { reference } => {
                certainty::is_sent(&self.driver, &part, reference.unwrap_or(0)).await;
            }
            Outcome::Rejected(_) | Outcome::NotSent(_) => {
                certainty::is_not_sent(&self.driver, &part).await;
            }
            Outcome::Uncertain(_) => {}
        }
    }

    fn take_uncertain(
        &self,
        which: impl Fn(&crate::sender::UncertainPart) -> bool,
    ) -> Option<crate::sender::UncertainPart> {
        let mut parts = self.uncertain.lock().unwrap_or_else(PoisonError::into_inner);
        let index = parts.iter().position(which)?;
        parts.remove(index)
    }

    async fn tell(
        &self,
        kind: ModemEventKind,
        sim: Option<SimId>,
        text: &str,
        from: Option<PhoneNumber>,
    ) {
        let (id, at) = (EventId::new(), Timestamp::now());
        let event =
            ModemEvent { id, kind, modem: self.modem, sim, text: text.to_owned(), from, at };
        self.driver.tell(&event).await;
    }
}

/// A text of the network as events have it: cut to [`LONGEST_USSD`], line breaks its only control characters.
fn shown(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let shown = text.chars().filter(|c| *c == '\n' || !c.is_control());
    shown.take(LONGEST_USSD).collect::<String>().trim().to_owned()
}

fn dlr(
    modem: ModemId,
    sim: SimId,
    pdu: &str,
    report: &StatusReport,
    awaited: Option<&Awaited>,
) -> Dlr {
    let recipient = &report.recipient;
    let plus = if recipient.is_international() { "+" } else { "" };
    Dlr {
        id: MoPart::id_of(sim, pdu),
        org: awaited.map_or_else(contracts::OrgId::default_org, |part| part.org),
        owner: awaited.map(|part| part.owner),
        modem,
        sim,
        message: awaited.map(|part| part.message),
        part: awaited.map(|part| part.part),
        parts: awaited.map(|part| part.parts),
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
        discharged_at: time(report.discharged).unwrap_or_else(Timestamp::now),
        pdu: pdu.to_owned(),
        received_at: Timestamp::now(),
    }
}

fn time(stamp: tpdu::Scts) -> Option<Timestamp> {
    let seconds = stamp.to_timestamp()?;
    Some(Timestamp::from_micros(seconds.saturating_mul(1_000_000)))
}
