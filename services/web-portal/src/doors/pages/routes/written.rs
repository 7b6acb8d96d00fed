//! What the form of a rule has in it.

use contracts::routes::{Conditions, Day, Hours, Prefix, Rule, TimeOfDay};
use contracts::subject::Target;
use contracts::{KeyId, Priority, UserId};
use routing::check::MOST_TARGETS;

use super::super::form::Form;
use super::words;
use crate::acts::route::There;
use crate::words::Words;

/// Ways that may be filled in when there are few.
const WAYS: usize = 3;
/// From so many pools and SIMs on, one way at a time is added: each has all of them to choose from.
const MANY: usize = 60;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) prefixes: String,
    pub(super) accounts: String,
    pub(super) priorities: Vec<String>,
    pub(super) keywords: String,
    pub(super) keys: String,
    /// Tags and senders may have blanks in them: commas alone separate them.
    pub(super) tags: String,
    pub(super) senders: String,
    pub(super) zone: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) days: Vec<String>,
    pub(super) ways: Vec<String>,
    pub(super) refuse: String,
}

/// Something that may be chosen.
pub(super) struct Choice {
    pub(super) name: String,
    pub(super) words: String,
    pub(super) chosen: bool,
}

impl Written {
    /// An empty form.
    pub(super) fn new() -> Self {
        Self {
            name: String::new(),
            enabled: true,
            prefixes: String::new(),
            accounts: String::new(),
            priorities: Vec::new(),
            keywords: String::new(),
            keys: String::new(),
            tags: String::new(),
            senders: String::new(),
            zone: String::new(),
            from: String::new(),
            until: String::new(),
            days: Vec::new(),
            ways: Vec::new(),
            refuse: String::new(),
        }
    }

    /// A rule as it is.
    pub(super) fn of(rule: &Rule, there: &There) -> Self {
        let Conditions { prefixes, accounts, priorities, keywords, keys, tags, senders, hours } =
            &rule.when;
        let joined = |words: Vec<String>| words.join(", ");
        let time = |time: Option<TimeOfDay>| time.map(|time| time.to_string()).unwrap_or_default();
        let hours = hours.as_ref();
        Self {
            name: rule.name.clone(),
            enabled: rule.enabled,
            prefixes: joined(prefixes.iter().map(ToString::to_string).collect()),
            accounts: joined(accounts.iter().map(|id| there.user_name(*id)).collect()),
            priorities: priorities.iter().map(ToString::to_string).collect(),
            keywords: joined(keywords.iter().cloned().collect()),
            keys: joined(keys.iter().map(ToString::to_string).collect()),
            tags: joined(tags.iter().cloned().collect()),
            senders: joined(senders.iter().cloned().collect()),
            zone: hours.map(|hours| hours.zone.clone()).unwrap_or_default(),
            from: time(hours.map(|hours| hours.from)),
            until: time(hours.map(|hours| hours.until)),
            days: hours
                .map(|hours| hours.days.iter().map(ToString::to_string).collect())
                .unwrap_or_default(),
            ways: rule.targets.iter().map(value_of).collect(),
            refuse: rule.refuse.clone().unwrap_or_default(),
        }
    }

    /// What was filled in.
    pub(super) fn from(form: &Form) -> Self {
        let field = |name: &str| form.field(name).trim().to_owned();
        let all = |name: &str| -> Vec<String> {
            form.fields(name).filter(|one| !one.is_empty()).map(str::to_owned).collect()
        };
        Self {
            name: field("name"),
            enabled: form.field("enabled") == "yes",
            prefixes: field("prefixes"),
            accounts: field("accounts"),
            priorities: all("priority"),
            keywords: field("keywords"),
            keys: field("keys"),
            tags: field("tags"),
            senders: field("senders"),
            zone: field("zone"),
            from: field("from"),
            until: field("until"),
            days: all("day"),
            ways: all("way"),
            refuse: field("refuse"),
        }
    }

    /// The rule that was meant.
    ///
    /// # Errors
    /// What cannot be read, in the visitor's words.
    pub(super) fn rule(&self, w: Words, there: &There) -> Result<Rule, String> {
        let prefixes = split(&self.prefixes)
            .map(|text| text.parse::<Prefix>().map_err(|_| w.routes_bad_prefix(text.to_owned())));
        let accounts = split(&self.accounts)
            .map(|text| account(there, text).ok_or_else(|| w.routes_no_such_user(text.to_owned())));
        let keys = split(&self.keys)
            .map(|text| text.parse::<KeyId>().map_err(|_| w.routes_no_such_key(text.to_owned())));
        let unread = |_| w.error_malformed();
        let priorities =
            self.priorities.iter().map(|text| text.parse::<Priority>().map_err(unread));
        let targets =
            self.ways.iter().map(|text| target_of(text).ok_or_else(|| w.error_malformed()));
        Ok(Rule {
            name: self.name.clone(),
            enabled: self.enabled,
            when: Conditions {
                prefixes: prefixes.collect::<Result<_, _>>()?,
                accounts: accounts.collect::<Result<_, _>>()?,
                priorities: priorities.collect::<Result<_, _>>()?,
                keywords: split(&self.keywords).map(str::to_lowercase).collect(),
                keys: keys.collect::<Result<_, _>>()?,
                tags: between_commas(&self.tags).collect(),
                senders: between_commas(&self.senders).collect(),
                hours: self.hours(w)?,
            },
            targets: targets.collect::<Result<_, _>>()?,
            refuse: (!self.refuse.is_empty()).then(|| self.refuse.clone()),
        })
    }

    fn hours(&self, w: Words) -> Result<Option<Hours>, String> {
        let Self { zone, from, until, days, .. } = self;
        if [zone, from, until].iter().all(|text| text.is_empty()) && days.is_empty() {
            return Ok(None);
        }
        let time = |text: &str, otherwise: TimeOfDay| match text {
            "" => Ok(otherwise),
            text => text.parse::<TimeOfDay>().map_err(|_| w.routes_bad_time(text.to_owned())),
        };
        let days = days.iter().map(|text| text.parse::<Day>().map_err(|_| w.error_malformed()));
        Ok(Some(Hours {
            zone: zone.clone(),
            from: time(from, TimeOfDay::default())?,
            until: time(until, TimeOfDay::end_of_day())?,
            days: days.collect::<Result<_, _>>()?,
        }))
    }

    pub(super) fn priority_choices(&self, w: Words) -> Vec<Choice> {
        let choice = |one: Priority| Choice {
            name: one.to_string(),
            words: words::priority(w, one),
            chosen: self.priorities.iter().any(|chosen| chosen == one.as_str()),
        };
        Priority::ALL.map(choice).into()
    }

    pub(super) fn day_choices(&self, w: Words) -> Vec<Choice> {
        let choice = |one: Day| Choice {
            name: one.to_string(),
            words: words::day(w, one),
            chosen: self.days.iter().any(|chosen| chosen == one.as_str()),
        };
        Day::ALL.map(choice).into()
    }

    /// What may be chosen as the first way, as the one after it, and so on.
    pub(super) fn way_choices(&self, w: Words, there: &There) -> Vec<Vec<Choice>> {
        let mut targets: Vec<Target> = there.pools().into_keys().map(Target::Pool).collect();
        targets.extend(there.sims.keys().copied().map(Target::Sim));
        // What is not there any more can stay.
        for known in self.ways.iter().filter_map(|way| target_of(way)) {
            if !targets.contains(&known) {
                targets.push(known);
            }
        }
        let least = if targets.len() < MANY { WAYS } else { 1 };
        let count = (self.ways.len() + 1).clamp(least, MOST_TARGETS);
        let choices = |at: usize| {
            let chosen = self.ways.get(at);
            let choice = |target: &Target| {
                let name = value_of(target);
                let words = words::target(w, there, target);
                Choice { chosen: chosen == Some(&name), name, words }
            };
            targets.iter().map(choice).collect()
        };
        (0..count).map(choices).collect()
    }
}

/// What stands between commas, blanks and line ends.
fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| matches!(c, ',' | ';') || c.is_whitespace()).filter(|one| !one.is_empty())
}

/// What stands between commas, with the blanks in it.
fn between_commas(text: &str) -> impl Iterator<Item = String> {
    text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned)
}

fn account(there: &There, said: &str) -> Option<UserId> {
    let lower = said.to_lowercase();
    let user = there.users.iter().find(|user| user.name.to_lowercase() == lower);
    user.map(|user| user.id).or_else(|| said.parse().ok())
}

/// A pool or a SIM in a form.
fn value_of(target: &Target) -> String {
    match target {
        Target::Pool(pool) => format!("pool:{pool}"),
        Target::Sim(sim) => format!("sim:{sim}"),
    }
}

pub(super) fn target_of(text: &str) -> Option<Target> {
    match text.split_once(':')? {
        ("pool", name) => name.parse().ok().map(Target::Pool),
        ("sim", id) => id.parse().ok().map(Target::Sim),
        _ => None,
    }
}
