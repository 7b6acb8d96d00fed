//! What is wrong with rules, each with its place and a remedy; and every bound.

use std::collections::BTreeSet;

use contracts::routes::{Conditions, Pool, Prefix, Routes, Rule, Strategy, Weight};
use contracts::subject::Target;
use contracts::{KeyId, OrgId, PoolId, UserId, bounds};
use routing::check::{
    LARGEST_WEIGHT, LONGEST_NAME, LONGEST_REASON, MOST_ACCOUNTS, MOST_FINDINGS, MOST_KEYWORDS,
    MOST_MARKS, MOST_POOLS, MOST_PREFIXES, MOST_RULES, MOST_TARGETS, MOST_WEIGHTS,
};
use routing::{Fault, Known, Place, check};

use crate::{pool, routes, rule, sim};

/// One SIM in the default pool, and one that is in none.
fn known() -> Known {
    let sims = [(sim("a"), Some(PoolId::default_pool())), (sim("own"), None)];
    Known { sims: sims.into(), accounts: [UserId::derived("ani")].into() }
}

fn faults(routes: &Routes) -> Vec<Fault> {
    check(routes, &known()).into_iter().map(|finding| finding.fault).collect()
}

fn usual(name: &str) -> Rule {
    let when = Conditions { prefixes: vec![name.parse().unwrap()], ..Conditions::default() };
    Rule {
        name: format!("r{name}"),
        enabled: true,
        when,
        targets: vec![pool("default")],
        refuse: None,
    }
}

fn only(rule: Rule) -> Routes {
    Routes { rules: vec![rule], ..Routes::unset(OrgId::default_org()) }
}

fn with_pool(pool: Pool) -> Routes {
    Routes { pools: vec![pool], ..Routes::unset(OrgId::default_org()) }
}

fn weight(name: &str, weight: u32) -> Weight {
    Weight { sim: sim(name), weight }
}

fn default_pool(strategy: Strategy, weights: Vec<Weight>) -> Pool {
    Pool { name: PoolId::default_pool(), strategy, weights }
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_a_remedy() {
    for (json, fault) in [
        (r#"{"name":"","targets":[{"pool":"default"}]}"#, Fault::Name),
        (r#"{"name":" x","targets":[{"pool":"default"}]}"#, Fault::Name),
        (r#"{"name":"a\nb","targets":[{"pool":"default"}]}"#, Fault::Name),
        (r#"{"name":"x"}"#, Fault::NoWay),
        (r#"{"name":"x","targets":[{"pool":"default"}],"refuse":"no"}"#, Fault::TwoWays),
        (r#"{"name":"x","refuse":""}"#, Fault::Reason),
        (
            r#"{"name":"x","refuse":"no","when":{"keywords":["two words"]}}"#,
            Fault::Keyword("two words".to_owned()),
        ),
        (
            r#"{"name":"x","refuse":"no","when":{"tags":[" a"]}}"#,
            Fault::Mark("tag", " a".to_owned()),
        ),
        (
            r#"{"name":"x","refuse":"no","when":{"senders":["a sender with 21 signs"]}}"#,
            Fault::Mark("sender", "a sender with 21 signs".to_owned()),
        ),
        (
            r#"{"name":"x","refuse":"no","when":{"hours":{"zone":"Mars/Base"}}}"#,
            Fault::Zone("Mars/Base".to_owned()),
        ),
        (
            r#"{"name":"x","refuse":"no","when":{"hours":{"zone":"UTC","from":"07:00","until":"07:00"}}}"#,
            Fault::NoHours,
        ),
    ] {
        let found = check(&only(rule(json)), &known());
        assert_eq!(found.len(), 1, "{json}: {found:?}");
        assert_eq!(found[0].fault, fault);
        assert!(matches!(&found[0].place, Place::Rule(1, _)), "{found:?}");
        assert!(fault.is_error() && !fault.remedy().is_empty() && fault.to_string().ends_with('.'));
    }
    let twice = routes(&[r#"{"name":"x","refuse":"a"}"#, r#"{"name":"x","refuse":"b"}"#]);
    let found = check(&twice, &known());
    assert_eq!(found[0].fault, Fault::NameTaken(1));
    assert_eq!(found[0].place.to_string(), "rule 2 'x'");
    let weights = vec![weight("a", 0), weight("b", 0)];
    let none = with_pool(default_pool(Strategy::Weighted, weights));
    assert_eq!(faults(&none), [Fault::NoWeight]);
    let later = with_pool(default_pool(Strategy::Other, Vec::new()));
    assert_eq!(faults(&later), [Fault::Strategy]);
    let free = default_pool(Strategy::AsFree, Vec::new());
    let twice = Routes { pools: vec![free.clone(), free], ..Routes::unset(OrgId::default_org()) };
    assert_eq!(faults(&twice), [Fault::PoolTwice]);
}

#[test]
fn what_is_to_be_thought_about_is_a_warning() {
    let (lost, nobody) = (sim("lost"), UserId::derived("nobody"));
    let unknown = format!(
        r#"{{"name":"x","when":{{"accounts":["{nobody}"]}},"targets":[{{"sim":"{lost}"}},{{"pool":"empty"}},{{"sim":"{}"}}]}}"#,
        sim("own")
    );
    let found = faults(&routes(&[&unknown]));
    let empty: PoolId = "empty".parse().unwrap();
    assert_eq!(
        found,
        [Fault::UnknownSim(lost), Fault::EmptyPool(empty.clone()), Fault::UnknownAccount(nobody)]
    );
    assert!(!found.iter().any(Fault::is_error));
    let pool = Pool { name: empty.clone(), ..default_pool(Strategy::RoundRobin, Vec::new()) };
    assert_eq!(faults(&with_pool(pool)), [Fault::EmptyPool(empty)]);
    let elsewhere = default_pool(Strategy::Weighted, vec![weight("own", 2)]);
    assert_eq!(faults(&with_pool(elsewhere)), [Fault::ElsewhereSim(sim("own"))]);
    let hidden = routes(&[
        r#"{"name":"off","enabled":false,"targets":[{"pool":"default"}]}"#,
        r#"{"name":"all","targets":[{"pool":"default"}]}"#,
        r#"{"name":"ours","when":{"prefixes":["+62"]},"targets":[{"pool":"default"}]}"#,
    ]);
    let found = check(&hidden, &known());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].place.to_string(), "rule 3 'ours'");
    assert_eq!(found[0].fault, Fault::Hidden(2, "all".to_owned()));
    assert_eq!(faults(&Routes::unset(OrgId::default_org())), []);
}

#[test]
fn as_many_as_may_be_and_no_more() {
    let rules = |count: usize| {
        let rules = (1..=count).map(|n| usual(&format!("1{n:05}"))).collect();
        Routes { rules, ..Routes::unset(OrgId::default_org()) }
    };
    assert_eq!(faults(&rules(MOST_RULES)), []);
    assert_eq!(faults(&rules(MOST_RULES + 1)), [Fault::TooMany("rules", MOST_RULES)]);

    let changed = |change: &dyn Fn(&mut Rule)| {
        let mut rule = usual("1");
        change(&mut rule);
        faults(&only(rule))
    };
    let prefixes =
        |count: usize| (0..count).map(|n| format!("1{n:04}").parse::<Prefix>().unwrap()).collect();
    assert_eq!(changed(&|rule| rule.when.prefixes = prefixes(MOST_PREFIXES)), []);
    let found = changed(&|rule| rule.when.prefixes = prefixes(MOST_PREFIXES + 1));
    assert_eq!(found, [Fault::TooMany("prefixes in the rule", MOST_PREFIXES)]);

    let accounts = |count: usize| (0..count).map(|n| UserId::derived(&n.to_string())).collect();
    let errors =
        |found: Vec<Fault>| -> Vec<Fault> { found.into_iter().filter(Fault::is_error).collect() };
    assert_eq!(errors(changed(&|rule| rule.when.accounts = accounts(MOST_ACCOUNTS))), []);
    let found = errors(changed(&|rule| rule.when.accounts = accounts(MOST_ACCOUNTS + 1)));
    assert_eq!(found, [Fault::TooMany("accounts in the rule", MOST_ACCOUNTS)]);

    let words =
        |count: usize| -> BTreeSet<String> { (0..count).map(|n| format!("w{n}")).collect() };
    assert_eq!(changed(&|rule| rule.when.keywords = words(MOST_KEYWORDS)), []);
    let found = changed(&|rule| rule.when.keywords = words(MOST_KEYWORDS + 1));
    assert_eq!(found, [Fault::TooMany("words in the rule", MOST_KEYWORDS)]);
    let word = |size: usize| BTreeSet::from(["x".repeat(size)]);
    assert_eq!(changed(&|rule| rule.when.keywords = word(bounds::KEYWORD)), []);
    assert_eq!(changed(&|rule| rule.when.keywords = word(bounds::KEYWORD + 1)).len(), 1);

    let keys = |count: usize| (0..count).map(|n| KeyId::derived(&n.to_string())).collect();
    assert_eq!(changed(&|rule| rule.when.keys = keys(MOST_MARKS)), []);
    let found = changed(&|rule| rule.when.keys = keys(MOST_MARKS + 1));
    assert_eq!(found, [Fault::TooMany("keys in the rule", MOST_MARKS)]);
    assert_eq!(changed(&|rule| rule.when.tags = words(MOST_MARKS)), []);
    let found = changed(&|rule| rule.when.tags = words(MOST_MARKS + 1));
    assert_eq!(found, [Fault::TooMany("tags in the rule", MOST_MARKS)]);
    let found = changed(&|rule| rule.when.senders = words(MOST_MARKS + 1));
    assert_eq!(found, [Fault::TooMany("senders in the rule", MOST_MARKS)]);
    assert_eq!(changed(&|rule| rule.when.tags = word(bounds::TAG)), []);
    assert_eq!(changed(&|rule| rule.when.tags = word(bounds::TAG + 1)).len(), 1);
    assert_eq!(changed(&|rule| rule.when.senders = word(bounds::SENDER)), []);
    assert_eq!(changed(&|rule| rule.when.senders = word(bounds::SENDER + 1)).len(), 1);

    let targets = |count: usize| vec![Target::Sim(sim("a")); count];
    assert_eq!(changed(&|rule| rule.targets = targets(MOST_TARGETS)), []);
    let found = changed(&|rule| rule.targets = targets(MOST_TARGETS + 1));
    assert_eq!(found, [Fault::TooMany("pools and SIMs in the rule", MOST_TARGETS)]);

    assert_eq!(changed(&|rule| rule.name = "é".repeat(LONGEST_NAME)), []);
    assert_eq!(changed(&|rule| rule.name = "é".repeat(LONGEST_NAME + 1)), [Fault::Name]);
    let refuses = |size: usize| {
        move |rule: &mut Rule| {
            rule.targets.clear();
            rule.refuse = Some("é".repeat(size));
        }
    };
    assert_eq!(changed(&refuses(LONGEST_REASON)), []);
    assert_eq!(changed(&refuses(LONGEST_REASON + 1)), [Fault::Reason]);

    let pools = |count: usize| {
        let pool = |n| Pool {
            name: format!("p{n}").parse().unwrap(),
            ..default_pool(Strategy::AsFree, Vec::new())
        };
        let pools = (0..count).map(pool).collect();
        errors(faults(&Routes { pools, ..Routes::unset(OrgId::default_org()) }))
    };
    assert_eq!(pools(MOST_POOLS), []);
    assert_eq!(pools(MOST_POOLS + 1), [Fault::TooMany("pools", MOST_POOLS)]);
    let weights = |count: usize, each: u32| {
        let weights = (0..count).map(|n| weight(&n.to_string(), each)).collect();
        errors(faults(&with_pool(default_pool(Strategy::Weighted, weights))))
    };
    assert_eq!(weights(MOST_WEIGHTS, LARGEST_WEIGHT), []);
    assert_eq!(weights(MOST_WEIGHTS + 1, 1), [Fault::TooMany("weights", MOST_WEIGHTS)]);
    assert!(matches!(weights(1, LARGEST_WEIGHT + 1)[..], [Fault::Weight(_)]));
}

#[test]
fn prefixes_have_a_bound_in_all_and_so_has_what_is_said() {
    let many = |count: usize| {
        let rules = (1..=count).map(|n| {
            let mut rule = usual(&format!("2{n:03}"));
            rule.when.prefixes =
                (0..MOST_PREFIXES).map(|of| format!("1{n:03}{of:03}").parse().unwrap()).collect();
            rule
        });
        Routes { rules: rules.collect(), ..Routes::unset(OrgId::default_org()) }
    };
    assert_eq!(faults(&many(100)), []);
    assert_eq!(faults(&many(101)).len(), 1);
    let bad: Vec<String> = (0..MOST_RULES).map(|n| format!(r#"{{"name":"{n}"}}"#)).collect();
    let bad: Vec<&str> = bad.iter().map(String::as_str).collect();
    assert_eq!(faults(&routes(&bad)).len(), MOST_FINDINGS);
}
