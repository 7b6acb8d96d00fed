//! How many more items of a priority a target has room for in `SMS_DISPATCH`.

use std::collections::HashMap;

use contracts::subject::Target;
use contracts::{MessageId, Priority, Timestamp};

/// While the network refuses, items wait in the broker for their next try. Others go on meanwhile, but
/// not the whole backlog: at most so many times the depth.
const DEFERRED_AT_MOST: i64 = 4;

/// What is in the stream is known from what was released here and has not ended, and from counting now
/// and then: the count tells of items of an earlier life of the router and of ends that were not heard.
#[derive(Debug)]
pub(crate) struct Room {
    depth: u32,
    online: HashMap<Target, u32>,
    known: HashMap<MessageId, Known>,
    /// What counting found beyond the known ones, or missing of them.
    beyond: HashMap<(Target, Priority), i64>,
    /// The known ones when the count that is under way began.
    at_count: HashMap<(Target, Priority), i64>,
}

/// An item released here whose end was not heard.
#[derive(Debug)]
struct Known {
    target: Target,
    priority: Priority,
    /// It is in the stream.
    stored: bool,
    /// It was in the stream when the count that is under way began.
    counted: bool,
    /// The broker keeps it for its next try until then.
    deferred: Option<Timestamp>,
}

impl Room {
    /// With `depth` items a priority for each online modem.
    pub(crate) fn new(depth: u32) -> Self {
        Self {
            depth,
            online: HashMap::new(),
            known: HashMap::new(),
            beyond: HashMap::new(),
            at_count: HashMap::new(),
        }
    }

    /// How many modems of each target are online.
    pub(crate) fn set_online(&mut self, online: HashMap<Target, u32>) {
        self.online = online;
    }

    /// Whether a modem of this target is online.
    pub(crate) fn is_online(&self, target: &Target) -> bool {
        self.online.contains_key(target)
    }

    /// The targets with a modem online.
    pub(crate) fn online(&self) -> impl Iterator<Item = &Target> {
        self.online.keys()
    }

    /// How many more items fit.
    pub(crate) fn free(&self, target: &Target, priority: Priority, now: Timestamp) -> u32 {
        let modems = self.online.get(target).copied().unwrap_or(0);
        let wanted = i64::from(self.depth.saturating_mul(modems));
        let (mut stored, mut deferred) = (0_i64, 0_i64);
        for known in self.known.values().filter(|k| k.priority == priority && k.target == *target) {
            stored += 1;
            deferred += i64::from(known.deferred.is_some_and(|until| until > now));
        }
        stored += self.beyond.get(&(target.clone(), priority)).copied().unwrap_or(0);
        let room = wanted + deferred.min(wanted * DEFERRED_AT_MOST) - stored;
        u32::try_from(room.max(0)).unwrap_or(u32::MAX)
    }

    /// All free places of a priority.
    pub(crate) fn free_in_all(&self, priority: Priority, now: Timestamp) -> u32 {
        self.online.keys().map(|target| self.free(target, priority, now)).sum()
    }

    /// An item is being released.
    pub(crate) fn released(&mut self, message: MessageId, target: Target, priority: Priority) {
        let known = Known { target, priority, stored: false, counted: false, deferred: None };
        self.known.insert(message, known);
    }

    /// It is in the stream.
    pub(crate) fn stored(&mut self, message: MessageId) {
        if let Some(known) = self.known.get_mut(&message) {
            known.stored = true;
        }
    }

    /// Its item is gone: sent, given up, or kept elsewhere. Whether it was known here.
    pub(crate) fn ended(&mut self, message: MessageId) -> bool {
        self.known.remove(&message).is_some()
    }

    /// The broker keeps it for a next try until then.
    pub(crate) fn deferred(&mut self, message: MessageId, until: Timestamp) {
        if let Some(known) = self.known.get_mut(&message) {
            known.deferred = Some(until);
        }
    }

    /// A modem has taken it (again).
    pub(crate) fn sending(&mut self, message: MessageId) {
        if let Some(known) = self.known.get_mut(&message) {
            known.deferred = None;
        }
    }

    /// The items in the stream are going to be counted.
    pub(crate) fn count_begins(&mut self) {
        self.at_count = self.known_by_target(|_| true);
        for known in self.known.values_mut() {
            known.counted = known.stored;
        }
    }

    /// They were counted. What came or went meanwhile makes no difference.
    pub(crate) fn counted(&mut self, counts: HashMap<(Target, Priority), u32>) {
        let now = self.known_by_target(|_| true);
        let throughout = self.known_by_target(|known| known.counted);
        let before = std::mem::take(&mut self.at_count);
        // No item of theirs is left, so the ends of these were not heard.
        self.known.retain(|_, known| {
            !known.counted || counts.contains_key(&(known.target.clone(), known.priority))
        });
        self.beyond.clear();
        for (key, count) in counts {
            let of = |known: &HashMap<_, i64>| known.get(&key).copied().unwrap_or(0);
            let (most, least) = (of(&before).max(of(&now)), of(&throughout));
            let count = i64::from(count);
            let beyond = if count > most { count - most } else { (count - least).min(0) };
            self.beyond.insert(key, beyond);
        }
    }

    fn known_by_target(&self, which: impl Fn(&Known) -> bool) -> HashMap<(Target, Priority), i64> {
        let mut counts = HashMap::new();
        for known in self.known.values().filter(|known| which(known)) {
            *counts.entry((known.target.clone(), known.priority)).or_insert(0) += 1;
        }
        counts
    }
}

/// Target and priority of a subject of `SMS_DISPATCH`.
pub(crate) fn dispatch_subject(subject: &str) -> Option<(Target, Priority)> {
    let rest = subject.strip_prefix("sms.v1.mt.dispatch.")?;
    let (target, priority) = rest.rsplit_once('.')?;
    let target = match target.split_once('.')? {
        ("pool", pool) => Target::Pool(pool.parse().ok()?),
        ("sim", sim) => Target::Sim(sim.parse().ok()?),
        _ => return None,
    };
    Some((target, priority.parse().ok()?))
}

/// Account and priority of a subject of `SMS_WAIT`.
pub(crate) fn wait_subject(subject: &str) -> Option<(contracts::UserId, Priority)> {
    let (account, priority) = subject.strip_prefix("sms.v1.mt.wait.")?.split_once('.')?;
    Some((account.parse().ok()?, priority.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use contracts::{PoolId, SimId, Subject, UserId};

    use super::*;

    const NORMAL: Priority = Priority::Normal;

    fn pool() -> Target {
        Target::Pool(PoolId::default_pool())
    }

    fn id(n: u32) -> MessageId {
        MessageId::derived(&n.to_string())
    }

    fn room(modems: u32) -> Room {
        let mut room = Room::new(2);
        room.set_online(HashMap::from([(pool(), modems)]));
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
        assert_eq!(room.free_in_all(NORMAL, now), 3);
        assert!(room.ended(id(1)));
        assert!(!room.ended(id(1)), "told twice");
        assert_eq!(room.free(&pool(), NORMAL, now), 4);
        room.set_online(HashMap::new());
        assert_eq!(room.free(&pool(), NORMAL, now), 0);
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
        room.counted(if count > 0 {
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
            room.counted(HashMap::from([((pool(), NORMAL), counted)]));
            assert_eq!(room.free(&pool(), NORMAL, now), 2, "{counted}");
            room.count_begins();
        }
    }

    #[test]
    fn subjects_are_read_back() {
        let sim = Target::Sim(SimId::derived("1"));
        for target in [pool(), sim] {
            let subject = Subject::MtDispatch(target.clone(), Priority::Bulk).to_string();
            assert_eq!(dispatch_subject(&subject), Some((target, Priority::Bulk)));
        }
        let account = UserId::derived("a");
        let subject = Subject::MtWait(account, Priority::Otp).to_string();
        assert_eq!(wait_subject(&subject), Some((account, Priority::Otp)));
        assert_eq!(wait_subject("sms.v1.mt.wait.x.otp"), None);
        assert_eq!(dispatch_subject("sms.v1.mt.dispatch.pool.Bad.otp"), None);
    }
}
