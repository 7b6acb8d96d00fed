//! Rules, pools and versions, as the list shows them.

use contracts::PoolId;
use contracts::routes::{Rule, Strategy};

use super::super::hostile::Hostile;
use super::super::parts::When;
use super::words;
use super::written::Choice;
use crate::acts::route::{Seen, There};
use crate::words::Words;

/// A rule in the list.
pub(super) struct Row {
    pub(super) place: usize,
    pub(super) name: Hostile,
    pub(super) enabled: bool,
    pub(super) takes: Hostile,
    pub(super) way: Hostile,
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

/// A pool.
pub(super) struct PoolRow {
    pub(super) name: PoolId,
    pub(super) sims: Hostile,
    pub(super) strategies: Vec<Choice>,
}

/// A version.
pub(super) struct Line {
    pub(super) version: i64,
    pub(super) at: When,
    pub(super) by: Hostile,
    pub(super) rules: u32,
}

/// The rules in their order.
pub(super) fn rows(w: Words, seen: &Seen) -> Vec<Row> {
    let count = seen.routes.rules.len();
    let rows = seen.routes.rules.iter().zip(1..).map(|(rule, place)| Row {
        place,
        name: Hostile(rule.name.clone()).short(Hostile::NAME),
        enabled: rule.enabled,
        takes: Hostile(takes(w, rule, &seen.there)).short(Hostile::ABOUT),
        way: Hostile(way_of(w, rule, &seen.there)).short(Hostile::ABOUT),
        is_first: place == 1,
        is_last: place == count,
    });
    rows.collect()
}

/// The pools, those without a SIM too.
pub(super) fn pools(w: Words, seen: &Seen) -> Vec<PoolRow> {
    let mut pools = seen.there.pools();
    for pool in &seen.routes.pools {
        pools.entry(pool.name.clone()).or_default();
    }
    let row = |(name, sims): (PoolId, Vec<contracts::SimId>)| {
        let set = seen.routes.pools.iter().find(|pool| pool.name == name);
        let now = set.map_or(Strategy::AsFree, |pool| pool.strategy);
        let choice = |one: Strategy| Choice {
            name: one.to_string(),
            words: words::strategy(w, one),
            chosen: one == now,
        };
        let sims: Vec<String> = sims.into_iter().map(|sim| seen.there.name_of(sim)).collect();
        PoolRow {
            name,
            sims: Hostile(sims.join(", ")).short(Hostile::TEXT),
            strategies: Strategy::ALL.map(choice).into(),
        }
    };
    pools.into_iter().map(row).collect()
}

/// Which messages a rule takes, in words.
fn takes(w: Words, rule: &Rule, there: &There) -> String {
    let when = &rule.when;
    let mut all = Vec::new();
    let mut add = |label: String, words: Vec<String>| {
        if !words.is_empty() {
            all.push(format!("{label}: {}", words.join(", ")));
        }
    };
    add(w.routes_prefixes(), when.prefixes.iter().map(ToString::to_string).collect());
    add(w.routes_accounts(), when.accounts.iter().map(|id| there.user_name(*id)).collect());
    add(
        w.routes_priorities(),
        when.priorities.iter().map(|one| words::priority(w, *one)).collect(),
    );
    add(w.routes_keywords(), when.keywords.iter().cloned().collect());
    add(w.routes_keys(), when.keys.iter().map(ToString::to_string).collect());
    add(w.routes_tags(), when.tags.iter().cloned().collect());
    add(w.routes_senders(), when.senders.iter().cloned().collect());
    if let Some(hours) = &when.hours {
        let days = hours.days.iter().map(|day| words::day(w, *day));
        let clock = format!("{}–{} {}", hours.from, hours.until, hours.zone);
        add(w.routes_hours(), days.chain([clock]).collect());
    }
    if all.is_empty() { w.routes_everything() } else { all.join(" · ") }
}

/// Where a rule sends them, in words.
fn way_of(w: Words, rule: &Rule, there: &There) -> String {
    if let Some(reason) = &rule.refuse {
        return w.routes_refuses(reason.clone());
    }
    let ways = rule.targets.iter().map(|target| words::target(w, there, target));
    ways.collect::<Vec<_>>().join(" → ")
}
