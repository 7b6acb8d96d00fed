//! What holds for whatever rules and numbers there are.

use std::collections::BTreeSet;

use contracts::routes::{Pool, Routes, Strategy as Sharing};
use contracts::{OrgId, Priority};
use proptest::prelude::*;
use routing::{Message, Online, Past, Table};

use crate::{message, number, pool, routes, rule, sim, target};

/// Rules over a few digits, so that many of them fit.
fn any_rule() -> impl Strategy<Value = String> {
    let prefixes = prop::collection::vec("[+]?[1-3]{1,3}", 0..4);
    let priorities = prop::sample::subsequence(vec!["otp", "normal", "bulk"], 0..=3);
    (prefixes, priorities, any::<bool>(), 0..5_u8).prop_map(|(prefixes, priorities, on, way)| {
        format!(
            r#"{{"name":"x","enabled":{on},"when":{{"prefixes":{prefixes:?},"priorities":{priorities:?}}},"targets":[{{"pool":"p{way}"}}]}}"#
        )
    })
}

fn any_number() -> impl Strategy<Value = String> {
    "[+][1-3]{4,8}|[1-3]{1,8}"
}

/// What a rule says, asked the long way.
fn fits(json: &str, message: &Message<'_>) -> bool {
    let rule = rule(json);
    let when = &rule.when;
    let begins = when.prefixes.iter().any(|prefix| {
        message.to.digits().starts_with(prefix.digits())
            && (message.to.is_international() || !prefix.is_international())
    });
    rule.enabled
        && (when.prefixes.is_empty() || begins)
        && (when.priorities.is_empty() || when.priorities.contains(&message.priority))
}

fn shared(strategy: Sharing) -> Table {
    let pools = vec![Pool { name: "default".parse().unwrap(), strategy, weights: Vec::new() }];
    Table::new(&Routes { pools, ..Routes::unset(OrgId::default_org()) })
}

fn there(sims: &BTreeSet<u8>) -> Online {
    let name = |n: &u8| (sim(&n.to_string()), vec!["default".parse().unwrap()], u64::from(*n));
    Online::new(sims.iter().map(name))
}

proptest! {
    #[test]
    fn the_first_that_fits_decides(
        rules in prop::collection::vec(any_rule(), 0..12),
        to in any_number(),
        priority in prop::sample::select(Priority::ALL.to_vec()),
    ) {
        let to = number(&to);
        let asked = Message { priority, ..message(&to) };
        let texts: Vec<&str> = rules.iter().map(String::as_str).collect();
        let table = Table::new(&routes(&texts));
        let decision = table.decide(&asked, &Online::default(), &Past::default(), |_| true);
        let expected = texts.iter().find(|json| fits(json, &asked));
        let expected = expected.map_or(pool("default"), |json| rule(json).targets[0].clone());
        prop_assert_eq!(target(&decision), Some(expected));
    }

    #[test]
    fn a_rule_that_takes_nothing_changes_nothing(
        rules in prop::collection::vec(any_rule(), 0..8),
        to in any_number(),
        place in 0..8_usize,
    ) {
        let to = number(&to);
        let mut with = rules.clone();
        // Nobody's number begins so, for none has a nine.
        with.insert(
            place.min(rules.len()),
            r#"{"name":"nobody","when":{"prefixes":["9"]},"targets":[{"pool":"never"}]}"#.to_owned(),
        );
        let table = |rules: &[String]| {
            Table::new(&routes(&rules.iter().map(String::as_str).collect::<Vec<_>>()))
        };
        let (before, after) = (table(&rules), table(&with));
        let decide = |table: &Table| {
            target(&table.decide(&message(&to), &Online::default(), &Past::default(), |_| true))
        };
        prop_assert_eq!(decide(&before), decide(&after));
    }

    #[test]
    fn a_recipient_keeps_its_sim_when_another_leaves_or_comes(
        sims in prop::collection::btree_set(any::<u8>(), 2..12),
        leaves in any::<prop::sample::Index>(),
        to in "[1-9][0-9]{8}",
    ) {
        let (international, national) = (number(&format!("+62{to}")), number(&format!("0{to}")));
        let table = shared(Sharing::Sticky);
        let way = |to, online: &Online| {
            target(&table.decide(&message(to), online, &Past::default(), |_| true))
        };
        let before = way(&international, &there(&sims));
        prop_assert_eq!(&before, &way(&national, &there(&sims)), "in all writings of a number");
        let gone = *leaves.get(&sims.iter().copied().collect::<Vec<_>>());
        let mut fewer = sims.clone();
        fewer.remove(&gone);
        let after = way(&international, &there(&fewer));
        if before != Some(contracts::subject::Target::Sim(sim(&gone.to_string()))) {
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn whoever_is_chosen_is_online_and_allowed(
        sims in prop::collection::btree_set(any::<u8>(), 0..8),
        walled in prop::collection::btree_set(any::<u8>(), 0..128),
        strategy in prop::sample::select(Sharing::ALL.to_vec()),
        turns in 0..20,
    ) {
        let (table, online) = (shared(strategy), there(&sims));
        let is_walled = |one| walled.iter().any(|n| sim(&n.to_string()) == one);
        let mut past = Past::default();
        let to = number("+62811222333");
        for _ in 0..turns {
            let decision = table.decide(&message(&to), &online, &past, |one| !is_walled(one));
            let routing::Way::Through(chosen) = decision.way else { panic!() };
            past.note(&chosen, &online);
            if let Some(one) = chosen.sim() {
                prop_assert!(online.has(&chosen.target) && !is_walled(one));
            }
        }
    }
}
