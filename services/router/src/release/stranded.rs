//! What was given to the queue of a SIM that then went away, and that nobody named: when another way is open, it takes that.
//!
//! A modem has a few messages of each priority in its queue, ahead of what waits. When it goes away for long, they would stay until it is
//! back. The router takes one out by an entry of the send journal, made by create: then no driver begins the message in this round, and if
//! one has begun it, in whatever way that ended, the entry is there and the message stays. Nothing is fetched and nothing purged: the
//! items are looked at where they stand, and each is removed by its place once it is told to be held. A router that is killed in between
//! leaves an entry that drivers read as the end of a round; whoever of them looks through the journal next tells that and removes the item.

use std::collections::HashMap;

use contracts::mt::MtItem;
use contracts::subject::Target;
use contracts::{Priority, SimId};
use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::Release;
use crate::errand::stranded::{hand_over, look};

/// Queues that are looked at after one count.
const AT_ONCE: usize = 16;

impl Release {
    /// Notes which SIMs that are away have something in their queues, as it was just counted, and looks at those that are away for long.
    pub(super) fn note_stranded(&mut self, dispatched: &HashMap<(Target, Priority), u32>) {
        let (now, room) = (Instant::now(), &self.room);
        let sims = dispatched.iter().filter(|(_, count)| **count > 0).filter_map(|(of, _)| {
            let (target, priority) = of;
            let Target::Sim(sim) = target else { return None };
            (!room.is_online(target, *priority)).then_some((*sim, *priority))
        });
        let before = std::mem::take(&mut self.stranded);
        self.stranded = sims.map(|of| (of, before.get(&of).copied().unwrap_or(now))).collect();
        if !self.is_certain() || !self.room.is_anybody_online() {
            return;
        }
        // Longer than what waits behind it, which a modem has not been given.
        let away = self.grace + self.grace / 2;
        let is_long = |since: &Instant| now.duration_since(*since) >= away;
        let long = self.stranded.iter_mut().filter(|(_, since)| is_long(since));
        for ((sim, priority), since) in long.take(AT_ONCE) {
            // What stays, because no other way is open or because it names the SIM, is looked at again after as long.
            *since = now;
            self.beside.push(look(self.bus.clone(), *sim, *priority).boxed());
        }
    }

    /// Has those take another way, of what stands in the queue of a SIM that is away, that have one.
    pub(super) fn found_stranded(&mut self, sim: SimId, items: Vec<(u64, MtItem)>) {
        let now = self.clock.now();
        for (place, item) in items {
            let is_here = item.target == Target::Sim(sim);
            let is_away = !self.room.is_online(&item.target, item.priority);
            let is_over = item.request.not_after.is_some_and(|end| end <= now);
            if is_here && is_away && !is_over && self.has_other_way(&item, now) {
                self.beside.push(hand_over(self.bus.clone(), item, sim, place, now).boxed());
            }
        }
    }
}
