//! What is wrong with rules and pools: with the place, and what can be done about it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;

use contracts::routes::{Hours, Pool, Routes, Rule, Strategy, Weight};
use contracts::subject::Target;
use contracts::{PoolId, SimId, UserId, bounds};

use crate::covers::Cover;
use crate::is_zone;

/// The most rules of an organisation.
pub const MOST_RULES: usize = 1_000;
/// The most prefixes of a rule.
pub const MOST_PREFIXES: usize = 100;
/// The most prefixes of all rules together.
pub const MOST_PREFIXES_IN_ALL: usize = 10_000;
/// The most accounts of a rule.
pub const MOST_ACCOUNTS: usize = 100;
/// The most keywords of a rule.
pub const MOST_KEYWORDS: usize = 20;
/// The most keys, tags or senders of a rule.
pub const MOST_MARKS: usize = 20;
/// The most pools and SIMs that a rule names.
pub const MOST_TARGETS: usize = 10;
/// The most pools for which something is set.
pub const MOST_POOLS: usize = 100;
/// The most weights of a pool.
pub const MOST_WEIGHTS: usize = 1_000;
/// The largest weight.
pub const LARGEST_WEIGHT: u32 = 1_000;
/// The most characters of a rule's name.
pub const LONGEST_NAME: usize = 64;
/// The most characters of the reason for which a rule refuses.
pub const LONGEST_REASON: usize = 300;
/// The most characters of a zone's name.
pub const LONGEST_ZONE: usize = 64;
/// The most findings that are told.
pub const MOST_FINDINGS: usize = 100;

/// What there is, as far as rules name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The SIMs, each with the pool that it is in; none: it is in no pool, for it is not for everybody.
    pub sims: BTreeMap<SimId, Option<PoolId>>,
    /// The accounts.
    pub accounts: BTreeSet<UserId>,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What.
    pub fault: Fault,
}

/// Where something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The whole.
    Whole,
    /// A rule: its number, from 1, and its name.
    Rule(usize, String),
    /// A pool.
    Pool(PoolId),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("all rules together"),
            Self::Rule(number, name) if name.is_empty() => write!(f, "rule {number}"),
            Self::Rule(number, name) => write!(f, "rule {number} '{name}'"),
            Self::Pool(pool) => write!(f, "the pool {pool}"),
        }
    }
}

/// What is wrong. Its `Display` is a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is more of something than there may be: what, and how much may be.
    TooMany(&'static str, usize),
    /// The name cannot be one.
    Name,
    /// An earlier rule has the name: that of this number.
    NameTaken(usize),
    /// It neither chooses a way nor refuses.
    NoWay,
    /// It chooses a way and refuses.
    TwoWays,
    /// The reason cannot be one.
    Reason,
    /// A keyword is not one word.
    Keyword(String),
    /// No message has this tag, or asks for this sender.
    Mark(&'static str, String),
    /// There is no such zone.
    Zone(String),
    /// Its hours end when they begin.
    NoHours,
    /// The pool stands twice.
    PoolTwice,
    /// A weight is too large.
    Weight(SimId),
    /// Every weight is 0.
    NoWeight,
    /// The strategy is of a later version.
    Strategy,
    /// An earlier rule takes everything that it would take: that of this number and name.
    Hidden(usize, String),
    /// No SIM is in this pool.
    EmptyPool(PoolId),
    /// Nothing is known of this SIM.
    UnknownSim(SimId),
    /// Nothing is known of this account.
    UnknownAccount(UserId),
    /// The SIM has a weight and is in another pool.
    ElsewhereSim(SimId),
}

impl Fault {
    /// Whether the rules cannot be taken like that.
    pub const fn is_error(&self) -> bool {
        !matches!(
            self,
            Self::Hidden(..)
                | Self::EmptyPool(_)
                | Self::UnknownSim(_)
                | Self::UnknownAccount(_)
                | Self::ElsewhereSim(_)
        )
    }

    /// What can be done about it, in a sentence.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::TooMany(..) => "Leave some out, or put several into one.",
            Self::Name => {
                "Give it a name of 1 to 64 characters, without line ends and without blanks at its ends."
            }
            Self::NameTaken(_) => "Give one of the two another name.",
            Self::NoWay => "Name a pool or a SIM, or say why it refuses.",
            Self::TwoWays => "Leave out the pools and SIMs, or the reason.",
            Self::Reason => "Say in 1 to 300 characters why it refuses.",
            Self::Keyword(_) => "Write each word by itself, of 1 to 64 characters.",
            Self::Mark(..) => "Write a tag of 1 to 64 characters, and a sender of 1 to 20.",
            Self::Zone(_) => "Name it like Asia/Jakarta, Europe/Berlin or UTC.",
            Self::NoHours => {
                "Let the hours end at another time, or leave both times out for whole days."
            }
            Self::PoolTwice => "Keep one of the two.",
            Self::Weight(_) => "Weigh SIMs from 0 to 1000.",
            Self::NoWeight => "Give one SIM a weight above 0.",
            Self::Strategy => "Choose one of the strategies that this version has.",
            Self::Hidden(..) => "Move it before that rule, change one of the two, or remove it.",
            Self::EmptyPool(_) => {
                "Put a SIM into it, or name another pool: until then, messages wait."
            }
            Self::UnknownSim(_) => {
                "Look at its id: until it is in a modem, messages wait, or go through the next that the rule names."
            }
            Self::UnknownAccount(_) => "Look at its id, or take it out of the rule.",
            Self::ElsewhereSim(_) => "Put the SIM into this pool, or leave its weight out.",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany(what, most) => write!(f, "There are more than {most} {what}."),
            Self::Name => f.write_str("The name cannot be one."),
            Self::NameTaken(number) => write!(f, "Rule {number} has the same name."),
            Self::NoWay => f.write_str("The rule neither chooses a way nor refuses."),
            Self::TwoWays => f.write_str("The rule chooses a way and refuses."),
            Self::Reason => f.write_str("The reason cannot be one."),
            Self::Keyword(word) => write!(f, "'{word}' is not one word."),
            Self::Mark(what, mark) => write!(f, "'{mark}' is no {what} that a message can have."),
            Self::Zone(zone) => write!(f, "There is no time zone '{zone}'."),
            Self::NoHours => {
                f.write_str("The hours end when they begin, so the rule never takes anything.")
            }
            Self::PoolTwice => f.write_str("The pool stands twice."),
            Self::Weight(sim) => write!(f, "The weight of the SIM {sim} is too large."),
            Self::NoWeight => f.write_str("Every SIM has the weight 0."),
            Self::Strategy => f.write_str("This version does not know the strategy."),
            Self::Hidden(number, name) => write!(
                f,
                "The rule never takes anything: rule {number} '{name}' stands before it and takes all that it would take."
            ),
            Self::EmptyPool(pool) => write!(f, "No SIM is in the pool {pool}."),
            Self::UnknownSim(sim) => write!(f, "Nothing is known of the SIM {sim}."),
            Self::UnknownAccount(account) => {
                write!(f, "Nothing is known of the account {account}.")
            }
            Self::ElsewhereSim(sim) => write!(f, "The SIM {sim} is not in this pool."),
        }
    }
}

/// Says what is wrong: what makes it impossible to take the rules first, then what is to be thought about. At most
/// [`MOST_FINDINGS`] are named.
pub fn check(routes: &Routes, known: &Known) -> Vec<Finding> {
    let mut found = Findings::default();
    found.look_at_numbers(routes);
    if !found.all.is_empty() {
        // Whatever has no bound is not looked through.
        return found.all;
    }
    let mut names: HashMap<&str, usize> = HashMap::new();
    for (rule, number) in routes.rules.iter().zip(1..) {
        let place = || Place::Rule(number, rule.name.clone());
        found.look_at_rule(rule, place);
        if let Some(earlier) = names.insert(&rule.name, number) {
            found.add(place(), Fault::NameTaken(earlier));
        }
    }
    found.look_at_pools(&routes.pools);
    if !found.all.is_empty() {
        return found.all;
    }
    found.look_for_hidden(&routes.rules);
    found.look_for_unknown(routes, known);
    found.all
}

#[derive(Default)]
struct Findings {
    all: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, place: Place, fault: Fault) {
        if self.all.len() < MOST_FINDINGS {
            self.all.push(Finding { place, fault });
        }
    }

    fn look_at_numbers(&mut self, routes: &Routes) {
        let prefixes: usize = routes.rules.iter().map(|rule| rule.when.prefixes.len()).sum();
        for (count, what, most) in [
            (routes.rules.len(), "rules", MOST_RULES),
            (routes.pools.len(), "pools", MOST_POOLS),
            (prefixes, "prefixes in all", MOST_PREFIXES_IN_ALL),
        ] {
            if count > most {
                self.add(Place::Whole, Fault::TooMany(what, most));
            }
        }
    }

    fn look_at_rule(&mut self, rule: &Rule, place: impl Fn() -> Place) {
        let mut add = |fault| self.add(place(), fault);
        if !is_text(&rule.name, LONGEST_NAME) {
            add(Fault::Name);
        }
        let when = &rule.when;
        for (count, what, most) in [
            (when.prefixes.len(), "prefixes in the rule", MOST_PREFIXES),
            (when.accounts.len(), "accounts in the rule", MOST_ACCOUNTS),
            (when.keywords.len(), "words in the rule", MOST_KEYWORDS),
            (when.keys.len(), "keys in the rule", MOST_MARKS),
            (when.tags.len(), "tags in the rule", MOST_MARKS),
            (when.senders.len(), "senders in the rule", MOST_MARKS),
            (rule.targets.len(), "pools and SIMs in the rule", MOST_TARGETS),
        ] {
            if count > most {
                add(Fault::TooMany(what, most));
            }
        }
        for word in &when.keywords {
            let fits = is_text(word, bounds::KEYWORD) && !word.contains(char::is_whitespace);
            if !fits {
                add(Fault::Keyword(word.chars().take(LONGEST_NAME).collect()));
            }
        }
        for (what, marks, most) in
            [("tag", &when.tags, bounds::TAG), ("sender", &when.senders, bounds::SENDER)]
        {
            if let Some(mark) = marks.iter().find(|mark| !is_text(mark, most)) {
                add(Fault::Mark(what, mark.chars().take(LONGEST_NAME).collect()));
            }
        }
        if let Some(Hours { zone, from, until, .. }) = &when.hours {
            if zone.len() > LONGEST_ZONE || !is_zone(zone) {
                add(Fault::Zone(zone.chars().take(LONGEST_ZONE).collect()));
            }
            if from == until {
                add(Fault::NoHours);
            }
        }
        match (&rule.refuse, rule.targets.as_slice()) {
            (None, []) => add(Fault::NoWay),
            (Some(_), [_, ..]) => add(Fault::TwoWays),
            (Some(reason), []) if !is_text(reason, LONGEST_REASON) => add(Fault::Reason),
            (Some(_), []) | (None, [_, ..]) => {}
        }
    }

    fn look_at_pools(&mut self, pools: &[Pool]) {
        let mut names = HashSet::new();
        for pool in pools {
            let place = || Place::Pool(pool.name.clone());
            if !names.insert(&pool.name) {
                self.add(place(), Fault::PoolTwice);
            }
            if pool.weights.len() > MOST_WEIGHTS {
                self.add(place(), Fault::TooMany("weights", MOST_WEIGHTS));
            }
            if let Some(one) = pool.weights.iter().find(|one| one.weight > LARGEST_WEIGHT) {
                self.add(place(), Fault::Weight(one.sim));
            }
            let has_none =
                !pool.weights.is_empty() && pool.weights.iter().all(|one| one.weight == 0);
            if pool.strategy == Strategy::Weighted && has_none {
                self.add(place(), Fault::NoWeight);
            }
            if pool.strategy == Strategy::Other {
                self.add(place(), Fault::Strategy);
            }
        }
    }

    fn look_for_hidden(&mut self, rules: &[Rule]) {
        let mut earlier: Vec<(usize, &Rule, Cover<'_>)> = Vec::new();
        for (rule, number) in rules.iter().zip(1..) {
            if !rule.enabled {
                continue;
            }
            match earlier.iter().find(|(_, _, cover)| cover.hides(rule)) {
                // What hides it hides whatever it would hide.
                Some((by, hiding, _)) => {
                    let fault = Fault::Hidden(*by, hiding.name.clone());
                    self.add(Place::Rule(number, rule.name.clone()), fault);
                }
                None => earlier.extend(Cover::new(rule).map(|cover| (number, rule, cover))),
            }
        }
    }

    fn look_for_unknown(&mut self, routes: &Routes, known: &Known) {
        let pools: HashSet<&PoolId> = known.sims.values().flatten().collect();
        for (rule, number) in routes.rules.iter().zip(1..) {
            let place = || Place::Rule(number, rule.name.clone());
            for target in &rule.targets {
                match target {
                    Target::Pool(pool) if !pools.contains(pool) => {
                        self.add(place(), Fault::EmptyPool(pool.clone()));
                    }
                    Target::Sim(sim) if !known.sims.contains_key(sim) => {
                        self.add(place(), Fault::UnknownSim(*sim));
                    }
                    Target::Pool(_) | Target::Sim(_) => {}
                }
            }
            for account in rule.when.accounts.difference(&known.accounts) {
                self.add(place(), Fault::UnknownAccount(*account));
            }
        }
        for pool in &routes.pools {
            let place = || Place::Pool(pool.name.clone());
            if !pools.contains(&pool.name) {
                self.add(place(), Fault::EmptyPool(pool.name.clone()));
            }
            for Weight { sim, .. } in &pool.weights {
                let is_in = known.sims.get(sim).is_some_and(|of| of.as_ref() == Some(&pool.name));
                if !is_in {
                    self.add(place(), Fault::ElsewhereSim(*sim));
                }
            }
        }
    }
}

/// Whether a text of 1 to so many characters can be typed in a line.
fn is_text(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(char::is_control)
}
