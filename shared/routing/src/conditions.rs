//! The conditions of a rule, made ready to be asked of many messages.

use std::cell::OnceCell;
use std::collections::HashSet;

use contracts::routes::{Conditions, Day, Hours, Prefix};
use contracts::{PhoneNumber, Priority, Timestamp, UserId, bounds};
use jiff::tz::TimeZone;

use crate::zones::zone;
use crate::{Message, Miss};

/// What a number begins with: the digits of the shortest prefixes, sorted, so that at most one of them can fit.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prefixes {
    /// For numbers in any writing.
    any: Vec<Box<str>>,
    /// For international numbers alone.
    international: Vec<Box<str>>,
}

impl Prefixes {
    pub(crate) fn new(prefixes: &[Prefix]) -> Self {
        let of = |international: bool| {
            let some = prefixes.iter().filter(|one| one.is_international() == international);
            let mut digits: Vec<Box<str>> = some.map(|one| one.digits().into()).collect();
            digits.sort_unstable();
            // What begins with a shorter one of them stands behind it.
            digits.dedup_by(|longer, shorter| longer.starts_with(&**shorter));
            digits
        };
        Self { any: of(false), international: of(true) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.any.is_empty() && self.international.is_empty()
    }

    pub(crate) fn fit(&self, number: &PhoneNumber) -> bool {
        self.fit_digits(number.digits(), number.is_international())
    }

    /// Whether every number that begins with `prefix` begins with one of them.
    pub(crate) fn cover(&self, prefix: &Prefix) -> bool {
        self.fit_digits(prefix.digits(), prefix.is_international())
    }

    fn fit_digits(&self, digits: &str, is_international: bool) -> bool {
        begins(&self.any, digits) || is_international && begins(&self.international, digits)
    }
}

/// Whether the digits begin with one of these, of which none begins with another: that could only be the last one that is not
/// greater.
fn begins(sorted: &[Box<str>], digits: &str) -> bool {
    let after = sorted.partition_point(|one| **one <= *digits);
    after.checked_sub(1).is_some_and(|at| digits.starts_with(&*sorted[at]))
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
    zones: &'a Zones,
    word: OnceCell<String>,
    locals: OnceCell<Vec<Option<Local>>>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(message: &'a Message<'a>, zones: &'a Zones) -> Self {
        Self { message, zones, word: OnceCell::new(), locals: OnceCell::new() }
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
    window: Option<Window>,
}

impl Questions {
    pub(crate) fn new(conditions: &Conditions, zones: &mut Zones) -> Self {
        let Conditions { prefixes, accounts, priorities, keywords, hours } = conditions;
        let bits = priorities.iter().fold(0, |bits, priority| bits | bit(*priority));
        Self {
            prefixes: Prefixes::new(prefixes),
            accounts: accounts.iter().copied().collect(),
            priorities: (!priorities.is_empty()).then_some(bits),
            keywords: keywords.iter().map(|word| word.to_lowercase()).collect(),
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
        if !self.prefixes.is_empty() && !self.prefixes.fit(message.to) {
            return Some(Miss::Prefix);
        }
        if !self.accounts.is_empty() && !self.accounts.contains(&message.account) {
            return Some(Miss::Account);
        }
        if !self.keywords.is_empty() && !self.keywords.contains(asked.word()) {
            return Some(Miss::Keyword);
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
