//! How the SIMs of a pool share the work.

use std::collections::BTreeMap;

use contracts::routes::{Pool, Routes, Strategy, Weight};
use contracts::{OrgId, SimId};
use routing::{Online, Past, Table, Way};

use crate::{message, number, online, pool, sim};

fn table(strategy: Strategy, weights: &[(&str, u32)]) -> Table {
    let weight = |(name, weight): &(&str, u32)| Weight { sim: sim(name), weight: *weight };
    let weights = weights.iter().map(weight).collect();
    let pools = vec![Pool { name: "default".parse().unwrap(), strategy, weights }];
    Table::new(&Routes { pools, ..Routes::unset(OrgId::default_org()) })
}

/// Decides on so many messages to as many numbers, and counts what each SIM was given.
fn given(table: &Table, online: &Online, past: &mut Past, count: u64) -> BTreeMap<SimId, u64> {
    let mut given = BTreeMap::new();
    for n in 0..count {
        let to = number(&format!("+62812{n:07}"));
        let decision = table.decide(&message(&to), online, past, |_| true);
        let Way::Through(chosen) = decision.way else { panic!() };
        assert_eq!(chosen.shared.as_ref().map(contracts::PoolId::as_str), Some("default"));
        past.note(&chosen, online);
        *given.entry(chosen.sim().unwrap()).or_default() += 1;
    }
    given
}

fn of(counts: &[(&str, u64)]) -> BTreeMap<SimId, u64> {
    counts.iter().map(|(name, count)| (sim(name), *count)).collect()
}

#[test]
fn as_free_leaves_it_to_the_modem_that_is_ready() {
    let there = online(&[("a", "default", 0), ("b", "default", 0)]);
    let to = number("+62811");
    for strategy in [Strategy::AsFree, Strategy::Other] {
        let table = table(strategy, &[]);
        let decision = table.decide(&message(&to), &there, &Past::default(), |_| true);
        assert_eq!(crate::target(&decision), Some(pool("default")), "{strategy}");
    }
}

#[test]
fn when_nobody_is_online_the_pool_stays_the_target() {
    let to = number("+62811");
    for strategy in Strategy::ALL {
        let table = table(strategy, &[]);
        let away = table.decide(&message(&to), &Online::default(), &Past::default(), |_| true);
        assert_eq!(crate::target(&away), Some(pool("default")), "{strategy}");
        let there = online(&[("a", "default", 0)]);
        let walled = table.decide(&message(&to), &there, &Past::default(), |_| false);
        assert_eq!(crate::target(&walled), Some(pool("default")), "{strategy}");
    }
}

#[test]
fn each_in_turn() {
    let there = online(&[("a", "default", 5), ("b", "default", 0), ("c", "default", 9)]);
    let mut past = Past::default();
    let table = table(Strategy::RoundRobin, &[]);
    assert_eq!(given(&table, &there, &mut past, 300), of(&[("a", 100), ("b", 100), ("c", 100)]));
    let to = number("+62811");
    // The wall of one is the turn of the next.
    for _ in 0..3 {
        let decision = table.decide(&message(&to), &there, &past, |one| one != sim("b"));
        let Way::Through(chosen) = decision.way else { panic!() };
        assert_ne!(chosen.sim(), Some(sim("b")));
        past.note(&chosen, &there);
    }
}

#[test]
fn in_proportion_to_the_weights_and_evenly() {
    let there = online(&[("a", "default", 0), ("b", "default", 0), ("c", "default", 0)]);
    let table = table(Strategy::Weighted, &[("a", 6), ("b", 3), ("c", 0)]);
    let mut past = Past::default();
    let all = given(&table, &there, &mut past, 9_000);
    assert_eq!(all.get(&sim("c")), None, "it has the weight 0");
    assert!(all[&sim("a")].abs_diff(6_000) < 10, "{all:?}");
    // In a short run too.
    let some = given(&table, &there, &mut past, 30);
    assert!(some[&sim("a")].abs_diff(20) <= 2, "{some:?}");
}

#[test]
fn a_sim_without_a_weight_has_the_weight_one_and_zero_for_all_that_are_there_is_as_free() {
    let there = online(&[("a", "default", 0), ("b", "default", 0)]);
    let all = given(&table(Strategy::Weighted, &[("a", 3)]), &there, &mut Past::default(), 400);
    assert!(all[&sim("a")].abs_diff(300) <= 4, "{all:?}");
    let to = number("+62811");
    let none = table(Strategy::Weighted, &[("a", 0), ("b", 0)]);
    let decision = none.decide(&message(&to), &there, &Past::default(), |_| true);
    assert_eq!(crate::target(&decision), Some(pool("default")));
}

#[test]
fn the_one_that_sent_least_today_and_was_given_least() {
    let table = table(Strategy::LeastUsed, &[]);
    let mut past = Past::default();
    let there = online(&[("a", "default", 10), ("b", "default", 0), ("c", "default", 5)]);
    // What was given counts before it is sent.
    assert_eq!(given(&table, &there, &mut past, 15), of(&[("b", 10), ("c", 5)]));
    // They sent it, and a new day began for one of them.
    let there = online(&[("a", "default", 10), ("b", "default", 10), ("c", "default", 0)]);
    assert_eq!(given(&table, &there, &mut past, 10), of(&[("c", 10)]));
    assert_eq!(given(&table, &there, &mut past, 3), of(&[("a", 1), ("b", 1), ("c", 1)]));
}
