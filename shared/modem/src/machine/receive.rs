//! Receiving: what was handed out and waits for `stored`, and messages in two lines.
//!
//! A message that lies in a slot is deleted after `stored`. When deleting fails it must not be given out twice: the slot
//! and the PDU, which holds the time of the service centre, are remembered.

use std::time::{Duration, Instant};

use at::{Final, command};

use super::Modem;
use super::link::SHORT;
use super::task::{Task, Upkeep};
use crate::event::{Event, FoundSubmission, Receipt, Received, ReceivedKind};

/// How long the second line of a message may take.
const SECOND_LINE: Duration = Duration::from_secs(2);
/// How long a USSD text may go on, and over how many octets.
const USSD_TEXT: (Duration, usize) = (Duration::from_secs(5), 2000);
/// So many wait for the SIM to be read; before more do, the oldest is handed out all the same.
const MOST_EARLY: usize = 64;
/// More messages are not kept in mind: nobody answers.
const MOST_HANDED: usize = 4096;

/// Where a message that was handed out is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// In a slot of a memory.
    Slot(String, u32),
    /// With the network, which waits for an acknowledgement if `true`.
    Network(bool),
}

/// How it stands with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The caller has not answered.
    Waiting,
    /// It is kept, and is being deleted.
    Deleting,
    /// It is kept, and is to be deleted when it is seen in its slot again: deleting failed, or the modem was
    /// set up anew meanwhile and the slot may hold another message by now.
    Stuck,
    /// It was not kept: to be handed out again.
    Refused,
    /// The caller wants it left there.
    Left,
}

/// A message that was handed out.
#[derive(Debug, Clone)]
pub(super) struct Handed {
    place: Place,
    pdu: Vec<u8>,
    standing: Standing,
    submission: bool,
    /// It was seen in its slot since the modem was set up last.
    seen: bool,
}

impl Handed {
    pub(super) fn is_pending(&self) -> bool {
        matches!(self.standing, Standing::Waiting | Standing::Deleting)
            && matches!(self.place, Place::Slot(..))
    }

    fn is_unanswered(&self) -> bool {
        self.standing == Standing::Waiting
    }
}

/// What begins in one line and goes on in the next.
#[derive(Debug, Clone)]
pub(super) struct Partial {
    kind: PartialKind,
    pub(super) until: Instant,
}

#[derive(Debug, Clone)]
enum PartialKind {
    /// `+CMT`, `+CDS`: the PDU, as far as it came, and the octets of its TPDU.
    Pdu { length: Option<usize>, hex: String },
    /// `+CBM`.
    Broadcast,
    /// `+CUSD` whose quotes are open.
    Ussd(String),
}

impl Modem {
    /// `+CMT` or `+CDS`: the PDU is the next line.
    pub(super) fn pdu_follows(&mut self, length: Option<usize>) {
        self.drop_partial();
        self.outbox.note_interruption();
        if length.is_none() {
            // Text mode: the modem forgot `AT+CMGF=0`. What cannot be read is not acknowledged.
            self.doubt_pdu_mode();
            self.garbage("a message in text mode");
        }
        let kind = PartialKind::Pdu { length, hex: String::new() };
        self.partial = Some(Partial { kind, until: self.now + SECOND_LINE });
    }

    pub(super) fn broadcast_follows(&mut self) {
        self.drop_partial();
        self.partial =
            Some(Partial { kind: PartialKind::Broadcast, until: self.now + SECOND_LINE });
    }

    pub(super) fn ussd_follows(&mut self, text: &str) {
        self.drop_partial();
        let kind = PartialKind::Ussd(text.to_owned());
        self.partial = Some(Partial { kind, until: self.now + USSD_TEXT.0 });
    }

    /// A line while something is open. `false` when it does not belong to it.
    pub(super) fn continue_partial(&mut self, line: &str) -> bool {
        let Some(partial) = self.partial.take() else { return false };
        match partial.kind {
            PartialKind::Pdu { length: None, .. } => {
                // The text of a text-mode message; a named line is something else.
                !line.starts_with(['+', '^', '*']) && Final::parse(line).is_none()
            }
            PartialKind::Pdu { length, mut hex } => {
                if line.is_empty() || !line.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    // Another unsolicited line came between the two.
                    let kind = PartialKind::Pdu { length, hex };
                    self.partial = Some(Partial { kind, until: partial.until });
                    return false;
                }
                hex.push_str(line);
                if is_short(&hex, length) {
                    let kind = PartialKind::Pdu { length, hex };
                    self.partial = Some(Partial { kind, until: partial.until });
                    return true;
                }
                self.hand_out_direct(&hex, length);
                true
            }
            PartialKind::Broadcast => line.bytes().all(|byte| byte.is_ascii_hexdigit()),
            PartialKind::Ussd(text) if self.is_no_text(line) => {
                self.partial =
                    Some(Partial { kind: PartialKind::Ussd(text), until: partial.until });
                false
            }
            PartialKind::Ussd(mut text) => {
                text.push('\n');
                text.push_str(line);
                if at::ussd::is_complete(&text) || text.len() > USSD_TEXT.1 {
                    self.ussd_said(&text);
                } else {
                    self.partial =
                        Some(Partial { kind: PartialKind::Ussd(text), until: partial.until });
                }
                true
            }
        }
    }

    /// What must not be taken for a line of a USSD text: the end of the command in flight, and messages.
    fn is_no_text(&self, line: &str) -> bool {
        const NAMES: [&str; 7] = ["+CMGS", "+CMSS", "+CMGW", "+CMT", "+CDS", "+CMTI", "+CDSI"];
        let ends = !self.link.is_free() && Final::parse(line).is_some();
        ends || NAMES.iter().any(|name| at::reply::value(line, name).is_some())
    }

    /// The rest did not come.
    pub(super) fn drop_partial(&mut self) {
        match self.partial.take().map(|partial| partial.kind) {
            Some(PartialKind::Ussd(text)) => self.ussd_said(&text),
            // Better a message that may be cut than none: it is kept raw.
            Some(PartialKind::Pdu { length, hex }) if !hex.is_empty() => {
                self.hand_out_direct(&hex, length);
            }
            Some(PartialKind::Pdu { .. }) => self.garbage("a message without its PDU"),
            Some(PartialKind::Broadcast) | None => {}
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
        if self.boot.sim_read {
            self.hand_out_given(pdu);
            return;
        }
        // Whose it is, is not known yet.
        self.early.push_back(pdu);
        if self.early.len() > MOST_EARLY
            && let Some(oldest) = self.early.pop_front()
        {
            self.hand_out_given(oldest);
        }
    }

    /// The SIM is read.
    pub(super) fn hand_out_early(&mut self) {
        for pdu in std::mem::take(&mut self.early) {
            self.hand_out_given(pdu);
        }
    }

    fn hand_out_given(&mut self, pdu: Vec<u8>) {
        let acknowledged = self.boot.acknowledges;
        self.hand_out(Place::Network(acknowledged), pdu);
        if acknowledged {
            self.agenda.watch_announcing(self.now);
        }
    }

    /// Hands a stored message out unless that was done. `true` when it is new.
    pub(super) fn hand_out_stored(&mut self, memory: &str, index: u32, pdu: Vec<u8>) -> bool {
        let place = Place::Slot(memory.to_owned(), index);
        if self.knows(&place, &pdu) {
            return false;
        }
        self.hand_out(place, pdu);
        true
    }

    /// Whether what lies in a slot was handed out; another message in the slot ends what was known of it.
    fn knows(&mut self, place: &Place, pdu: &[u8]) -> bool {
        let Some((&receipt, known)) = self.handed.iter().find(|(_, handed)| handed.place == *place)
        else {
            return false;
        };
        match known.standing {
            _ if known.pdu != pdu => {
                self.handed.remove(&receipt);
                false
            }
            Standing::Waiting | Standing::Deleting | Standing::Left => {
                if let Some(known) = self.handed.get_mut(&receipt) {
                    known.seen = true;
                }
                true
            }
            Standing::Stuck => {
                self.delete_later(Receipt(receipt));
                true
            }
            Standing::Refused => {
                self.handed.remove(&receipt);
                false
            }
        }
    }

    fn hand_out(&mut self, place: Place, pdu: Vec<u8>) {
        let kept = matches!(place, Place::Slot(..));
        let receipt = self.keep_in_mind(place, pdu.clone(), false);
        let kind = kind(&pdu);
        self.notices.received(Received { receipt, pdu, kind, kept });
    }

    /// A message for sending lies in a slot.
    pub(super) fn hand_out_submission(
        &mut self,
        memory: &str,
        index: u32,
        pdu: Vec<u8>,
        sent: bool,
    ) -> bool {
        let place = Place::Slot(memory.to_owned(), index);
        if self.knows(&place, &pdu) {
            return false;
        }
        let receipt = self.keep_in_mind(place, pdu.clone(), true);
        self.event(Event::Found(FoundSubmission { receipt, pdu, sent }));
        false
    }

    fn keep_in_mind(&mut self, place: Place, pdu: Vec<u8>, submission: bool) -> Receipt {
        self.last_receipt += 1;
        if self.handed.len() >= MOST_HANDED {
            self.handed.pop_first();
        }
        let handed = Handed { place, pdu, standing: Standing::Waiting, submission, seen: true };
        self.handed.insert(self.last_receipt, handed);
        Receipt(self.last_receipt)
    }

    /// The caller has kept a message, or could not.
    pub(super) fn answer_receipt(&mut self, receipt: Receipt, kept: bool) {
        let Some(handed) = self.handed.get_mut(&receipt.0) else { return };
        if !handed.is_unanswered() {
            return;
        }
        match (&handed.place, kept) {
            (Place::Network(true), _) => self.acknowledgements.push_back((receipt, kept)),
            (Place::Network(false), _) => {
                self.handed.remove(&receipt.0);
            }
            (Place::Slot(..), true) if handed.seen => self.delete_later(receipt),
            (Place::Slot(..), true) => handed.standing = Standing::Stuck,
            (Place::Slot(..), false) => {
                handed.standing =
                    if handed.submission { Standing::Left } else { Standing::Refused };
            }
        }
    }

    fn delete_later(&mut self, receipt: Receipt) {
        if let Some(handed) = self.handed.get_mut(&receipt.0)
            && let Place::Slot(memory, index) = &handed.place
        {
            handed.standing = Standing::Deleting;
            self.storage.deletes.push_back((memory.clone(), *index, receipt));
        }
    }

    /// After a boot: what is in which slot is not certain before it was seen again.
    pub(super) fn doubt_slots(&mut self) {
        for handed in self.handed.values_mut() {
            handed.seen = false;
            if handed.standing == Standing::Deleting {
                handed.standing = Standing::Stuck;
            }
        }
    }

    /// All that is in a memory was listed: what is not there any more needs no deleting.
    pub(super) fn forget_unlisted(&mut self, memory: &str, listed: &[u32]) {
        self.handed.retain(|_, handed| match &handed.place {
            Place::Slot(name, index) if name == memory && handed.standing == Standing::Stuck => {
                listed.contains(index)
            }
            _ => true,
        });
    }

    /// The answer to `AT+CMGD`.
    pub(super) fn deleted(&mut self, receipt: Receipt, result: &Final) {
        // These codes say that the slot is empty already.
        let was_empty =
            result.cms_code() == Some(321) || matches!(result.cme_code(), Some(21 | 22));
        let gone = result.is_ok() || was_empty;
        if gone {
            self.handed.remove(&receipt.0);
            if let Some(used) = &mut self.storage.used {
                used.used = used.used.saturating_sub(1);
            }
        } else if let Some(handed) = self.handed.get_mut(&receipt.0) {
            handed.standing = Standing::Stuck;
        }
    }

    /// Acknowledges the oldest answered message that the network waits for.
    pub(super) fn acknowledge(&mut self) -> bool {
        let Some((receipt, positive)) = self.acknowledgements.pop_front() else { return false };
        let text = if positive { "AT+CNMA" } else { "AT+CNMA=2" };
        self.start(text, Task::Acknowledge { receipt, positive }, SHORT);
        true
    }

    /// The answer to `AT+CNMA`. A modem that was not acknowledged in time has stopped to announce messages and to give
    /// reports (27.005, 3.4.4): it is told again. One that takes no refusal is still to give up.
    pub(super) fn acknowledged(&mut self, receipt: Receipt, positive: bool, result: &Final) {
        self.handed.remove(&receipt.0);
        let waits = |handed: &Handed| handed.place == Place::Network(true);
        if !result.is_ok() || !positive {
            self.agenda.keep_up(Upkeep::Announce);
        }
        if !nothing_is_withheld(result) {
            self.agenda.watch_announcing(self.now);
        } else if !self.handed.values().any(waits) {
            self.agenda.announcing_is_sure();
        }
    }

    /// Direct messages that nobody has answered: after a restart of the modem there is nothing to acknowledge.
    pub(super) fn forget_direct(&mut self) {
        self.acknowledgements.clear();
        for handed in self.handed.values_mut() {
            if let Place::Network(waits) = &mut handed.place {
                *waits = false;
            }
        }
    }

    pub(super) fn unanswered(&self) -> usize {
        self.handed.values().filter(|handed| handed.is_unanswered()).count()
    }
}

/// Whether a modem waits for no acknowledgement any more after it was given one, by its answer: it took it, or did not
/// wait for any (`+CMS ERROR: 340`).
pub(super) fn nothing_is_withheld(result: &Final) -> bool {
    result.is_ok() || result.cms_code() == Some(340)
}

/// Whether a PDU in hex is shorter than its header says.
fn is_short(hex: &str, length: Option<usize>) -> bool {
    let Some(length) = length else { return false };
    let smsc = hex.get(..2).and_then(|text| usize::from_str_radix(text, 16).ok()).unwrap_or(0);
    let whole = (1 + smsc + length) * 2;
    // Some give the length without, or the PDU without, the service centre's address.
    smsc <= 12 && hex.len() < whole && hex.len() != length * 2
}

/// The PDU with the service centre's address before it, also where the modem left that out.
pub(super) fn with_smsc(pdu: Vec<u8>, length: Option<usize>) -> Vec<u8> {
    let smsc = pdu.first().map_or(0, |first| usize::from(*first));
    let fits = length.is_none_or(|length| 1 + smsc + length == pdu.len());
    if !fits && length == Some(pdu.len()) {
        let mut whole = vec![0];
        whole.extend_from_slice(&pdu);
        return whole;
    }
    pdu
}

/// What a received PDU is, by the two low bits after the service centre's address (23.040, 9.2.3.1).
fn kind(pdu: &[u8]) -> ReceivedKind {
    let smsc = pdu.first().map_or(0, |first| usize::from(*first));
    match pdu.get(1 + smsc).map(|first| first & 0b11) {
        Some(0b00) if smsc <= 12 => ReceivedKind::Deliver,
        Some(0b10) if smsc <= 12 => ReceivedKind::StatusReport,
        _ => ReceivedKind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let pdu = |hex| command::unhex(hex).unwrap();
        // The record of the issue: SMS-DELIVER from +628159919457.
        let deliver =
            "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535";
        assert_eq!(kind(&pdu(deliver)), ReceivedKind::Deliver);
        assert_eq!(kind(&pdu("0006")), ReceivedKind::StatusReport);
        assert_eq!(kind(&pdu("0001")), ReceivedKind::Unknown);
        assert_eq!(kind(&pdu("FF00")), ReceivedKind::Unknown);
        assert_eq!(kind(&[]), ReceivedKind::Unknown);
    }

    #[test]
    fn a_missing_service_centre_is_made_up_for() {
        assert_eq!(with_smsc(vec![6, 1, 2], Some(3)), [0, 6, 1, 2]);
        assert_eq!(with_smsc(vec![0, 6, 1], Some(2)), [0, 6, 1]);
        assert_eq!(with_smsc(vec![0, 6, 1], Some(77)), [0, 6, 1]);
    }
}
