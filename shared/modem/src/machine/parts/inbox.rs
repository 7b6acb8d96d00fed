//! Messages that were handed out, and what has become of each.
//!
//! A message that lies in a slot is deleted after the caller has stored it. When deleting fails it must not be given
//! out twice: the slot and the PDU, which holds the time of the service centre, are remembered.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use super::partial::Partial;
use super::task::Slot;
use crate::event::Receipt;

/// So many messages wait for the SIM to be read; before more do, the oldest is handed out all the same.
const MOST_EARLY: usize = 64;
/// More messages are not kept in mind: nobody answers.
const MOST_HANDED: usize = 4096;

/// Where a message that was handed out is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The message lies in a slot of a memory.
    Slot(Slot),
    /// The message came directly; the network waits for an acknowledgement if `true`.
    Network(bool),
}

/// What is being done with a message that was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Handling {
    /// The caller has not answered.
    Unanswered,
    /// The caller has stored the message, which is being deleted.
    Deleting,
    /// The caller has stored the message, which is to be deleted when it is seen in its slot again: deleting failed, or
    /// the modem was set up anew meanwhile and the slot may hold another message by now.
    Undeleted,
    /// The caller could not store the message, which is to be handed out again.
    Refused,
    /// The caller wants the message left where it is.
    Left,
}

/// A message that was handed out.
#[derive(Debug, Clone)]
struct Handed {
    origin: Origin,
    pdu: Vec<u8>,
    handling: Handling,
    /// The message is one for sending.
    submission: bool,
    /// The message was seen in its slot since the modem was set up last.
    seen: bool,
}

impl Handed {
    fn is_unanswered(&self) -> bool {
        self.handling == Handling::Unanswered
    }
}

/// What was known of a message that lies in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The message was not handed out, or is to be handed out again.
    New,
    /// The message was handed out.
    Known,
    /// The caller has stored the message, which is to be deleted now.
    Undeleted(Receipt),
}

/// Messages that were handed out, and those that are about to be.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    handed: BTreeMap<u64, Handed>,
    last_receipt: u64,
    /// What came directly before the SIM was read, oldest first.
    early: VecDeque<Vec<u8>>,
    /// Answers of the caller that the network waits for.
    acknowledgements: VecDeque<(Receipt, bool)>,
    /// A message, or another unsolicited text, of which not all lines have come.
    partial: Option<Partial>,
}

impl Inbox {
    // What comes in more than one line.

    /// A text begins whose next line is to come.
    pub(crate) fn begin_partial(&mut self, partial: Partial) {
        self.partial = Some(partial);
    }

    /// Takes out the text of which not all lines have come.
    pub(crate) fn take_partial(&mut self) -> Option<Partial> {
        self.partial.take()
    }

    /// When the next line of a text is not waited for any more.
    pub(crate) fn partial_due(&self) -> Option<Instant> {
        self.partial.as_ref().map(Partial::until)
    }

    // What is handed out.

    /// Keeps a message that came before it is known whose it is. Returns the oldest such message when there are too
    /// many.
    pub(crate) fn put_early(&mut self, pdu: Vec<u8>) -> Option<Vec<u8>> {
        self.early.push_back(pdu);
        if self.early.len() > MOST_EARLY { self.early.pop_front() } else { None }
    }

    /// Takes out the messages that came before the SIM was read.
    pub(crate) fn take_early(&mut self) -> VecDeque<Vec<u8>> {
        std::mem::take(&mut self.early)
    }

    /// Whether what lies in a slot was handed out; another message in the slot ends what was known of the slot.
    pub(crate) fn look_up(&mut self, slot: &Slot, pdu: &[u8]) -> Seen {
        let is_there = |handed: &Handed| matches!(&handed.origin, Origin::Slot(at) if at == slot);
        let found = self.handed.iter_mut().find(|(_, handed)| is_there(handed));
        let Some((&receipt, known)) = found else { return Seen::New };
        match known.handling {
            _ if known.pdu != pdu => {}
            Handling::Unanswered | Handling::Deleting | Handling::Left => {
                known.seen = true;
                return Seen::Known;
            }
            Handling::Undeleted => return Seen::Undeleted(Receipt(receipt)),
            Handling::Refused => {}
        }
        self.handed.remove(&receipt);
        Seen::New
    }

    /// Notes that a message is handed out; `submission` says that it is one for sending.
    pub(crate) fn hand_out(&mut self, origin: Origin, pdu: Vec<u8>, submission: bool) -> Receipt {
        self.last_receipt += 1;
        if self.handed.len() >= MOST_HANDED {
            self.handed.pop_first();
        }
        let handling = Handling::Unanswered;
        self.handed
            .insert(self.last_receipt, Handed { origin, pdu, handling, submission, seen: true });
        Receipt(self.last_receipt)
    }

    /// How many messages the caller has neither stored nor refused.
    pub(crate) fn unanswered(&self) -> usize {
        self.handed.values().filter(|handed| handed.is_unanswered()).count()
    }

    /// Whether messages in slots are still to be answered or deleted.
    pub(crate) fn has_pending(&self) -> bool {
        self.handed.values().any(|handed| {
            matches!(handed.handling, Handling::Unanswered | Handling::Deleting)
                && matches!(handed.origin, Origin::Slot(..))
        })
    }

    // What becomes of it.

    /// The caller has stored a message, or could not. Returns the slot that is to be deleted now.
    pub(crate) fn answer(&mut self, receipt: Receipt, stored: bool) -> Option<Slot> {
        let handed = self.handed.get_mut(&receipt.0).filter(|handed| handed.is_unanswered())?;
        match (&handed.origin, stored) {
            (Origin::Network(true), _) => self.acknowledgements.push_back((receipt, stored)),
            (Origin::Network(false), _) => {
                self.handed.remove(&receipt.0);
            }
            (Origin::Slot(_), true) if handed.seen => return self.begin_deleting(receipt),
            (Origin::Slot(_), true) => handed.handling = Handling::Undeleted,
            (Origin::Slot(_), false) if handed.submission => handed.handling = Handling::Left,
            (Origin::Slot(_), false) => handed.handling = Handling::Refused,
        }
        None
    }

    /// The slot of a message that the caller has stored is to be deleted. Returns the slot.
    pub(crate) fn begin_deleting(&mut self, receipt: Receipt) -> Option<Slot> {
        let handed = self.handed.get_mut(&receipt.0)?;
        let Origin::Slot(slot) = &handed.origin else { return None };
        handed.handling = Handling::Deleting;
        Some(slot.clone())
    }

    /// The slot of a message was deleted, or could not be.
    pub(crate) fn note_deleted(&mut self, receipt: Receipt, deleted: bool) {
        if deleted {
            self.handed.remove(&receipt.0);
        } else if let Some(handed) = self.handed.get_mut(&receipt.0) {
            handed.handling = Handling::Undeleted;
        }
    }

    /// The modem was set up: what is in which slot is not certain before it was seen again.
    pub(crate) fn doubt_slots(&mut self) {
        for handed in self.handed.values_mut() {
            handed.seen = false;
            if handed.handling == Handling::Deleting {
                handed.handling = Handling::Undeleted;
            }
        }
    }

    /// All that is in a memory was listed: what is not there any more needs no deleting.
    pub(crate) fn forget_unlisted(&mut self, memory: &str, listed: &[u32]) {
        self.handed.retain(|_, handed| match &handed.origin {
            Origin::Slot(slot)
                if slot.memory == memory && handed.handling == Handling::Undeleted =>
            {
                listed.contains(&slot.index)
            }
            _ => true,
        });
    }

    /// Another SIM is in the modem: what lies in its slots was not handed out.
    pub(crate) fn forget_handed(&mut self) {
        self.handed.clear();
    }

    // Acknowledgements.

    /// The oldest answer of the caller that the network waits for: the message, and whether it was stored.
    pub(crate) fn next_acknowledgement(&mut self) -> Option<(Receipt, bool)> {
        self.acknowledgements.pop_front()
    }

    /// The network was told. Returns whether it waits for nothing else.
    pub(crate) fn note_acknowledged(&mut self, receipt: Receipt) -> bool {
        self.handed.remove(&receipt.0);
        !self.handed.values().any(|handed| handed.origin == Origin::Network(true))
    }

    /// The network waits for no acknowledgement any more, as after a restart of the modem.
    pub(crate) fn forget_acknowledgements(&mut self) {
        self.acknowledgements.clear();
        for handed in self.handed.values_mut() {
            if let Origin::Network(waits) = &mut handed.origin {
                *waits = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot() -> Slot {
        Slot { memory: "SM".to_owned(), index: 3 }
    }

    #[test]
    fn a_stored_message_is_deleted_once_and_not_handed_out_again() {
        let mut inbox = Inbox::default();
        assert_eq!(inbox.look_up(&slot(), b"one"), Seen::New);
        let receipt = inbox.hand_out(Origin::Slot(slot()), b"one".to_vec(), false);
        assert_eq!(inbox.look_up(&slot(), b"one"), Seen::Known);
        assert_eq!(inbox.answer(receipt, true), Some(slot()));
        assert_eq!(inbox.answer(receipt, true), None);
        // Deleting failed: the message is deleted when it is seen again.
        inbox.note_deleted(receipt, false);
        assert_eq!(inbox.look_up(&slot(), b"one"), Seen::Undeleted(receipt));
        // Another message lies there by now.
        assert_eq!(inbox.look_up(&slot(), b"two"), Seen::New);
    }

    #[test]
    fn a_slot_that_was_not_seen_since_the_set_up_is_not_deleted() {
        let mut inbox = Inbox::default();
        let receipt = inbox.hand_out(Origin::Slot(slot()), b"one".to_vec(), false);
        inbox.doubt_slots();
        assert_eq!(inbox.answer(receipt, true), None);
        assert_eq!(inbox.look_up(&slot(), b"one"), Seen::Undeleted(receipt));
    }

    #[test]
    fn a_refused_message_is_handed_out_again_and_one_for_sending_is_left() {
        let mut inbox = Inbox::default();
        let receipt = inbox.hand_out(Origin::Slot(slot()), b"one".to_vec(), false);
        assert_eq!(inbox.answer(receipt, false), None);
        assert_eq!(inbox.look_up(&slot(), b"one"), Seen::New);
        let receipt = inbox.hand_out(Origin::Slot(slot()), b"one".to_vec(), true);
        assert_eq!(inbox.answer(receipt, false), None);
        assert_eq!(inbox.look_up(&slot(), b"one"), Seen::Known);
    }

    #[test]
    fn the_network_is_told_of_direct_messages_while_it_waits() {
        let mut inbox = Inbox::default();
        let first = inbox.hand_out(Origin::Network(true), b"one".to_vec(), false);
        let second = inbox.hand_out(Origin::Network(true), b"two".to_vec(), false);
        inbox.answer(second, true);
        assert_eq!(inbox.next_acknowledgement(), Some((second, true)));
        assert!(!inbox.note_acknowledged(second));
        inbox.forget_acknowledgements();
        inbox.answer(first, true);
        assert_eq!(inbox.next_acknowledgement(), None);
        assert_eq!(inbox.unanswered(), 0);
    }
}
