//! How many more items of a priority a target has room for in `SMS_DISPATCH`.

use std::collections::{BTreeSet, HashMap};

use contracts::subject::Target;
use contracts::{MessageId, Priority, Timestamp};

/// While the network refuses, items wait in the broker for their next try. Others go on meanwhile, but
/// not the whole backlog: at most so many times the depth.
const DEFERRED_AT_MOST: i64 = 4;

/// How many modems of a target are online.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Online {
    /// Those that take any message.
    pub(crate) all: u32,
    /// Those that take one-time passwords: the others, too, whose SIMs keep quiet otherwise.
    pub(crate) passwords: u32,
}

impl Online {
    /// How many of them take messages of a priority.
    pub(crate) const fn of(self, priority: Priority) -> u32 {
        match priority {
            Priority::Otp => self.passwords,
            Priority::Normal | Priority::Bulk => self.all,
        }
    }
}

/// What is in the stream is known from what was released here and has not ended, and from counting now
/// and then: the count tells of items of an earlier life of the router and of ends that were not heard.
#[derive(Debug)]
pub(crate) struct Room {
    depth: u32,
    online: HashMap<Target, Online>,
    known: HashMap<MessageId, Known>,
    /// How many are known.
    sums: Sums,
    /// Those known ones that the broker keeps for a next try, by when that is.
    deferred: HashMap<(Target, Priority), BTreeSet<(Timestamp, MessageId)>>,
    /// What counting found beyond the known ones, or missing of them.
    beyond: Sums,
    /// The known ones when the count that is under way began.
    at_count: Sums,
}

/// An item released here whose end was not heard.
#[derive(Debug)]
struct Known {
    target: Target,
    priority: Priority,
    /// Whether the item is in the stream.
    stored: bool,
    /// Whether the item was in the stream when the count that is under way began.
    counted: bool,
    /// Until when the broker keeps it for a next try.
    deferred: Option<Timestamp>,
}

/// Numbers of items by target and priority.
#[derive(Debug, Clone, Default)]
struct Sums(HashMap<Target, [i64; 3]>);

impl Sums {
    fn get(&self, target: &Target, priority: Priority) -> i64 {
        self.0.get(target).map_or(0, |sums| sums[priority as usize])
    }

    fn add(&mut self, target: &Target, priority: Priority, count: i64) {
        if let Some(sums) = self.0.get_mut(target) {
            sums[priority as usize] += count;
        } else {
            let mut sums = [0; 3];
            sums[priority as usize] = count;
            self.0.insert(target.clone(), sums);
        }
    }

    fn of<'a>(known: impl Iterator<Item = &'a Known>) -> Self {
        let mut sums = Self::default();
        known.for_each(|known| sums.add(&known.target, known.priority, 1));
        sums
    }
}

impl Room {
    /// With `depth` items a priority for each online modem.
    pub(crate) fn new(depth: u32) -> Self {
        Self {
            depth,
            online: HashMap::new(),
            known: HashMap::new(),
            sums: Sums::default(),
            deferred: HashMap::new(),
            beyond: Sums::default(),
            at_count: Sums::default(),
        }
    }

    /// How many modems of each target are online. Says whether that is another number than before.
    pub(crate) fn set_online(&mut self, online: HashMap<Target, Online>) -> bool {
        let is_other = self.online != online;
        self.online = online;
        is_other
    }

    /// Whether a modem of this target is online that takes messages of a priority.
    pub(crate) fn is_online(&self, target: &Target, priority: Priority) -> bool {
        self.online.get(target).is_some_and(|online| online.of(priority) > 0)
    }

    /// Whether any modem is online.
    pub(crate) fn is_anybody_online(&self) -> bool {
        !self.online.is_empty()
    }

    /// How many items of a priority the online modems of a target together should have.
    pub(crate) fn wanted(&self, target: &Target, priority: Priority) -> u32 {
        let online = self.online.get(target).copied().unwrap_or_default();
        self.depth.saturating_mul(online.of(priority))
    }

    /// How many more items fit.
    pub(crate) fn free(&mut self, target: &Target, priority: Priority, now: Timestamp) -> u32 {
        let wanted = i64::from(self.wanted(target, priority));
        let stored = self.sums.get(target, priority) + self.beyond.get(target, priority);
        let deferred = match self.deferred.get_mut(&(target.clone(), priority)) {
            Some(deferred) => {
                // Their next try has come.
                while deferred.first().is_some_and(|(until, _)| *until <= now) {
                    deferred.pop_first();
                }
                i64::try_from(deferred.len()).unwrap_or(i64::MAX)
            }
            None => 0,
        };
        let room = wanted + deferred.min(wanted * DEFERRED_AT_MOST) - stored;
        u32::try_from(room.max(0)).unwrap_or(u32::MAX)
    }

    /// An item is being released.
    pub(crate) fn released(&mut self, message: MessageId, target: Target, priority: Priority) {
        self.ended(message);
        self.sums.add(&target, priority, 1);
        let known = Known { target, priority, stored: false, counted: false, deferred: None };
        self.known.insert(message, known);
    }

    /// Notes that the message's item is in the stream.
    pub(crate) fn stored(&mut self, message: MessageId) {
        if let Some(known) = self.known.get_mut(&message) {
            known.stored = true;
        }
    }

    /// Notes that the message's item is gone: sent, given up, or kept elsewhere. Says whether the item was known here.
    pub(crate) fn ended(&mut self, message: MessageId) -> bool {
        self.sending(message);
        let Some(known) = self.known.remove(&message) else { return false };
        self.sums.add(&known.target, known.priority, -1);
        true
    }

    /// The broker keeps it for a next try until then.
    pub(crate) fn deferred(&mut self, message: MessageId, until: Timestamp) {
        self.sending(message);
        if let Some(known) = self.known.get_mut(&message) {
            known.deferred = Some(until);
            let of = (known.target.clone(), known.priority);
            self.deferred.entry(of).or_default().insert((until, message));
        }
    }

    /// A modem has taken it (again).
    pub(crate) fn sending(&mut self, message: MessageId) {
        let Some(known) = self.known.get_mut(&message) else { return };
        let Some(until) = known.deferred.take() else { return };
        let of = (known.target.clone(), known.priority);
        if let Some(deferred) = self.deferred.get_mut(&of) {
            deferred.remove(&(until, message));
            if deferred.is_empty() {
                self.deferred.remove(&of);
            }
        }
    }

    /// The items in the stream are going to be counted.
    pub(crate) fn count_begins(&mut self) {
        self.at_count = self.sums.clone();
        for known in self.known.values_mut() {
            known.counted = known.stored;
        }
    }

    /// Takes the result of a count. Items that came or went while the broker counted make no difference.
    pub(crate) fn counted(&mut self, counts: &HashMap<(Target, Priority), u32>) {
        let throughout = Sums::of(self.known.values().filter(|known| known.counted));
        let before = std::mem::take(&mut self.at_count);
        self.beyond = Sums::default();
        for ((target, priority), count) in counts {
            let of = |sums: &Sums| sums.get(target, *priority);
            let (most, least) = (of(&before).max(of(&self.sums)), of(&throughout));
            let count = i64::from(*count);
            let beyond = if count > most { count - most } else { (count - least).min(0) };
            self.beyond.add(target, *priority, beyond);
        }
        // No item of theirs is left, so the ends of these were not heard.
        self.known.retain(|_, known| {
            !known.counted || counts.contains_key(&(known.target.clone(), known.priority))
        });
        self.sums = Sums::of(self.known.values());
        let known = &self.known;
        self.deferred.retain(|_, deferred| {
            deferred.retain(|(_, message)| known.contains_key(message));
            !deferred.is_empty()
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use contracts::{PoolId, SimId};

    use super::*;

    const NORMAL: Priority = Priority::Normal;

    fn pool() -> Target {
        Target::Pool(PoolId::default_pool())
    }

    fn id(n: u32) -> MessageId {
        MessageId::derived(&n.to_string())
    }

    fn online(modems: u32) -> Online {
        Online { all: modems, passwords: modems }
    }

    fn room(modems: u32) -> Room {
        let mut room = Room::new(2);
        room.set_online(HashMap::from([(pool(), online(modems))]));
        room
    }

    #[test]
    fn two_a_priority_for_each_modem() {
        let now = Timestamp::from_micros(0);
        let mut room = room(2);
        assert_eq!(room.free(&pool(), NORMAL, now), 4);
        room.released(id(1), pool(), NORMAL);
        assert_eq!(room.free(&pool(), NORMAL, now), 3);
        assert_eq!(room.free(&pool(), Priority::Otp, now), 4);
        assert!(room.ended(id(1)));
        assert!(!room.ended(id(1)), "told twice");
        assert_eq!(room.free(&pool(), NORMAL, now), 4);
        room.set_online(HashMap::new());
        assert_eq!(room.free(&pool(), NORMAL, now), 0);
        let sim = Target::Sim(SimId::derived("1"));
        room.set_online(HashMap::from([(pool(), online(3)), (sim.clone(), online(1))]));
        assert_eq!((room.wanted(&pool(), NORMAL), room.wanted(&sim, NORMAL)), (6, 2));
        // Of two modems one keeps quiet.
        room.set_online(HashMap::from([(pool(), Online { all: 1, passwords: 2 })]));
        assert_eq!((room.wanted(&pool(), NORMAL), room.wanted(&pool(), Priority::Otp)), (2, 4));
        room.set_online(HashMap::from([(pool(), Online { all: 0, passwords: 1 })]));
        assert_eq!((room.wanted(&pool(), NORMAL), room.wanted(&pool(), Priority::Otp)), (0, 2));
    }

    #[test]
    fn what_waits_for_its_next_try_keeps_no_place_but_the_backlog_does_not_run_out() {
        let now = Timestamp::from_micros(0);
        let later = now.plus(Duration::from_secs(20));
        let mut room = room(1);
        for n in 0..10 {
            room.released(id(n), pool(), NORMAL);
            room.deferred(id(n), later);
            if n == 0 {
                assert_eq!(room.free(&pool(), NORMAL, now), 2);
            }
        }
        assert_eq!(room.free(&pool(), NORMAL, now), 0, "ten are enough");
        for n in 0..9 {
            assert!(room.ended(id(n)));
        }
        assert_eq!(room.free(&pool(), NORMAL, now), 2);
        room.sending(id(9));
        assert_eq!(room.free(&pool(), NORMAL, now), 1);
        room.deferred(id(9), later);
        assert_eq!(room.free(&pool(), NORMAL, later), 1, "its time has come");
    }

    fn count(room: &mut Room, count: u32) {
        room.count_begins();
        room.counted(&if count > 0 {
            HashMap::from([((pool(), NORMAL), count)])
        } else {
            HashMap::new()
        });
    }

    #[test]
    fn items_of_an_earlier_life_take_places() {
        let now = Timestamp::from_micros(0);
        let mut room = room(2);
        room.released(id(1), pool(), NORMAL);
        room.stored(id(1));
        count(&mut room, 3);
        assert_eq!(room.free(&pool(), NORMAL, now), 1);
        assert!(room.ended(id(1)));
        assert_eq!(room.free(&pool(), NORMAL, now), 2);
        count(&mut room, 0);
        assert_eq!(room.free(&pool(), NORMAL, now), 4);
    }

    #[test]
    fn ends_that_were_not_heard_give_places_back() {
        let now = Timestamp::from_micros(0);
        let mut room = room(2);
        for n in 0..4 {
            room.released(id(n), pool(), NORMAL);
            room.stored(id(n));
        }
        assert_eq!(room.free(&pool(), NORMAL, now), 0);
        count(&mut room, 1);
        assert_eq!(room.free(&pool(), NORMAL, now), 3);
        count(&mut room, 0);
        assert_eq!(room.free(&pool(), NORMAL, now), 4);
        assert!(!room.ended(id(0)));
    }

    #[test]
    fn what_comes_and_goes_while_counting_makes_no_difference() {
        let now = Timestamp::from_micros(0);
        let mut room = room(2);
        room.released(id(1), pool(), NORMAL);
        room.stored(id(1));
        room.released(id(2), pool(), NORMAL);
        room.count_begins();
        room.stored(id(2));
        room.ended(id(1));
        room.released(id(3), pool(), NORMAL);
        // Counted at some time between: 1, 2 and 3 may each be in it or not.
        for counted in 1..=2 {
            room.counted(&HashMap::from([((pool(), NORMAL), counted)]));
            assert_eq!(room.free(&pool(), NORMAL, now), 2, "{counted}");
            room.count_begins();
        }
    }
}
