//! Books of its own: what was asked for, what went out where, and what became of each message.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Duration;

use contracts::limits::{Limit, Limits};
use contracts::mt::{MtItem, MtRequest};
use contracts::subject::Target;
use contracts::{MessageId, MtState, OrgId, PhoneNumber, Priority, SimId, Timestamp, UserId};
use jiff::tz::TimeZone;

use super::fleet::Sim;
use super::queues::DEPTH;
use super::traffic;

/// The most seconds that a modem takes for a part.
pub(super) const LONGEST_PART: f64 = 25.0;
/// The longest that a modem takes for one message, which has three parts at most.
const LONGEST: Duration = Duration::from_secs(75);
/// One-time passwords whose beginnings are remembered, a target.
const REMEMBERED: usize = 200;

/// See the module.
#[derive(Default)]
pub(super) struct Witness {
    open: HashMap<MessageId, Open>,
    ended: BTreeMap<&'static str, u64>,
    over: HashSet<MessageId>,
    /// What each SIM sent in the windows that it is in, with what tells one window from another.
    windows: HashMap<(SimId, Limit), (Window, u32)>,
    /// How often each account was passed by another since its last turn, at a target.
    passed: HashMap<(Target, Priority), HashMap<UserId, Passed>>,
    /// How often a SIM of a target came back or opened.
    opened: HashMap<Target, u32>,
    most_passed: u32,
    opted_out: HashSet<(OrgId, PhoneNumber)>,
    disabled: HashSet<UserId>,
    /// Since when a modem of a target takes one-time passwords, and how many do.
    able: HashMap<Target, (u32, Timestamp)>,
    /// When the last ones were begun at the modems of a target.
    passwords: HashMap<Target, VecDeque<Timestamp>>,
    pub(super) parts: u64,
    pub(super) closings: u64,
    pub(super) reroutes: u64,
    longest: Duration,
    /// What happened in which order, in one number.
    digest: u64,
}

/// How often an account was passed since its last turn.
#[derive(Default)]
struct Passed {
    by: HashMap<UserId, PassedBy>,
    /// How many SIMs had come back by then.
    opened: u32,
}

/// How often an account was passed by another: at how many moments, and with how many turns at the last of them.
struct PassedBy {
    at: Timestamp,
    moments: u32,
    turns: u32,
}

/// A message that has not ended.
struct Open {
    owner: UserId,
    priority: Priority,
    /// When it was asked for, or may go at the earliest.
    from: Timestamp,
    /// When it is over.
    until: Timestamp,
}

/// The window that a moment is in: date and time of the clock as far as they count, and the clock's offset.
type Window = (i16, i8, i8, i8, i8, i32);

impl Witness {
    /// A message is asked for. Without an end of its own it is over so long after it was, or after it may go.
    pub(super) fn asked(&mut self, request: &MtRequest, priority: Priority, at_most: Duration) {
        let asked = request.created_at.unwrap();
        let from = request.not_before.map_or(asked, |from| from.max(asked));
        let until = request.not_after.unwrap_or_else(|| from.plus(at_most));
        let open = Open { owner: request.owner, priority, from, until };
        assert!(self.open.insert(request.id.unwrap(), open).is_none(), "asked for twice");
    }

    /// A message came to its end.
    pub(super) fn ended(&mut self, id: MessageId, state: MtState) {
        assert!(!self.over.contains(&id), "{id} ended before, and is {state} now");
        let open = self.open.remove(&id).unwrap_or_else(|| panic!("nobody asked for {id}"));
        self.over.insert(id);
        let state = state.as_str();
        *self.ended.entry(state).or_default() += 1;
        self.note(&format!("{state} {} {}", open.owner, open.priority));
    }

    /// Nothing more will happen.
    pub(super) fn all_ended(&self) {
        let mut left: Vec<String> = self
            .open
            .iter()
            .map(|(id, open)| {
                format!("{id} of {} ({}) until {}", open.owner, open.priority, open.until)
            })
            .collect();
        left.sort();
        left.truncate(5);
        assert!(self.open.is_empty(), "{} did not end: {left:#?}", self.open.len());
    }

    /// The priority with which a message was asked for.
    pub(super) fn priority(&self, id: MessageId) -> Priority {
        self.open.get(&id).expect("what is held has not ended").priority
    }

    pub(super) fn open(&self) -> usize {
        self.open.len()
    }

    pub(super) fn opt_out(&mut self, org: OrgId, number: &PhoneNumber, out: bool) {
        if out {
            self.opted_out.insert((org, number.clone()));
        } else {
            self.opted_out.remove(&(org, number.clone()));
        }
    }

    pub(super) fn disable(&mut self, account: UserId, disabled: bool) {
        if disabled {
            self.disabled.insert(account);
        } else {
            self.disabled.remove(&account);
        }
    }

    /// A message is given to the modems of its target, of which there are so many, while these accounts wait for the same.
    pub(super) fn dispatched(
        &mut self,
        item: &MtItem,
        waiting: &[UserId],
        modems: u32,
        now: Timestamp,
    ) {
        let MtRequest { org, owner, to, .. } = &item.request;
        assert!(!self.opted_out.contains(&(*org, to.clone())), "{} is for who opted out", item.id);
        assert!(!self.disabled.contains(owner), "{} is of a disabled account", item.id);
        let of_it = self.passed.entry((item.target.clone(), item.priority)).or_default();
        of_it.retain(|account, _| waiting.contains(account));
        let opened = self.opened.get(&item.target).copied().unwrap_or_default();
        for account in waiting {
            let passed = of_it.entry(*account).or_insert(Passed { opened, ..Passed::default() });
            let by = passed.by.entry(*owner).or_insert(PassedBy { at: now, moments: 1, turns: 0 });
            if by.at != now {
                *by = PassedBy { at: now, moments: by.moments + 1, turns: 0 };
            }
            by.turns += 1;
            // An account of which nothing is at hand for the moment comes after the others that are there when more of it is; and
            // the places of a modem that comes back go to those of whom something is at hand.
            let moments = 2 + opened - passed.opened;
            assert!(
                by.moments <= moments && by.turns <= DEPTH * modems,
                "{account} waits for {} while {owner} has {} turns at one moment, the {}th",
                item.target,
                by.turns,
                by.moments
            );
            self.most_passed = self.most_passed.max(by.turns);
        }
    }

    /// A modem begins a message, tried for the first time or not.
    pub(super) fn begun(&mut self, sim: &Sim, item: &MtItem, is_first: bool, now: Timestamp) {
        let open = self.open.get(&item.id).expect("what is sent was asked for and has not ended");
        assert!(now < open.until, "{} is over since {}", item.id, open.until);
        assert!(open.from <= now, "{} is early: {}", item.id, open.from);
        assert_eq!(open.priority, item.priority, "{}", item.id);
        assert_eq!(sim.org, item.request.org, "{} goes out through another's SIM", item.id);
        let may_use = sim.pool.is_some() || open.owner == traffic::account(traffic::TEAM);
        assert!(may_use, "{} goes out through a team's SIM", item.id);
        if item.priority == Priority::Otp {
            if is_first {
                let (able, since) = self.able.get(&item.target).copied().unwrap();
                assert!(able > 0, "{} is begun by none", item.id);
                let from = open.from.max(since);
                let begun = self.passwords.get(&item.target).into_iter().flatten();
                let before = begun.filter(|at| **at >= from).count();
                let bound = LONGEST * u32::try_from(before + 1).unwrap();
                let waited = now.since(from);
                assert!(waited <= bound, "a password waited {waited:?}, {before} before it");
                self.longest = self.longest.max(waited);
            }
            for target in sim.targets() {
                let begun = self.passwords.entry(target).or_default();
                begun.push_back(now);
                if begun.len() > REMEMBERED {
                    begun.pop_front();
                }
            }
        } else {
            let is_quiet =
                sim.limits.quiet.is_some_and(|quiet| is_quiet(&quiet.to_string(), now, &sim.zone));
            assert!(!is_quiet, "{} is begun in quiet hours of {}", item.id, sim.id);
        }
        self.note(&format!("{now} {} {}", sim.id, open_name(item)));
    }

    /// A part goes out.
    pub(super) fn part(&mut self, sim: &Sim, now: Timestamp) {
        self.parts += 1;
        for limit in Limit::COUNTED {
            let Some(most) = most(&sim.limits, limit, now, &sim.zone) else { continue };
            let window = window(limit, now, &sim.zone);
            let (last, count) = self.windows.entry((sim.id, limit)).or_insert((window, 0));
            if *last != window {
                (*last, *count) = (window, 0);
            }
            *count += 1;
            assert!(*count <= most, "{} has sent {count} {limit}, and {most} are allowed", sim.id);
        }
    }

    /// A SIM takes one-time passwords from now on, or takes them no more.
    pub(super) fn able(&mut self, target: Target, is_able: bool, now: Timestamp) {
        let (count, since) = self.able.entry(target).or_insert((0, now));
        if is_able {
            if *count == 0 {
                *since = now;
            }
            *count += 1;
        } else {
            *count -= 1;
        }
    }

    /// A SIM comes back, or opens.
    pub(super) fn opened(&mut self, target: Target) {
        *self.opened.entry(target).or_default() += 1;
    }

    fn note(&mut self, what: &str) {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        self.digest = what.bytes().fold(self.digest, step);
    }

    pub(super) fn summary(&self) -> String {
        format!(
            "{:?}, {} parts, {} times closed by a limit, {} rerouted, longest wait of a password {:?}, passed by {} turns at most, digest {:016x}",
            self.ended,
            self.parts,
            self.closings,
            self.reroutes,
            self.longest,
            self.most_passed,
            self.digest
        )
    }
}

fn open_name(item: &MtItem) -> String {
    format!("{} {}", item.request.owner, item.request.to)
}

/// What a limit is on a day, by the words of the documentation: a warming SIM has the day's number of its week, which
/// doubles from one to the next, and never more than the usual one.
fn most(limits: &Limits, limit: Limit, now: Timestamp, zone: &TimeZone) -> Option<u32> {
    let usual = limits.most(limit);
    let Some(warm_up) = limits.warm_up.filter(|_| limit == Limit::Day) else { return usual };
    let today = now.to_jiff().to_zoned_datetime(zone.clone()).date();
    let days = warm_up.from.until(today).unwrap().get_days().max(0);
    let warm = (0..days / 7).fold(warm_up.first_day.get(), |most, _| most.saturating_mul(2));
    Some(usual.map_or(warm, |usual| usual.min(warm)))
}

fn window(limit: Limit, now: Timestamp, zone: &TimeZone) -> Window {
    let at = now.to_jiff().to_zoned_datetime(zone.clone());
    let (year, month, day) = (at.year(), at.month(), at.day());
    let offset = at.offset().seconds();
    match limit {
        Limit::Minute => (year, month, day, at.hour(), at.minute(), offset),
        Limit::Hour => (year, month, day, at.hour(), 0, offset),
        Limit::Day => (year, month, day, 0, 0, 0),
        _ => (year, month, 0, 0, 0, 0),
    }
}

/// Whether it is quiet, by the words that people write: `22:00-06:00`.
fn is_quiet(hours: &str, now: Timestamp, zone: &TimeZone) -> bool {
    let at = now.to_jiff().to_zoned_datetime(zone.clone());
    let now = format!("{:02}:{:02}", at.hour(), at.minute());
    let (from, to) = hours.split_once('-').unwrap();
    if from < to {
        from <= now.as_str() && now.as_str() < to
    } else {
        from <= now.as_str() || now.as_str() < to
    }
}
