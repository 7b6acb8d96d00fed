//! What the errands beside the loop come back with.

use std::collections::HashMap;

use bus::Delivery;
use contracts::mt::MtItem;
use contracts::{MessageId, Priority, Timestamp};
use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::verdict::Verdict;
use super::{AFTER_FAILURE, Release};
use crate::errand::{Arrived, Done, End, acknowledge, fetch, look, remove_consumer, sweep};
use crate::hand::{Came, From, Gone, Turn, turns};
use crate::lane::{FETCH_AT_MOST, Lane, LaneKey};

impl Release {
    pub(super) fn done(&mut self, done: Done) {
        match done {
            Done::Fetched { lane, items } => self.fetched(&lane, items),
            Done::Ended { lane, message, round, end, gone } => {
                self.ended(lane, message, round, end, gone);
            }
            Done::Waits { lanes, stored } => {
                for (lane, Arrived { count, end }) in lanes {
                    self.lanes.entry(lane).or_default().has_arrived(count, end, stored);
                }
            }
            Done::Recalled(releases) => {
                self.recalling = false;
                match releases {
                    Some(releases) => {
                        let now = Instant::now();
                        for known in releases {
                            self.recent.insert(known.message, known.round, now);
                        }
                        self.refuse_at_hand();
                        self.lanes.touch_all();
                    }
                    None => self.in_doubt = true,
                }
            }
            Done::Foremost { lane, end } => self.foremost(lane, end),
            Done::Seen { lane, items } => {
                // Released and stored: whatever still stands there of it is only litter.
                let litter: Vec<(u64, MtItem)> = items
                    .into_iter()
                    .filter(|(_, item)| {
                        item.messages().all(|item| {
                            self.recent.contains(item.id, item.request.round)
                                && !self.releasing.contains(&item.id)
                        })
                    })
                    .collect();
                if !litter.is_empty() {
                    self.beside
                        .push(sweep(self.bus.clone(), lane, litter, self.clock.now()).boxed());
                }
            }
            Done::Consumers(lanes) => {
                for lane in lanes {
                    self.strangers.stands(lane);
                }
                // The count tells in which of them nothing waits.
                self.counted_at = None;
            }
            Done::Removed | Done::Returned => {}
            Done::Allotted(quota, allotment) => self.allotted(&quota, allotment),
            Done::Stranded { sim, items } => self.found_stranded(sim, items),
            Done::HandedOver { item, left } => {
                if left {
                    self.ways.not_taken(&item);
                    self.room.ended(item.id);
                }
            }
            Done::Swept { lane, count } => self.lanes.entry(lane).or_default().swept(count),
            Done::Counted(counts) => {
                self.counting = false;
                let Some(counts) = counts else { return };
                self.counted_at = Some(Instant::now());
                self.room.counted(&counts.dispatched);
                self.note_stranded(&counts.dispatched);
                self.forget_strangers(&counts.waiting);
                for priority in Priority::ALL {
                    let of_it = counts.waiting.iter().filter(|(key, _)| key.priority == priority);
                    let waiting: u64 = of_it.map(|(_, count)| *count).sum();
                    // A gauge is a float; beyond 2^53 messages it may be off by one.
                    #[expect(clippy::cast_precision_loss, reason = "nobody has so many")]
                    metrics::gauge!("merpati_router_waiting", "priority" => priority.as_str())
                        .set(waiting as f64);
                }
                for (key, lane) in self.lanes.iter_mut() {
                    lane.resync(counts.waiting.get(key).copied().unwrap_or(0));
                }
                for (key, stored) in counts.waiting {
                    let lane = self.lanes.entry(key).or_insert_with(|| {
                        let mut lane = Lane::default();
                        lane.resync(stored);
                        lane
                    });
                    if lane.ends_at().is_none() {
                        lane.set_ends_at(Some(self.clock.now()));
                    }
                }
            }
        }
    }

    /// Removes the consumers of lanes that nobody knows and in which nothing waits.
    pub(super) fn forget_strangers(&mut self, waiting: &HashMap<LaneKey, u64>) {
        let waits = |lane: &LaneKey| waiting.contains_key(lane) || self.lanes.contains_key(lane);
        for lane in self.strangers.forget_idle(waits) {
            self.beside.push(remove_consumer(self.bus.clone(), lane).boxed());
        }
    }

    pub(super) fn ended(
        &mut self,
        key: LaneKey,
        message: MessageId,
        round: u32,
        end: End,
        gone: Gone,
    ) {
        if !matches!(end, End::Again | End::GivenBack) {
            self.releasing.remove(&message);
        }
        let is_open = self.is_open(&key);
        let lane = match gone {
            Gone::No => self.lanes.get_mut(&key),
            Gone::Acknowledged | Gone::Back => {
                let lane = self.lanes.entry(key).or_default();
                if gone == Gone::Back {
                    lane.given_back();
                } else {
                    lane.done();
                }
                Some(lane)
            }
        };
        match end {
            End::Dispatched | End::Untold | End::Unanswered => self.quotas.settled(message, true),
            End::Failed => self.quotas.settled(message, false),
            End::Over | End::Again | End::GivenBack => {}
        }
        match end {
            End::Dispatched | End::Untold => self.room.stored(message),
            End::Over => {
                self.room.ended(message);
                // What stands behind it may have expired, too.
                if let Some(lane) = lane.filter(|lane| !is_open && lane.is_untouched()) {
                    lane.set_ends_at(Some(self.clock.now()));
                }
            }
            End::Again | End::GivenBack => {}
            End::Failed | End::Unanswered => {
                self.room.ended(message);
                self.recent.forget(message, round);
                self.in_doubt |= end == End::Unanswered;
            }
        }
    }

    /// Takes out what is over of a lane whose target has no modem, when its foremost item is.
    pub(super) fn foremost(&mut self, key: LaneKey, end: Option<Timestamp>) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        let now = self.clock.now();
        lane.set_ends_at(end.map(|end| end.max(now.plus(AFTER_FAILURE))));
        if end.is_some_and(|end| end <= now)
            && let Some(count) = lane.fetch(0, FETCH_AT_MOST, Instant::now())
        {
            self.beside.push(fetch(self.bus.clone(), key, count).boxed());
        }
    }

    /// Sorts fetched items by their targets.
    pub(super) fn fetched(&mut self, key: &LaneKey, items: Vec<(Delivery<MtItem>, Option<Came>)>) {
        let (now, at) = (Instant::now(), self.clock.now());
        let messages = items.iter().map(|(delivery, _)| delivery.value.len()).sum();
        let lane = self.lanes.entry(key.clone()).or_default();
        lane.has_messages(messages, items.len());
        if lane.fetched(items.len(), now) {
            self.beside.push(look(self.bus.clone(), key.clone()).boxed());
        }
        for (delivery, came) in items {
            let span = delivery.span("release");
            let (item, receipt) = delivery.into_parts();
            match turns(&self.bus, From::Wait, span, &item, receipt, came.as_ref()) {
                Ok(turns) => turns.into_iter().for_each(|turn| self.sort(turn, at)),
                Err(receipt) => {
                    self.beside.push(acknowledge(key.clone(), item, receipt).boxed());
                }
            }
        }
    }

    /// What waits at hand for its turn does so; the rest is turned away.
    pub(super) fn sort(&mut self, turn: Turn, now: Timestamp) {
        match self.verdict(&turn.item, now) {
            Verdict::Go => self.take_turn(turn),
            Verdict::Hold if self.is_open_to(&turn.item) => self.take_turn(turn),
            verdict => self.turn_away(turn, verdict, now),
        }
    }
}
