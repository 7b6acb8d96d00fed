//! What waits for a SIM that went away, and that nobody named: when another way is open, it takes that.
//!
//! A rule or a pool's strategy chose the SIM when the message was admitted. While the SIM is away for longer than a moment, the
//! first items of its lanes are looked at now and then (one that has reached a limit is as good as away); when another way is open for one of them, so are the others. Such an item
//! is held for no time, so that it is requested again and its way is chosen anew. An item that names the SIM waits for it.

use contracts::Timestamp;
use contracts::mt::{MtItem, MtRequest};
use contracts::subject::Target;
use tokio::time::Instant;

use super::Release;
use crate::lane::{Lane, LaneKey};
use crate::lane_table::LaneTable;
use crate::room::Room;
use crate::settings::Settings;
use crate::ways::Ways;

impl Release {
    /// Looks, now and then, for lanes whose SIM is still away.
    pub(super) fn look_for_strays(&mut self, now: Instant) {
        if self.strays_at > now || !self.is_certain() {
            return;
        }
        self.strays_at = now + self.grace;
        let room = &self.room;
        let may_stray = room.is_anybody_online();
        self.some_away = false;
        for (key, lane) in self.lanes.iter_mut() {
            let is_away =
                matches!(key.target, Target::Sim(_)) && !room.is_online(&key.target, key.priority);
            self.some_away |= is_away;
            if lane.is_still_away(is_away) && may_stray {
                lane.look_at_first();
            }
        }
    }

    /// Whether an item is to take another way: its account may use the SIM that was chosen for it no longer, or no pool, or the SIM is
    /// away and another way is open. One that names its SIM keeps it, or is refused.
    pub(super) fn is_astray(&self, item: &MtItem, now: Timestamp) -> bool {
        is_astray(item, &self.lanes, &self.room, &self.settings, &self.ways, now)
    }

    /// Whether another way than its own is open for an item. One that names its SIM has none.
    pub(super) fn has_other_way(&self, item: &MtItem, now: Timestamp) -> bool {
        has_other_way(item, &self.room, &self.settings, &self.ways, now)
    }

    /// What waits behind an item that takes another way may take one, too.
    pub(super) fn strays(&mut self, key: &LaneKey) {
        if !self.room.is_online(&key.target, key.priority)
            && let Some(lane) = self.lanes.get_mut(key)
        {
            lane.look_through();
        }
    }
}

/// [`Release::is_astray`], by what is known of lanes, modems and settings.
pub(crate) fn is_astray(
    item: &MtItem,
    lanes: &LaneTable,
    room: &Room,
    settings: &Settings,
    ways: &Ways,
    now: Timestamp,
) -> bool {
    let MtRequest { org, owner, sim: None, .. } = item.request else { return false };
    let chosen = match item.target {
        Target::Sim(chosen) => chosen,
        Target::Pool(_) => return settings.keeps_to_team(owner),
    };
    if !settings.may_use(org, owner, chosen) {
        return true;
    }
    // What is fetched while its SIM is away for a moment waits for it, however it came to be fetched.
    let is_long_away = lanes.get(&LaneKey::of(item)).is_some_and(Lane::is_long_away);
    is_long_away
        && !room.is_online(&item.target, item.priority)
        && has_other_way(item, room, settings, ways, now)
}

/// [`Release::has_other_way`], by what is known of modems and settings.
fn has_other_way(
    item: &MtItem,
    room: &Room,
    settings: &Settings,
    ways: &Ways,
    now: Timestamp,
) -> bool {
    let is_open = |other: Target| other != item.target && room.is_online(&other, item.priority);
    ways.would(settings, &item.request, item.priority, now).is_some_and(is_open)
}
