//! Stored messages: which memory is used, and looking into it.
//!
//! `+CMTI` is a hint: it may name the wrong memory, the index -1, or come on another port. So a slot that turns out to
//! be empty has the memory listed, and memories are listed at the start, when full, and each minute.
//! Slots are deleted one by one: `AT+CMGD=1,4` would delete what came in since the list was read.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use at::reply::{StorageUse, Stored, StoredHeader};
use at::{ErrorClass, Final, command};

use super::Modem;
use super::active::Active;
use super::link::SHORT;
use super::task::{Task, Wanted};
use crate::event::Receipt;
use crate::models::Profile;

/// A list: from one line to the next.
const LIST: Duration = Duration::from_secs(20);
const READ: Duration = Duration::from_secs(10);
const DELETE: Duration = Duration::from_secs(25);
/// The name of no memory.
const NOWHERE: &str = "?";
/// Slots that are tried singly where listing does not work.
const MOST_SLOTS: u32 = 255;

/// A slot to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Slot {
    memory: String,
    index: u32,
    /// The memory that was named, when it is another.
    named: Option<String>,
}

/// What is known of the memories, and what is to be done in them.
#[derive(Debug, Default)]
pub(super) struct Storage {
    /// What `AT+CPMS=?` offers: for reading, for sending, for receiving.
    pub(super) offer: Vec<Vec<String>>,
    /// The memory for received messages; `None`: the modem has none.
    pub(super) selected: Option<String>,
    /// A memory was offered that holds nothing.
    pub(super) has_no_room: bool,
    /// The memory that reading and deleting go to now.
    current: String,
    /// A list was asked for again because of text mode: not twice before the next look.
    text_mode_seen: bool,
    /// Memories that cannot be entered: not tried again before the port is opened anew.
    closed: BTreeSet<String>,
    /// The memory that `+CMGW` writes to and `+CMSS` sends from.
    sends_from: Option<String>,
    pub(super) used: Option<StorageUse>,
    reads: VecDeque<Slot>,
    lists: VecDeque<String>,
    pub(super) deletes: VecDeque<(String, u32, Receipt)>,
    /// Something was found in the last list: look again when all of it is deleted.
    again: bool,
    lists_hang: bool,
    lists_hung: u8,
    /// All that lay in the memory for messages when the modem was set up has been handed out.
    pub(super) looked: bool,
    /// When a list is due.
    pub(super) look_at: Option<Instant>,
    /// When the other memories are due.
    look_everywhere_at: Option<Instant>,
}

impl Storage {
    /// Which memories to try, best first: the SIM keeps messages when the modem is replaced.
    pub(super) fn candidates(&self, profile: &Profile) -> Vec<Vec<String>> {
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

    pub(super) fn select(&mut self, memories: &[String], used: Option<StorageUse>) {
        let readable = |memory: &&String| {
            self.offer.first().is_none_or(|offered| offered.contains(memory))
                && !self.closed.contains(*memory)
        };
        // A memory that receives and cannot be entered by its name is read through the first (Nokia 6600).
        self.selected = memories.last().filter(readable).or(memories.first()).cloned();
        self.current = memories.first().cloned().unwrap_or_default();
        self.sends_from = memories.get(1).cloned();
        self.used = used;
    }

    /// What is stored for sending can be read and deleted where messages are received.
    pub(super) fn sends_from_selected(&self) -> bool {
        self.sends_from.is_some() && self.sends_from == self.selected
    }

    /// Looks into the memory at once.
    pub(super) fn look_soon(&mut self) {
        self.look_at = None;
    }

    pub(super) fn forget_slots(&mut self) {
        self.reads.clear();
        self.lists.clear();
        self.deletes.clear();
        self.again = false;
    }

    fn list_later(&mut self, memory: &str) {
        if !self.lists.iter().any(|waiting| waiting == memory) {
            self.lists.push_back(memory.to_owned());
        }
    }

    /// The modem lets no memory be chosen: it has chosen itself.
    pub(super) fn select_unnamed(&mut self) {
        self.selected = (!self.has_no_room).then(String::new);
        self.current = String::new();
        self.sends_from = None;
    }

    /// The port was opened anew: maybe another modem.
    pub(super) fn open_closed(&mut self) {
        self.closed.clear();
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

impl Modem {
    /// A `+CMTI` or `+CDSI` came.
    pub(super) fn slot_named(&mut self, memory: Option<String>, index: Option<u32>) {
        let Some(selected) = self.storage.selected.clone() else {
            if let (Some(memory), Some(index)) = (memory, index) {
                self.storage.reads.push_back(Slot { memory, index, named: None });
            }
            return;
        };
        let storage = &self.storage;
        let offered = |memory: &String| {
            storage.offer.first().is_some_and(|list| list.contains(memory))
                && !storage.closed.contains(memory)
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
                let slot = Slot { memory, index, named };
                if !self.storage.reads.contains(&slot) {
                    self.storage.reads.push_back(slot);
                }
            }
            _ => self.storage.list_later(&selected),
        }
    }

    /// The memory is full, or a list is due.
    pub(super) fn look_into_memories(&mut self, everywhere: bool) {
        if let Some(selected) = self.storage.selected.clone() {
            self.storage.list_later(&selected);
        }
        if everywhere {
            for memory in self.storage.other_memories() {
                self.storage.list_later(&memory);
            }
        }
    }

    /// Called when no command is in flight.
    pub(super) fn note_looked(&mut self) {
        let storage = &self.storage;
        let is_selected = |memory: &String| storage.selected.as_ref() == Some(memory);
        let waits = storage.lists.iter().any(is_selected)
            || storage.reads.iter().any(|slot| is_selected(&slot.memory));
        self.storage.looked |= !waits;
    }

    pub(super) fn has_storage_work(&self) -> bool {
        let storage = &self.storage;
        !(storage.reads.is_empty() && storage.lists.is_empty() && storage.deletes.is_empty())
            || self.is_in_other_memory()
    }

    fn is_in_other_memory(&self) -> bool {
        self.storage.selected.as_ref().is_some_and(|memory| *memory != self.storage.current)
    }

    /// One piece of work in the memories. What can be done without changing memory goes first, and deleting
    /// before reading, for a full SIM holds back messages.
    pub(super) fn storage_work(&mut self) -> bool {
        if !self.has_storage_work() {
            return false;
        }
        let here = self.storage.current.clone();
        if let Some(at) = self.storage.deletes.iter().position(|(memory, ..)| *memory == here)
            && let Some((_, index, receipt)) = self.storage.deletes.remove(at)
        {
            self.start(command::delete(index), Task::Delete { receipt }, DELETE);
            return true;
        }
        if let Some(at) = self.storage.reads.iter().position(|slot| slot.memory == here)
            && let Some(Slot { memory, index, named }) = self.storage.reads.remove(at)
        {
            self.start(command::read(index), Task::Read { memory, index, named }, READ);
            return true;
        }
        if let Some(at) = self.storage.lists.iter().position(|memory| *memory == here) {
            self.storage.lists.remove(at);
            if self.profile.no_list || self.storage.lists_hang {
                self.read_singly(&here);
                return self.storage_work();
            }
            self.start("AT+CMGL=4", Task::List { memory: here }, LIST);
            return true;
        }
        let storage = &self.storage;
        let elsewhere = storage
            .deletes
            .front()
            .map(|(memory, ..)| memory)
            .or(storage.reads.front().map(|slot| &slot.memory))
            .or(storage.lists.front())
            .or(storage.selected.as_ref())
            .cloned();
        let Some(memory) = elsewhere else { return false };
        self.enter(memory);
        true
    }

    /// Only the memory for reading and deleting changes.
    fn enter(&mut self, memory: String) {
        let text = command::select_storage(std::slice::from_ref(&memory));
        self.start(text, Task::Enter { memory }, SHORT);
    }

    /// Goes back to the memory for received messages. `false` when it is there.
    pub(super) fn enter_selected_memory(&mut self) -> bool {
        let selected = self.storage.selected.clone().filter(|_| self.is_in_other_memory());
        selected.is_some_and(|memory| {
            self.enter(memory);
            true
        })
    }

    fn read_singly(&mut self, memory: &str) {
        let total = self.storage.used.map_or(MOST_SLOTS, |used| used.total.min(MOST_SLOTS));
        for index in 0..=total {
            let slot = Slot { memory: memory.to_owned(), index, named: None };
            self.storage.reads.push_back(slot);
        }
    }

    pub(super) fn entered(&mut self, memory: String, result: &Final) {
        if result.is_ok() {
            self.storage.current = memory;
            return;
        }
        // Nothing has changed, so the machine stays where it is.
        self.drop_work_in(&memory);
        let is_selected = self.storage.selected.as_ref() == Some(&memory);
        if is_selected {
            self.want(Wanted::SetUp);
        }
        if result.class() != Some(ErrorClass::Busy) {
            if is_selected {
                // The one it is in is not entered again either, for there is no way back from it.
                self.storage.closed.insert(self.storage.current.clone());
            }
            self.storage.closed.insert(memory);
        }
    }

    /// No answer came: it may be there or not, so nothing is read or deleted before a memory is entered anew.
    pub(super) fn may_have_entered(&mut self, memory: &str) {
        self.drop_work_in(memory);
        if self.storage.selected.as_deref() == Some(memory) {
            self.want(Wanted::SetUp);
        }
        NOWHERE.clone_into(&mut self.storage.current);
    }

    fn drop_work_in(&mut self, memory: &str) {
        self.storage.reads.retain(|slot| slot.memory != memory);
        self.storage.lists.retain(|name| name != memory);
        for (name, index, receipt) in std::mem::take(&mut self.storage.deletes) {
            if name == memory {
                self.deleted(receipt, &Final::Error);
            } else {
                self.storage.deletes.push_back((name, index, receipt));
            }
        }
    }

    /// The answer to `AT+CMGR`.
    pub(super) fn read_answered(
        &mut self,
        memory: &str,
        index: u32,
        named: Option<String>,
        active: &Active,
        result: &Final,
    ) {
        let header = active.value().and_then(StoredHeader::of_one);
        let body = active.lines().get(1);
        match (header, body) {
            (Some(header), Some(body)) if result.is_ok() => {
                self.found(memory, index, header, body);
            }
            // A report in text mode has one line.
            (Some(header), None) if result.is_ok() && header.length.is_none() => {
                self.in_text_mode(memory);
            }
            _ if self.storage.lists_hang || self.profile.no_list => {}
            _ => {
                // Not there: the index or the memory was wrong.
                self.storage.list_later(memory);
                if let Some(named) = named {
                    self.storage.list_later(&named);
                }
            }
        }
    }

    /// The answer to `AT+CMGL=4`.
    pub(super) fn list_answered(&mut self, memory: &str, active: &Active, result: &Final) {
        if !result.is_ok() && active.lines().is_empty() {
            self.list_failed(memory, result);
            return;
        }
        let mut listed = Vec::new();
        let mut header = None;
        for line in active.lines() {
            if let Some(value) = at::reply::value(line, "+CMGL") {
                header = StoredHeader::in_list(value);
                if header.is_some_and(|header| header.length.is_none()) {
                    self.in_text_mode(memory);
                }
            } else if let Some(header) = header.take()
                && let Some(index) = header.index
            {
                listed.push(index);
                self.found(memory, index, header, line);
            }
        }
        if result.is_ok() {
            self.forget_unlisted(memory, &listed);
        }
    }

    fn list_failed(&mut self, memory: &str, result: &Final) {
        // 321: nothing there. Else the modem cannot list: one by one from now on.
        if result.cms_code() == Some(321) || result.class() == Some(ErrorClass::Busy) {
            return;
        }
        self.storage.lists_hung += 1;
        if self.storage.lists_hung >= 2 {
            self.storage.lists_hang = true;
        }
        self.storage.list_later(memory);
    }

    /// A list took too long: some modems hang in it.
    pub(super) fn list_ran_out(&mut self, memory: &str, active: &Active) {
        self.storage.lists_hung += 1;
        if self.storage.lists_hung >= 2 {
            self.storage.lists_hang = true;
        }
        if active.lines().is_empty() {
            self.storage.list_later(memory);
        } else {
            // What came of it counts.
            self.list_answered(memory, active, &Final::Error);
        }
    }

    /// The modem forgot `AT+CMGF=0`.
    fn in_text_mode(&mut self, memory: &str) {
        self.doubt_pdu_mode();
        if !std::mem::replace(&mut self.storage.text_mode_seen, true) {
            self.storage.list_later(memory);
        }
    }

    /// A message lies in a slot.
    fn found(&mut self, memory: &str, index: u32, header: StoredHeader, body: &str) {
        let Some(length) = header.length else {
            self.in_text_mode(memory);
            return;
        };
        let Some(pdu) = command::unhex(body).filter(|pdu| !pdu.is_empty()) else {
            self.garbage(format!("slot {index} of {memory} holds no PDU"));
            return;
        };
        let pdu = super::receive::with_smsc(pdu, Some(length));
        let new = if header.state.is_received() {
            self.hand_out_stored(memory, index, pdu)
        } else {
            self.hand_out_submission(memory, index, pdu, header.state == Stored::Sent)
        };
        self.storage.again |= new;
    }

    /// All that was found is dealt with: look whether the network had more.
    pub(super) fn look_again_when_done(&mut self) {
        let busy =
            self.has_storage_work() || self.handed.values().any(super::receive::Handed::is_pending);
        if self.storage.again && !busy {
            self.storage.again = false;
            self.look_into_memories(false);
        }
    }

    /// Lists when their time has come.
    pub(super) fn look_when_due(&mut self, interval: Duration) {
        if self.storage.look_at.is_none_or(|due| due <= self.now) {
            self.storage.look_at = Some(self.now + interval);
            self.storage.text_mode_seen = false;
            let everywhere = self.storage.look_everywhere_at.is_none_or(|due| due <= self.now);
            if everywhere {
                self.storage.look_everywhere_at = Some(self.now + Duration::from_mins(10));
            }
            self.look_into_memories(everywhere);
        }
    }

    /// After a boot everything is looked at anew.
    pub(super) fn look_everywhere(&mut self) {
        self.storage.forget_slots();
        self.storage.look_at = None;
        self.storage.look_everywhere_at = None;
        self.doubt_slots();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_the_same_for_all_where_possible() {
        let mut storage = Storage {
            offer: at::reply::storage_offer(
                r#"("ME","MT","SM","SR"),("ME","MT","SM"),("ME","MT","SM")"#,
            ),
            ..Storage::default()
        };
        let list = storage.candidates(&Profile::default());
        assert_eq!(list, [vec!["SM"; 3], vec!["ME"; 3], vec!["MT"; 3]]);
        storage.select(&list[0], None);
        assert_eq!(storage.other_memories(), ["ME", "SR"]);
        storage.closed.insert("SR".to_owned());
        assert_eq!(storage.other_memories(), ["ME"]);
        storage.select_unnamed();
        assert_eq!(storage.other_memories().len(), 0);
    }

    /// Wavecom: reports can only be read, and receiving is to the SIM.
    #[test]
    fn memories_that_differ() {
        let storage = Storage {
            offer: at::reply::storage_offer(r#"("SM","BM","SR"),("SM"),("SM")"#),
            ..Storage::default()
        };
        assert_eq!(storage.candidates(&Profile::default()), [vec!["SM"; 3]]);
        let storage = Storage {
            offer: at::reply::storage_offer(r#"("ME"),("SM"),("SM")"#),
            ..Storage::default()
        };
        assert_eq!(storage.candidates(&Profile::default()), [vec!["ME", "SM", "SM"]]);
    }

    #[test]
    fn no_offer_means_the_usual_ones() {
        assert_eq!(Storage::default().candidates(&Profile::default())[0], vec!["SM"; 3]);
    }
}
