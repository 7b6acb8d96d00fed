//! Stored messages: `+CPMS`, `+CMGR`, `+CMGL`, `+CMGD` (TS 27.005, 3.2.2, 3.4.2, 3.4.3, 3.5.4).

use super::answer::{Done, Failure, Reply};
use super::command::{Command, Op};
use super::memory::{Memory, Stat, Stored};
use super::{Machine, Output};

impl Machine {
    /// The memory that is chosen to read (0), to write (1) or to receive (2).
    pub(super) fn memory(&mut self, purpose: usize) -> &mut Memory {
        let at = self.place_of(self.settings.cpms[purpose]).unwrap_or(0);
        &mut self.memories[at]
    }

    /// Place of the memory of a name.
    pub(super) fn place_of(&self, name: &str) -> Option<usize> {
        let name = match self.profile.memory_alias {
            Some((alias, real)) if alias == name => real,
            _ => name,
        };
        self.memories.iter().position(|memory| memory.name == name)
    }

    fn known_name(&self, name: &str) -> Option<&'static str> {
        let alias = self.profile.memory_alias.map(|(alias, _)| alias);
        let kinds = self.profile.memories.iter().map(|kind| kind.name);
        // The SIMCom names for "this memory first".
        let preferred = |known: &'static str| {
            (self.profile.cpms.contains("SM_P") && name == format!("{known}_P")).then_some(known)
        };
        kinds
            .clone()
            .chain(alias)
            .find(|known| *known == name)
            .or_else(|| kinds.into_iter().find_map(preferred))
    }

    pub(super) fn preferred_memory(
        &mut self,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        if command.op == Op::Test {
            reply.line(format!("+CPMS: {}", self.profile.cpms));
            return Ok(Done::Ok);
        }
        self.need_sim_for_messages()?;
        let comma = self.profile.comma.trim_end();
        if let Op::Set(_) = &command.op {
            let mut chosen = self.settings.cpms;
            for (purpose, name) in command.values().iter().enumerate().take(3) {
                if !name.is_empty() {
                    let known = self.known_name(name).ok_or(Failure::Cms(303))?;
                    if purpose > 0 && known == "SR" {
                        return Err(Failure::Cms(303));
                    }
                    chosen[purpose] = known;
                }
            }
            self.settings.cpms = chosen;
            let counts: Vec<_> = (0..3)
                .map(|purpose| {
                    let memory = self.memory(purpose);
                    format!("{}{comma}{}", memory.used(), memory.capacity())
                })
                .collect();
            reply.line(format!("+CPMS: {}", counts.join(comma)));
            // Another memory may have room for what waits.
            self.outputs.push_back(Output::Available);
        } else {
            let states: Vec<_> = (0..3)
                .map(|purpose| {
                    let name = self.settings.cpms[purpose];
                    let memory = self.memory(purpose);
                    format!("\"{name}\"{comma}{}{comma}{}", memory.used(), memory.capacity())
                })
                .collect();
            reply.line(format!("+CPMS: {}", states.join(comma)));
        }
        Ok(Done::Ok)
    }

    pub(super) fn read_message(
        &mut self,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        if command.op == Op::Test {
            return Ok(Done::Ok);
        }
        self.need_sim_for_messages()?;
        let index = index_of(command)?;
        let stored = match self.memory(0).slot(index) {
            Ok(Some(stored)) => read(stored),
            _ => return Err(Failure::Cms(321)),
        };
        for line in self.message_lines("+CMGR: ", &stored) {
            reply.line(line);
        }
        Ok(Done::Ok)
    }

    pub(super) fn list_messages(
        &mut self,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        if command.op == Op::Test {
            reply.line(if self.settings.text_mode {
                "+CMGL: (\"REC UNREAD\",\"REC READ\",\"STO UNSENT\",\"STO SENT\",\"ALL\")"
            } else {
                "+CMGL: (0-4)"
            });
            return Ok(Done::Ok);
        }
        self.need_sim_for_messages()?;
        let wanted = command.values().into_iter().next().unwrap_or_else(|| "0".to_owned());
        let is_wanted = |stat: Stat| {
            wanted == "4"
                || wanted == "ALL"
                || wanted == stat.words()
                || wanted == stat.number().to_string()
        };
        let all = ["0", "1", "2", "3", "4", "ALL"];
        let words = [Stat::Unread, Stat::Read, Stat::Unsent, Stat::Sent].map(Stat::words);
        if !all.contains(&wanted.as_str()) && !words.contains(&wanted.as_str()) {
            return Err(Failure::Cms(304));
        }
        let found: Vec<_> = self
            .memory(0)
            .messages()
            .filter(|(_, stored)| is_wanted(stored.stat))
            .map(|(index, stored)| (index, read(stored)))
            .collect();
        for (index, stored) in found {
            for line in self.message_lines(&format!("+CMGL: {index},"), &stored) {
                reply.line(line);
            }
        }
        Ok(Done::Ok)
    }

    /// Header and body of a stored message.
    fn message_lines(&self, start: &str, stored: &Stored) -> Vec<String> {
        if self.settings.text_mode
            && let Some((header, body)) = self.text_of(stored)
        {
            return vec![format!("{start}{header}"), body];
        }
        vec![
            format!("{start}{},,{}", stored.stat.number(), stored.length),
            tpdu::to_hex(&stored.pdu),
        ]
    }

    pub(super) fn delete_message(
        &mut self,
        command: &Command,
        reply: &mut Reply,
    ) -> Result<Done, Failure> {
        if command.op == Op::Test {
            let (first, last) = self.memory(0).range();
            reply.line(format!("+CMGD: ({first}-{last}),(0-4)"));
            return Ok(Done::Ok);
        }
        self.need_sim_for_messages()?;
        let values = command.values();
        match values.get(1).map_or("0", String::as_str) {
            "0" => {
                let index = index_of(command)?;
                *self.memory(0).slot(index).map_err(|()| Failure::Cms(321))? = None;
            }
            "1" => self.memory(0).remove(|stat| stat == Stat::Read),
            "2" => self.memory(0).remove(|stat| matches!(stat, Stat::Read | Stat::Sent)),
            "3" => self.memory(0).remove(|stat| stat != Stat::Unread),
            "4" => self.memory(0).remove(|_| true),
            _ => return Err(Failure::Cms(304)),
        }
        if std::mem::take(&mut self.full_told) {
            self.outputs.push_back(Output::Available);
        }
        Ok(Done::Ok)
    }
}

fn index_of(command: &Command) -> Result<usize, Failure> {
    command.values().first().and_then(|value| value.parse().ok()).ok_or(Failure::Cms(321))
}

/// A copy as it was, after which it counts as read.
fn read(stored: &mut Stored) -> Stored {
    let copy = stored.clone();
    if stored.stat == Stat::Unread {
        stored.stat = Stat::Read;
    }
    copy
}
