//! The router's decisions, with the broker's streams in memory and nothing between them that takes time.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use contracts::batch::Place;
use contracts::modem::ModemState;
use contracts::mt::{Gate, MtChange, MtEvent, MtItem, MtRequest};
use contracts::subject::Target;
use contracts::{Priority, SimId, Timestamp, UserId};
use numbering::Plan;
use platform::Clock;
use tokio::time::Instant;

use crate::admission::{Rules, no_longer};
use crate::cancelled::Cancelled;
use crate::gates::Gates;
use crate::holds::Holds;
use crate::intake::{Decided, Intake, Together};
use crate::lane::{FETCH_AT_MOST, LaneKey};
use crate::lane_table::LaneTable;
use crate::orders::Orders;
use crate::pools::Pools;
use crate::progress::Progress;
use crate::recent::Recent;
use crate::release::verdict::{Facts, Verdict, verdict};
use crate::release::{hear, offer, stray};
use crate::room::Room;
use crate::settings::Settings;
use crate::strangers::Strangers;
use crate::turns::Turns;
use crate::ways::Ways;

/// Items a priority for each modem, as the configuration has it.
pub(super) const DEPTH: u32 = 2;
/// Rounds in which everything that can be done at a moment is done, whatever that is.
const ROUNDS: usize = 100_000;

/// See the module.
pub(super) struct Queues {
    pub(super) settings: Settings,
    clock: Clock,
    intake: Intake<(), ()>,
    pools: Pools,
    /// When all states were heard. Drivers write each state again and again, so those that are there do not age.
    heard_at: Instant,
    ways: Ways,
    room: Room,
    recent: Recent,
    lanes: LaneTable,
    turns: HashMap<Priority, Turns<Turn>>,
    /// What `SMS_WAIT` has that is not at hand.
    waiting: HashMap<LaneKey, VecDeque<Stored>>,
    /// All that send.
    accounts: Vec<UserId>,
    out: Vec<Out>,
}

/// What comes of it.
pub(super) enum Out {
    /// Stored in `SMS_DISPATCH`, while these other accounts waited for the same modems with the same priority.
    Dispatched(Box<MtItem>, Vec<UserId>),
    /// Told of a request.
    Told(Box<MtRequest>, Box<MtEvent>),
}

/// What waits in `SMS_WAIT`, and how far the router came with it.
struct Stored {
    item: MtItem,
    place: Option<Place>,
}

/// A message at hand.
struct Turn {
    item: MtItem,
    index: usize,
    hand: Rc<RefCell<Hand>>,
}

/// What is at hand of what is stored.
struct Hand {
    item: MtItem,
    waited: bool,
    progress: Progress,
    left: usize,
}

impl Queues {
    pub(super) fn new(begin: Timestamp, expire_after: Duration, accounts: Vec<UserId>) -> Self {
        let (settings, clock) = (Settings::default(), Clock::following(begin));
        let ways = Ways::default();
        // Nobody hears what is admitted but the simulation, which asks for it.
        let (release, _) = tokio::sync::mpsc::channel(1);
        let intake = Intake {
            bus: (),
            clock,
            rules: Rules { max_parts: 10, expire_after },
            numbers: Arc::new(Plan::default()),
            settings: settings.clone(),
            ways: ways.clone(),
            strangers: Strangers::new(settings.clone()),
            cancelled: Cancelled::default(),
            orders: Orders::default(),
            gates: Gates::default(),
            holds: Holds::default(),
            credit: (),
            release,
        };
        Self {
            settings,
            clock,
            intake,
            pools: Pools::default(),
            heard_at: Instant::now(),
            ways,
            room: Room::new(DEPTH),
            recent: Recent::default(),
            lanes: LaneTable::default(),
            turns: HashMap::new(),
            waiting: HashMap::new(),
            accounts,
            out: Vec::new(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What was done since it was asked last.
    pub(super) fn take_out(&mut self) -> Vec<Out> {
        std::mem::take(&mut self.out)
    }

    /// A modem's state is heard.
    pub(super) fn modem(&mut self, state: ModemState) -> bool {
        self.intake.strangers.modem(&state);
        let now = self.now();
        self.pools.put(ModemState { seen_at: now, ..state }, now, self.heard_at.into_std())
    }

    /// A modem's state was not written for so long that it is believed no more.
    pub(super) fn stale(&mut self, state: ModemState) {
        let now = self.now();
        let long_ago = now.minus(contracts::modem::STATE_IS_STALE_AFTER);
        self.pools.put(ModemState { seen_at: long_ago, ..state }, now, self.heard_at.into_std());
    }

    /// Sees anew which modems are online.
    pub(super) fn see_modems(&mut self) {
        let at = self.heard_at.into_std();
        let is_in_pools = |sim: SimId| self.settings.is_in_pools(sim);
        self.ways.set_online(self.pools.sims_online(at, is_in_pools));
        if self.room.set_online(self.pools.online(at, is_in_pools)) {
            self.lanes.touch_all();
        }
        for priority in Priority::ALL {
            let Some(turns) = self.turns.get_mut(&priority) else { continue };
            let offline = turns.targets().filter(|target| !self.room.is_online(target, priority));
            let offline: Vec<Target> = offline.cloned().collect();
            let back: Vec<Turn> =
                offline.iter().flat_map(|target| turns.take(target).collect::<Vec<_>>()).collect();
            for turn in back {
                self.settle(turn, false);
            }
        }
    }

    /// Settings were heard: what lost its leave is refused.
    pub(super) fn settings_changed(&mut self) {
        self.lanes.touch_all();
        let settings = &self.settings;
        let refused: Vec<Turn> = self
            .turns
            .values_mut()
            .flat_map(|turns| turns.take_if(|account, target| settings.refuses(account, target)))
            .collect();
        for turn in refused {
            let verdict = self.verdict(&turn.item);
            self.turn_away(turn, verdict);
        }
    }

    /// Something happened to a message.
    pub(super) fn happened(&mut self, event: &MtEvent) {
        self.intake.holds.hear(event);
        hear::note(event, &mut self.room, &mut self.recent, Instant::now());
        // Places are given at each step.
    }

    /// Whether something waits for modems of this target which have room for it.
    pub(super) fn has_more_for(&mut self, target: &Target, priority: Priority) -> bool {
        let now = self.now();
        let of_it = |key: &LaneKey| key.priority == priority && key.target == *target;
        let waits = self.waiting.iter().any(|(key, stored)| of_it(key) && !stored.is_empty());
        let at_hand = self.turns.get(&priority);
        let at_hand = at_hand.is_some_and(|turns| turns.targets().any(|other| other == target));
        (waits || at_hand) && self.room.free(target, priority, now) > 0
    }

    /// How many stored messages wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.values().map(VecDeque::len).sum()
    }

    /// Requests that came as one stored message.
    pub(super) fn requested(&mut self, priority: Priority, requests: Vec<MtRequest>) {
        let now = self.now();
        let mut admitted = Together::default();
        for request in requests {
            // What is held is kept as it came.
            let early = request.not_before.is_some_and(|from| from > now);
            let kept = early.then(|| request.clone());
            let brief = MtRequest::text(request.to.clone(), "");
            let brief = MtRequest { id: request.id, owner: request.owner, ..brief };
            match self.intake.decide(priority, request) {
                Decided::Admitted(item) => admitted.add(*item),
                Decided::Told(event) => {
                    self.intake.holds.hear(&event);
                    self.out.push(Out::Told(Box::new(kept.unwrap_or(brief)), Box::new(event)));
                }
                Decided::Dropped => panic!("a request without an id"),
            }
        }
        if !admitted.items.is_empty() {
            self.admit(admitted.items);
        }
    }

    /// What was admitted goes at once, or waits.
    fn admit(&mut self, items: Vec<MtItem>) {
        let now = self.now();
        let Some(lane) = items.first().map(LaneKey::of) else { return };
        let waits = self.turns.get(&lane.priority);
        let is_first = self.lanes.get(&lane).is_none_or(crate::lane::Lane::is_idle)
            && waits.is_none_or(|turns| turns.targets().all(|target| *target != lane.target));
        let free = self.room.free(&lane.target, lane.priority, now);
        if let [item] = &items[..]
            && is_first
            && usize::try_from(free).is_ok_and(|free| item.len() <= free)
            && item.messages().all(|item| self.verdict(&item) == Verdict::Go)
        {
            for turn in turns(Stored { item: item.clone(), place: None }, false) {
                self.give(turn);
            }
            return;
        }
        for item in items {
            let key = LaneKey::of(&item);
            let lane = self.lanes.entry(key.clone()).or_default();
            lane.arriving(1);
            lane.has_arrived(1, item.request.not_after, true);
            self.waiting.entry(key).or_default().push_back(Stored { item, place: None });
        }
    }

    /// Everything that can be done now.
    pub(super) fn step(&mut self) {
        for _ in 0..ROUNDS {
            for priority in Priority::ALL {
                self.release(priority);
            }
            let mut due = self.lanes.take_due(Instant::now());
            if due.is_empty() {
                return;
            }
            // The same in every run.
            due.sort_by_cached_key(|key| (key.priority, key.target.to_string(), key.account));
            for key in &due {
                self.note_pressing(key);
            }
            for key in &due {
                let turns = self.turns.get(&key.priority);
                let ready = turns.map_or(0, |turns| turns.count(&key.target, key.account));
                let (room, settings) = (&self.room, &self.settings);
                let is_open = room.is_online(&key.target, key.priority);
                let now = Instant::now();
                if let Some(count) =
                    offer::count(key, ready, (true, is_open), &mut self.lanes, room, settings, now)
                {
                    self.fetch(key, count);
                }
            }
            for key in due {
                self.note_pressing(&key);
                self.lanes.looked(key, None);
            }
        }
        panic!("the router does not come to rest");
    }

    fn note_pressing(&mut self, key: &LaneKey) {
        let moves = self.room.is_online(&key.target, key.priority)
            || self.settings.refuses(key.account, &key.target);
        let presses = self.lanes.get(key).is_some_and(crate::lane::Lane::has_backlog) && moves;
        self.lanes.set_pressing(key, presses);
    }

    /// Gives free places to the accounts in turn.
    fn release(&mut self, priority: Priority) {
        let Some(turns) = self.turns.get(&priority) else { return };
        let now = self.now();
        let online = turns.targets().filter(|target| self.room.is_online(target, priority));
        let mut targets: Vec<Target> = online.cloned().collect();
        targets.sort_by_cached_key(ToString::to_string);
        for target in targets {
            let mut free = self.room.free(&target, priority, now);
            while free > 0 {
                let weight = |account| self.settings.turns_of(account);
                let turns = self.turns.get_mut(&priority);
                let next = turns.and_then(|turns| turns.next(&target, weight, |_, _| true));
                let Some((account, turn)) = next else { break };
                self.lanes.touch(&LaneKey { account, priority, target: target.clone() });
                match self.verdict(&turn.item) {
                    Verdict::Go => {
                        free -= 1;
                        self.give(turn);
                    }
                    verdict => self.turn_away(turn, verdict),
                }
            }
        }
    }

    fn give(&mut self, turn: Turn) {
        let item = turn.item.clone();
        let LaneKey { account, priority, target } = LaneKey::of(&item);
        self.recent.insert(item.id, item.request.round, Instant::now());
        self.room.released(item.id, target.clone(), priority);
        self.room.stored(item.id);
        self.settle(turn, true);
        let turns = self.turns.get(&priority);
        let waits = |other: &UserId| {
            let key = LaneKey { account: *other, priority, target: target.clone() };
            turns.is_some_and(|turns| turns.count(&target, *other) > 0)
                || self.waiting.contains_key(&key)
        };
        let others = self.accounts.iter().copied().filter(|other| *other != account);
        let waiting = others.filter(waits).collect();
        self.out.push(Out::Dispatched(Box::new(item), waiting));
    }

    fn fetch(&mut self, key: &LaneKey, count: usize) {
        let found: Vec<Stored> = match self.waiting.get_mut(key) {
            Some(stored) => stored.drain(..count.min(stored.len())).collect(),
            None => Vec::new(),
        };
        if self.waiting.get(key).is_some_and(VecDeque::is_empty) {
            self.waiting.remove(key);
        }
        assert_eq!(found.len(), count, "the lane knows what is there");
        let messages = found.iter().map(|stored| stored.item.len()).sum();
        let lane = self.lanes.entry(key.clone()).or_default();
        lane.has_messages(messages, found.len());
        lane.fetched(found.len(), Instant::now());
        for turn in found.into_iter().flat_map(|stored| turns(stored, true)) {
            match self.verdict(&turn.item) {
                Verdict::Go => self.take_turn(turn),
                Verdict::Hold if self.room.is_online(&turn.item.target, turn.item.priority) => {
                    self.take_turn(turn);
                }
                verdict => self.turn_away(turn, verdict),
            }
        }
    }

    fn take_turn(&mut self, turn: Turn) {
        let LaneKey { account, priority, target } = LaneKey::of(&turn.item);
        self.turns.entry(priority).or_default().push(target, account, turn);
    }

    fn verdict(&self, item: &MtItem) -> Verdict {
        let MtRequest { org, owner, sim, .. } = item.request;
        let standing = self.settings.standing(org, owner, sim, &item.request.to);
        let (settings, ways) = (&self.settings, &self.ways);
        let facts = Facts {
            cancelled: false,
            released: Some(self.recent.contains(item.id, item.request.round)),
            held: self.intake.holds.of(item.id, item.request.round),
            order: None,
            refusal: no_longer(standing, String::new),
            astray: stray::is_astray(item, &self.lanes, &self.room, settings, ways, self.now()),
            online: self.room.is_online(&item.target, item.priority),
        };
        verdict(&item.request, facts, self.now())
    }

    fn turn_away(&mut self, turn: Turn, verdict: Verdict) {
        let key = LaneKey::of(&turn.item);
        if verdict == Verdict::Reroute
            && !self.room.is_online(&key.target, key.priority)
            && let Some(lane) = self.lanes.get_mut(&key)
        {
            lane.look_through();
        }
        let MtRequest { tries, round, .. } = turn.item.request;
        let change = match verdict {
            Verdict::Refuse(error) => MtChange::Rejected { error },
            Verdict::Expire => MtChange::Expired {},
            Verdict::Reroute => {
                MtChange::Held { gate: Gate::Route, until: self.now(), tries, round: round + 1 }
            }
            Verdict::DropReleased | Verdict::DropHeld(_) | Verdict::DropCancelled => {
                return self.settle(turn, true);
            }
            Verdict::Cancel(by) => MtChange::Cancelled { by },
            Verdict::Go | Verdict::Hold | Verdict::Pause => return self.settle(turn, false),
        };
        let MtItem { id, request, priority, .. } = turn.item.clone();
        let event = MtEvent::of(id, &request, self.now(), change).of_priority(priority);
        self.intake.holds.hear(&event);
        self.settle(turn, true);
        self.room.ended(id);
        let online = self.room.is_online(&key.target, key.priority);
        let now = self.now();
        if let Some(lane) = self.lanes.get_mut(&key).filter(|lane| !online && lane.is_untouched()) {
            lane.set_ends_at(Some(now));
        }
        self.out.push(Out::Told(Box::new(request), Box::new(event)));
    }

    /// Settles a message at hand, and what is stored when it was the last of it.
    fn settle(&mut self, turn: Turn, done: bool) {
        let Turn { item, index, hand } = turn;
        let key = LaneKey::of(&item);
        let mut hand = hand.borrow_mut();
        hand.left -= 1;
        if done {
            hand.progress.done(index);
        }
        if hand.left > 0 || !hand.waited {
            return;
        }
        let lane = self.lanes.entry(key.clone()).or_default();
        if hand.progress.is_over() {
            lane.done();
        } else {
            lane.given_back();
            let (item, place) = (hand.item.clone(), Some(hand.progress.place()));
            self.waiting.entry(key).or_default().push_back(Stored { item, place });
        }
    }

    /// Looks for what waits for a SIM that is away, and for what is over of that which nobody fetches.
    pub(super) fn look(&mut self) {
        let may_stray = self.room.is_anybody_online();
        let now = self.now();
        let mut over = Vec::new();
        for (key, lane) in self.lanes.iter_mut() {
            let is_online = self.room.is_online(&key.target, key.priority);
            let is_away = matches!(key.target, Target::Sim(_)) && !is_online;
            if lane.is_still_away(is_away) && may_stray {
                lane.look_at_first();
            }
            if !is_online && lane.has_backlog() && lane.ends_at().is_none_or(|end| end <= now) {
                over.push(key.clone());
            }
        }
        over.sort_by_cached_key(|key| (key.priority, key.target.to_string(), key.account));
        for key in over {
            self.take_over(&key, now);
        }
    }

    /// Takes out what is over of a lane whose target has no modem.
    fn take_over(&mut self, key: &LaneKey, now: Timestamp) {
        // Each look takes out as many at most.
        for _ in 0..ROUNDS {
            let first = self.waiting.get(key).and_then(VecDeque::front);
            let end = first.and_then(|stored| stored.item.request.not_after);
            let Some(lane) = self.lanes.get_mut(key) else { return };
            lane.set_ends_at(end);
            if end.is_none_or(|end| end > now) {
                return;
            }
            let Some(count) = lane.fetch(0, FETCH_AT_MOST, Instant::now()) else { return };
            self.fetch(key, count);
        }
    }
}

/// The messages of what is stored that are not done.
fn turns(stored: Stored, waited: bool) -> Vec<Turn> {
    let Stored { item, place } = stored;
    let progress = Progress::at(place.as_ref(), item.len());
    let all = item.messages().enumerate().filter(|(index, _)| progress.is_left(*index));
    let all: Vec<(usize, MtItem)> = all.collect();
    let hand = Hand { item, waited, progress, left: all.len() };
    let hand = Rc::new(RefCell::new(hand));
    let turn = |(index, item)| Turn { item, index, hand: Rc::clone(&hand) };
    all.into_iter().map(turn).collect()
}
