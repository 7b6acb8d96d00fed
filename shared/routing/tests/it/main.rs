//! Rules as a table and as properties, with what is wrong with them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod findings;
mod properties;
mod rules;
mod shares;
mod teams;

use contracts::routes::{Routes, Rule};
use contracts::subject::Target;
use contracts::{OrgId, PhoneNumber, Priority, SimId, Timestamp, UserId};
use routing::{Decision, Message, Online, Past, Table, Way};

fn rule(json: &str) -> Rule {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// Rules in JSON.
fn routes(rules: &[&str]) -> Routes {
    Routes {
        rules: rules.iter().map(|json| rule(json)).collect(),
        ..Routes::unset(OrgId::default_org())
    }
}

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

/// A message to a number that names nothing.
fn message(to: &PhoneNumber) -> Message<'_> {
    Message {
        to,
        account: UserId::derived("ani"),
        priority: Priority::Normal,
        text: Some("Halo dunia"),
        key: None,
        tag: None,
        sender: None,
        named: None,
        teams: None,
        // A Monday.
        at: "2026-11-30T12:00:00Z".parse::<Timestamp>().unwrap(),
    }
}

fn pool(name: &str) -> Target {
    Target::Pool(name.parse().unwrap())
}

fn sim(name: &str) -> SimId {
    SimId::derived(name)
}

/// SIMs of these names that are online in these pools, each of which sent so many today.
fn online(sims: &[(&str, &str, u64)]) -> Online {
    Online::new(
        sims.iter().map(|(name, pool, sent)| (sim(name), vec![pool.parse().unwrap()], *sent)),
    )
}

fn decide<'t>(table: &'t Table, message: &Message<'_>, online: &Online) -> Decision<'t> {
    table.decide(message, online, &Past::default(), |_| true)
}

/// Through what a message goes; none: it is refused.
fn target(decision: &Decision<'_>) -> Option<Target> {
    match &decision.way {
        Way::Through(chosen) => Some(chosen.target.clone()),
        Way::Refused(_) | Way::Walled => None,
    }
}
