//! Stored messages: looking into the memories, and deleting what the caller has stored.
//!
//! `+CMTI` is a hint: it may name the wrong memory, the index -1, or come on another port. So a slot that turns out to
//! be empty has the memory listed, and memories are listed at the start, when full, and each minute.
//! Slots are deleted one by one: `AT+CMGD=1,4` would delete what came in since the list was read.

use std::time::Duration;

use at::reply::{Stored, StoredHeader};
use at::{ErrorClass, Final, command};

use super::Modem;
use super::parts::active::Active;
use super::parts::errands::Work;
use super::parts::link::SHORT;
use super::parts::pdu::with_smsc;
use super::parts::task::{Slot, Task, Wanted};

/// How long a list may take from one line to the next.
const LIST: Duration = Duration::from_secs(20);
/// How long reading a slot may take.
const READ: Duration = Duration::from_secs(10);
/// How long deleting a slot may take.
const DELETE: Duration = Duration::from_secs(25);

impl Modem {
    /// Starts the next piece of work in the memories. `false` when there is none.
    pub(super) fn storage_work(&mut self) -> bool {
        let Some(work) = self.errands.take_work(&self.memories, self.device.profile().no_list)
        else {
            return false;
        };
        match work {
            Work::Delete { index, receipt } => {
                self.start(command::delete(index), Task::Delete { receipt }, DELETE);
            }
            Work::Read { slot, named } => {
                self.start(command::read(slot.index), Task::Read { slot, named }, READ);
            }
            Work::List { memory } => self.start("AT+CMGL=4", Task::List { memory }, LIST),
            Work::Enter { memory } => self.enter(memory),
        }
        true
    }

    /// Has reading and deleting go to another memory; messages are received where they were before.
    fn enter(&mut self, memory: String) {
        let text = command::select_storage(std::slice::from_ref(&memory));
        self.start(text, Task::Enter { memory }, SHORT);
    }

    /// Goes back to the memory for received messages. `false` when reading and deleting go there already.
    pub(super) fn enter_selected_memory(&mut self) -> bool {
        let Some(memory) = self.memories.way_back().map(str::to_owned) else { return false };
        self.enter(memory);
        true
    }

    /// Takes the answer to `AT+CPMS` with one memory.
    pub(super) fn entered(&mut self, memory: String, result: &Final) {
        if result.is_ok() {
            self.memories.note_entered(memory);
            return;
        }
        self.drop_work_in(&memory);
        if self.memories.is_selected(&memory) {
            self.want(Wanted::SetUp);
        }
        if result.class() != Some(ErrorClass::Busy) {
            self.memories.note_closed(memory);
        }
    }

    /// A memory may have been entered or not, for no answer came.
    pub(super) fn may_have_entered(&mut self, memory: &str) {
        self.drop_work_in(memory);
        if self.memories.is_selected(memory) {
            self.want(Wanted::SetUp);
        }
        self.memories.note_lost();
    }

    /// Drops what is to be done in a memory that cannot be entered.
    fn drop_work_in(&mut self, memory: &str) {
        for receipt in self.errands.drop_work_in(memory) {
            self.inbox.note_deleted(receipt, false);
        }
    }

    /// Takes the answer to `AT+CMGR`.
    pub(super) fn read_answered(
        &mut self,
        slot: Slot,
        named: Option<&str>,
        active: &Active,
        result: &Final,
    ) {
        let header = active.value().and_then(StoredHeader::of_one);
        let body = active.lines().get(1);
        match (header, body) {
            (Some(header), Some(body)) if result.is_ok() => self.found(slot, header, body),
            // A report in text mode has one line.
            (Some(header), None) if result.is_ok() && header.length.is_none() => {
                self.in_text_mode(&slot.memory);
            }
            _ if self.device.profile().no_list => {}
            // Nothing is there: the index or the memory was wrong.
            _ => self.errands.list_instead(&slot.memory, named),
        }
    }

    /// Takes the answer to `AT+CMGL=4`.
    pub(super) fn list_answered(&mut self, memory: &str, active: &Active, result: &Final) {
        if !result.is_ok() && active.lines().is_empty() {
            // 321: nothing is there. Else the modem cannot list.
            if result.cms_code() != Some(321) && result.class() != Some(ErrorClass::Busy) {
                self.errands.note_list_failed();
                self.errands.list_later(memory);
            }
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
                self.found(Slot { memory: memory.to_owned(), index }, header, line);
            }
        }
        if result.is_ok() {
            self.inbox.forget_unlisted(memory, &listed);
        }
    }

    /// A list took too long: some modems hang in it.
    pub(super) fn list_ran_out(&mut self, memory: &str, active: &Active) {
        self.errands.note_list_failed();
        if active.lines().is_empty() {
            self.errands.list_later(memory);
        } else {
            // What came of the list counts.
            self.list_answered(memory, active, &Final::Error);
        }
    }

    /// The modem forgot `AT+CMGF=0`.
    fn in_text_mode(&mut self, memory: &str) {
        self.doubt_pdu_mode();
        self.errands.list_again_once(memory);
    }

    /// A message lies in a slot.
    fn found(&mut self, slot: Slot, header: StoredHeader, body: &str) {
        let Some(length) = header.length else {
            self.in_text_mode(&slot.memory);
            return;
        };
        let Some(pdu) = command::unhex(body).filter(|pdu| !pdu.is_empty()) else {
            self.garbage(format!("slot {} of {} holds no PDU", slot.index, slot.memory));
            return;
        };
        let pdu = with_smsc(pdu, Some(length));
        if !header.state.is_received() {
            self.hand_out_submission(slot, pdu, header.state == Stored::Sent);
        } else if self.hand_out_stored(slot, pdu) {
            self.errands.note_found();
        }
    }

    /// Looks whether the network had more, when all that was found is dealt with.
    pub(super) fn look_again_when_done(&mut self) {
        if !self.inbox.has_pending() {
            self.errands.look_again_when_done(&self.memories);
        }
    }

    /// Looks at everything anew, after the modem was set up.
    pub(super) fn look_everywhere(&mut self) {
        self.errands.look_everywhere();
        self.inbox.doubt_slots();
    }
}
