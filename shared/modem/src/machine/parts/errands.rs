//! What is to be done in the memories for messages: slots to be read and deleted, memories to be listed, and when.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::memories::Memories;
use super::task::Slot;
use crate::event::Receipt;

/// The most slots that are tried one by one where listing does not work.
const MOST_SLOTS: u32 = 255;
/// The time between two looks into the memories that do not receive.
const LOOK_EVERYWHERE: Duration = Duration::from_mins(10);

/// A slot to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Read {
    slot: Slot,
    /// The memory that was named, when it is another.
    named: Option<String>,
}

/// The next piece of work in the memories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Work {
    /// A slot is deleted, whose message the caller has stored.
    Delete { index: u32, receipt: Receipt },
    /// A slot is read.
    Read { slot: Slot, named: Option<String> },
    /// A memory is listed.
    List { memory: String },
    /// Reading and deleting are to go to another memory.
    Enter { memory: String },
}

/// What is to be done in the memories.
#[derive(Debug, Default)]
pub(crate) struct Errands {
    reads: VecDeque<Read>,
    lists: VecDeque<String>,
    deletes: VecDeque<(Slot, Receipt)>,
    /// Something was found in the last list: the memory is listed again when all of that is deleted.
    again: bool,
    /// Lists hang, so that slots are read one by one.
    lists_hang: bool,
    lists_hung: u8,
    /// A list was asked for again because of text mode, which is not done twice before the next look.
    text_mode_seen: bool,
    /// All that lay in the memory for messages when the modem was set up has been handed out.
    looked: bool,
    /// When a list is due.
    look_at: Option<Instant>,
    /// When the other memories are due.
    look_everywhere_at: Option<Instant>,
}

impl Errands {
    /// Forgets what is to be done: the slots are another SIM's, or are listed anew.
    pub(crate) fn forget_slots(&mut self) {
        self.reads.clear();
        self.lists.clear();
        self.deletes.clear();
        self.again = false;
    }

    /// Has a memory listed.
    pub(crate) fn list_later(&mut self, memory: &str) {
        if !self.lists.iter().any(|waiting| waiting == memory) {
            self.lists.push_back(memory.to_owned());
        }
    }

    /// Has a slot deleted, whose message the caller has stored.
    pub(crate) fn delete_later(&mut self, slot: Slot, receipt: Receipt) {
        self.deletes.push_back((slot, receipt));
    }

    /// `+CMTI` or `+CDSI` came, which name a slot.
    pub(crate) fn slot_named(
        &mut self,
        memories: &Memories,
        memory: Option<String>,
        index: Option<u32>,
    ) {
        let Some(selected) = memories.selected() else {
            if let (Some(memory), Some(index)) = (memory, index) {
                self.reads.push_back(Read { slot: Slot { memory, index }, named: None });
            }
            return;
        };
        let named = memory.filter(|memory| *memory != selected && memories.may_enter(memory));
        match index {
            // "MT" numbers its slots in its own way.
            Some(index) if selected != "MT" => {
                let is_report = named.as_deref() == Some("SR");
                let memory = if is_report { "SR" } else { selected }.to_owned();
                let named = named.filter(|named| *named != memory);
                let read = Read { slot: Slot { memory, index }, named };
                if !self.reads.contains(&read) {
                    self.reads.push_back(read);
                }
            }
            _ => self.list_later(selected),
        }
    }

    /// A slot that was named is empty: its memory is listed, and so is the memory that was named.
    pub(crate) fn list_instead(&mut self, memory: &str, named: Option<&str>) {
        if self.lists_hang {
            return;
        }
        self.list_later(memory);
        if let Some(named) = named {
            self.list_later(named);
        }
    }

    /// The modem is in text mode: a memory is listed once more when that is mended.
    pub(crate) fn list_again_once(&mut self, memory: &str) {
        if !std::mem::replace(&mut self.text_mode_seen, true) {
            self.list_later(memory);
        }
    }

    /// A list failed or hung. After the second one, slots are read one by one.
    pub(crate) fn note_list_failed(&mut self) {
        self.lists_hung += 1;
        if self.lists_hung >= 2 {
            self.lists_hang = true;
        }
    }

    /// Drops what is to be done in a memory that cannot be entered. Returns the messages that are not deleted.
    pub(crate) fn drop_work_in(&mut self, memory: &str) -> Vec<Receipt> {
        self.reads.retain(|read| read.slot.memory != memory);
        self.lists.retain(|name| name != memory);
        let (dropped, kept): (VecDeque<_>, _) =
            self.deletes.drain(..).partition(|(slot, _)| slot.memory == memory);
        self.deletes = kept;
        dropped.into_iter().map(|(_, receipt)| receipt).collect()
    }

    fn has_work(&self, memories: &Memories) -> bool {
        !(self.reads.is_empty() && self.lists.is_empty() && self.deletes.is_empty())
            || memories.is_in_other()
    }

    /// Takes the next piece of work. What can be done without changing memory goes first, and deleting before reading,
    /// for a full SIM holds back messages. `no_list` says that slots are to be read one by one.
    pub(crate) fn take_work(&mut self, memories: &Memories, no_list: bool) -> Option<Work> {
        let here = memories.current();
        if let Some(at) = self.deletes.iter().position(|(slot, _)| slot.memory == here)
            && let Some((Slot { index, .. }, receipt)) = self.deletes.remove(at)
        {
            return Some(Work::Delete { index, receipt });
        }
        if let Some(at) = self.reads.iter().position(|read| read.slot.memory == here)
            && let Some(Read { slot, named }) = self.reads.remove(at)
        {
            return Some(Work::Read { slot, named });
        }
        if let Some(at) = self.lists.iter().position(|memory| memory == here)
            && let Some(memory) = self.lists.remove(at)
        {
            if no_list || self.lists_hang {
                self.read_singly(memories, &memory);
                return self.take_work(memories, no_list);
            }
            return Some(Work::List { memory });
        }
        if !self.has_work(memories) {
            return None;
        }
        let elsewhere = self
            .deletes
            .front()
            .map(|(slot, _)| slot.memory.as_str())
            .or(self.reads.front().map(|read| read.slot.memory.as_str()))
            .or(self.lists.front().map(String::as_str))
            .or(memories.selected());
        elsewhere.map(|memory| Work::Enter { memory: memory.to_owned() })
    }

    fn read_singly(&mut self, memories: &Memories, memory: &str) {
        let total = memories.used().map_or(MOST_SLOTS, |used| used.total.min(MOST_SLOTS));
        for index in 0..=total {
            let slot = Slot { memory: memory.to_owned(), index };
            self.reads.push_back(Read { slot, named: None });
        }
    }

    // When to look.

    /// Looks into the memory at once.
    pub(crate) fn look_soon(&mut self) {
        self.look_at = None;
    }

    /// When the next look is due.
    pub(crate) fn due(&self, memories: &Memories) -> Option<Instant> {
        self.look_at.filter(|_| memories.keeps_messages())
    }

    /// Has the memory listed, and the others when `everywhere`.
    pub(crate) fn look(&mut self, memories: &Memories, everywhere: bool) {
        if let Some(selected) = memories.selected() {
            self.list_later(selected);
        }
        if everywhere {
            for memory in memories.other_memories() {
                self.list_later(&memory);
            }
        }
    }

    /// Has memories listed when their time has come.
    pub(crate) fn look_when_due(&mut self, memories: &Memories, now: Instant, interval: Duration) {
        if self.look_at.is_none_or(|due| due <= now) {
            self.look_at = Some(now + interval);
            self.text_mode_seen = false;
            let everywhere = self.look_everywhere_at.is_none_or(|due| due <= now);
            if everywhere {
                self.look_everywhere_at = Some(now + LOOK_EVERYWHERE);
            }
            self.look(memories, everywhere);
        }
    }

    /// A message was found that was not known: when all is deleted, the network may have more.
    pub(crate) fn note_found(&mut self) {
        self.again = true;
    }

    /// Looks once more after messages were found, when nothing is left to be done.
    pub(crate) fn look_again_when_done(&mut self, memories: &Memories) {
        if self.again && !self.has_work(memories) {
            self.again = false;
            self.look(memories, false);
        }
    }

    /// The modem was set up: all memories are looked at anew.
    pub(crate) fn look_everywhere(&mut self) {
        self.looked = false;
        self.forget_slots();
        self.look_at = None;
        self.look_everywhere_at = None;
    }

    /// Whether all that lay in the memory when the modem was set up has been handed out.
    pub(crate) fn is_looked_through(&self) -> bool {
        self.looked
    }

    /// No command is in flight: notes whether all that lay in the memory has been handed out.
    pub(crate) fn note_looked_through(&mut self, memories: &Memories) {
        let waits = self.lists.iter().any(|memory| memories.is_selected(memory))
            || self.reads.iter().any(|read| memories.is_selected(&read.slot.memory));
        self.looked |= !waits;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memories() -> Memories {
        let mut memories = Memories::default();
        let offer = at::reply::storage_offer(r#"("SM","ME"),("SM","ME"),("SM")"#);
        memories.set_offer(offer, &crate::models::Profile::default());
        assert!(memories.select_candidate(0, None));
        memories
    }

    #[test]
    fn deleting_goes_before_reading_and_reading_before_another_memory() {
        let memories = memories();
        let slot = |memory: &str, index| Slot { memory: memory.to_owned(), index };
        let mut errands = Errands::default();
        errands.list_later("ME");
        errands.slot_named(&memories, Some("SM".to_owned()), Some(4));
        errands.delete_later(slot("SM", 2), Receipt(1));
        let delete = Work::Delete { index: 2, receipt: Receipt(1) };
        assert_eq!(errands.take_work(&memories, false), Some(delete));
        let read = Work::Read { slot: slot("SM", 4), named: None };
        assert_eq!(errands.take_work(&memories, false), Some(read));
        let enter = Work::Enter { memory: "ME".to_owned() };
        assert_eq!(errands.take_work(&memories, false), Some(enter));
    }

    #[test]
    fn a_memory_that_hangs_in_lists_is_read_slot_by_slot() {
        let memories = memories();
        let mut errands = Errands::default();
        errands.look(&memories, false);
        errands.note_list_failed();
        errands.note_list_failed();
        let first = errands.take_work(&memories, false);
        assert!(matches!(first, Some(Work::Read { slot: Slot { index: 0, .. }, .. })), "{first:?}");
    }

    #[test]
    fn what_is_waiting_in_a_memory_that_cannot_be_entered_is_dropped() {
        let memories = memories();
        let mut errands = Errands::default();
        errands.delete_later(Slot { memory: "ME".to_owned(), index: 2 }, Receipt(1));
        errands.list_later("ME");
        assert_eq!(errands.drop_work_in("ME"), [Receipt(1)]);
        assert_eq!(errands.take_work(&memories, false), None);
    }
}
