//! The conditions of a rule, made ready to be asked of many messages.

use std::cell::OnceCell;
use std::collections::HashSet;

use contracts::routes::{Conditions, Day, Hours, Prefix};
use contracts::{KeyId, Priority, Timestamp, UserId, bounds};
use jiff::tz::TimeZone;

use crate::zones::zone;
use crate::{Message, Miss};

/// Digits as one number, each in four bits from the highest on: numbers that begin alike are near each other, and one step
/// says whether one begins with another.
pub(crate) fn packed(digits: &str) -> u64 {
    let mut packed = 0;
    for (digit, place) in digits.bytes().zip((0..=60).rev().step_by(4)) {
        // None of them is 0, which stands for the end.
        let bits: u64 = match digit {
            b'0'..=b'9' => u64::from(digit - b'0') + 1,
            b'*' => 11,
            b'#' => 12,
            _ => 13,
        };
        packed |= bits << place;
    }
    packed
}

/// What a number begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Beginning {
    digits: u64,
    /// The bits of those digits.
    mask: u64,
}

impl Beginning {
    fn new(prefix: &Prefix) -> Self {
        let digits = packed(prefix.digits());
        // A prefix has a digit, and fewer than sixteen.
        let mask = u64::MAX << (digits.trailing_zeros() / 4 * 4);
        Self { digits, mask }
    }

    const fn begins(self, number: u64) -> bool {
        number & self.mask == self.digits
    }
}

/// What numbers begin with: of prefixes of which one begins with another, the shorter; sorted, so that at most one of them can
/// fit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prefixes {
    /// For numbers in any writing.
    any: Vec<Beginning>,
    /// For international numbers alone.
    international: Vec<Beginning>,
}

impl Prefixes {
    pub(crate) fn new(prefixes: &[Prefix]) -> Self {
        let of = |international: bool| {
            let some = prefixes.iter().filter(|one| one.is_international() == international);
            let mut all: Vec<Beginning> = some.map(Beginning::new).collect();
            all.sort_unstable();
            // What begins with a shorter one of them stands behind it.
            all.dedup_by(|longer, shorter| shorter.begins(longer.digits));
            all
        };
        Self { any: of(false), international: of(true) }
    }

    const fn is_empty(&self) -> bool {
        self.any.is_empty() && self.international.is_empty()
    }

    /// Whether every number that begins with `prefix` begins with one of them.
    pub(crate) fn cover(&self, prefix: &Prefix) -> bool {
        self.fit(packed(prefix.digits()), prefix.is_international())
    }

    fn fit(&self, number: u64, is_international: bool) -> bool {
        begins(&self.any, number) || is_international && begins(&self.international, number)
    }
}

/// Whether a number begins with one of these, of which none begins with another: that could only be the last one that is not
/// greater.
fn begins(sorted: &[Beginning], number: u64) -> bool {
    let after = sorted.partition_point(|one| one.digits <= number);
    after.checked_sub(1).is_some_and(|at| sorted[at].begins(number))
}

/// Some hours of some days.
#[derive(Debug, Clone)]
struct Window {
    /// Which of the zones of all rules.
    zone: usize,
    from: u16,
    until: u16,
    /// A bit for each day from Monday.
    days: u8,
}

impl Window {
    fn holds(&self, local: Local) -> bool {
        let is_on = |day: u8| self.days & (1 << day) != 0;
        let Local { day, minute } = local;
        if self.from < self.until {
            return is_on(day) && (self.from..self.until).contains(&minute);
        }
        // Over midnight: what began yesterday goes on.
        (minute >= self.from && is_on(day)) || (minute < self.until && is_on((day + 6) % 7))
    }
}

/// A time by the clocks of a zone.
#[derive(Debug, Clone, Copy)]
struct Local {
    /// From Monday.
    day: u8,
    minute: u16,
}

/// A bit for each day; all of them when none is named.
pub(crate) fn days(hours: &Hours) -> u8 {
    if hours.days.is_empty() {
        return 0x7F;
    }
    hours.days.iter().fold(0, |bits, day| bits | 1 << number_of(*day))
}

fn number_of(day: Day) -> u8 {
    Day::ALL.iter().zip(0..).find(|(one, _)| **one == day).map_or(0, |(_, number)| number)
}

/// The zones that rules name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Zones {
    names: Vec<String>,
    zones: Vec<Option<TimeZone>>,
}

impl Zones {
    fn place(&mut self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.zones.push(zone(name));
            self.names.len() - 1
        })
    }
}

/// A message with what is found out about it once, however many rules ask.
pub(crate) struct Asked<'a> {
    pub(crate) message: &'a Message<'a>,
    /// The recipient's digits.
    number: u64,
    zones: &'a Zones,
    word: OnceCell<String>,
    locals: OnceCell<Vec<Option<Local>>>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(message: &'a Message<'a>, zones: &'a Zones) -> Self {
        let number = packed(message.to.digits());
        Self { message, number, zones, word: OnceCell::new(), locals: OnceCell::new() }
    }

    /// The first word of the text in small letters; empty when there is none, or when it is longer than any keyword.
    fn word(&self) -> &str {
        self.word.get_or_init(|| {
            let word = self.message.text.and_then(|text| text.split_whitespace().next());
            let word = word.filter(|word| word.chars().count() <= bounds::KEYWORD);
            word.map(str::to_lowercase).unwrap_or_default()
        })
    }

    fn local(&self, zone: usize) -> Option<Local> {
        let at = self.message.at;
        let locals = self.locals.get_or_init(|| {
            let zones = self.zones.zones.iter();
            zones.map(|zone| zone.as_ref().and_then(|zone| local(zone, at))).collect()
        });
        locals.get(zone).copied().flatten()
    }
}

fn local(zone: &TimeZone, at: Timestamp) -> Option<Local> {
    let time = zone.to_datetime(at.to_jiff());
    let day = u8::try_from(time.weekday().to_monday_zero_offset()).ok()?;
    let minute = u16::try_from(i16::from(time.hour()) * 60 + i16::from(time.minute())).ok()?;
    Some(Local { day, minute })
}

/// What a rule asks of a message.
#[derive(Debug, Clone)]
pub(crate) struct Questions {
    prefixes: Prefixes,
    accounts: HashSet<UserId>,
    /// A bit for each priority; none: it is not asked for.
    priorities: Option<u8>,
    keywords: HashSet<String>,
    /// What few rules ask for, so that the others ask once whether they do.
    marks: Option<Box<Marks>>,
    window: Option<Window>,
}

/// By what a message was marked: the key that it came by, and what its sender wrote on it.
#[derive(Debug, Clone)]
struct Marks {
    keys: HashSet<KeyId>,
    tags: HashSet<String>,
    senders: HashSet<String>,
}

impl Marks {
    /// None: they are not asked for.
    fn new(conditions: &Conditions) -> Option<Box<Self>> {
        let Conditions { keys, tags, senders, .. } = conditions;
        let is_asked = !(keys.is_empty() && tags.is_empty() && senders.is_empty());
        is_asked.then(|| {
            Box::new(Self {
                keys: keys.iter().copied().collect(),
                tags: tags.iter().cloned().collect(),
                senders: senders.iter().cloned().collect(),
            })
        })
    }

    fn miss(&self, message: &Message<'_>) -> Option<Miss> {
        let Self { keys, tags, senders } = self;
        if !keys.is_empty() && message.key.is_none_or(|key| !keys.contains(&key)) {
            return Some(Miss::Key);
        }
        if !tags.is_empty() && message.tag.is_none_or(|tag| !tags.contains(tag)) {
            return Some(Miss::Tag);
        }
        let is_other = || message.sender.is_none_or(|sender| !senders.contains(sender));
        (!senders.is_empty() && is_other()).then_some(Miss::Sender)
    }
}

impl Questions {
    pub(crate) fn new(conditions: &Conditions, zones: &mut Zones) -> Self {
        let Conditions { prefixes, accounts, priorities, keywords, hours, .. } = conditions;
        let bits = priorities.iter().fold(0, |bits, priority| bits | bit(*priority));
        Self {
            prefixes: Prefixes::new(prefixes),
            accounts: accounts.iter().copied().collect(),
            priorities: (!priorities.is_empty()).then_some(bits),
            keywords: keywords.iter().map(|word| word.to_lowercase()).collect(),
            marks: Marks::new(conditions),
            window: hours.as_ref().map(|hours| Window {
                zone: zones.place(&hours.zone),
                from: hours.from.minutes(),
                until: hours.until.minutes(),
                days: days(hours),
            }),
        }
    }

    /// The first condition that a message does not fulfil.
    pub(crate) fn miss(&self, asked: &Asked<'_>) -> Option<Miss> {
        let message = asked.message;
        if self.priorities.is_some_and(|bits| bits & bit(message.priority) == 0) {
            return Some(Miss::Priority);
        }
        let is_international = message.to.is_international();
        if !self.prefixes.is_empty() && !self.prefixes.fit(asked.number, is_international) {
            return Some(Miss::Prefix);
        }
        if !self.accounts.is_empty() && !self.accounts.contains(&message.account) {
            return Some(Miss::Account);
        }
        if !self.keywords.is_empty() && !self.keywords.contains(asked.word()) {
            return Some(Miss::Keyword);
        }
        if let Some(miss) = self.marks.as_ref().and_then(|marks| marks.miss(message)) {
            return Some(miss);
        }
        let is_open =
            |window: &Window| asked.local(window.zone).is_some_and(|local| window.holds(local));
        if !self.window.as_ref().is_none_or(is_open) {
            return Some(Miss::Hours);
        }
        None
    }
}

const fn bit(priority: Priority) -> u8 {
    1 << priority as u8
}
