//! What is asked of the broker, and what is given to the modems: places in turn, more items, and what has lost its leave or
//! its time.

use contracts::mt::MtItem;
use contracts::subject::Target;
use contracts::{Priority, Timestamp};
use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::Release;
use super::verdict::Verdict;
use crate::errand::{dispatch, fetch, foremost, give_back};
use crate::hand::{From, Turn, turns};
use crate::heard::Admitted;
use crate::lane::{FETCH_AT_MOST, Lane, LaneKey};
use crate::lane_table::LaneTable;
use crate::room::Room;
use crate::settings::Settings;

impl Release {
    /// Gives free places to the accounts in turn.
    pub(super) fn release(&mut self, priority: Priority) {
        let Some(turns) = self.turns.get(&priority) else { return };
        let now = self.clock.now();
        let targets: Vec<Target> = turns
            .targets()
            .filter(|target| self.room.is_online(target, priority))
            .cloned()
            .collect();
        for target in targets {
            let mut free = self.room.free(&target, priority, now);
            while free > 0 {
                let Some((account, turn)) = self.next_turn(priority, &target, now) else { break };
                // Less of it is at hand now.
                self.lanes.touch(&LaneKey { account, priority, target: target.clone() });
                match self.verdict(&turn.item, now) {
                    Verdict::Go => {
                        free -= 1;
                        self.give_to_modems(turn, now);
                    }
                    // What does not go takes no place.
                    verdict => self.turn_away(turn, verdict, now),
                }
            }
        }
    }

    /// Has a message stored in `SMS_DISPATCH`.
    fn give_to_modems(&mut self, turn: Turn, now: Timestamp) {
        let lane = LaneKey::of(&turn.item);
        let (message, round) = (turn.item.id, turn.item.request.round);
        self.take_quota(&turn.item);
        self.recent.insert(message, round, Instant::now());
        self.releasing.insert(message);
        self.room.released(message, lane.target.clone(), lane.priority);
        self.beside.push(dispatch(self.bus.clone(), lane, turn, now).boxed());
    }

    /// Releases what was just admitted at once when nobody waits before it and the modems have room for all of it, and has
    /// it stored in `SMS_WAIT` otherwise.
    pub(super) fn admit(&mut self, admitted: Admitted) {
        let now = self.clock.now();
        let Some(lane) = admitted.items.first().map(LaneKey::of) else { return };
        let Some(admitted) = self.within_limits(&lane, admitted, now) else { return };
        let waits = self.turns.get(&lane.priority);
        let is_first = self.lanes.get(&lane).is_none_or(Lane::is_idle)
            && waits.is_none_or(|turns| turns.targets().all(|target| *target != lane.target));
        let free = self.room.free(&lane.target, lane.priority, now);
        let goes = self.is_certain()
            && is_first
            && matches!(&admitted.items[..], [item] if self.fits_at_once(item, free, now));
        if !goes {
            self.gather(lane, admitted);
            return;
        }
        let Admitted { items, receipt, span, .. } = admitted;
        let Some(item) = items.into_iter().next() else { return };
        // Its place is the first, for it has not been at hand before.
        for turn in turns(&self.bus, From::Request, span, &item, receipt, None).unwrap_or_default()
        {
            self.give_to_modems(turn, now);
        }
    }

    /// Whether all messages of an item may go now and find room.
    fn fits_at_once(&self, item: &MtItem, free: u32, now: Timestamp) -> bool {
        usize::try_from(free).is_ok_and(|free| item.len() <= free)
            && item.messages().all(|item| self.verdict(&item, now) == Verdict::Go)
    }

    /// Asks for more items of a lane that has some, when a modem could soon send them or they have to be refused.
    pub(super) fn fetch(&mut self, key: &LaneKey, now: Instant) {
        let turns = self.turns.get(&key.priority);
        let ready = turns.map_or(0, |turns| turns.count(&key.target, key.account));
        let known = (self.is_certain(), self.is_open(key));
        if let Some(count) =
            count(key, ready, known, &mut self.lanes, &self.room, &self.settings, now)
        {
            self.beside.push(fetch(self.bus.clone(), key.clone(), count).boxed());
        }
    }

    /// What is at hand and may not go out any more is told so, and does not wait for room.
    pub(super) fn refuse_at_hand(&mut self) {
        if !self.is_certain() {
            return;
        }
        let (settings, now) = (&self.settings, self.clock.now());
        let refused: Vec<_> = self
            .turns
            .values_mut()
            .flat_map(|turns| turns.take_if(|account, target| settings.refuses(account, target)))
            .collect();
        for turn in refused {
            // Given back if the settings were changed back in this moment.
            let verdict = self.verdict(&turn.item, now);
            self.turn_away(turn, verdict, now);
        }
    }

    /// What is at hand for a target whose last modem went away waits in the stream again.
    pub(super) fn give_back_for_offline(&mut self) {
        for (priority, turns) in &mut self.turns {
            let offline = turns.targets().filter(|target| !self.room.is_online(target, *priority));
            for target in offline.cloned().collect::<Vec<_>>() {
                for turn in turns.take(&target) {
                    let lane = LaneKey::of(&turn.item);
                    debug_assert_eq!((lane.priority, &lane.target), (*priority, &target));
                    self.beside.push(give_back(lane, turn, None).boxed());
                }
            }
        }
    }

    /// Looks at a lane of which nothing goes out, and an item may be over.
    pub(super) fn watch_end(&mut self, key: &LaneKey) {
        let now = self.clock.now();
        if self.is_open(key) {
            return;
        }
        let Some(lane) = self.lanes.looked_at(key) else { return };
        if lane.has_backlog() && lane.ends_at().is_some_and(|end| end <= now) {
            // Until the look is over.
            lane.set_ends_at(None);
            self.beside.push(foremost(self.bus.clone(), key.clone()).boxed());
        }
    }
}

/// How many more items of a lane are fetched now, of which `ready` messages are at hand; none: no more are. What is looked
/// at though the lane `is_open` to nothing is fetched only while it is `certain` what was released.
pub(crate) fn count(
    key: &LaneKey,
    ready: usize,
    (certain, is_open): (bool, bool),
    lanes: &mut LaneTable,
    room: &Room,
    settings: &Settings,
    now: Instant,
) -> Option<usize> {
    let sharing = lanes.sharing(key.priority, &key.target).max(1);
    let lane = lanes.looked_at(key).filter(|lane| lane.has_backlog())?;
    let looks = certain && lane.is_looked_through() && !is_open;
    let mut count = None;
    if looks || settings.refuses(key.account, &key.target) {
        count = lane.fetch(0, FETCH_AT_MOST, now);
    }
    if count.is_none() && is_open {
        // As much as all modems of a target should have is at hand, shared by the accounts that have something,
        // so that a place that becomes free is filled at once.
        let wanted = usize::try_from(room.wanted(&key.target, key.priority)).unwrap_or(usize::MAX);
        let share = wanted.div_ceil(sharing);
        // An account of a larger weight has all turns of its round at hand.
        let turns = usize::try_from(settings.turns_of(key.account)).unwrap_or(1);
        let ahead = if sharing > 1 { share.max(turns) } else { share };
        count = lane.fetch(ready, ahead, now);
    }
    count
}
