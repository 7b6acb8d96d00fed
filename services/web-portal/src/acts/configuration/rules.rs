//! The rules that say which way messages go, in their order. All of them are kept by one act.

use std::collections::BTreeSet;

use contracts::routes::{Conditions, Day, Hours, Prefix, Routes, Rule, TimeOfDay};
use contracts::subject::Target;
use contracts::{KeyId, Priority, UserId};
use routing::{Finding, Place as RoutePlace};
use serde::{Deserialize, Serialize};
use store::StoreError;

use super::check::Check;
use super::compare::{compare, merged};
use super::flaws::Flaws;
use super::kind::Kind;
use super::refusal::NotTaken;
use super::section::{Entry, Section, cut, written};
use super::sims::no_such_user;
use super::there::There;
use crate::acts::route::{self, NotChanged, Seen};
use crate::app::App;
use crate::authority::Authority;

/// What a pool is named by among the ways of a rule.
const POOL: &str = "pool:";
/// What a SIM is named by.
const SIM: &str = "sim:";

/// A rule.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFields {
    name: String,
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    enabled: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    prefixes: Vec<String>,
    /// Users' names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    priorities: BTreeSet<Priority>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    keywords: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    keys: BTreeSet<KeyId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    tags: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    senders: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hours: Option<HourFields>,
    /// Pools and SIMs in order: `pool:vip`, `sim:sim_…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    through: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refuse: Option<String>,
}

/// The hours of a rule.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HourFields {
    zone: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<TimeOfDay>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<TimeOfDay>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    days: BTreeSet<Day>,
}

const fn yes() -> bool {
    true
}

/// The rules, in their order.
pub(super) fn section(there: &There) -> Section {
    of(there, &there.routes.rules)
}

fn of(there: &There, rules: &[Rule]) -> Section {
    let fields = rules.iter().map(|rule| written(&fields(there, rule)));
    Section::of(fields.map(|fields| Entry::there(Kind::Rules, fields)))
}

fn fields(there: &There, rule: &Rule) -> RuleFields {
    let when = &rule.when;
    let name = |id: &UserId| {
        // The administrator without an account is named by its id.
        if *id == UserId::internal() { id.to_string() } else { there.user_name(*id) }
    };
    RuleFields {
        name: rule.name.clone(),
        enabled: rule.enabled,
        prefixes: when.prefixes.iter().map(ToString::to_string).collect(),
        accounts: when.accounts.iter().map(name).collect(),
        priorities: when.priorities.clone(),
        keywords: when.keywords.clone(),
        keys: when.keys.clone(),
        tags: when.tags.clone(),
        senders: when.senders.clone(),
        hours: when.hours.as_ref().map(|hours| HourFields {
            zone: hours.zone.clone(),
            from: Some(hours.from).filter(|from| *from != TimeOfDay::default()),
            until: Some(hours.until).filter(|until| *until != TimeOfDay::end_of_day()),
            days: hours.days.clone(),
        }),
        through: rule.targets.iter().map(way).collect(),
        refuse: rule.refuse.clone(),
    }
}

fn way(target: &Target) -> String {
    match target {
        Target::Pool(pool) => format!("{POOL}{pool}"),
        Target::Sim(sim) => format!("{SIM}{sim}"),
    }
}

fn target(said: &str) -> Result<Target, NotTaken> {
    let read = match (said.strip_prefix(SIM), said.strip_prefix(POOL)) {
        (Some(sim), _) => sim.parse().ok().map(Target::Sim),
        (None, Some(pool)) => pool.parse().ok().map(Target::Pool),
        (None, None) => said.parse().ok().map(Target::Pool),
    };
    read.ok_or_else(|| {
        let said = cut(said, 64);
        NotTaken::Wrong(format!(
            "through: '{said}' is neither {POOL} and a name nor {SIM} and the id of a SIM"
        ))
    })
}

fn rule(there: &There, entry: &Entry) -> Result<Rule, NotTaken> {
    let said: RuleFields = entry.read()?;
    let prefixes = said.prefixes.iter().map(|text| text.parse::<Prefix>());
    let prefixes: Result<Vec<Prefix>, _> = prefixes.collect();
    let prefixes = prefixes.map_err(|error| NotTaken::Wrong(format!("prefixes: {error}")))?;
    // An account that is gone is named by its id, and stays.
    let account = |said: &String| {
        there.user(said).or_else(|| said.parse().ok()).ok_or_else(|| no_such_user(said))
    };
    Ok(Rule {
        name: said.name,
        enabled: said.enabled,
        when: Conditions {
            prefixes,
            accounts: said.accounts.iter().map(account).collect::<Result<_, _>>()?,
            priorities: said.priorities,
            keywords: said.keywords.iter().map(|word| word.to_lowercase()).collect(),
            keys: said.keys,
            tags: said.tags,
            senders: said.senders,
            hours: said.hours.map(|hours| Hours {
                zone: hours.zone,
                from: hours.from.unwrap_or_default(),
                until: hours.until.unwrap_or_else(TimeOfDay::end_of_day),
                days: hours.days,
            }),
        },
        targets: said.through.iter().map(|said| target(said)).collect::<Result<_, _>>()?,
        refuse: said.refuse,
    })
}

/// The rules of a file as they would be kept.
pub(super) async fn checked(
    look: &Check<'_>,
    said: Section,
    prune: bool,
    (flaws, warnings): (&mut Flaws, &mut Flaws),
) -> Result<Section, StoreError> {
    let there = look.there;
    let present = section(there);
    if compare(Kind::Rules, &present, &said, prune).is_empty() {
        return Ok(said);
    }
    let mut is_readable = true;
    for entry in said.entries() {
        if let Err(error) = rule(there, entry) {
            is_readable = false;
            let remedy = "Change this rule in the file, or leave it out.".to_owned();
            flaws.add(entry.place(Kind::Rules), format!("{error}."), remedy);
        }
    }
    if !is_readable {
        return Ok(said);
    }
    let Ok(rules) = in_order(there, &said, prune) else { return Ok(said) };
    let routes = Routes { rules, ..there.routes.clone() };
    let seen = route::checked(look.app, look.authority, routes).await;
    let is_ours = |place: &RoutePlace| matches!(place, RoutePlace::Rule(..) | RoutePlace::Whole);
    let Some(kept) = noted(Kind::Rules, seen, is_ours, (flaws, warnings))? else { return Ok(said) };
    let kept = of(there, &kept.rules);
    let kept = said.entries().map(|entry| match kept.find(&entry.key) {
        Some(now) => entry.clone().kept(now.fields.clone()),
        None => entry.clone(),
    });
    Ok(Section::of(kept))
}

/// Notes what the act says of rules and pools together. None: they cannot be kept like that.
pub(super) fn noted(
    kind: Kind,
    seen: Result<Seen, NotChanged>,
    is_ours: impl Fn(&RoutePlace) -> bool,
    (flaws, warnings): (&mut Flaws, &mut Flaws),
) -> Result<Option<Routes>, StoreError> {
    let findings = match seen {
        Ok(seen) => {
            for finding in seen.findings.iter().filter(|finding| is_ours(&finding.place)) {
                note(kind, finding, warnings);
            }
            return Ok(Some(seen.routes));
        }
        Err(NotChanged::Store(error)) => return Err(error),
        Err(NotChanged::Wrong(findings)) => findings,
        Err(error) => {
            let remedy = "Use a key that may change rules, or leave some out.".to_owned();
            flaws.add(kind, format!("{error}."), remedy);
            return Ok(None);
        }
    };
    for finding in findings.iter().filter(|finding| finding.fault.is_error()) {
        note(kind, finding, flaws);
    }
    Ok(None)
}

fn note(kind: Kind, finding: &Finding, flaws: &mut Flaws) {
    let place = format!("{kind}: {}", finding.place);
    flaws.add(place, finding.fault.to_string(), finding.fault.remedy().to_owned());
}

/// The rules as they would be.
fn in_order(there: &There, said: &Section, prune: bool) -> Result<Vec<Rule>, NotTaken> {
    let present = section(there);
    let keys = merged(&present, said, prune);
    let one = |key: &str| match said.find(key) {
        Some(entry) => Some(rule(there, entry)),
        None => there.routes.rules.iter().find(|rule| rule.name == key).cloned().map(Ok),
    };
    keys.into_iter().filter_map(one).collect()
}

/// Keeps what a file wants.
pub(super) async fn apply(
    app: &App,
    authority: &Authority,
    there: &There,
    (said, prune): (&Section, bool),
) -> Result<(), NotTaken> {
    let rules = in_order(there, said, prune)?;
    let routes = Routes { rules, ..there.routes.clone() };
    route::change(app, authority, routes, there.routes_version).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use contracts::SimId;

    use super::*;

    #[test]
    fn a_way_is_read_as_it_is_written() {
        let sim = SimId::derived("1");
        for way_there in [Target::Sim(sim), Target::Pool("vip".parse().unwrap())] {
            assert_eq!(target(&way(&way_there)).unwrap(), way_there);
        }
        assert_eq!(target("vip").unwrap(), Target::Pool("vip".parse().unwrap()));
        for bad in ["", "pool:", "sim:1", "VIP", &"x".repeat(10_000)] {
            let error = target(bad).unwrap_err().to_string();
            assert!(error.starts_with("through: '") && error.len() < 200, "{error}");
        }
    }
}
