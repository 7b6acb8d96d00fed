//! What is known of one account's items of one priority for one target in `SMS_WAIT`, and when to fetch more of them.

use std::time::Duration;

use bus::Durable;
use contracts::mt::MtItem;
use contracts::subject::Target;
use contracts::{Priority, Timestamp, UserId};
use tokio::time::Instant;

/// At most so many items are fetched at once.
pub(crate) const FETCH_AT_MOST: usize = 64;
/// A fetch that brings less than was thought to be there is made again after a rest: the first one short, for
/// the broker's consumer may not have seen what was just stored; then longer, for somebody else may have it.
const FIRST_REST: Duration = Duration::from_millis(20);
/// The longest rest.
const LAST_REST: Duration = Duration::from_secs(2);
/// After so many fetches that brought too little, and each time again, the stream itself is looked at.
const MISSES: u32 = 4;

/// One account's items of one priority for one target.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LaneKey {
    pub(crate) account: UserId,
    pub(crate) priority: Priority,
    pub(crate) target: Target,
}

impl LaneKey {
    /// Where this item waits.
    pub(crate) fn of(item: &MtItem) -> Self {
        Self { account: item.request.owner, priority: item.priority, target: item.target.clone() }
    }

    /// The broker's consumer of it.
    pub(crate) fn durable(&self) -> Durable {
        Durable::Wait(self.account, self.priority, self.target.clone())
    }

    /// The lane whose consumer has this name.
    pub(crate) fn of_durable(name: &str) -> Option<Self> {
        let mut words = name.splitn(3, '-');
        let (account, priority, target) = (words.next()?, words.next()?, words.next()?);
        let target = match target.strip_prefix("pool-") {
            Some(pool) => Target::Pool(pool.parse().ok()?),
            None => Target::Sim(target.parse().ok()?),
        };
        Some(Self { account: account.parse().ok()?, priority: priority.parse().ok()?, target })
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    /// Items in the stream that are not at hand, as far as is known.
    waiting: u64,
    /// Those of them that were stored since the count began that is under way: it may have missed them.
    uncounted: u64,
    /// Items fetched and not yet acknowledged.
    at_hand: u64,
    /// Items that are being stored.
    arriving: u64,
    /// Items asked for.
    asked: Option<usize>,
    /// Messages of an item, as the last fetch brought them; 0: nothing was fetched yet.
    messages_each: usize,
    /// Items that are to be fetched once though their target may have no modem.
    to_look_at: u64,
    /// Its SIM was away when that was looked at last.
    away: bool,
    /// And the time before.
    is_long_away: bool,
    /// No fetch before.
    rest_until: Option<Instant>,
    /// Fetches one after another that brought too little.
    misses: u32,
    /// When the time of an item may be over that nobody fetches meanwhile, for its target has no modem.
    ends_at: Option<Timestamp>,
}

impl Lane {
    /// So many items are being stored.
    pub(crate) fn arriving(&mut self, count: u64) {
        self.arriving += count;
    }

    /// The items are stored, and the time of the first is over then; or they could not be stored.
    pub(crate) fn has_arrived(&mut self, count: u64, end: Option<Timestamp>, stored: bool) {
        self.arriving = self.arriving.saturating_sub(count);
        if stored {
            self.arrived(count, end);
        }
    }

    /// Items were stored; the time of the first is over then.
    fn arrived(&mut self, count: u64, end: Option<Timestamp>) {
        self.ends_at = self.ends_at.into_iter().chain(end).min();
        self.waiting += count;
        self.uncounted += count;
        self.rest_until = None;
        self.misses = 0;
    }

    /// What is in the stream is going to be counted.
    pub(crate) fn count_begins(&mut self) {
        self.uncounted = 0;
    }

    /// The stream has so many, those at hand included.
    pub(crate) fn resync(&mut self, stored: u64) {
        let asked = self.asked.unwrap_or(0) as u64;
        // Rather one too many, which the next count puts right soon, than one that nobody fetches for a minute.
        let waiting = stored.saturating_sub(self.at_hand).saturating_sub(asked);
        self.waiting = waiting.max(self.uncounted);
        self.to_look_at = self.to_look_at.min(self.waiting + self.arriving + asked);
    }

    /// How many to fetch now, so that `ahead` messages with a modem are at hand when `ready` are already.
    pub(crate) fn fetch(&mut self, ready: usize, ahead: usize, now: Instant) -> Option<usize> {
        let resting = self.rest_until.is_some_and(|until| until > now);
        if self.asked.is_some() || resting || self.waiting == 0 || ready >= ahead {
            return None;
        }
        let waiting = usize::try_from(self.waiting).unwrap_or(usize::MAX);
        // Where batches wait, the next item is likely to be one, too: dozens of them would fill the memory.
        let missing = (ahead - ready).div_ceil(self.messages_each.max(1));
        let count = missing.min(waiting).min(FETCH_AT_MOST);
        self.waiting -= count as u64;
        self.asked = Some(count);
        Some(count)
    }

    /// The fetch brought so many. Whether the stream should be looked at, for it may have items that the
    /// broker never delivers: acknowledged ones that came back when it was killed.
    pub(crate) fn fetched(&mut self, count: usize, now: Instant) -> bool {
        let asked = self.asked.take().unwrap_or(0);
        self.to_look_at = self.to_look_at.saturating_sub(count as u64);
        self.at_hand += count as u64;
        if count < asked {
            // They may be there nevertheless: given back for a while, or not yet seen by the consumer.
            self.waiting += (asked - count) as u64;
            let rest = FIRST_REST.saturating_mul(4_u32.saturating_pow(self.misses));
            self.rest_until = Some(now + rest.min(LAST_REST));
            self.misses += 1;
            self.misses.is_multiple_of(MISSES)
        } else {
            self.rest_until = None;
            self.misses = 0;
            false
        }
    }

    /// The items that were fetched have so many messages together.
    pub(crate) fn has_messages(&mut self, messages: usize, items: usize) {
        if items > 0 {
            self.messages_each = messages.div_ceil(items);
        }
    }

    /// So many items were taken out of the stream that were not at hand.
    pub(crate) fn swept(&mut self, count: u64) {
        self.waiting = self.waiting.saturating_sub(count);
    }

    /// When its rest ends, if it has one and something is there to fetch.
    pub(crate) fn rests_until(&self) -> Option<Instant> {
        self.rest_until.filter(|_| self.waiting > 0)
    }

    /// When an item that is not at hand may be over; none: nothing is known of it.
    pub(crate) fn ends_at(&self) -> Option<Timestamp> {
        self.ends_at
    }

    /// The time of the foremost item ends then.
    pub(crate) fn set_ends_at(&mut self, end: Option<Timestamp>) {
        self.ends_at = end;
    }

    /// Every item in the stream is to be fetched once, for some of them have come to their end.
    pub(crate) fn look_through(&mut self) {
        self.to_look_at = self.waiting + self.arriving + self.asked.unwrap_or(0) as u64;
    }

    /// The first items are to be fetched once, to see whether another way is open for them.
    pub(crate) fn look_at_first(&mut self) {
        self.to_look_at = self.to_look_at.max(self.waiting.min(FETCH_AT_MOST as u64));
    }

    /// Notes whether its SIM is away, and says whether that was so before, too.
    pub(crate) fn is_still_away(&mut self, away: bool) -> bool {
        self.is_long_away = std::mem::replace(&mut self.away, away) && away;
        self.is_long_away
    }

    /// Its SIM was away when that was looked at last, and the time before.
    pub(crate) fn is_long_away(&self) -> bool {
        self.is_long_away
    }

    /// Some items are still to be fetched once.
    pub(crate) fn is_looked_through(&self) -> bool {
        self.to_look_at > 0
    }

    /// Nothing of it is at hand or asked for.
    pub(crate) fn is_untouched(&self) -> bool {
        self.at_hand == 0 && self.asked.is_none()
    }

    /// An item at hand is gone from the stream.
    pub(crate) fn done(&mut self) {
        self.at_hand = self.at_hand.saturating_sub(1);
    }

    /// An item at hand went back to the stream.
    pub(crate) fn given_back(&mut self) {
        self.done();
        self.waiting += 1;
    }

    /// Something is in the stream that is not at hand.
    pub(crate) fn has_backlog(&self) -> bool {
        self.waiting > 0
    }

    /// Nothing is known of it any more.
    pub(crate) fn is_idle(&self) -> bool {
        self.waiting == 0 && self.arriving == 0 && self.is_untouched()
    }
}

#[cfg(test)]
mod tests {
    use contracts::SimId;

    use super::*;

    #[test]
    fn it_fetches_what_is_there_and_no_more_than_is_soon_used() {
        let now = Instant::now();
        let mut lane = Lane::default();
        assert_eq!(lane.fetch(0, 4, now), None);
        lane.arrived(1, None);
        assert_eq!(lane.fetch(0, 4, now), Some(1));
        assert_eq!(lane.fetch(0, 4, now), None, "one fetch at a time");
        for _ in 0..9 {
            lane.arrived(1, None);
        }
        lane.fetched(1, now);
        assert_eq!(lane.fetch(1, 4, now), Some(3));
        lane.fetched(3, now);
        assert_eq!(lane.fetch(4, 4, now), None);
        for _ in 0..4 {
            lane.done();
        }
        assert!(lane.has_backlog() && !lane.is_idle());
        lane.count_begins();
        lane.resync(0);
        assert!(lane.is_idle());
        // Stored after the stream was counted, and heard of before the count was.
        lane.count_begins();
        lane.arrived(1, None);
        lane.resync(0);
        assert_eq!(lane.fetch(0, 4, now), Some(1));
    }

    #[test]
    fn a_lane_is_found_by_the_name_of_its_consumer() {
        let pool = Target::Pool("a-pool-otp-1".parse().unwrap());
        for target in [pool, Target::Sim(SimId::derived("1"))] {
            let account = UserId::derived("1");
            let lane = LaneKey { account, priority: Priority::Otp, target };
            assert_eq!(LaneKey::of_durable(&lane.durable().name()), Some(lane));
        }
        assert_eq!(LaneKey::of_durable("somebody-else-here"), None);
    }

    #[test]
    fn of_batches_as_many_are_fetched_as_messages_are_wanted() {
        let now = Instant::now();
        let mut lane = Lane::default();
        lane.resync(500);
        assert_eq!(lane.fetch(0, 40, now), Some(40));
        lane.fetched(40, now);
        lane.has_messages(40_000, 40);
        assert_eq!(lane.fetch(39, 40, now), Some(1));
        lane.fetched(1, now);
        lane.has_messages(1, 1);
        assert_eq!(lane.fetch(0, 40, now), Some(40), "batches are no more");
    }

    #[test]
    fn what_a_fetch_missed_is_still_to_be_looked_at() {
        let now = Instant::now();
        let mut lane = Lane::default();
        lane.arrived(3, None);
        lane.look_through();
        assert_eq!(lane.fetch(0, 64, now), Some(3));
        // The broker's consumer has seen one of them so far.
        lane.fetched(1, now);
        lane.given_back();
        assert!(lane.is_looked_through());
        let now = lane.rests_until().unwrap();
        assert_eq!(lane.fetch(0, 64, now), Some(3));
        lane.fetched(2, now);
        assert!(!lane.is_looked_through());
        // Somebody else took them meanwhile, which is seen when they are counted.
        lane.look_through();
        lane.count_begins();
        lane.resync(0);
        assert!(!lane.is_looked_through());
    }

    #[test]
    fn the_first_end_counts() {
        let mut lane = Lane::default();
        let at = |seconds: i64| Some(Timestamp::from_micros(seconds * 1_000_000));
        for end in [at(20), at(10), None, at(30)] {
            lane.arrived(1, end);
        }
        assert_eq!(lane.ends_at(), at(10));
    }

    #[test]
    fn after_an_empty_fetch_it_rests() {
        let now = Instant::now();
        let mut lane = Lane::default();
        lane.resync(5);
        assert_eq!(lane.fetch(0, 8, now), Some(5));
        lane.fetched(2, now);
        assert_eq!(lane.fetch(2, 8, now), None);
        assert_eq!(lane.rests_until(), Some(now + FIRST_REST));
        for (rest, look) in [(4, false), (16, false), (64, true), (100, false), (100, false)] {
            let now = lane.rests_until().unwrap();
            assert_eq!(lane.fetch(2, 8, now), Some(3));
            assert_eq!(lane.fetched(0, now), look, "{rest}");
            assert_eq!(lane.rests_until(), Some(now + FIRST_REST * rest));
        }
        lane.arrived(1, None);
        assert_eq!(lane.fetch(2, 8, now), Some(4));
        lane.fetched(4, now);
        assert_eq!(lane.rests_until(), None);
        lane.done();
        lane.given_back();
        assert_eq!(lane.fetch(4, 8, now), Some(1));
        lane.resync(6);
        lane.fetched(1, now);
        assert_eq!(lane.fetch(5, 8, now), Some(1), "the sixth");
    }
}
