//! What drivers and modems do.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use contracts::Priority;
use contracts::modem::ModemStatus;
use contracts::mt::{Keeper, MtChange, MtEvent, MtItem, SendError, SentPart, Through};
use contracts::subject::Target;
use rand::RngExt as _;

use super::{Event, World};
use crate::hold;
use crate::simulation::fleet::Busy;
use crate::simulation::witness::LONGEST_PART;

/// Of a hundred tries so many fail.
const FAIL: f64 = 0.02;
/// How the numbers end that the network never sends anything to.
const DEAD: &str = "77";
/// Tries that the broker keeps a message for, and tries in all.
const TRIES: (u32, u32) = (3, 6);

impl World {
    pub(super) fn of_host(&self, host: usize) -> Vec<usize> {
        (0..self.sims.len()).filter(|place| self.sims[*place].host == host).collect()
    }

    /// Tells routers how a modem is, if it is otherwise than before.
    pub(super) fn tell_state(&mut self, place: usize) {
        let now = self.now;
        let sim = &mut self.sims[place];
        let (was_able, was_open) = (sim.takes(Priority::Otp), sim.takes(Priority::Bulk));
        let closed = sim.closed(now);
        if closed.is_some() && sim.state.closed.is_none() {
            self.witness.closings += 1;
        }
        sim.state.closed = closed;
        if sim.takes(Priority::Bulk) && !was_open {
            sim.targets().for_each(|target| self.witness.opened(target));
        }
        self.able(place, was_able);
        let sim = &self.sims[place];
        if sim.is_present() && self.queues.modem(sim.state.clone()) {
            self.unseen = true;
        }
        if !self.goes_on() && self.witness.open() == 0 {
            return;
        }
        let wakes = self.sims[place].changes_at(now);
        if let Some(at) = wakes.filter(|_| wakes != self.sims[place].wakes) {
            self.sims[place].wakes = wakes;
            self.at(at, Event::Wake(place));
        }
    }

    pub(super) fn able(&mut self, place: usize, was_able: bool) {
        let sim = &self.sims[place];
        let is_able = sim.takes(Priority::Otp);
        if is_able != was_able {
            for target in sim.targets() {
                self.witness.able(target, is_able, self.now);
            }
        }
    }

    /// A SIM goes away, and its driver says so. What it was sending is as uncertain as after a crash.
    pub(super) fn goes_away(&mut self, place: usize) {
        let was_able = self.sims[place].takes(Priority::Otp);
        self.sims[place].away += 1;
        self.able(place, was_able);
        self.drop_busy(place);
        let state = &mut self.sims[place].state;
        state.status = ModemStatus::Offline;
        let state = state.clone();
        // Its host may be away.
        if self.sims[place].away == 1 && self.queues.modem(state) {
            self.unseen = true;
        }
    }

    /// A host goes away without a word.
    pub(super) fn goes_away_with_host(&mut self, place: usize, killed: bool) {
        let was_able = self.sims[place].takes(Priority::Otp);
        self.sims[place].away += 1;
        self.able(place, was_able);
        self.drop_busy(place);
        self.sims[place].start_again(killed);
    }

    pub(super) fn comes_back(&mut self, place: usize) {
        self.sims[place].away -= 1;
        if !self.sims[place].is_present() {
            return;
        }
        self.sims[place].state.status = ModemStatus::Ready;
        self.sims[place].targets().for_each(|target| self.witness.opened(target));
        if self.sims[place].takes(Priority::Otp) {
            for target in self.sims[place].targets().collect::<Vec<_>>() {
                self.witness.able(target, true, self.now);
            }
        }
        self.tell_state(place);
        self.pull(place);
    }

    pub(super) fn drop_busy(&mut self, place: usize) {
        let Some(Busy { item, given, .. }) = self.sims[place].busy.take() else { return };
        let error = error("port-lost");
        let change = MtChange::Uncertain { error, through: self.through(place), part: given };
        self.tell(&item, change);
    }

    pub(super) fn through(&self, place: usize) -> Through {
        Through { modem: self.sims[place].state.id, sim: self.sims[place].id }
    }

    /// A driver tells what became of an item.
    pub(super) fn tell(&mut self, item: &MtItem, change: MtChange) {
        let event = MtEvent::of(item.id, &item.request, self.now, change);
        let event = event.of_priority(item.priority);
        self.queues.happened(&event);
        match &event.change {
            MtChange::Sending { .. } => {}
            MtChange::Deferred { .. } => {
                // What the broker does not keep, the router holds.
                if let Some(change) = hold::next(&event) {
                    self.told(&item.request, MtEvent { change, ..event });
                }
            }
            _ => self.told(&item.request, event),
        }
    }

    /// An item is stored in `SMS_DISPATCH`, and a modem that is free takes it.
    pub(super) fn offer(&mut self, item: MtItem) {
        let (target, priority) = (item.target.clone(), item.priority);
        let free = self.free(&target, priority);
        self.dispatched.entry((target, priority)).or_default().push_back(item);
        if let Some(place) = free {
            self.pull(place);
        }
    }

    /// A modem that is free for a target: any.
    pub(super) fn free(&mut self, target: &Target, priority: Priority) -> Option<usize> {
        let places = self.of_target.get(target)?;
        let begin = self.random.random_range(0..places.len());
        let mut turned = places.iter().skip(begin).chain(places.iter().take(begin)).copied();
        turned.find(|place| {
            let sim = &self.sims[*place];
            sim.busy.is_none() && sim.takes(priority)
        })
    }

    /// A modem takes what it can: passwords first, bulk last, and what is for it alone before what others could send.
    pub(super) fn pull(&mut self, place: usize) {
        'next: while self.sims[place].is_present() && self.sims[place].busy.is_none() {
            for priority in Priority::ALL {
                for target in self.sims[place].targets().collect::<Vec<_>>() {
                    if self.sims[place].takes(priority) && self.take(place, target, priority) {
                        continue 'next;
                    }
                }
            }
            return;
        }
    }

    /// Takes the next item of a queue, and says whether there was one.
    pub(super) fn take(&mut self, place: usize, target: Target, priority: Priority) -> bool {
        let queue = self.dispatched.get_mut(&(target, priority));
        let Some(queue) = queue else { return false };
        let Some(item) = queue.pop_front() else { return false };
        if item.request.not_after.is_some_and(|end| end <= self.now) {
            self.tell(&item, MtChange::Expired {});
            return true;
        }
        if !self.sims[place].may_begin(&item, self.now) {
            let target = item.target.clone();
            queue_front(&mut self.dispatched, item);
            self.tell_state(place);
            // Another of its pool may have room for it.
            if let Some(other) = self.free(&target, priority) {
                self.pull(other);
            }
            return true;
        }
        let is_first = item.request.round == 0 && !self.tries.contains_key(&item.id);
        self.witness.begun(&self.sims[place], &item, is_first, self.now);
        self.step(&format!(
            "SIM {place} begins {} to {}, {} parts",
            item.priority, item.request.to, item.parts
        ));
        self.serial += 1;
        let serial = self.serial;
        self.sims[place].busy = Some(Busy { item, given: 0, serial });
        self.give_part(place);
        true
    }

    /// Gives the next part to the modem.
    pub(super) fn give_part(&mut self, place: usize) {
        let (now, through) = (self.now, self.through(place));
        let sim = &mut self.sims[place];
        let Some(Busy { item, given, serial }) = &mut sim.busy else { return };
        let (parts, first, serial) = (item.parts - *given, *given == 0, *serial);
        *given += 1;
        let (item, part) = (item.clone(), *given);
        let is_dead = item.request.to.as_str().ends_with(DEAD);
        let fails = first && (is_dead || self.random.random_bool(FAIL));
        let tries = self.tries.get(&item.id).copied().unwrap_or(item.request.tries) + 1;
        let counted = (!sim.limits.is_none()).then(|| sim.count(&item.request.to, parts, now));
        if first {
            let sending = MtChange::Sending { through, part, parts, tries };
            let event = MtEvent::of(item.id, &item.request, now, sending);
            self.queues.happened(&event.of_priority(item.priority));
        }
        if fails {
            if let Some(counted) = counted {
                self.sims[place].take_back(&counted);
            }
            self.sims[place].busy = None;
            self.failed(place, item, tries);
            return;
        }
        self.witness.part(&self.sims[place], now);
        self.tell_state(place);
        let seconds = self.random.random_range(3.0..LONGEST_PART);
        self.later(Duration::from_secs(1).mul_f64(seconds), Event::Part(place, serial));
    }

    /// The network did not take a message, which certainly did not go out.
    pub(super) fn failed(&mut self, place: usize, item: MtItem, tries: u32) {
        self.step(&format!("SIM {place}: {} fails, try {tries}", item.request.to));
        let (error, through) = (error("cms-38"), Some(self.through(place)));
        if tries >= TRIES.1 {
            self.tries.remove(&item.id);
            self.tell(&item, MtChange::Failed { error, through, tries });
            return;
        }
        let (wait, kept_by) = if tries < TRIES.0 {
            (Duration::from_secs(20), Keeper::Broker)
        } else {
            (Duration::from_mins(5), Keeper::Router)
        };
        let until = self.now.plus(wait);
        self.tries.insert(item.id, tries);
        self.tell(&item, MtChange::Deferred { error, until, tries, kept_by, through });
        if kept_by == Keeper::Broker {
            self.at(until, Event::Again(Box::new(item)));
        }
    }

    pub(super) fn part_is_done(&mut self, place: usize, serial: u64) {
        let Some(busy) = self.sims[place].busy.as_ref().filter(|busy| busy.serial == serial) else {
            return;
        };
        if busy.given < busy.item.parts {
            self.give_part(place);
            return;
        }
        let through = self.through(place);
        let sim = &mut self.sims[place];
        sim.state.sent_today += 1;
        let Some(Busy { item, given, .. }) = sim.busy.take() else { return };
        let at = self.now;
        let parts = (1..=given).map(|part| SentPart { part, reference: part, at }).collect();
        self.tries.remove(&item.id);
        self.tell(&item, MtChange::Sent { through, parts });
        self.tell_state(place);
        self.settle();
        self.pull(place);
    }
}

/// Gives an item back to where it was.
fn queue_front(dispatched: &mut HashMap<(Target, Priority), VecDeque<MtItem>>, item: MtItem) {
    let queue = dispatched.entry((item.target.clone(), item.priority)).or_default();
    queue.push_front(item);
}

fn error(code: &str) -> SendError {
    SendError { code: code.to_owned(), text: String::new() }
}
