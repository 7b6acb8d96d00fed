//! The clock, and what happens when.

mod drivers;
mod sending;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use contracts::mt::{MtChange, MtEvent, MtItem, MtRequest};
use contracts::subject::Target;
use contracts::{MessageId, Priority, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::fleet::Sim;
use super::queues::{Out, Queues};
use super::traffic::{self, Source};
use super::witness::Witness;
use sending::SCHEDULES;

/// How long accounts send.
const MONTH: Duration = Duration::from_hours(31 * 24);
/// Until everything has ended: the longest that a message may wait, and a day.
const REST: Duration = Duration::from_hours(6 * 24);
/// A message without an end of its own.
const EXPIRE_AFTER: Duration = Duration::from_hours(72);
/// How often it is looked for what waits for a SIM that is away. The router does so more often.
const LOOK: Duration = Duration::from_mins(10);
/// Steps that a failure tells.
const STEPS: usize = 40;

/// How often they come in October: on each day, on each Monday and Thursday, and on the last.
const TIMES: [usize; 3] = [31, 9, 1];

/// See the module.
pub(super) struct World {
    seed: u64,
    random: StdRng,
    begin: Timestamp,
    now: Timestamp,
    events: BTreeMap<(Timestamp, u64), Event>,
    serial: u64,
    sims: Vec<Sim>,
    of_target: HashMap<Target, Vec<usize>>,
    sources: Vec<Source>,
    plans: Vec<recurrence::Plan>,
    times: [usize; 3],
    bulk: usize,
    queues: Queues,
    /// `SMS_DISPATCH`.
    dispatched: HashMap<(Target, Priority), VecDeque<MtItem>>,
    tries: HashMap<MessageId, u32>,
    /// What the modems say is other than the router has seen.
    unseen: bool,
    checked: usize,
    witness: Witness,
    steps: VecDeque<String>,
}

enum Event {
    /// An account sends.
    Source(usize),
    /// The account sends its bulk.
    Bulk,
    /// The time of a schedule has come.
    Schedule(usize),
    /// What was held is requested again.
    Due(Priority, Box<MtRequest>),
    /// A modem is done with a part.
    Part(usize, u64),
    /// A window of a SIM's limits may end, or its quiet hours begin or end.
    Wake(usize),
    SimAway(usize),
    SimBack(usize),
    /// A host goes away; killed or not.
    HostAway(usize, bool),
    /// Nobody has heard of its modems for so long that they are not believed to be there.
    HostStale(usize),
    HostBack(usize),
    /// Somebody opts out, or in again.
    OptOut,
    /// The broker delivers again what could not be sent.
    Again(Box<MtItem>),
    /// Rules are changed.
    Rules,
    /// An account is disabled, or enabled again.
    Disable(bool),
    Look,
}

impl World {
    pub(super) fn new(seed: u64, bulk: usize) -> Self {
        let begin: Timestamp = "2026-10-01T00:00:00Z".parse().unwrap();
        let mut random = StdRng::seed_from_u64(seed);
        let orgs = traffic::orgs();
        let pools = traffic::POOLS.iter().flat_map(|(org, pool, count)| {
            std::iter::repeat_n((orgs[*org], pool.map(|pool| pool.parse().unwrap())), *count)
        });
        let sims: Vec<Sim> = pools
            .enumerate()
            .map(|(place, (org, pool))| Sim::new(place, org, pool, &mut random))
            .collect();
        let mut of_target: HashMap<Target, Vec<usize>> = HashMap::new();
        for (place, sim) in sims.iter().enumerate() {
            sim.targets().for_each(|target| of_target.entry(target).or_default().push(place));
        }
        let queues = Queues::new(begin, EXPIRE_AFTER, traffic::accounts());
        traffic::set(&queues.settings, &sims, false);
        let plan = |(_, _, begins, zone, repetition, _): &(_, _, &str, &str, &str, _)| {
            recurrence::Plan::parse(begins, zone, Some(repetition)).unwrap()
        };
        let plans = SCHEDULES.iter().map(plan).collect();
        let mut world = Self {
            seed,
            random,
            begin,
            now: begin,
            events: BTreeMap::new(),
            serial: 0,
            sims,
            of_target,
            sources: traffic::sources(),
            plans,
            times: [0; 3],
            bulk,
            queues,
            dispatched: HashMap::new(),
            tries: HashMap::new(),
            unseen: true,
            checked: 0,
            witness: Witness::default(),
            steps: VecDeque::new(),
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        for place in 0..self.sims.len() {
            for target in self.sims[place].targets().collect::<Vec<_>>() {
                self.witness.able(target, true, self.now);
            }
            self.tell_state(place);
            let day = self.random.random_range(0.0..14.0);
            self.later(Duration::from_hours(24).mul_f64(day), Event::SimAway(place));
        }
        let hosts = self.sims.last().map_or(0, |sim| sim.host + 1);
        for host in 0..hosts {
            let day = self.random.random_range(0.5..20.0);
            let killed = self.random.random_bool(0.5);
            self.later(Duration::from_hours(24).mul_f64(day), Event::HostAway(host, killed));
        }
        for source in 0..self.sources.len() {
            let pause = self.sources[source].pause(&mut self.random);
            self.later(pause, Event::Source(source));
        }
        for plan in 0..self.plans.len() {
            self.schedule(plan);
        }
        let days = |days: u64| Duration::from_hours(24 * days);
        let hour = self.random.random_range(0..48);
        self.later(Duration::from_hours(hour), Event::Bulk);
        self.later(Duration::from_hours(1), Event::OptOut);
        self.later(days(10), Event::Disable(true));
        self.later(days(12), Event::Disable(false));
        self.later(days(15), Event::Rules);
        self.later(Duration::ZERO, Event::Look);
    }

    fn later(&mut self, wait: Duration, event: Event) {
        self.at(self.now.plus(wait), event);
    }

    fn at(&mut self, at: Timestamp, event: Event) {
        self.serial += 1;
        self.events.insert((at.max(self.now), self.serial), event);
    }

    /// The month is not over.
    fn goes_on(&self) -> bool {
        self.now.since(self.begin) < MONTH
    }

    /// Runs until the month is over and everything has ended.
    pub(super) async fn run(&mut self) {
        self.settle();
        while let Some(((at, _), event)) = self.events.pop_first() {
            tokio::time::advance(at.since(self.now)).await;
            self.now = at;
            assert_eq!(self.queues.now(), at, "one clock");
            self.happen(event);
            // What happens at one moment is heard together.
            while let Some(next) = self.events.first_entry()
                && next.key().0 == at
            {
                let event = next.remove();
                self.happen(event);
            }
            self.settle();
            self.check();
            if !self.goes_on() && self.witness.open() == 0 {
                break;
            }
        }
        assert_eq!(self.times, TIMES, "the times of schedules in October");
        assert_eq!(self.queues.waiting(), 0, "nothing waits");
    }

    pub(super) fn summary(&self) -> String {
        self.witness.summary()
    }

    fn step(&mut self, what: &str) {
        if self.steps.len() == STEPS {
            self.steps.pop_front();
        }
        self.steps.push_back(format!("{} {what}", self.now));
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Source(source) => self.send(source),
            Event::Bulk => self.send_bulk(),
            Event::Schedule(plan) => self.send_scheduled(plan),
            Event::Due(priority, request) => {
                self.step(&format!("{} is requested again, round {}", request.to, request.round));
                self.queues.requested(priority, vec![*request]);
            }
            Event::Part(place, serial) => self.part_is_done(place, serial),
            Event::Wake(place) => {
                self.sims[place].wakes = None;
                self.tell_state(place);
                self.pull(place);
            }
            // After the month, whatever is there stays there.
            Event::SimAway(_) | Event::HostAway(..) if !self.goes_on() => {}
            Event::SimAway(place) => {
                self.step(&format!("SIM {place} goes away"));
                self.goes_away(place);
                let hours = self.random.random_range(0.1..12.0);
                self.later(Duration::from_hours(1).mul_f64(hours), Event::SimBack(place));
            }
            Event::SimBack(place) => {
                self.comes_back(place);
                if self.goes_on() {
                    let days = self.random.random_range(2.0..20.0);
                    self.later(Duration::from_hours(24).mul_f64(days), Event::SimAway(place));
                }
            }
            Event::HostAway(host, killed) => {
                self.step(&format!("host {host} goes away, killed: {killed}"));
                for place in self.of_host(host) {
                    self.goes_away_with_host(place, killed);
                }
                let stale = contracts::modem::STATE_IS_STALE_AFTER;
                self.later(stale, Event::HostStale(host));
                let hours = self.random.random_range(0.1..20.0);
                let away = Duration::from_hours(1).mul_f64(hours).max(stale * 2);
                self.later(away, Event::HostBack(host));
            }
            Event::HostStale(host) => {
                for place in self.of_host(host) {
                    self.queues.stale(self.sims[place].state.clone());
                }
                self.unseen = true;
            }
            Event::HostBack(host) => {
                for place in self.of_host(host) {
                    self.comes_back(place);
                }
                if self.goes_on() {
                    let days = self.random.random_range(5.0..25.0);
                    let killed = self.random.random_bool(0.5);
                    self.later(
                        Duration::from_hours(24).mul_f64(days),
                        Event::HostAway(host, killed),
                    );
                }
            }
            Event::OptOut => self.opt_out(),
            Event::Again(item) => {
                self.offer(*item);
            }
            Event::Rules => {
                self.step("the rules are changed");
                traffic::set(&self.queues.settings, &self.sims, true);
                self.queues.settings_changed();
                self.unseen = true;
            }
            Event::Disable(disabled) => {
                let (account, org) = (traffic::account(traffic::DISABLED), traffic::orgs()[2]);
                traffic::enable(&self.queues.settings, org, account, !disabled);
                self.witness.disable(account, disabled);
                self.queues.settings_changed();
            }
            Event::Look => {
                self.queues.look();
                if self.now.since(self.begin) > MONTH + REST {
                    self.witness.all_ended();
                }
                self.later(LOOK, Event::Look);
            }
        }
    }

    /// Does what the router can do now, and hears of it, until nothing is left.
    fn settle(&mut self) {
        loop {
            if std::mem::take(&mut self.unseen) {
                self.queues.see_modems();
            }
            self.queues.step();
            let out = self.queues.take_out();
            if out.is_empty() && !self.unseen {
                return;
            }
            for out in out {
                match out {
                    Out::Dispatched(item, waiting) => {
                        let modems = self.of_target.get(&item.target).map_or(0, Vec::len);
                        let modems = u32::try_from(modems).unwrap();
                        self.witness.dispatched(&item, &waiting, modems, self.now);
                        self.offer(*item);
                    }
                    Out::Told(request, event) => self.told(&request, *event),
                }
            }
        }
    }

    /// One modem after the other is looked at: it is not idle while something waits for it.
    fn check(&mut self) {
        self.checked = (self.checked + 1) % self.sims.len();
        let sim = &self.sims[self.checked];
        if sim.busy.is_some() || !sim.is_present() {
            return;
        }
        let id = sim.id;
        for priority in Priority::ALL {
            let sim = &self.sims[self.checked];
            if !sim.takes(priority) {
                continue;
            }
            for target in sim.targets().collect::<Vec<_>>() {
                let queue = self.dispatched.get(&(target.clone(), priority));
                let ready = queue.is_some_and(|queue| !queue.is_empty());
                assert!(
                    !ready,
                    "the modem of {id} is idle, and something is dispatched to {target}"
                );
                let more = self.queues.has_more_for(&target, priority);
                assert!(!more, "the modem of {id} is idle, and something waits for {target}");
            }
        }
    }

    /// What is told of a message is kept: its end, or until when it is held.
    fn told(&mut self, request: &MtRequest, event: MtEvent) {
        match event.change {
            MtChange::Held { until, tries, round, gate } => {
                if gate == contracts::mt::Gate::Route {
                    self.witness.reroutes += 1;
                }
                let priority = self.witness.priority(event.message);
                let request = MtRequest { round, tries, ..request.clone() };
                self.at(until, Event::Due(priority, Box::new(request)));
            }
            change => self.witness.ended(event.message, change.state()),
        }
    }
}

/// A failure names its seed and what came before it.
impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let steps = self.steps.iter().map(String::as_str).collect::<Vec<_>>().join("\n  ");
            println!("simulation: seed {} failed at {} after\n  {steps}", self.seed, self.now);
            println!("again: SIMULATION_SEEDS={} cargo test -p router --lib simulation", self.seed);
        }
    }
}
