//! From `SMS_WAIT` to `SMS_DISPATCH`: as much as the modems that are online can soon use, in turn by account.
//!
//! Dispatch is kept shallow, about `depth` items a priority for each online modem of a target, so that a
//! backlog waits where turns and a cancel can still act on it. Nothing is asked of the broker for
//! each message: [`Room`] counts what was released here and the events of what became of it (heard live,
//! so some may be missed), and while there is a backlog the counts are put right against the streams
//! every [`RESYNC`]. Without a backlog, or without a modem online, they are looked at once a minute.
//!
//! Items are fetched a few ahead for each account ([`Lane`]) and stay unacknowledged until they are
//! stored in `SMS_DISPATCH`. There is a lane for each target of each account, and of a lane whose target has no
//! modem online nothing is fetched: what waits there costs nothing and blocks no other. Only the end of the lane's
//! foremost item is kept in mind; when that time is over, what has expired is taken out and told.
//!
//! Whether an account may still send is looked at again for each item, in what is known of the settings: what lost
//! its leave while it waited is refused. A lane that may not be used at all any more is emptied, modem or not.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bus::{Bus, Delivery};
use contracts::modem::ModemState;
use contracts::mt::{Keeper, MtChange, MtEvent, MtItem, MtRequest, SendError};
use contracts::subject::Target;
use contracts::{MessageId, ModemId, Priority, Timestamp};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::admission::no_longer;
use crate::cancelled::Cancelled;
use crate::errand::{
    Done, End, consumers, counts, dispatch, drop_cancelled, drop_released, expire, fetch, foremost,
    give_back, is_over, look, recall, refuse, remove_consumer, sweep,
};
use crate::lane::{FETCH_AT_MOST, Lane, LaneKey};
use crate::pools::Pools;
use crate::recent::Recent;
use crate::room::Room;
use crate::settings::Settings;
use crate::strangers::Strangers;
use crate::turns::Turns;

/// How often the counts are put right while there is a backlog.
pub(crate) const RESYNC: Duration = Duration::from_secs(3);
/// How often without one: for the metrics, and for what another copy of the router left behind.
const RESYNC_IDLE: Duration = Duration::from_mins(1);
/// How often modems whose driver died are noticed, while there is something to do.
const ONLINE: Duration = Duration::from_secs(1);
/// How often the broker is told that items at hand are still wanted.
const PROGRESS: Duration = Duration::from_secs(3);
/// How long after a failure the broker is asked again.
const AFTER_FAILURE: Duration = Duration::from_secs(1);

/// What the loop hears from outside.
#[derive(Debug)]
pub(crate) enum Heard {
    /// An item was stored in `SMS_WAIT` whose time is over then.
    Waiting(LaneKey, Option<Timestamp>),
    /// Something happened to a message.
    Event(MtEvent),
    /// A modem's state was written.
    Modem(Box<ModemState>),
    /// A modem's state was deleted.
    ModemGone(ModemId),
    /// What an account may do, or who may use a SIM, was written.
    Settings,
    /// The connection to the broker is there, maybe again.
    Connected,
}

/// The loop. One task owns all of its state; what takes time runs beside it and comes back as [`Done`].
pub(crate) struct Release {
    bus: Bus,
    settings: Settings,
    strangers: Strangers,
    pools: Pools,
    room: Room,
    recent: Recent,
    cancelled: Cancelled,
    lanes: HashMap<LaneKey, Lane>,
    turns: HashMap<Priority, Turns<Delivery<MtItem>>>,
    beside: FuturesUnordered<BoxFuture<'static, Done>>,
    /// Messages being released at this moment.
    releasing: HashSet<MessageId>,
    /// What was released must be asked of the broker before anything more is.
    in_doubt: bool,
    recalling: bool,
    recall_at: Instant,
    counting: bool,
    counted_at: Option<Instant>,
    tried_to_count_at: Instant,
    progress_at: Instant,
    /// When to see anew which modems are online.
    online_at: Instant,
}

impl Release {
    /// With `depth` items a priority for each online modem, and what is taken back.
    pub(crate) fn new(
        bus: Bus,
        settings: Settings,
        strangers: Strangers,
        depth: u32,
        cancelled: Cancelled,
    ) -> Self {
        Self {
            bus,
            settings,
            strangers,
            pools: Pools::default(),
            room: Room::new(depth),
            recent: Recent::default(),
            cancelled,
            lanes: HashMap::new(),
            turns: HashMap::new(),
            beside: FuturesUnordered::new(),
            releasing: HashSet::new(),
            in_doubt: true,
            recalling: false,
            recall_at: Instant::now(),
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
                () = bus::sleep_until(wake) => {}
            }
        }
        self.leave().await;
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Waiting(lane, end) => self.lanes.entry(lane).or_default().arrived(end),
            Heard::Modem(state) => {
                self.strangers.modem(&state);
                let now = Instant::now();
                self.pools.put(*state, Timestamp::now(), now.into_std());
                self.online_at = Instant::now();
            }
            Heard::ModemGone(modem) => {
                self.pools.remove(modem);
                self.online_at = Instant::now();
            }
            Heard::Settings => {
                self.online_at = Instant::now();
                self.refuse_at_hand();
            }
            // A broker that was killed may have brought acknowledged items back, and what another copy of the router
            // released meanwhile was not heard.
            Heard::Connected => {
                self.in_doubt = true;
                self.beside.push(consumers(self.bus.clone()).boxed());
                if !self.counting {
                    self.count();
                }
            }
            Heard::Event(event) => self.happened(&event),
        }
    }

    fn happened(&mut self, event: &MtEvent) {
        match event.change {
            MtChange::Released {}
            | MtChange::Sending { .. }
            | MtChange::Deferred { .. }
            | MtChange::Uncertain { .. }
            | MtChange::Sent { .. }
            | MtChange::Failed { .. } => {
                self.recent.insert(event.message, event.round, Instant::now());
            }
            _ => {}
        }
        match event.change {
            MtChange::Deferred { kept_by: Keeper::Broker, until, .. } => {
                self.room.deferred(event.message, until);
            }
            MtChange::Sending { .. } => self.room.sending(event.message),
            MtChange::Admitted { .. } | MtChange::Released {} | MtChange::Unknown => {}
            _ => {
                self.room.ended(event.message);
            }
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Fetched { lane, items } => self.fetched(&lane, items),
            Done::Ended { lane, message, round, end } => self.ended(lane, message, round, end),
            Done::Recalled(releases) => {
                self.recalling = false;
                match releases {
                    Some(releases) => {
                        let now = Instant::now();
                        for known in releases {
                            self.recent.insert(known.message, known.round, now);
                        }
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
                        self.recent.contains(item.id, item.request.round)
                            && !self.releasing.contains(&item.id)
                    })
                    .collect();
                if !litter.is_empty() {
                    self.beside.push(sweep(self.bus.clone(), lane, litter).boxed());
                }
            }
            Done::Consumers(lanes) => {
                for lane in lanes {
                    self.strangers.stands(lane);
                }
                // The count tells in which of them nothing waits.
                self.counted_at = None;
            }
            Done::Removed => {}
            Done::Swept { lane, count } => self.lanes.entry(lane).or_default().swept(count),
            Done::Counted(counts) => {
                self.counting = false;
                let Some(counts) = counts else { return };
                self.counted_at = Some(Instant::now());
                self.room.counted(&counts.dispatched);
                self.forget_strangers(&counts.waiting);
                for priority in Priority::ALL {
                    let of_it = counts.waiting.iter().filter(|(key, _)| key.priority == priority);
                    let waiting: u64 = of_it.map(|(_, count)| *count).sum();
                    // A gauge is a float; beyond 2^53 messages it may be off by one.
                    #[expect(clippy::cast_precision_loss, reason = "nobody has so many")]
                    metrics::gauge!("merpati_router_waiting", "priority" => priority.as_str())
                        .set(waiting as f64);
                }
                for (key, lane) in &mut self.lanes {
                    lane.resync(counts.waiting.get(key).copied().unwrap_or(0));
                }
                for (key, stored) in counts.waiting {
                    let lane = self.lanes.entry(key).or_insert_with(|| {
                        let mut lane = Lane::default();
                        lane.resync(stored);
                        lane
                    });
                    if lane.ends_at().is_none() {
                        lane.set_ends_at(Some(Timestamp::now()));
                    }
                }
            }
        }
    }

    /// Removes the consumers of lanes that nobody knows and in which nothing waits.
    fn forget_strangers(&mut self, waiting: &HashMap<LaneKey, u64>) {
        let waits = |lane: &LaneKey| waiting.contains_key(lane) || self.lanes.contains_key(lane);
        for lane in self.strangers.forget_idle(waits) {
            self.beside.push(remove_consumer(self.bus.clone(), lane).boxed());
        }
    }

    fn ended(&mut self, key: LaneKey, message: MessageId, round: u32, end: End) {
        if !matches!(end, End::Again | End::GivenBack) {
            self.releasing.remove(&message);
        }
        let online = self.room.is_online(&key.target);
        let lane = self.lanes.entry(key).or_default();
        match end {
            End::Dispatched => {
                lane.done();
                self.room.stored(message);
            }
            End::Untold => {
                lane.given_back();
                self.room.stored(message);
            }
            End::Over => {
                lane.done();
                self.room.ended(message);
                // What stands behind it may have expired, too.
                if !online && lane.is_untouched() {
                    lane.set_ends_at(Some(Timestamp::now()));
                }
            }
            End::Again => lane.done(),
            End::GivenBack => lane.given_back(),
            End::Failed | End::Unanswered => {
                lane.given_back();
                self.room.ended(message);
                self.recent.forget(message, round);
                self.in_doubt |= end == End::Unanswered;
            }
        }
    }

    /// Takes out what is over of a lane whose target has no modem, when its foremost item is.
    fn foremost(&mut self, key: LaneKey, end: Option<Timestamp>) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        let now = Timestamp::now();
        lane.set_ends_at(end.map(|end| end.max(now.plus(AFTER_FAILURE))));
        if end.is_some_and(|end| end <= now)
            && let Some(count) = lane.fetch(0, FETCH_AT_MOST, Instant::now())
        {
            self.beside.push(fetch(self.bus.clone(), key, count).boxed());
        }
    }

    /// Everything that can be done now.
    async fn step(&mut self) {
        let now = Instant::now();
        if self.online_at <= now {
            self.online_at = now + ONLINE;
            let is_in_pools = |sim| self.settings.is_in_pools(sim);
            self.room.set_online(self.pools.online(now.into_std(), is_in_pools));
            self.give_back_for_offline();
        }
        if self.in_doubt && !self.recalling && self.recall_at <= now {
            self.recall_at = now + AFTER_FAILURE;
            (self.in_doubt, self.recalling) = (false, true);
            self.beside.push(recall(self.bus.clone()).boxed());
        }
        if !self.in_doubt && !self.recalling {
            for priority in Priority::ALL {
                self.release(priority);
            }
        }
        self.fetch();
        self.watch_ends();
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
        let pressing = self.has_backlog();
        let never = self.counted_at.is_none();
        let every = if pressing || never { RESYNC } else { RESYNC_IDLE };
        self.counted_at.unwrap_or(self.tried_to_count_at).max(self.tried_to_count_at) + every
    }

    /// Something waits that a modem could send, or that has to be refused.
    fn has_backlog(&self) -> bool {
        let waits = |(key, lane): (&LaneKey, &Lane)| lane.has_backlog() && self.moves(key);
        self.lanes.iter().any(waits) || self.turns.values().any(|turns| !turns.is_empty())
    }

    /// Whether there is something to be done with what waits in a lane.
    fn moves(&self, key: &LaneKey) -> bool {
        self.room.is_online(&key.target) || self.refuses(key)
    }

    /// Whether nothing of a lane may go out any more.
    fn refuses(&self, key: &LaneKey) -> bool {
        self.settings.refuses(key.account, &key.target)
    }

    /// Why an item may not go out any more.
    fn refusal(&self, item: &MtItem) -> Option<SendError> {
        let MtRequest { org, owner, sim, .. } = item.request;
        let standing = self.settings.standing(org, owner, sim);
        no_longer(standing, || sim.map_or_else(String::new, |sim| self.settings.name_of(sim)))
    }

    /// When there is something to do though nothing is heard.
    fn wakes_at(&self) -> Option<Instant> {
        let some_at_hand = self.turns.values().any(|turns| !turns.is_empty());
        let (now, clock) = (Instant::now(), Timestamp::now());
        let lanes = self.lanes.iter().filter_map(|(key, lane)| {
            if self.moves(key) {
                lane.rests_until()
            } else {
                lane.ends_at()
                    .filter(|_| lane.has_backlog())
                    .map(|end| now + end.since(clock).min(RESYNC_IDLE))
            }
        });
        lanes
            .chain(some_at_hand.then_some(self.progress_at))
            .chain(self.in_doubt.then_some(self.recall_at))
            .chain((!self.counting).then(|| self.count_at()))
            .min()
    }

    /// Gives free places to the accounts in turn.
    fn release(&mut self, priority: Priority) {
        let Some(turns) = self.turns.get(&priority) else { return };
        let now = Timestamp::now();
        let targets: Vec<Target> =
            turns.targets().filter(|target| self.room.is_online(target)).cloned().collect();
        for target in targets {
            for _ in 0..self.room.free(&target, priority, now) {
                let next = self.turns.get_mut(&priority).and_then(|turns| turns.next(&target));
                let Some((account, delivery)) = next else { break };
                let lane = LaneKey { account, priority, target: target.clone() };
                let (message, round) = (delivery.value.id, delivery.value.request.round);
                if self.cancelled.contains(message) {
                    self.beside.push(drop_cancelled(lane, delivery).boxed());
                    continue;
                }
                if self.recent.contains(message, round) {
                    self.beside.push(drop_released(self.bus.clone(), lane, delivery).boxed());
                    continue;
                }
                if let Some(error) = self.refusal(&delivery.value) {
                    self.beside.push(refuse(self.bus.clone(), lane, delivery, error).boxed());
                    continue;
                }
                self.recent.insert(message, round, Instant::now());
                self.releasing.insert(message);
                self.room.released(message, target.clone(), priority);
                self.beside.push(dispatch(self.bus.clone(), lane, delivery).boxed());
            }
        }
    }

    /// Asks for more items of the lanes that have some, when a modem could soon send them or they have to be refused.
    fn fetch(&mut self) {
        let (room, settings) = (&self.room, &self.settings);
        let now = Instant::now();
        for (key, lane) in self.lanes.iter_mut().filter(|(_, lane)| lane.has_backlog()) {
            if settings.refuses(key.account, &key.target)
                && let Some(count) = lane.fetch(0, FETCH_AT_MOST, now)
            {
                self.beside.push(fetch(self.bus.clone(), key.clone(), count).boxed());
            }
        }
        let mut sharing: HashMap<(Priority, Target), usize> = HashMap::new();
        let fetchable =
            |key: &LaneKey, lane: &Lane| lane.has_backlog() && room.is_online(&key.target);
        for (key, _) in self.lanes.iter().filter(|(key, lane)| fetchable(key, lane)) {
            *sharing.entry((key.priority, key.target.clone())).or_insert(0) += 1;
        }
        for (key, lane) in self.lanes.iter_mut().filter(|(key, lane)| fetchable(key, lane)) {
            // As much as all modems of a target should have is at hand, shared by the accounts that have something,
            // so that a place that becomes free is filled at once.
            let lanes = sharing.get(&(key.priority, key.target.clone())).copied().unwrap_or(1);
            let wanted = usize::try_from(room.wanted(&key.target)).unwrap_or(usize::MAX);
            let turns = self.turns.get(&key.priority);
            let ready = turns.map_or(0, |turns| turns.count(&key.target, key.account));
            if let Some(count) = lane.fetch(ready, wanted.div_ceil(lanes), now) {
                self.beside.push(fetch(self.bus.clone(), key.clone(), count).boxed());
            }
        }
    }

    /// Sorts fetched items by their targets.
    fn fetched(&mut self, key: &LaneKey, items: Vec<Delivery<MtItem>>) {
        let now = Instant::now();
        if self.lanes.entry(key.clone()).or_default().fetched(items.len(), now) {
            self.beside.push(look(self.bus.clone(), key.clone()).boxed());
        }
        let online = self.room.is_online(&key.target);
        for delivery in items {
            let (message, round) = (delivery.value.id, delivery.value.request.round);
            let (bus, lane) = (self.bus.clone(), key.clone());
            if self.cancelled.contains(message) {
                self.beside.push(drop_cancelled(lane, delivery).boxed());
            } else if self.recent.contains(message, round) {
                self.beside.push(drop_released(bus, lane, delivery).boxed());
            } else if let Some(error) = self.refusal(&delivery.value) {
                self.beside.push(refuse(bus, lane, delivery, error).boxed());
            } else if online {
                let turns = self.turns.entry(key.priority).or_default();
                turns.push(lane.target, lane.account, delivery);
            } else if is_over(&delivery.value) {
                self.beside.push(expire(bus, lane, delivery).boxed());
            } else {
                self.beside.push(give_back(lane, delivery, None).boxed());
            }
        }
    }

    /// What is at hand and may not go out any more is told so, and does not wait for room.
    fn refuse_at_hand(&mut self) {
        let settings = &self.settings;
        let refused: Vec<_> = self
            .turns
            .values_mut()
            .flat_map(|turns| turns.take_if(|account, target| settings.refuses(account, target)))
            .collect();
        for delivery in refused {
            let lane = LaneKey::of(&delivery.value);
            let done = match self.refusal(&delivery.value) {
                Some(error) => refuse(self.bus.clone(), lane, delivery, error).boxed(),
                // It was changed back in this moment.
                None => give_back(lane, delivery, None).boxed(),
            };
            self.beside.push(done);
        }
    }

    /// What is at hand for a target whose last modem went away waits in the stream again.
    fn give_back_for_offline(&mut self) {
        for (priority, turns) in &mut self.turns {
            let offline = turns.targets().filter(|target| !self.room.is_online(target));
            for target in offline.cloned().collect::<Vec<_>>() {
                for delivery in turns.take(&target) {
                    let lane = LaneKey::of(&delivery.value);
                    debug_assert_eq!((lane.priority, &lane.target), (*priority, &target));
                    self.beside.push(give_back(lane, delivery, None).boxed());
                }
            }
        }
    }

    /// Looks at the lanes without a modem of which an item may be over.
    fn watch_ends(&mut self) {
        let now = Timestamp::now();
        for (key, lane) in &mut self.lanes {
            let due = lane.has_backlog() && lane.ends_at().is_some_and(|end| end <= now);
            if due && !self.room.is_online(&key.target) {
                // Until the look is over.
                lane.set_ends_at(None);
                self.beside.push(foremost(self.bus.clone(), key.clone()).boxed());
            }
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
        self.lanes.values_mut().for_each(Lane::count_begins);
        let bus = self.bus.clone();
        self.beside.push(async move { Done::Counted(counts(&bus).await) }.boxed());
    }

    /// Finishes what is under way and gives back what is at hand.
    async fn leave(mut self) {
        for mut turns in std::mem::take(&mut self.turns).into_values() {
            for item in turns.drain() {
                let lane = LaneKey::of(&item.value);
                self.beside.push(give_back(lane, item, None).boxed());
            }
        }
        while self.beside.next().await.is_some() {}
    }
}
