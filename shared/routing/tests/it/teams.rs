//! Which way messages of teams go, and those of who is of none.

use std::collections::BTreeSet;

use contracts::config_kv::{Sim, Team};
use contracts::subject::Target;
use contracts::{OrgId, SimId, UserId};
use proptest::prelude::*;
use routing::{Decision, Membership, Message, Miss, Past, Table, Way};

use crate::{message, number, online, pool, routes, sim, target};

fn team(name: &str, own_sims_only: bool, users: &[&str], sims: &[&str]) -> Team {
    Team {
        org: OrgId::default_org(),
        name: name.to_owned(),
        own_sims_only,
        users: users.iter().map(|name| UserId::derived(name)).collect(),
        sims: sims.iter().map(|name| sim(name)).collect(),
    }
}

#[test]
fn a_message_goes_through_a_sim_of_its_team_if_one_is_there() {
    let to = number("+62811");
    let sales = team("Sales", false, &["ani"], &["a", "b"]);
    let only = Team { own_sims_only: true, ..sales.clone() };
    let none = team("Empty", true, &["ani"], &[]);
    let vip = Table::new(&routes(&[r#"{"name":"vip","targets":[{"pool":"vip"}]}"#]));
    let own = Table::new(&routes(&[r#"{"name":"own","targets":[{"pool":"vip"},{"sim":"SIM"}]}"#
        .replace("SIM", &sim("b").to_string())
        .as_str()]));
    let free = Table::default();
    let sims = [("a", "solo", 5), ("b", "solo", 3), ("c", "default", 0)];
    let there = online(&sims);
    let (away, nobody) = (online(&sims[2..]), online(&[]));
    let usual = message(&to);
    let named = |named: &Target| Message { named: Some(named.clone()), ..usual.clone() };
    let first = || sales.sims.first().copied().map(Target::Sim);
    let through = |name| Some(Target::Sim(sim(name)));
    let default = || Some(pool("default"));
    for (what, table, message, teams, online, expected) in [
        ("of none", &free, usual.clone(), None, &there, default()),
        ("the one that sent less", &free, usual.clone(), Some(&sales), &there, through("b")),
        ("others may send it", &free, usual.clone(), Some(&sales), &away, default()),
        ("nobody is there", &free, usual.clone(), Some(&sales), &nobody, first()),
        ("it waits for its own", &free, usual.clone(), Some(&only), &away, first()),
        ("it has none of its own", &free, usual.clone(), Some(&none), &there, None),
        ("a rule decides before", &vip, usual.clone(), Some(&sales), &there, Some(pool("vip"))),
        ("a pool is for others", &vip, usual.clone(), Some(&only), &there, through("b")),
        ("what is left of a rule", &own, usual.clone(), Some(&only), &there, through("b")),
        ("a pool it names", &free, named(&pool("vip")), Some(&sales), &there, Some(pool("vip"))),
        ("a pool it may not use", &free, named(&pool("vip")), Some(&only), &there, None),
        ("a SIM it names", &free, named(&Target::Sim(sim("a"))), Some(&only), &there, through("a")),
    ] {
        let teams = teams.map(|team| Membership::of([team]));
        let message = message.of_teams(teams.as_ref());
        let decision = table.decide(&message, online, &Past::default(), |_| true);
        assert_eq!(target(&decision), expected, "{what}");
        if let Way::Through(chosen) = &decision.way {
            let is_own = decision.rule.is_none() && message.named.is_none();
            let of_team = chosen.sim().is_some_and(|sim| sales.sims.contains(&sim));
            assert_eq!(chosen.of_team, is_own && of_team, "{what}");
        }
    }
    let teams = Membership::of([&only]);
    let asked = usual.of_teams(Some(&teams));
    let explained = vip.explain(&asked, &there, &Past::default(), |_| true);
    let passed: Vec<_> = explained.passed.iter().map(|one| one.why).collect();
    assert_eq!(passed, [Miss::Walled], "the rule knows only a pool");
}

#[test]
fn the_sims_of_a_team_share_what_it_sends() {
    let (to, table, mut past) = (number("+62811"), Table::default(), Past::default());
    let sales = team("Sales", false, &["ani"], &["a", "b"]);
    let teams = Membership::of([&sales]);
    let there = online(&[("a", "solo", 0), ("b", "solo", 0)]);
    let mut counts = [0, 0];
    for _ in 0..10 {
        let asked = message(&to).of_teams(Some(&teams));
        let Way::Through(chosen) = table.decide(&asked, &there, &past, |_| true).way else {
            panic!("it goes some way")
        };
        past.note(&chosen, &there);
        counts[usize::from(chosen.sim() == Some(sim("b")))] += 1;
    }
    assert_eq!(counts, [5, 5]);
}

#[test]
fn whoever_is_of_several_teams_keeps_to_all_of_them_if_one_says_so() {
    let (one, other) = (team("Z", true, &["ani"], &["a"]), team("B", false, &["ani"], &["b"]));
    let teams = Membership::of([&one, &other]);
    assert_eq!(teams.keeps_to(), Some("Z"));
    assert!(teams.lets_through(sim("a")) && teams.lets_through(sim("b")));
    assert!(!teams.lets_through(sim("c")));
    let third = team("A", true, &["ani"], &[]);
    assert_eq!(Membership::of([&one, &other, &third]).keeps_to(), Some("A"));
    assert_eq!(Membership::of([]), Membership::default());
}

/// Accounts, teams and SIMs by their numbers.
fn user(n: u8) -> UserId {
    UserId::derived(&n.to_string())
}

fn card(n: u8) -> SimId {
    sim(&n.to_string())
}

/// Teams over a few users and SIMs; each SIM is of one team at most.
fn any_teams() -> impl Strategy<Value = Vec<Team>> {
    let one = (
        any::<bool>(),
        prop::collection::btree_set(0..6_u8, 0..4),
        prop::collection::btree_set(0..8_u8, 0..4),
    );
    prop::collection::vec(one, 0..4).prop_map(|teams| {
        let mut taken = BTreeSet::new();
        let mut free = |n: &u8| taken.insert(*n).then(|| card(*n));
        let mut all = Vec::new();
        for (n, (only, users, sims)) in teams.into_iter().enumerate() {
            all.push(Team {
                org: OrgId::default_org(),
                name: n.to_string(),
                own_sims_only: only,
                users: users.into_iter().map(user).collect(),
                sims: sims.iter().filter_map(&mut free).collect(),
            });
        }
        all
    })
}

/// A rule that takes everything, to a pool or a SIM.
fn any_rules() -> impl Strategy<Value = Vec<String>> {
    let way = prop_oneof![
        (0..3_u8).prop_map(|n| format!(r#"{{"pool":"p{n}"}}"#)),
        (0..8_u8).prop_map(|n| format!(r#"{{"sim":"{}"}}"#, card(n))),
    ];
    let rule = prop::collection::vec(way, 1..3)
        .prop_map(|ways| format!(r#"{{"name":"x","targets":[{}]}}"#, ways.join(",")));
    prop::collection::vec(rule, 0..3)
}

proptest! {
    /// The wall, as routers ask for it: whatever rules there are, and whatever a message names that its account may name.
    #[test]
    fn no_message_of_a_stranger_leaves_by_a_sim_of_a_team(
        teams in any_teams(),
        rules in any_rules(),
        there in prop::collection::btree_set(0..8_u8, 0..8),
        sender in 0..6_u8,
        named in prop::option::of(0..8_u8),
        is_admin in any::<bool>(),
    ) {
        let (to, account) = (number("+62811"), user(sender));
        let own: Vec<&Team> = teams.iter().filter(|team| team.users.contains(&account)).collect();
        let membership = (!own.is_empty()).then(|| Membership::of(own.iter().copied()));
        let of = |sim: SimId| teams.iter().find(|team| team.sims.contains(&sim));
        let settings = |sim: SimId| match of(sim) {
            Some(team) => {
                let senders = contracts::config_kv::Access::only(team.users.iter().copied());
                let id = contracts::TeamId::derived(&team.name);
                let team = Some(contracts::config_kv::SimTeam { id, name: team.name.clone() });
                Sim { senders, team, ..Sim::unset(OrgId::default_org()) }
            }
            None => Sim::unset(OrgId::default_org()),
        };
        let may_use = |sim: SimId| {
            settings(sim).lets_through(account, is_admin)
                && membership.as_ref().is_none_or(|teams| teams.lets_through(sim))
        };
        // Only a SIM that is for everybody is in a pool.
        let in_pools = |n: &u8| {
            let pools: Vec<contracts::PoolId> = if settings(card(*n)).senders.is_everybody() {
                vec![format!("p{}", n % 3).parse().unwrap(), "default".parse().unwrap()]
            } else {
                Vec::new()
            };
            (card(*n), pools, u64::from(*n))
        };
        let online = routing::Online::new(there.iter().map(in_pools));
        let named = named.map(card).filter(|sim| may_use(*sim)).map(Target::Sim);
        let texts: Vec<&str> = rules.iter().map(String::as_str).collect();
        let table = Table::new(&routes(&texts));
        let asked = Message { account, named, ..message(&to) }.of_teams(membership.as_ref());
        let Decision { way, .. } = table.decide(&asked, &online, &Past::default(), may_use);
        let Way::Through(chosen) = way else { return Ok(()) };
        let leaves_by: Vec<SimId> = match &chosen.target {
            Target::Sim(sim) => vec![*sim],
            Target::Pool(pool) => online.sims_of(pool).collect(),
        };
        for sim in leaves_by {
            let of = of(sim);
            prop_assert!(of.is_none_or(|team| team.users.contains(&account)), "{sim} is of a team");
            let keeps = own.iter().any(|team| team.own_sims_only);
            prop_assert!(!keeps || of.is_some(), "{sim} is of no team");
        }
        let keeps = own.iter().any(|team| team.own_sims_only);
        prop_assert!(!keeps || matches!(chosen.target, Target::Sim(_)), "a pool is anybody's");
    }
}
