//! When an alert begins and when it is over: pure, from what is seen at a look, what was seen before, and what is open.
//!
//! It begins when something was bad for as long as its kind says, and is over when it was good for as long as the configuration
//! says, so that what comes and goes is one alert. What could not be looked at changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use contracts::AlertId;
use contracts::alert::{Alert, AlertKind};
use platform::config;
use store::{MOST_OPEN_ALERTS, NewAlert};

/// A kind of alert and its subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    kind: AlertKind,
    subject: String,
}

impl Key {
    pub(super) fn new(kind: AlertKind, subject: impl Into<String>) -> Self {
        Self { kind, subject: subject.into() }
    }

    fn of(alert: &Alert) -> Self {
        Self::new(alert.kind, alert.subject.clone())
    }
}

/// What is said of something bad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// The name of the subject.
    pub(super) name: String,
    /// What is wrong.
    pub(super) text: String,
    /// What to do about it.
    pub(super) advice: String,
}

/// What was seen at a look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// The kinds that were looked at: a subject of theirs that is neither bad nor unclear is good.
    pub(super) kinds: BTreeSet<AlertKind>,
    /// What is bad.
    pub(super) bad: BTreeMap<Key, Said>,
    /// What is neither.
    pub(super) unclear: BTreeSet<Key>,
}

impl Seen {
    /// Whether nothing is known of it.
    fn is_unclear(&self, key: &Key) -> bool {
        !self.kinds.contains(&key.kind) || self.unclear.contains(key)
    }
}

/// How long things take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// How long a modem is bad before that is an alert. Others last already when they are seen.
    modem_after: Duration,
    /// How long something is good before it is over.
    over_after: Duration,
}

impl Rules {
    pub(super) fn of(config: &config::Alerts) -> Self {
        Self {
            modem_after: config.modem_after.duration(),
            over_after: config.over_after.duration(),
        }
    }

    const fn opens_after(&self, kind: AlertKind) -> Duration {
        match kind {
            AlertKind::ModemOffline | AlertKind::ModemSick => self.modem_after,
            _ => Duration::ZERO,
        }
    }
}

/// Since when things are as they are, by the time for which it was watched.
#[derive(Debug, Default)]
pub(super) struct Memory {
    bad: BTreeMap<Key, Duration>,
    /// Of what is open.
    good: BTreeMap<Key, Duration>,
}

/// What begins and what is over.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) opened: Vec<NewAlert>,
    pub(super) closed: Vec<AlertId>,
}

impl Memory {
    /// Takes in a look at `now`.
    pub(super) fn step(
        &mut self,
        rules: &Rules,
        seen: &Seen,
        open: &[Alert],
        now: Duration,
    ) -> Steps {
        let mut steps = Steps::default();
        self.bad.retain(|key, _| seen.bad.contains_key(key) || seen.is_unclear(key));
        let is_open: BTreeSet<Key> = open.iter().map(Key::of).collect();
        let room = usize::try_from(MOST_OPEN_ALERTS).unwrap_or(usize::MAX);
        let room = room.saturating_sub(open.len());
        for (key, said) in &seen.bad {
            let since = *self.bad.entry(key.clone()).or_insert(now);
            let lasts = now.saturating_sub(since) >= rules.opens_after(key.kind);
            if lasts && !is_open.contains(key) && steps.opened.len() < room {
                let (kind, subject) = (key.kind, key.subject.clone());
                let Said { name, text, advice } = said.clone();
                steps.opened.push(NewAlert { kind, subject, name, text, advice });
            }
        }
        self.good.retain(|key, _| is_open.contains(key) && !seen.bad.contains_key(key));
        for alert in open {
            let key = Key::of(alert);
            if seen.is_unclear(&key) || seen.bad.contains_key(&key) {
                continue;
            }
            let since = *self.good.entry(key).or_insert(now);
            if now.saturating_sub(since) >= rules.over_after {
                steps.closed.push(alert.id);
            }
        }
        steps
    }
}

#[cfg(test)]
mod tests;
