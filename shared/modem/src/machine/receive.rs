//! Receiving: messages that come directly, what is handed out, and what the caller answers.

use at::{Final, command};

use super::Modem;
use super::parts::inbox::{Origin, Seen};
use super::parts::link::SHORT;
use super::parts::partial::{Continued, Partial, Whole};
use super::parts::pdu::{kind, with_smsc};
use super::parts::refusal::nothing_is_withheld;
use super::parts::task::{Slot, Task, Upkeep};
use crate::event::{Event, FoundSubmission, Receipt, Received};

impl Modem {
    /// `+CMT` or `+CDS` came: the PDU is the next line.
    pub(super) fn pdu_follows(&mut self, length: Option<usize>) {
        self.drop_partial();
        self.outbox.note_interruption();
        if length.is_none() {
            // Text mode: the modem forgot `AT+CMGF=0`. What cannot be read is not acknowledged.
            self.doubt_pdu_mode();
            self.garbage("a message in text mode");
        }
        self.inbox.begin_partial(Partial::message(self.now, length));
    }

    /// `+CBM` came: its content is the next line.
    pub(super) fn broadcast_follows(&mut self) {
        self.drop_partial();
        self.inbox.begin_partial(Partial::broadcast(self.now));
    }

    /// `+CUSD` came, whose text goes on in the next line.
    pub(super) fn ussd_follows(&mut self, text: &str) {
        self.drop_partial();
        self.inbox.begin_partial(Partial::ussd(self.now, text));
    }

    /// Takes a line that continues a message or a USSD text. `false` when the line is something else.
    pub(super) fn continue_partial(&mut self, line: &str) -> bool {
        let Some(partial) = self.inbox.take_partial() else { return false };
        match partial.go_on(line, !self.link.is_free()) {
            Continued::Open(partial) => self.inbox.begin_partial(partial),
            Continued::Closed(None) => {}
            Continued::Closed(Some(whole)) => self.take_whole(whole),
            Continued::Interrupted(partial) => {
                self.inbox.begin_partial(partial);
                return false;
            }
            Continued::Abandoned => return false,
        }
        true
    }

    /// The rest of a message or a USSD text did not come: better one that may be cut than none.
    pub(super) fn drop_partial(&mut self) {
        if let Some(whole) = self.inbox.take_partial().and_then(Partial::cut_off) {
            self.take_whole(whole);
        }
    }

    fn take_whole(&mut self, whole: Whole) {
        match whole {
            Whole::Ussd(text) => self.ussd_said(&text),
            Whole::Message { hex, .. } if hex.is_empty() => {
                self.garbage("a message without its PDU");
            }
            Whole::Message { length, hex } => self.hand_out_direct(&hex, length),
        }
    }

    fn hand_out_direct(&mut self, hex: &str, length: Option<usize>) {
        // An odd digit at the end is the rest of a cut octet.
        let even = hex.len() - hex.len() % 2;
        let Some(pdu) = hex.get(..even).and_then(command::unhex).filter(|pdu| !pdu.is_empty())
        else {
            self.garbage("a message whose PDU is not hex");
            return;
        };
        let pdu = with_smsc(pdu, length);
        // Before the SIM is read, it is not known whose the message is.
        let due = if self.sim.is_read() { Some(pdu) } else { self.inbox.put_early(pdu) };
        if let Some(pdu) = due {
            self.hand_out_given(pdu);
        }
    }

    /// Hands out what came before the SIM was read.
    pub(super) fn hand_out_early(&mut self) {
        for pdu in self.inbox.take_early() {
            self.hand_out_given(pdu);
        }
    }

    fn hand_out_given(&mut self, pdu: Vec<u8>) {
        let acknowledged = self.setup.acknowledges();
        self.hand_out(Origin::Network(acknowledged), pdu);
        if acknowledged {
            self.agenda.watch_announcing(self.now);
        }
    }

    /// Hands a stored message out unless that was done. `true` when the message is new.
    pub(super) fn hand_out_stored(&mut self, slot: Slot, pdu: Vec<u8>) -> bool {
        if self.was_handed_out(&slot, &pdu) {
            return false;
        }
        self.hand_out(Origin::Slot(slot), pdu);
        true
    }

    /// Hands out a message for sending that lies in a slot, unless that was done.
    pub(super) fn hand_out_submission(&mut self, slot: Slot, pdu: Vec<u8>, sent: bool) {
        if self.was_handed_out(&slot, &pdu) {
            return;
        }
        let receipt = self.inbox.hand_out(Origin::Slot(slot), pdu.clone(), true);
        self.event(Event::Found(FoundSubmission { receipt, pdu, sent }));
    }

    fn was_handed_out(&mut self, slot: &Slot, pdu: &[u8]) -> bool {
        match self.inbox.look_up(slot, pdu) {
            Seen::New => false,
            Seen::Known => true,
            Seen::Undeleted(receipt) => {
                if let Some(slot) = self.inbox.begin_deleting(receipt) {
                    self.errands.delete_later(slot, receipt);
                }
                true
            }
        }
    }

    fn hand_out(&mut self, origin: Origin, pdu: Vec<u8>) {
        let kept = matches!(origin, Origin::Slot(_));
        let receipt = self.inbox.hand_out(origin, pdu.clone(), false);
        let kind = kind(&pdu);
        self.notices.received(Received { receipt, pdu, kind, kept });
    }

    /// Takes the caller's answer: it has stored a message, or could not.
    pub(super) fn answer_receipt(&mut self, receipt: Receipt, stored: bool) {
        if let Some(slot) = self.inbox.answer(receipt, stored) {
            self.errands.delete_later(slot, receipt);
        }
    }

    /// Takes the answer to `AT+CMGD`.
    pub(super) fn deleted(&mut self, receipt: Receipt, result: &Final) {
        // These codes say that the slot is empty already.
        let was_empty =
            result.cms_code() == Some(321) || matches!(result.cme_code(), Some(21 | 22));
        let is_empty = result.is_ok() || was_empty;
        self.inbox.note_deleted(receipt, is_empty);
        if is_empty {
            self.memories.note_deleted();
        }
    }

    /// Acknowledges the oldest answered message that the network waits for.
    pub(super) fn acknowledge(&mut self) -> bool {
        let Some((receipt, positive)) = self.inbox.next_acknowledgement() else { return false };
        let text = if positive { "AT+CNMA" } else { "AT+CNMA=2" };
        self.start(text, Task::Acknowledge { receipt, positive }, SHORT);
        true
    }

    /// Takes the answer to `AT+CNMA`. A modem that was not acknowledged in time has stopped to announce messages and to
    /// give reports (27.005, 3.4.4), and is told again to do so. A modem that takes no refusal will give up later.
    pub(super) fn acknowledged(&mut self, receipt: Receipt, positive: bool, result: &Final) {
        let was_last = self.inbox.note_acknowledged(receipt);
        if !result.is_ok() || !positive {
            self.agenda.keep_up(Upkeep::Announce);
        }
        if !nothing_is_withheld(result) {
            self.agenda.watch_announcing(self.now);
        } else if was_last {
            self.agenda.announcing_is_sure();
        }
    }
}
