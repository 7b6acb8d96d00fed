//! Messages stored on the SIM and in the modem (3GPP TS 27.005, 3.2.3).

use crate::make::Profile;

/// `<stat>` of a stored message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stat {
    /// Received, not read yet.
    Unread,
    /// Received and read.
    Read,
    /// Written, not sent.
    Unsent,
    /// Written and sent.
    Sent,
}

impl Stat {
    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Unread => 0,
            Self::Read => 1,
            Self::Unsent => 2,
            Self::Sent => 3,
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Unread => "REC UNREAD",
            Self::Read => "REC READ",
            Self::Unsent => "STO UNSENT",
            Self::Sent => "STO SENT",
        }
    }
}

/// One stored message.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub(super) stat: Stat,
    /// With its SMSC prefix.
    pub(super) pdu: Vec<u8>,
    /// Octets of it without the prefix.
    pub(super) length: usize,
}

/// One memory.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) name: &'static str,
    slots: Vec<Option<Stored>>,
    first: usize,
}

impl Memory {
    pub(super) fn all(profile: &Profile, sim_slots: Option<usize>) -> Vec<Self> {
        profile
            .memories
            .iter()
            .map(|kind| {
                let own = if kind.name == "SM" { sim_slots } else { None };
                let slots = vec![None; own.unwrap_or(kind.capacity)];
                Self { name: kind.name, slots, first: profile.first_index }
            })
            .collect()
    }

    pub(super) fn used(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    pub(super) fn capacity(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.slots.iter().all(Option::is_some)
    }

    /// The lowest and highest index.
    pub(super) fn range(&self) -> (usize, usize) {
        (self.first, (self.first + self.slots.len()).saturating_sub(1))
    }

    /// Puts it in the first free slot and gives its index; gives it back when there is none.
    pub(super) fn put(&mut self, message: Stored) -> Result<usize, Stored> {
        match self.slots.iter_mut().enumerate().find(|(_, slot)| slot.is_none()) {
            Some((at, slot)) => {
                *slot = Some(message);
                Ok(at + self.first)
            }
            None => Err(message),
        }
    }

    /// The message of an index; none: an empty slot. `Err`: no such index.
    pub(super) fn slot(&mut self, index: usize) -> Result<&mut Option<Stored>, ()> {
        index.checked_sub(self.first).and_then(|at| self.slots.get_mut(at)).ok_or(())
    }

    /// Index and message of the used slots.
    pub(super) fn messages(&mut self) -> impl Iterator<Item = (usize, &mut Stored)> {
        let first = self.first;
        self.slots
            .iter_mut()
            .enumerate()
            .filter_map(move |(at, slot)| slot.as_mut().map(|stored| (at + first, stored)))
    }

    /// Empties the slots that `which` chooses.
    pub(super) fn remove(&mut self, which: impl Fn(Stat) -> bool) {
        for slot in &mut self.slots {
            if slot.as_ref().is_some_and(|stored| which(stored.stat)) {
                *slot = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::make::Make;

    fn stored() -> Stored {
        Stored { stat: Stat::Unread, pdu: vec![0, 1], length: 1 }
    }

    #[test]
    fn slots_are_used_from_the_makes_first_index() {
        for (make, first) in [(Make::Wavecom, 1), (Make::Huawei, 0)] {
            let memory = &mut Memory::all(make.profile(), Some(2))[0];
            assert_eq!(memory.put(stored()).ok(), Some(first));
            assert_eq!(memory.put(stored()).ok(), Some(first + 1));
            assert!(memory.put(stored()).is_err());
            assert!(memory.is_full());
            assert_eq!(memory.slot(first).map(|slot| slot.take().is_some()), Ok(true));
            assert!(memory.slot(first + 2).is_err());
            assert_eq!((memory.used(), memory.capacity()), (1, 2));
        }
    }
}
