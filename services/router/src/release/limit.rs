//! What accounts with limits may send: whose turn it is among those that may, and what becomes of the rest.

use std::sync::Arc;

use contracts::limits::{AccountCounter, Closed, Usage};
use contracts::mt::{Gate, MtItem};
use contracts::subject::Target;
use contracts::{Priority, Timestamp, UserId};
use futures_util::FutureExt as _;
use tokio::time::Instant;

use super::Release;
use crate::errand::{Done, give_back, hold};
use crate::hand::{From, Turn, turns};
use crate::heard::Admitted;
use crate::lane::LaneKey;
use crate::quotas::{Allotment, Quota, Standing, allot, return_block};

impl Release {
    /// Whether something of a lane may go out: a modem of its target is online, and its account has reached no limit.
    pub(super) fn is_open(&self, key: &LaneKey) -> bool {
        self.room.is_online(&key.target, key.priority)
            && self.opens_at(key.account, key.priority).is_none()
    }

    /// Whether the lane of an item is open.
    pub(super) fn is_open_to(&self, item: &MtItem) -> bool {
        self.room.is_online(&item.target, item.priority)
            && self.opens_at(item.request.owner, item.priority).is_none()
    }

    /// When an account may send again that has reached a limit.
    pub(super) fn opens_at(&self, account: UserId, priority: Priority) -> Option<Timestamp> {
        let quota = self.settings.quota(account, priority)?;
        self.quotas.opens_at(&quota, self.clock.now())
    }

    /// The limits by which an item counts. What was given to modems before was counted then.
    fn quota_of(&self, item: &MtItem) -> Option<Arc<Quota>> {
        if item.request.is_counted() {
            return None;
        }
        self.settings.quota(item.request.owner, item.priority)
    }

    /// The next message for a target whose account may send it. Of an account that has to ask for that first, nothing goes yet,
    /// and it keeps its turn.
    pub(super) fn next_turn(
        &mut self,
        priority: Priority,
        target: &Target,
        now: Timestamp,
    ) -> Option<(UserId, Turn)> {
        let Self { turns, quotas, settings, .. } = self;
        let may_go = |account: UserId, turn: &Turn| {
            let quota = settings.quota(account, priority);
            quota
                .filter(|_| !turn.item.request.is_counted())
                .is_none_or(|quota| quotas.standing(&quota, turn.item.parts, now) == Standing::Open)
        };
        let weight = |account| settings.turns_of(account);
        turns.get_mut(&priority)?.next(target, weight, may_go)
    }

    /// Takes what a message that is released counts for.
    pub(super) fn take_quota(&mut self, item: &MtItem) {
        if let Some(quota) = self.quota_of(item) {
            self.quotas.take(&quota, item.id, item.parts);
        }
    }

    /// Returns what was just admitted if the limits of its account keep nothing of it. What they keep is held until the limit opens,
    /// each message for itself. Batches wait in their lanes, which are closed until then, and so does what may go but has to count
    /// one message after another, and what was delivered before: it may stand in its lane already.
    pub(super) fn within_limits(
        &mut self,
        lane: &LaneKey,
        admitted: Admitted,
        now: Timestamp,
    ) -> Option<Admitted> {
        let [first, rest @ ..] = &admitted.items[..] else { return Some(admitted) };
        let Some(quota) = self.quota_of(first) else { return Some(admitted) };
        // What goes several ways has one acknowledgement for all of them.
        let may_be_held = rest.is_empty() && first.request.batch.is_none();
        let is_alone = may_be_held && first.others.is_empty();
        match self.quotas.standing(&quota, first.parts, now) {
            Standing::Open if is_alone => return Some(admitted),
            Standing::Closed(closed)
                if may_be_held && !admitted.again && self.is_neither_gone_nor_taken_back(first) =>
            {
                self.hold(lane, admitted, &quota, &closed, now);
            }
            Standing::Asking if may_be_held => self.quotas.park(quota.counter, admitted),
            _ => self.gather(lane.clone(), admitted),
        }
        None
    }

    /// Whether it is certain that no message of an item was released or taken back, so that they may be told to be held.
    fn is_neither_gone_nor_taken_back(&self, item: &MtItem) -> bool {
        let round = item.request.round;
        let others = item.others.iter().map(|other| other.id);
        self.is_certain()
            && std::iter::once(item.id).chain(others).all(|id| {
                !self.recent.contains(id, round)
                    && !self.releasing.contains(&id)
                    && !self.cancelled.contains(id)
            })
    }

    /// Tells of each message that it is held, and until when.
    fn hold(
        &mut self,
        lane: &LaneKey,
        admitted: Admitted,
        quota: &Quota,
        closed: &Closed,
        now: Timestamp,
    ) {
        let Admitted { items, receipt, span, .. } = admitted;
        let Some(item) = items.into_iter().next() else { return };
        for turn in turns(&self.bus, From::Request, span, &item, receipt, None).unwrap_or_default()
        {
            metrics::counter!("merpati_router_decisions_total", "decision" => "held").increment(1);
            self.ways.not_taken(&turn.item);
            let until = self.quotas.held_until(quota, closed, turn.item.parts);
            let (bus, gate) = (self.bus.clone(), (Gate::Limit, until));
            self.beside.push(hold(bus, lane.clone(), turn, gate, now).boxed());
        }
    }

    /// Asks the broker for what accounts need to send.
    pub(super) fn ask_for_blocks(&mut self) {
        for ask in self.quotas.asks() {
            let usage = self.usage.clone();
            let asked = async move {
                let (quota, allotment) = allot(&usage, ask).await;
                Done::Allotted(quota, allotment)
            };
            self.beside.push(asked.boxed());
        }
    }

    /// The broker said what an account may send. When that is nothing, its lanes are closed.
    pub(super) fn allotted(&mut self, quota: &Arc<Quota>, allotment: Allotment) {
        let counter = quota.counter;
        let is_closed = matches!(allotment, Allotment::Closed(..));
        let failed = allotment == Allotment::Failed;
        self.quotas.allotted(quota, allotment, self.clock.now());
        if is_closed {
            self.give_back_closed(quota);
            self.lanes.touch_account(counter.account);
        }
        for admitted in self.quotas.unpark(counter) {
            match admitted.items.first().map(LaneKey::of) {
                Some(lane) if failed => self.gather(lane, admitted),
                _ => self.admit(admitted),
            }
        }
    }

    /// What is at hand of an account that may send nothing more waits in the stream again.
    fn give_back_closed(&mut self, quota: &Quota) {
        for (priority, turns) in &mut self.turns {
            let counted = self.settings.quota(quota.counter.account, *priority);
            if counted.is_none_or(|counted| counted.counter != quota.counter) {
                continue;
            }
            for turn in turns.take_if(|account, _| account == quota.counter.account) {
                let lane = LaneKey::of(&turn.item);
                self.beside.push(give_back(lane, turn, None).boxed());
            }
        }
    }

    /// What is counted of an account changed: another router may have given something back.
    pub(super) fn usage_changed(&mut self, counter: AccountCounter, usage: Usage) {
        if self.quotas.heard(counter, usage, self.clock.now()) {
            self.lanes.touch_account(counter.account);
        }
    }

    /// Gives back what is left of blocks that nobody uses; `None`: of all.
    pub(super) fn return_blocks(&mut self, now: Option<Instant>) {
        for (counter, block) in self.quotas.leftovers(now) {
            let usage = self.usage.clone();
            let returned = async move {
                return_block(&usage, counter, block).await;
                Done::Returned
            };
            self.beside.push(returned.boxed());
        }
    }
}
