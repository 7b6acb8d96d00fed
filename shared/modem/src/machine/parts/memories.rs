//! The memories for messages: what is known of them, and what is to be done in them.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use at::reply::StorageUse;

use super::task::Slot;
use crate::event::Receipt;
use crate::models::Profile;

/// The name of no memory.
const NOWHERE: &str = "?";
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

/// What is known of the memories, and what is to be done in them.
#[derive(Debug, Default)]
pub(crate) struct Memories {
    /// What `AT+CPMS=?` offers: for reading, for sending, for receiving.
    offer: Vec<Vec<String>>,
    /// Which memories to try, best first.
    candidates: Vec<Vec<String>>,
    /// The modem has said, in this set-up, where it stores messages, or that it has no room for any.
    is_known: bool,
    /// The memory for received messages; `None`: the modem has none.
    selected: Option<String>,
    /// A memory was offered that holds nothing.
    has_no_room: bool,
    /// The memory that reading and deleting go to now.
    current: String,
    /// A list was asked for again because of text mode: not twice before the next look.
    text_mode_seen: bool,
    /// Memories that cannot be entered: not tried again before the port is opened anew.
    closed: BTreeSet<String>,
    /// The memory that `+CMGW` writes to and `+CMSS` sends from.
    sends_from: Option<String>,
    used: Option<StorageUse>,
    reads: VecDeque<Read>,
    lists: VecDeque<String>,
    deletes: VecDeque<(Slot, Receipt)>,
    /// Something was found in the last list: look again when all of it is deleted.
    again: bool,
    lists_hang: bool,
    lists_hung: u8,
    /// All that lay in the memory for messages when the modem was set up has been handed out.
    looked: bool,
    /// When a list is due.
    look_at: Option<Instant>,
    /// When the other memories are due.
    look_everywhere_at: Option<Instant>,
}

impl Memories {
    // Which memories there are.

    /// The modem has said what it offers, or nothing.
    pub(crate) fn set_offer(&mut self, offer: Vec<Vec<String>>, profile: &Profile) {
        self.offer = offer;
        self.has_no_room = false;
        self.candidates = self.ranked(profile);
    }

    /// The modem is set up anew, and asked again where it stores messages.
    pub(crate) fn begin_set_up(&mut self) {
        self.candidates.clear();
        self.is_known = false;
    }

    /// Whether the modem has said where it stores messages, or that it has no room for any.
    pub(crate) fn are_known(&self) -> bool {
        self.is_known
    }

    /// The memories that are tried at this place, if there are so many.
    pub(crate) fn candidate(&self, at: usize) -> Option<&[String]> {
        self.candidates.get(at).map(Vec::as_slice)
    }

    /// The memories that are tried at this place are used from now on. `false` when there are not so many.
    pub(crate) fn select_candidate(&mut self, at: usize, used: Option<StorageUse>) -> bool {
        let Some(memories) = self.candidate(at).map(<[String]>::to_vec) else { return false };
        self.select(&memories, used);
        true
    }

    /// The memories to try, best first: the SIM comes first, for it keeps messages when the modem is replaced.
    fn ranked(&self, profile: &Profile) -> Vec<Vec<String>> {
        let offered = |at: usize, memory: &str| {
            self.offer.get(at).is_none_or(|list| list.iter().any(|m| m == memory))
        };
        let places = if self.offer.is_empty() { 3 } else { self.offer.len().min(3) };
        let known = ["SM", "ME", "MT"].map(str::to_owned);
        let others = self.offer.first().into_iter().flatten().cloned();
        let mut names: Vec<String> = Vec::new();
        for name in profile.storage.iter().cloned().chain(known).chain(others) {
            let reports_or_broadcasts = matches!(name.as_str(), "SR" | "BM");
            if !names.contains(&name) && offered(0, &name) && !reports_or_broadcasts {
                names.push(name);
            }
        }
        let place = |at: usize, name: &str| {
            if offered(at, name) {
                return name.to_owned();
            }
            let list = self.offer.get(at).map_or(&[][..], Vec::as_slice);
            list.iter().find(|m| *m == "SM").or(list.first()).cloned().unwrap_or_default()
        };
        names.iter().map(|name| (0..places).map(|at| place(at, name)).collect()).collect()
    }

    /// Uses these memories from now on: for reading, for sending, for receiving.
    pub(crate) fn select(&mut self, memories: &[String], used: Option<StorageUse>) {
        let readable = |memory: &&String| {
            self.offer.first().is_none_or(|offered| offered.contains(memory))
                && !self.closed.contains(*memory)
        };
        // A memory that receives and cannot be entered by its name is read through the first one (Nokia 6600).
        self.selected = memories.last().filter(readable).or(memories.first()).cloned();
        self.current = memories.first().cloned().unwrap_or_default();
        self.sends_from = memories.get(1).cloned();
        self.used = used;
        self.is_known = true;
    }

    /// The modem lets no memory be chosen: it has chosen itself.
    pub(crate) fn select_unnamed(&mut self) {
        self.selected = (!self.has_no_room).then(String::new);
        self.current = String::new();
        self.sends_from = None;
        self.is_known |= self.has_no_room;
    }

    /// A memory holds nothing.
    pub(crate) fn note_no_room(&mut self) {
        self.has_no_room = true;
    }

    /// Whether a memory was offered that holds nothing.
    pub(crate) fn has_no_room(&self) -> bool {
        self.has_no_room
    }

    /// Whether the modem keeps received messages.
    pub(crate) fn keeps_messages(&self) -> bool {
        self.selected.is_some()
    }

    /// Whether received messages go to this memory.
    pub(crate) fn is_selected(&self, memory: &str) -> bool {
        self.selected.as_deref() == Some(memory)
    }

    /// Whether what is stored for sending can be read and deleted where messages are received.
    pub(crate) fn sends_from_selected(&self) -> bool {
        self.sends_from.is_some() && self.sends_from == self.selected
    }

    /// How full the memory for received messages is.
    pub(crate) fn used(&self) -> Option<StorageUse> {
        self.used
    }

    /// A slot was deleted.
    pub(crate) fn note_deleted(&mut self) {
        if let Some(used) = &mut self.used {
            used.used = used.used.saturating_sub(1);
        }
    }

    // Which memory reading and deleting go to.

    fn is_in_other(&self) -> bool {
        self.selected.as_ref().is_some_and(|memory| *memory != self.current)
    }

    /// The memory for received messages, when reading and deleting go to another one.
    pub(crate) fn way_back(&self) -> Option<&str> {
        self.selected.as_deref().filter(|_| self.is_in_other())
    }

    pub(crate) fn note_entered(&mut self, memory: String) {
        self.current = memory;
    }

    /// A memory cannot be entered. When it is the one for received messages, the one in use is not entered again
    /// either, for there is no way back from it.
    pub(crate) fn note_closed(&mut self, memory: String) {
        if self.is_selected(&memory) {
            self.closed.insert(self.current.clone());
        }
        self.closed.insert(memory);
    }

    /// It is not known which memory is in use: nothing is read or deleted before one is entered anew.
    pub(crate) fn note_lost(&mut self) {
        NOWHERE.clone_into(&mut self.current);
    }

    /// The port was opened anew, maybe to another modem.
    pub(crate) fn forget_closed(&mut self) {
        self.closed.clear();
    }

    // What is to be done.

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
    pub(crate) fn slot_named(&mut self, memory: Option<String>, index: Option<u32>) {
        let Some(selected) = self.selected.clone() else {
            if let (Some(memory), Some(index)) = (memory, index) {
                self.reads.push_back(Read { slot: Slot { memory, index }, named: None });
            }
            return;
        };
        let offered = |memory: &String| {
            self.offer.first().is_some_and(|list| list.contains(memory))
                && !self.closed.contains(memory)
        };
        let named = memory.filter(|memory| *memory != selected && offered(memory));
        match index {
            // "MT" numbers its slots in its own way.
            Some(index) if selected != "MT" => {
                let memory = match named.as_deref() {
                    Some("SR") => "SR".to_owned(),
                    _ => selected,
                };
                let named = named.filter(|named| *named != memory);
                let read = Read { slot: Slot { memory, index }, named };
                if !self.reads.contains(&read) {
                    self.reads.push_back(read);
                }
            }
            _ => self.list_later(&selected),
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

    fn has_work(&self) -> bool {
        !(self.reads.is_empty() && self.lists.is_empty() && self.deletes.is_empty())
            || self.is_in_other()
    }

    /// Takes the next piece of work. What can be done without changing memory goes first, and deleting before reading,
    /// for a full SIM holds back messages. `no_list` says that slots are to be read one by one.
    pub(crate) fn take_work(&mut self, no_list: bool) -> Option<Work> {
        let here = &self.current;
        if let Some(at) = self.deletes.iter().position(|(slot, _)| slot.memory == *here)
            && let Some((Slot { index, .. }, receipt)) = self.deletes.remove(at)
        {
            return Some(Work::Delete { index, receipt });
        }
        if let Some(at) = self.reads.iter().position(|read| read.slot.memory == *here)
            && let Some(Read { slot, named }) = self.reads.remove(at)
        {
            return Some(Work::Read { slot, named });
        }
        if let Some(at) = self.lists.iter().position(|memory| memory == here)
            && let Some(memory) = self.lists.remove(at)
        {
            if no_list || self.lists_hang {
                self.read_singly(&memory);
                return self.take_work(no_list);
            }
            return Some(Work::List { memory });
        }
        if !self.has_work() {
            return None;
        }
        let elsewhere = self
            .deletes
            .front()
            .map(|(slot, _)| &slot.memory)
            .or(self.reads.front().map(|read| &read.slot.memory))
            .or(self.lists.front())
            .or(self.selected.as_ref())
            .cloned();
        elsewhere.map(|memory| Work::Enter { memory })
    }

    fn read_singly(&mut self, memory: &str) {
        let total = self.used.map_or(MOST_SLOTS, |used| used.total.min(MOST_SLOTS));
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
    pub(crate) fn due(&self) -> Option<Instant> {
        self.selected.as_ref().and(self.look_at)
    }

    /// Has the memory listed, and the others when `everywhere`.
    pub(crate) fn look(&mut self, everywhere: bool) {
        if let Some(selected) = self.selected.clone() {
            self.list_later(&selected);
        }
        if everywhere {
            for memory in self.other_memories() {
                self.list_later(&memory);
            }
        }
    }

    /// Has memories listed when their time has come.
    pub(crate) fn look_when_due(&mut self, now: Instant, interval: Duration) {
        if self.look_at.is_none_or(|due| due <= now) {
            self.look_at = Some(now + interval);
            self.text_mode_seen = false;
            let everywhere = self.look_everywhere_at.is_none_or(|due| due <= now);
            if everywhere {
                self.look_everywhere_at = Some(now + LOOK_EVERYWHERE);
            }
            self.look(everywhere);
        }
    }

    /// A message was found that was not known: when all is deleted, the network may have more.
    pub(crate) fn note_found(&mut self) {
        self.again = true;
    }

    /// Looks once more after messages were found, when nothing is left to be done.
    pub(crate) fn look_again_when_done(&mut self) {
        if self.again && !self.has_work() {
            self.again = false;
            self.look(false);
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
    pub(crate) fn note_looked_through(&mut self) {
        let is_selected = |memory: &String| self.selected.as_ref() == Some(memory);
        let waits = self.lists.iter().any(is_selected)
            || self.reads.iter().any(|read| is_selected(&read.slot.memory));
        self.looked |= !waits;
    }

    fn other_memories(&self) -> Vec<String> {
        let Some(selected) = self.selected.as_deref().filter(|memory| !memory.is_empty()) else {
            return Vec::new();
        };
        let readable = self.offer.first().into_iter().flatten();
        readable
            .filter(|memory| matches!(memory.as_str(), "SM" | "ME" | "SR"))
            .filter(|memory| memory.as_str() != selected && !self.closed.contains(*memory))
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_the_same_for_all_where_possible() {
        let mut memories = Memories {
            offer: at::reply::storage_offer(
                r#"("ME","MT","SM","SR"),("ME","MT","SM"),("ME","MT","SM")"#,
            ),
            ..Memories::default()
        };
        let list = memories.ranked(&Profile::default());
        assert_eq!(list, [vec!["SM"; 3], vec!["ME"; 3], vec!["MT"; 3]]);
        memories.select(&list[0], None);
        assert_eq!(memories.other_memories(), ["ME", "SR"]);
        memories.closed.insert("SR".to_owned());
        assert_eq!(memories.other_memories(), ["ME"]);
        memories.select_unnamed();
        assert_eq!(memories.other_memories().len(), 0);
    }

    /// On Wavecom's modems reports can only be read, and messages are received to the SIM.
    #[test]
    fn memories_that_differ() {
        let memories = Memories {
            offer: at::reply::storage_offer(r#"("SM","BM","SR"),("SM"),("SM")"#),
            ..Memories::default()
        };
        assert_eq!(memories.ranked(&Profile::default()), [vec!["SM"; 3]]);
        let memories = Memories {
            offer: at::reply::storage_offer(r#"("ME"),("SM"),("SM")"#),
            ..Memories::default()
        };
        assert_eq!(memories.ranked(&Profile::default()), [vec!["ME", "SM", "SM"]]);
    }

    #[test]
    fn no_offer_means_the_usual_ones() {
        assert_eq!(Memories::default().ranked(&Profile::default())[0], vec!["SM"; 3]);
    }
}
