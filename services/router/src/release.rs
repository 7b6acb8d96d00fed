//! From `SMS_WAIT` to `SMS_DISPATCH`: as much as the modems that are online can soon use, in turn by account.
//!
//! Dispatch is kept shallow, about `depth` items a priority for each online modem of a target, so that a
//! backlog waits where turns, pause and cancel can still act on it. Nothing is asked of the broker for
//! each message: [`Room`] counts what was released here and the events of what became of it (heard live,
//! so some may be missed), and while there is a backlog the counts are put right against the streams
//! every [`RESYNC`]. Without a backlog, or without a modem online, they are looked at once a minute.
//!
//! Items are fetched a few ahead for each account ([`Lane`]) and stay unacknowledged until they are
//! stored in `SMS_DISPATCH`. An item for a target without a modem must not block its account's other
//! messages: [`KEPT_FOR_OFFLINE`] of them are kept at hand, the others given back for [`GIVEN_BACK_FOR`].
//! Rejected: a consumer for each target of each account, which needs the target in the subject.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bus::{Bus, Delivery};
use contracts::modem::ModemState;
use contracts::mt::{Keeper, MtChange, MtEvent, MtItem};
use contracts::subject::Target;
use contracts::{MessageId, ModemId, Priority, Timestamp, UserId};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::cancelled::Cancelled;
use crate::errand::{
    Done, End, LaneKey, counts, dispatch, drop_released, fetch, give_back, look, sweep,
};
use crate::lane::Lane;
use crate::pools::Pools;
use crate::recent::Recent;
use crate::room::Room;
use crate::turns::Turns;

/// How often the counts are put right while there is a backlog.
pub(crate) const RESYNC: Duration = Duration::from_secs(3);
/// How often without one: for the metrics, and for what another copy of the router left behind.
const RESYNC_IDLE: Duration = Duration::from_mins(1);
/// How often modems whose driver died are noticed, while there is something to do.
const ONLINE: Duration = Duration::from_secs(1);
/// How often the broker is told that items at hand are still wanted.
const PROGRESS: Duration = Duration::from_secs(3);
/// Items of an account kept at hand for a target that has no modem online.
const KEPT_FOR_OFFLINE: usize = 16;
/// How long the others are given back for.
const GIVEN_BACK_FOR: Duration = Duration::from_secs(30);

/// What the loop hears from outside.
#[derive(Debug)]
pub(crate) enum Heard {
    /// An item was stored in `SMS_WAIT`.
    Waiting(UserId, Priority),
    /// Something happened to a message.
    Event(MtEvent),
    /// A modem's state was written.
    Modem(Box<ModemState>),
    /// A modem's state was deleted.
    ModemGone(ModemId),
    /// The connection to the broker is there, maybe again.
    Connected,
}

/// The loop. One task owns all of its state; what takes time runs beside it and comes back as [`Done`].
pub(crate) struct Release {
    bus: Bus,
    pools: Pools,
    room: Room,
    recent: Recent,
    cancelled: Cancelled,
    lanes: HashMap<LaneKey, Lane>,
    turns: HashMap<Priority, Turns<Delivery<MtItem>>>,
    beside: FuturesUnordered<BoxFuture<'static, Done>>,
    /// Messages being released at this moment.
    releasing: HashSet<MessageId>,
    counting: bool,
    counted_at: Option<Instant>,
    tried_to_count_at: Instant,
    progress_at: Instant,
    /// When to see anew which modems are online.
    online_at: Instant,
}

impl Release {
    /// With `depth` items a priority for each online modem, what was released before, and what is taken back.
    pub(crate) fn new(bus: Bus, depth: u32, recent: Recent, cancelled: Cancelled) -> Self {
        Self {
            bus,
            pools: Pools::default(),
            room: Room::new(depth),
            recent,
            cancelled,
            lanes: HashMap::new(),
            turns: HashMap::new(),
            beside: FuturesUnordered::new(),
            releasing: HashSet::new(),
            counting: false,
            counted_at: None,
            tried_to_count_at: Instant::now(),
            progress_at: Instant::now(),
            online_at: Instant::now(),
        }
    }

    /// Runs until the soft shutdown, then finishes what is under way and gives the rest back.
    pub(crate) async fn run(mut self, mut heard: mpsc::Receiver<Heard>, soft: &CancellationToken) {
        let mut batch = Vec::new();
        self.count();
        loop {
            self.step().await;
            let wake = self.wakes_at();
            tokio::select! {
                () = soft.cancelled() => break,
                count = heard.recv_many(&mut batch, 1024) => {
                    if count == 0 {
                        break;
                    }
                    batch.drain(..).for_each(|heard| self.hear(heard));
                }
                Some(done) = self.beside.next() => self.done(done),
                () = sleep_until(wake) => {}
            }
        }
        self.leave().await;
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Waiting(account, priority) => {
                self.lanes.entry((account, priority)).or_default().arrived();
            }
            Heard::Modem(state) => {
                self.pools.put(*state);
                self.online_at = Instant::now();
            }
            Heard::ModemGone(modem) => {
                self.pools.remove(modem);
                self.online_at = Instant::now();
            }
            // A broker that was killed may have brought acknowledged items back.
            Heard::Connected if self.counting => {}
            Heard::Connected => self.count(),
            Heard::Event(event) => match event.change {
                MtChange::Deferred { kept_by: Keeper::Broker, until, .. } => {
                    self.room.deferred(event.message, until);
                }
                MtChange::Sending { .. } => self.room.sending(event.message),
                MtChange::Admitted { .. } | MtChange::Released {} | MtChange::Unknown => {}
                _ => {
                    self.room.ended(event.message);
                }
            },
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Fetched { lane, items } => self.fetched(lane, items),
            Done::Ended { lane, message, round, end } => {
                if !matches!(end, End::Again | End::GivenBack) {
                    self.releasing.remove(&message);
                }
                let known = self.lanes.entry(lane).or_default();
                match end {
                    End::Dispatched => {
                        known.done();
                        self.room.stored(message);
                    }
                    End::Expired => {
                        known.done();
                        self.room.ended(message);
                    }
                    End::Again => known.done(),
                    End::GivenBack => known.given_back(),
                    End::Failed => {
                        known.given_back();
                        self.room.ended(message);
                        self.recent.forget(message, round);
                    }
                }
            }
            Done::Seen { lane, items } => {
                // Released and stored: whatever still stands there of it is only litter.
                let litter: Vec<u64> = items
                    .into_iter()
                    .filter(|(_, message, round)| {
                        self.recent.contains(*message, *round) && !self.releasing.contains(message)
                    })
                    .map(|(sequence, ..)| sequence)
                    .collect();
                if !litter.is_empty() {
                    self.beside.push(sweep(self.bus.clone(), lane, litter).boxed());
                }
            }
            Done::Swept { lane, count } => self.lanes.entry(lane).or_default().swept(count),
            Done::Counted(counts) => {
                self.counting = false;
                let Some(counts) = counts else { return };
                self.counted_at = Some(Instant::now());
                self.room.counted(&counts.dispatched);
                for priority in Priority::ALL {
                    let of =
                        |((_, p), count): (&LaneKey, &u64)| if *p == priority { *count } else { 0 };
                    let waiting: u64 = counts.waiting.iter().map(of).sum();
                    // A gauge is a float; beyond 2^53 messages it may be off by one.
                    #[expect(clippy::cast_precision_loss, reason = "nobody has so many")]
                    metrics::gauge!("merpati_router_waiting", "priority" => priority.as_str())
                        .set(waiting as f64);
                }
                for (key, lane) in &mut self.lanes {
                    lane.resync(counts.waiting.get(key).copied().unwrap_or(0));
                }
                for (key, stored) in counts.waiting {
                    self.lanes.entry(key).or_insert_with(|| {
                        let mut lane = Lane::default();
                        lane.resync(stored);
                        lane
                    });
                }
            }
        }
    }

    /// Everything that can be done now.
    async fn step(&mut self) {
        let now = Instant::now();
        if self.online_at <= now {
            self.online_at = now + ONLINE;
            self.room.set_online(self.pools.online(Timestamp::now()));
        }
        for priority in Priority::ALL {
            self.release(priority);
            self.fetch(priority);
        }
        self.lanes.retain(|_, lane| !lane.is_idle());
        if self.progress_at <= now {
            self.progress(now).await;
        }
        if !self.counting && self.count_at() <= now {
            self.count();
        }
    }

    /// When the streams are to be counted next.
    fn count_at(&self) -> Instant {
        let pressing = self.has_backlog() && self.room.is_any_online();
        let never = self.counted_at.is_none();
        let every = if pressing || never { RESYNC } else { RESYNC_IDLE };
        self.counted_at.unwrap_or(self.tried_to_count_at).max(self.tried_to_count_at) + every
    }

    fn has_backlog(&self) -> bool {
        self.lanes.values().any(Lane::has_backlog) || self.turns.values().any(|t| !t.is_empty())
    }

    /// When there is something to do though nothing is heard.
    fn wakes_at(&self) -> Option<Instant> {
        let some_at_hand = self.turns.values().any(|turns| !turns.is_empty());
        let rests = self.lanes.values().filter_map(Lane::rests_until);
        let online = self.room.is_any_online();
        rests
            .filter(|_| online)
            .chain(some_at_hand.then_some(self.progress_at))
            .chain((!self.counting).then(|| self.count_at()))
            .min()
    }

    /// Gives free places to the accounts in turn.
    fn release(&mut self, priority: Priority) {
        let Some(turns) = self.turns.get_mut(&priority) else { return };
        let now = Timestamp::now();
        let targets: Vec<Target> =
            turns.targets().filter(|target| self.room.is_online(target)).cloned().collect();
        for target in targets {
            for _ in 0..self.room.free(&target, priority, now) {
                let Some((account, delivery)) = turns.next(&target) else { break };
                let lane = (account, priority);
                let (message, round) = (delivery.value.id, delivery.value.request.round);
                if self.recent.contains(message, round) || self.cancelled.contains(message) {
                    self.beside.push(drop_released(lane, delivery).boxed());
                    continue;
                }
                self.recent.insert(message, round, now);
                self.releasing.insert(message);
                self.room.released(message, target.clone(), priority);
                self.beside.push(dispatch(self.bus.clone(), lane, delivery).boxed());
            }
        }
    }

    /// Asks for more items of the lanes that have some, when a modem could soon send them.
    fn fetch(&mut self, priority: Priority) {
        let lanes = self.lanes.iter().filter(|((_, p), lane)| *p == priority && lane.has_backlog());
        let lanes = lanes.count();
        if lanes == 0 || !self.room.is_any_online() {
            return;
        }
        // As much as all modems should have is at hand, shared by the accounts that have something, so that
        // a place that becomes free is filled at once.
        let ahead = usize::try_from(self.room.wanted()).unwrap_or(usize::MAX).div_ceil(lanes);
        let now = Instant::now();
        for (key, lane) in self.lanes.iter_mut().filter(|((_, p), _)| *p == priority) {
            let turns = self.turns.get(&priority);
            let ready = turns.map_or(0, |turns| {
                let online = turns.targets().filter(|target| self.room.is_online(target));
                online.map(|target| turns.count(target, key.0)).sum()
            });
            if let Some(count) = lane.fetch(ready, ahead, now) {
                self.beside.push(fetch(self.bus.clone(), *key, count).boxed());
            }
        }
    }

    /// Sorts fetched items by their targets.
    fn fetched(&mut self, key: LaneKey, items: Vec<Delivery<MtItem>>) {
        let now = Instant::now();
        if self.lanes.entry(key).or_default().fetched(items.len(), now) {
            self.beside.push(look(self.bus.clone(), key).boxed());
        }
        let turns = self.turns.entry(key.1).or_default();
        for delivery in items {
            let item = &delivery.value;
            let (message, round) = (item.id, item.request.round);
            if self.recent.contains(message, round) || self.cancelled.contains(message) {
                self.beside.push(drop_released(key, delivery).boxed());
                continue;
            }
            let offline = !self.room.is_online(&item.target);
            if offline && turns.count(&item.target, key.0) >= KEPT_FOR_OFFLINE {
                self.beside.push(give_back(key, delivery, Some(GIVEN_BACK_FOR)).boxed());
                continue;
            }
            let target = item.target.clone();
            turns.push(target, key.0, delivery);
        }
    }

    /// Tells the broker that the items at hand are still wanted.
    async fn progress(&mut self, now: Instant) {
        self.progress_at = now + PROGRESS;
        if !self.bus.is_connected() {
            return;
        }
        // Nobody waits for an answer: each is only written.
        for delivery in self.turns.values().flat_map(Turns::iter) {
            if delivery.progress().await.is_err() {
                break;
            }
        }
    }

    /// Counts what the streams have.
    fn count(&mut self) {
        self.counting = true;
        self.tried_to_count_at = Instant::now();
        self.room.count_begins();
        let bus = self.bus.clone();
        self.beside.push(async move { Done::Counted(counts(&bus).await) }.boxed());
    }

    /// Finishes what is under way and gives back what is at hand.
    async fn leave(mut self) {
        for (priority, mut turns) in std::mem::take(&mut self.turns) {
            for item in turns.drain() {
                let lane = (item.value.request.owner, priority);
                self.beside.push(give_back(lane, item, None).boxed());
            }
        }
        while self.beside.next().await.is_some() {}
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
