//! What comes from a modem: messages, delivery reports, calls.
//!
//! A message is acknowledged to the network, or deleted from the SIM, only after [`Inbound`] has it kept; what is not
//! kept is left where it is and comes again.

use std::sync::Arc;

use contracts::mo::MoPart;
use contracts::modem::{ModemEvent, ModemEventKind};
use contracts::{EventId, ModemId, PhoneNumber, SimId};
use dispatch::Inbound;
use modem::{FoundSubmission, Receipt, Received, ReceivedKind};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tpdu::Pdu;

use crate::driver::Driver;
use crate::host::identity::sim_of;
use crate::port::answer::outcome;
use crate::port::handle::{Command, Handle};
use crate::port::said::{Incoming, Said, View};

/// Characters of a USSD text that are told; 160 octets hold 182 letters (23.038, 5).
const LONGEST_USSD: usize = 500;
/// How many received messages are published at one time: a full SIM is drained in order, more or less.
const AT_ONCE: usize = 16;

/// What receives for one modem. Clones are for single messages.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) driver: Arc<Driver>,
    pub(crate) inbound: Inbound,
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
                    let report = dispatch::Received::Report(self.part(&received, &view));
                    self.keep(report, received.receipt, received.kept).await;
                }
                ReceivedKind::Deliver | ReceivedKind::Unknown => {
                    metrics::counter!("merpati_messages_received_total").increment(1);
                    let message = dispatch::Received::Message(self.part(&received, &view));
                    self.keep(message, received.receipt, received.kept).await;
                }
            },
            Incoming::Found(found) => {
                self.found(found, sim).await;
                self.pump.found.send_modify(|found| *found = found.saturating_sub(1));
            }
            Incoming::Settled(submission, answer) => {
                self.inbound.answered_late(submission, outcome(answer)).await;
            }
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
            received_at: self.driver.clock.now(),
        }
    }

    /// Keeps what was received, then lets the modem acknowledge or delete it. What is not kept comes again, or is left
    /// to the network.
    async fn keep(&self, received: dispatch::Received, receipt: Receipt, stays: bool) {
        let kept = self.inbound.keep(received, stays).await;
        let told = if kept.is_safe() { Command::Stored } else { Command::Refused };
        self.pump.tell(told(receipt));
        self.inbound.heed(kept).await;
    }

    /// Takes note of a message for sending in the modem's memory: if this gateway put it there, its mark tells whether
    /// it went out.
    async fn found(&self, found: FoundSubmission, sim: SimId) {
        let decoded = Pdu::<tpdu::Submit>::decode(&found.pdu).ok();
        let tpdu = decoded.as_ref().map(|pdu| &pdu.tpdu);
        match self.inbound.found(sim, tpdu, found.sent).await {
            Ok(true) => self.pump.tell(Command::Stored(found.receipt)),
            Ok(false) => self.pump.tell(Command::Refused(found.receipt)),
            Err(error) => {
                tracing::warn!(modem.id = %self.modem, "a message found on the SIM stays there: {error}");
                self.pump.tell(Command::Refused(found.receipt));
            }
        }
    }

    async fn tell(
        &self,
        kind: ModemEventKind,
        sim: Option<SimId>,
        text: &str,
        from: Option<PhoneNumber>,
    ) {
        let (id, at) = (EventId::new(), self.driver.clock.now());
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
