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
//! An account that has reached one of its limits has its lanes closed until the limit opens, like lanes without a modem: nothing
//! of them is fetched, what is at hand goes back, and others go on. What is asked for meanwhile, message by message, is held.
//!
//! Whether an account may still send is looked at again for each item, in what is known of the settings: what lost
//! its leave while it waited is refused. A lane that may not be used at all any more is emptied, modem or not.

mod finish;
mod gathered;
pub(crate) mod hear;
mod limit;
pub(crate) mod offer;
mod stranded;
pub(crate) mod stray;
pub(crate) mod verdict;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bus::{Bus, Kv};
use contracts::batch::{BatchOrder, Order};
use contracts::limits::Usage;
use contracts::mt::{MtItem, MtRequest, SendError};
use contracts::{BatchId, MessageId, Priority, SimId, Timestamp};
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use platform::Clock;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::gathered::Gathered;
use self::verdict::{Facts, Verdict, verdict};
use crate::admission::no_longer;
use crate::cancelled::Cancelled;
use crate::errand::{
    Done, cancel, counts, drop_cancelled, drop_released, drop_told, expire, give_back, recall,
    refuse, reroute,
};
use crate::hand::Turn;
use crate::heard::Heard;
use crate::holds::Holds;
use crate::lane::{Lane, LaneKey};
use crate::lane_table::LaneTable;
use crate::orders::Orders;
use crate::pools::Pools;
use crate::quotas::Quotas;
use crate::recent::Recent;
use crate::room::Room;
use crate::run::GRACE;
use crate::settings::Settings;
use crate::strangers::Strangers;
use crate::turns::Turns;
use crate::ways::Ways;

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
/// Messages of paused batches that are kept at hand. Those beyond wait in the stream, and in the way of others of their lane.
const PAUSED_AT_MOST: usize = 50_000;
/// For how long those beyond are given back.
const PAUSED_BEYOND: Duration = Duration::from_secs(30);

/// The loop. One task owns all of its state; what takes time runs beside it and comes back as [`Done`].
pub(crate) struct Release {
    bus: Bus,
    clock: Clock,
    settings: Settings,
    strangers: Strangers,
    pools: Pools,
    ways: Ways,
    room: Room,
    quotas: Quotas,
    /// What accounts with limits have sent.
    usage: Kv<Usage>,
    recent: Recent,
    holds: Holds,
    cancelled: Cancelled,
    lanes: LaneTable,
    /// What was admitted and is to be stored in `SMS_WAIT`.
    gathered: HashMap<LaneKey, Gathered>,
    turns: HashMap<Priority, Turns<Turn>>,
    /// What is at hand of paused batches.
    paused: HashMap<BatchId, Vec<Turn>>,
    /// How many that are.
    paused_count: usize,
    orders: Orders,
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
    /// How long a SIM is away at least before what waits for it takes another way.
    grace: Duration,
    /// When to look for what waits for a SIM that is away.
    strays_at: Instant,
    /// Something may wait for one.
    some_away: bool,
    /// SIMs that are away and have something in their queues, since when that is known.
    stranded: HashMap<(SimId, Priority), Instant>,
}

impl Release {
    /// With `depth` items a priority for each online modem, the modems that there are, and what is taken back.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a part of the router that others have, too"
    )]
    pub(crate) fn new(
        bus: Bus,
        clock: Clock,
        settings: Settings,
        strangers: Strangers,
        (pools, ways): (Pools, Ways),
        depth: u32,
        usage: Kv<Usage>,
        (holds, cancelled): (Holds, Cancelled),
        orders: Orders,
    ) -> Self {
        Self {
            bus,
            clock,
            settings,
            strangers,
            pools,
            ways,
            room: Room::new(depth),
            quotas: Quotas::default(),
            usage,
            recent: Recent::default(),
            holds,
            cancelled,
            lanes: LaneTable::default(),
            gathered: HashMap::new(),
            turns: HashMap::new(),
            paused: HashMap::new(),
            paused_count: 0,
            orders,
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
            grace: GRACE,
            strays_at: Instant::now(),
            some_away: false,
            stranded: HashMap::new(),
        }
    }

    /// The same, with another time for which a SIM is away before what waits for it takes another way.
    pub(crate) fn with_grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
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

    /// Everything that can be done now.
    async fn step(&mut self) {
        let now = Instant::now();
        if self.online_at <= now {
            self.online_at = now + ONLINE;
            let is_in_pools = |sim| self.settings.is_in_pools(sim);
            self.ways.set_online(self.pools.sims_online(now.into_std(), is_in_pools));
            if self.room.set_online(self.pools.online(now.into_std(), is_in_pools)) {
                self.lanes.touch_all();
                // What is in the queue of a modem that went away is soon known, and so is what waits for it.
                self.counted_at = None;
                self.some_away = true;
            }
            self.give_back_for_offline();
            self.return_blocks(Some(now));
        }
        if self.in_doubt && !self.recalling && self.recall_at <= now {
            self.recall_at = now + AFTER_FAILURE;
            (self.in_doubt, self.recalling) = (false, true);
            self.beside.push(recall(self.bus.clone(), self.holds.clone()).boxed());
        }
        if self.is_certain() {
            for priority in Priority::ALL {
                self.release(priority);
            }
        }
        self.ask_for_blocks();
        self.store_gathered(now);
        self.look_for_strays(now);
        self.look_at_lanes(now);
        if self.progress_at <= now {
            self.progress(now).await;
        }
        if !self.counting && self.count_at() <= now {
            self.count();
        }
    }

    /// Whether it is known what was released, and what was told to be held. Until then nothing is released, and nothing is told
    /// to be over or refused, for it may have gone out.
    fn is_certain(&self) -> bool {
        !self.in_doubt && !self.recalling
    }

    /// When the streams are to be counted next.
    fn count_at(&self) -> Instant {
        let pressing = self.has_backlog() || !self.stranded.is_empty();
        let never = self.counted_at.is_none();
        let every = if pressing || never { RESYNC } else { RESYNC_IDLE };
        self.counted_at.unwrap_or(self.tried_to_count_at).max(self.tried_to_count_at) + every
    }

    /// Something waits that a modem could send, or that has to be refused.
    fn has_backlog(&self) -> bool {
        self.lanes.is_pressing() || self.turns.values().any(|turns| !turns.is_empty())
    }

    /// Looks at the lanes to which something happened, and at those whose time has come.
    fn look_at_lanes(&mut self, now: Instant) {
        let due = self.lanes.take_due(now);
        for key in &due {
            self.note_pressing(key);
        }
        for key in &due {
            self.fetch(key, now);
            self.watch_end(key);
        }
        for key in due {
            self.note_pressing(&key);
            let wake = self.lane_wakes_at(&key, now);
            self.lanes.looked(key, wake);
        }
    }

    fn note_pressing(&mut self, key: &LaneKey) {
        let presses = self.lanes.get(key).is_some_and(Lane::has_backlog) && self.moves(key);
        self.lanes.set_pressing(key, presses);
    }

    /// When a lane is to be looked at though nothing happens to it.
    fn lane_wakes_at(&self, key: &LaneKey, now: Instant) -> Option<Instant> {
        let lane = self.lanes.get(key)?;
        let wake = if self.moves(key) {
            lane.rests_until()
        } else {
            let (at, opens) = (self.clock.now(), self.opens_at(key.account, key.priority));
            let later = lane.ends_at().into_iter().chain(opens).filter(|then| *then > at);
            let first = later.min().filter(|_| lane.has_backlog())?;
            Some(now + first.since(at).min(RESYNC_IDLE))
        };
        // What is over by then and was not fetched waits for something to happen.
        wake.filter(|wake| *wake > now)
    }

    /// Whether there is something to be done with what waits in a lane.
    fn moves(&self, key: &LaneKey) -> bool {
        self.is_open(key) || self.refuses(key)
    }

    /// Whether nothing of a lane may go out any more.
    fn refuses(&self, key: &LaneKey) -> bool {
        self.settings.refuses(key.account, &key.target)
    }

    /// Why an item may not go out any more.
    fn refusal(&self, item: &MtItem) -> Option<SendError> {
        let MtRequest { org, owner, sim, .. } = item.request;
        let standing = self.settings.standing(org, owner, sim, &item.request.to);
        no_longer(standing, || sim.map_or_else(String::new, |sim| self.settings.name_of(sim)))
    }

    /// What is to become of an item at `now`.
    fn verdict(&self, item: &MtItem, now: Timestamp) -> Verdict {
        let released = self.recent.contains(item.id, item.request.round);
        // One that is being released may yet not come to be: if it came a second time, that waits for the end of the first.
        let is_known = (released || self.is_certain()) && !self.releasing.contains(&item.id);
        let facts = Facts {
            cancelled: self.cancelled.contains(item.id),
            released: is_known.then_some(released),
            held: self.holds.of(item.id, item.request.round),
            order: item.request.batch.and_then(|batch| self.orders.of(batch)),
            refusal: self.refusal(item),
            astray: self.is_astray(item, now),
            online: self.is_open_to(item),
        };
        verdict(&item.request, facts, now)
    }

    /// Carries out the verdict of `now` on an item at hand that is not given to a modem.
    fn turn_away(&mut self, turn: Turn, verdict: Verdict, now: Timestamp) {
        let (bus, lane) = (self.bus.clone(), LaneKey::of(&turn.item));
        if verdict == Verdict::Reroute {
            self.strays(&lane);
        }
        if verdict.is_end() {
            self.ways.not_taken(&turn.item);
        }
        self.beside.push(match (verdict, turn.item.request.batch) {
            (Verdict::Pause, Some(batch)) => return self.set_aside(batch, turn),
            (Verdict::Cancel(by), _) => cancel(bus, lane, turn, by, now).boxed(),
            (Verdict::DropCancelled, _) => drop_cancelled(lane, turn).boxed(),
            (Verdict::DropReleased, _) => drop_released(bus, lane, turn, now).boxed(),
            (Verdict::DropHeld(held), _) => drop_told(bus, lane, turn, held, now).boxed(),
            (Verdict::Refuse(error), _) => refuse(bus, lane, turn, error, now).boxed(),
            (Verdict::Expire, _) => expire(bus, lane, turn, now).boxed(),
            (Verdict::Reroute, _) => reroute(bus, lane, turn, now).boxed(),
            (Verdict::Go | Verdict::Hold | Verdict::Pause, _) => {
                // What was only looked at stands aside for those behind it.
                let looks = self.lanes.get(&lane).is_some_and(Lane::is_looked_through);
                let is_known = self.is_certain() && !self.releasing.contains(&turn.item.id);
                let delay = (looks || !is_known).then_some(AFTER_FAILURE);
                give_back(lane, turn, delay).boxed()
            }
        });
    }

    /// Keeps a message of a paused batch at hand, where it stands in nobody's way.
    fn set_aside(&mut self, batch: BatchId, turn: Turn) {
        if self.paused_count < PAUSED_AT_MOST {
            self.paused_count += 1;
            self.paused.entry(batch).or_default().push(turn);
        } else {
            let lane = LaneKey::of(&turn.item);
            self.beside.push(give_back(lane, turn, Some(PAUSED_BEYOND)).boxed());
        }
    }

    /// Looks at what is at hand of a batch that was given an order. When the batch was cancelled, the items of its account
    /// that wait for a modem are looked at too.
    fn obey(&mut self, batch: BatchId, order: &BatchOrder) {
        let now = self.clock.now();
        let of_batch = |turn: &Turn| turn.item.request.batch == Some(batch);
        let taken: Vec<Turn> =
            self.turns.values_mut().flat_map(|turns| turns.take_items(of_batch)).collect();
        for turn in taken {
            self.sort(turn, now);
        }
        self.look_at_paused(Some(batch));
        if order.order == Order::Cancelled {
            let of_account = self.lanes.iter_mut().filter(|(key, _)| key.account == order.owner);
            of_account.for_each(|(_, lane)| lane.look_through());
        }
    }

    /// Looks again at what is at hand of one paused batch, or of all: they may go on, or be over. While it is not known what
    /// was released, they stay where they are.
    fn look_at_paused(&mut self, batch: Option<BatchId>) {
        if !self.is_certain() {
            return;
        }
        let now = self.clock.now();
        let looked_at = match batch {
            Some(batch) => {
                self.paused.remove(&batch).map(|turns| (batch, turns)).into_iter().collect()
            }
            None => std::mem::take(&mut self.paused),
        };
        for (batch, turns) in looked_at {
            self.paused_count -= turns.len();
            for turn in turns {
                match self.verdict(&turn.item, now) {
                    Verdict::Pause => {
                        self.paused_count += 1;
                        self.paused.entry(batch).or_default().push(turn);
                    }
                    Verdict::Go | Verdict::Hold if self.is_open_to(&turn.item) => {
                        self.take_turn(turn);
                    }
                    verdict => self.turn_away(turn, verdict, now),
                }
            }
        }
    }

    /// Puts a message behind the others of its account.
    fn take_turn(&mut self, turn: Turn) {
        let LaneKey { account, priority, target } = LaneKey::of(&turn.item);
        self.turns.entry(priority).or_default().push(target, account, turn);
    }

    /// When there is something to do though nothing is heard.
    fn wakes_at(&self) -> Option<Instant> {
        let some_at_hand =
            !self.paused.is_empty() || self.turns.values().any(|turns| !turns.is_empty());
        let lanes = self.lanes.next_wake().into_iter();
        lanes
            .chain(self.gathered.values().map(Gathered::until))
            .chain(some_at_hand.then_some(self.progress_at))
            .chain(self.in_doubt.then_some(self.recall_at))
            .chain((self.some_away && self.is_certain()).then_some(self.strays_at))
            .chain(self.quotas.again_at().filter(|at| some_at_hand && *at > Instant::now()))
            .chain((!self.counting).then(|| self.count_at()))
            .min()
    }

    /// Tells the broker that the items at hand are still wanted.
    async fn progress(&mut self, now: Instant) {
        self.progress_at = now + PROGRESS;
        if !self.bus.is_connected() {
            return;
        }
        self.look_at_paused(None);
        // Nobody waits for an answer: each is only written.
        let paused = self.paused.values().flatten();
        for turn in self.turns.values().flat_map(Turns::iter).chain(paused) {
            if turn.progress().await.is_err() {
                break;
            }
        }
    }

    /// Counts what the streams have.
    fn count(&mut self) {
        self.counting = true;
        self.tried_to_count_at = Instant::now();
        self.room.count_begins();
        self.lanes.iter_mut().for_each(|(_, lane)| lane.count_begins());
        let bus = self.bus.clone();
        self.beside.push(async move { Done::Counted(counts(&bus).await) }.boxed());
    }

    /// Finishes what is under way and gives back what is at hand.
    async fn leave(mut self) {
        self.store_all_gathered();
        for mut turns in std::mem::take(&mut self.turns).into_values() {
            for turn in turns.drain() {
                let lane = LaneKey::of(&turn.item);
                self.beside.push(give_back(lane, turn, None).boxed());
            }
        }
        for turn in std::mem::take(&mut self.paused).into_values().flatten() {
            let lane = LaneKey::of(&turn.item);
            self.beside.push(give_back(lane, turn, None).boxed());
        }
        while self.beside.next().await.is_some() {}
        self.return_blocks(None);
        while self.beside.next().await.is_some() {}
    }
}
