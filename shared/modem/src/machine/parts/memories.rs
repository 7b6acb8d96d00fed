//! The memories for messages: which there are, and which is used for what.

use std::collections::BTreeSet;

use at::reply::StorageUse;

use crate::models::Profile;

/// The name of no memory.
const NOWHERE: &str = "?";
/// The memories for messages.
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
    /// Memories that cannot be entered: not tried again before the port is opened anew.
    closed: BTreeSet<String>,
    /// The memory that `+CMGW` writes to and `+CMSS` sends from.
    sends_from: Option<String>,
    used: Option<StorageUse>,
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

    /// The memory for received messages; `None`: the modem has none.
    pub(crate) fn selected(&self) -> Option<&str> {
        self.selected.as_deref()
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

    /// Whether reading and deleting go to another memory than messages are received in.
    pub(crate) fn is_in_other(&self) -> bool {
        self.selected.as_ref().is_some_and(|memory| *memory != self.current)
    }

    /// The memory for received messages, when reading and deleting go to another one.
    pub(crate) fn way_back(&self) -> Option<&str> {
        self.selected.as_deref().filter(|_| self.is_in_other())
    }

    /// The memory that reading and deleting go to.
    pub(crate) fn current(&self) -> &str {
        &self.current
    }

    /// Whether a memory is offered for reading and can be entered, as far as is known.
    pub(crate) fn may_enter(&self, memory: &str) -> bool {
        self.offer.first().is_some_and(|list| list.iter().any(|offered| offered == memory))
            && !self.closed.contains(memory)
    }

    /// Reading and deleting go to another memory from now on.
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

    /// The memories that do not receive and may hold messages all the same.
    pub(crate) fn other_memories(&self) -> Vec<String> {
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
