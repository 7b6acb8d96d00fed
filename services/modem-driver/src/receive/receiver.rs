//! What comes from a modem: messages, delivery reports, calls.
//!
//! A message is acknowledged to the network, or deleted from the SIM, only after JetStream has it, or, where the
//! network waits and the broker does not take it, after the spool on this host's disk has it
//! ([`crate::receive::spool`]). What is kept in neither is left where it is and comes again. Reports are matched to the
//! part they are about ([`crate::receive::publisher`]); one that comes before the modem has said the part's TP-MR waits
//! for that.

use std::sync::Arc;
use std::time::Duration;

use contracts::mo::MoPart;
use contracts::modem::{ModemEvent, ModemEventKind};
use contracts::{EventId, ModemId, PhoneNumber, SimId, Timestamp};
use modem::{FoundSubmission, Receipt, Received, ReceivedKind};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tpdu::Pdu;

use crate::carrier::Outcome;
use crate::driver::Driver;
use crate::host::identity::sim_of;
use crate::journal::certainty;
use crate::journal::entry;
use crate::port::answer::outcome;
use crate::port::handle::{Command, Handle};
use crate::port::said::{Incoming, Said, View};
use crate::receive::publisher::{NotPublished, Publisher, Waits};
use crate::receive::record::Record;

/// How long publishing may take before what the network waits for goes to the spool.
const BEFORE_SPOOL: Waits =
    Waits { answer: Duration::from_secs(3), unmatched: false, broker: Duration::from_secs(3) };
/// How long publishing is tried where there is no spool. The network waits 12 to 20 s for an acknowledgement.
const WITHOUT_SPOOL: Waits =
    Waits { answer: Duration::from_secs(5), unmatched: true, broker: Duration::from_secs(7) };
/// What lies on the SIM waits for us, and an answer is due for two minutes at most.
const IF_KEPT: Waits =
    Waits { answer: Duration::from_mins(3), unmatched: true, broker: Duration::from_mins(1) };
/// Characters of a USSD text that are told; 160 octets hold 182 letters (23.038, 5).
const LONGEST_USSD: usize = 500;
/// How many received messages are published at one time: a full SIM is drained in order, more or less.
const AT_ONCE: usize = 16;

/// What receives for one modem. Clones are for single messages.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) driver: Arc<Driver>,
    pub(crate) publisher: Publisher,
    pub(crate) modem: ModemId,
    pub(crate) pump: Handle,
}

impl Receiver {
    /// Receives until `stop` or the pump is gone.
    pub(crate) async fn run(
        self,
        incoming: &mut mpsc::UnboundedReceiver<Said>,
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

    async fn take(self, said: Said) {
        let Said { what, view } = said;
        let sim = sim_of(&view, self.modem);
        match what {
            Incoming::Received(received) => match received.kind {
                ReceivedKind::StatusReport => {
                    let record = Record::Report(self.part(&received, &view));
                    self.keep(record, received.receipt, received.kept).await;
                }
                ReceivedKind::Deliver | ReceivedKind::Unknown => {
                    metrics::counter!("merpati_messages_received_total").increment(1);
                    let record = Record::Message(self.part(&received, &view));
                    self.keep(record, received.receipt, received.kept).await;
                }
            },
            Incoming::Found(found) => {
                self.found(found, sim).await;
                self.pump.found.send_modify(|found| *found = found.saturating_sub(1));
            }
            Incoming::Settled(submission, answer) => self.settled(submission, answer).await,
            Incoming::SimChanged => {
                let text = "Another SIM is in the modem.";
                self.tell(ModemEventKind::SimChanged, Some(sim), text, None).await;
            }
            Incoming::MissedCall(from) => {
                let from = from.and_then(|number| PhoneNumber::parse(&number).ok());
                let text = "Somebody called; calls are not answered.";
                self.tell(ModemEventKind::MissedCall, Some(sim), text, from).await;
            }
            Incoming::Ussd(text) => {
                self.tell(ModemEventKind::Ussd, Some(sim), &shown(&text), None).await;
            }
        }
    }

    /// Returns what was received as it came, and where and when it came.
    fn part(&self, received: &Received, view: &View) -> MoPart {
        let sim = sim_of(view, self.modem);
        let pdu = tpdu::to_hex(&received.pdu).to_uppercase();
        let number = view.snapshot.sim.as_ref().and_then(|sim| sim.number.clone());
        MoPart {
            id: MoPart::id_of(sim, &pdu),
            org: self.driver.org_of(sim),
            modem: self.modem,
            sim,
            to: number.and_then(|number| PhoneNumber::parse(&number).ok()),
            pdu,
            received_at: Timestamp::now(),
        }
    }

    /// Keeps what was received, then lets the modem acknowledge or delete it. What is not kept comes again, or is left
    /// to the network.
    async fn keep(&self, record: Record, receipt: Receipt, kept: bool) {
        let published = if kept {
            self.publish(&record, receipt, IF_KEPT).await
        } else if !self.driver.dispatch.spool.is_empty() {
            // In order: what came before is published before.
            Err(NotPublished::NotItsTurn)
        } else if self.driver.dispatch.bus.is_connected() {
            self.publish(&record, receipt, BEFORE_SPOOL).await
        } else {
            Err(NotPublished::Away)
        };
        let Err(mut error) = published else { return };
        if !kept {
            match self.driver.dispatch.spool.append(record.clone()).await {
                Ok(()) => {
                    tracing::warn!(modem.id = %self.modem, "not published, so kept in the spool: {error}");
                    return self.pump.tell(Command::Stored(receipt));
                }
                Err(spool) => {
                    tracing::warn!(modem.id = %self.modem, "not published ({error}), and not kept on this host: {spool}");
                }
            }
            // The network still waits.
            match self.publish(&record, receipt, WITHOUT_SPOOL).await {
                Ok(()) => return,
                Err(again) => error = again,
            }
        }
        tracing::warn!(modem.id = %self.modem, "not stored, so left where it is: {error}");
        self.pump.tell(Command::Refused(receipt));
    }

    /// Publishes what was received, and tells the modem.
    async fn publish(
        &self,
        record: &Record,
        receipt: Receipt,
        waits: Waits,
    ) -> Result<(), NotPublished> {
        let matched = self.publisher.publish(record, waits).await?;
        self.pump.tell(Command::Stored(receipt));
        if let Some(matched) = matched {
            self.publisher.make_certain(&matched).await;
            self.publisher.settle(&matched).await;
        }
        Ok(())
    }

    /// Takes note of a message for sending in the modem's memory: if this gateway put it there, its mark tells whether
    /// it went out.
    async fn found(&self, found: FoundSubmission, sim: SimId) {
        let print = Pdu::<tpdu::Submit>::decode(&found.pdu)
            .ok()
            .and_then(|pdu| pdu.tpdu.encode().ok())
            .map(|octets| entry::fingerprint(&octets));
        let uncertain = &self.publisher.outstanding.uncertain;
        match certainty::found(&self.driver.dispatch, uncertain, sim, print, found.sent).await {
            Ok(true) => self.pump.tell(Command::Stored(found.receipt)),
            Ok(false) => self.pump.tell(Command::Refused(found.receipt)),
            Err(error) => {
                tracing::warn!(modem.id = %self.modem, "a message found on the SIM stays there: {error}");
                self.pump.tell(Command::Refused(found.receipt));
            }
        }
    }

    /// Takes note of what became of a submission, as the modem says at last.
    async fn settled(&self, submission: u64, answer: modem::Outcome) {
        let outcome = outcome(answer);
        if let Outcome::Uncertain(error) = &outcome {
            tracing::info!(modem.id = %self.modem, error.code, "a late answer leaves it uncertain: {error}");
            return;
        }
        let uncertain = &self.publisher.outstanding.uncertain;
        let Some(part) = uncertain.take(|part| part.submission == submission) else {
            return;
        };
        // The journal may not have yet that it was left uncertain.
        self.driver.dispatch.in_hand.settled(part.item.id).await;
        match outcome {
            Outcome::Sent { reference } => {
                certainty::is_sent(&self.driver.dispatch, &part, reference.unwrap_or(0)).await;
            }
            _ => certainty::is_not_sent(&self.driver.dispatch, &part).await,
        }
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
        self.driver.dispatch.tell(&event).await;
    }
}

/// Returns a text of the network as events have it: cut to [`LONGEST_USSD`], without control characters but line
/// breaks.
fn shown(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let shown = text.chars().filter(|c| *c == '\n' || !c.is_control());
    shown.take(LONGEST_USSD).collect::<String>().trim().to_owned()
}
