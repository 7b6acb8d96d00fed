//! Which way a message goes.

use std::hint::black_box;

use contracts::routes::{Conditions, Pool, Routes, Rule, Strategy};
use contracts::subject::Target;
use contracts::{OrgId, PhoneNumber, PoolId, Priority, SimId, Timestamp, UserId};
use routing::{Message, Online, Past, Table};

use crate::{Case, count};

pub(crate) const CASES: &[Case] = &[
    ("routing: a message that none of 1,000 rules takes", || {
        let (table, online, to) = (table(Strategy::AsFree), online(), to());
        let (message, past) = (message(&to), Past::default());
        count(|| black_box(&table).decide(&message, &online, &past, |_| true).rule.is_some());
    }),
    ("routing: one of 1,000 SIMs is chosen for a recipient, after 1,000 rules", || {
        let (table, online, to) = (table(Strategy::Sticky), online(), to());
        let (message, past) = (message(&to), Past::default());
        count(|| black_box(&table).decide(&message, &online, &past, |_| true).rule.is_some());
    }),
    ("routing: 1,000 rules are made ready", || {
        let routes = routes(Strategy::AsFree);
        count(|| Table::new(black_box(&routes)));
    }),
];

fn to() -> PhoneNumber {
    PhoneNumber::parse("+628123456789").unwrap()
}

fn message(to: &PhoneNumber) -> Message<'_> {
    Message {
        to,
        account: UserId::internal(),
        priority: Priority::Normal,
        text: Some("Halo dunia"),
        key: None,
        tag: None,
        sender: None,
        named: None,
        teams: None,
        at: Timestamp::from_micros(1_800_000_000_000_000),
    }
}

/// Rules each of which asks for some prefixes, of which none fits.
fn routes(strategy: Strategy) -> Routes {
    let rule = |n: usize| Rule {
        name: format!("rule {n}"),
        enabled: true,
        when: Conditions {
            prefixes: (0..5).map(|of| format!("+62813{n:04}{of}").parse().unwrap()).collect(),
            ..Conditions::default()
        },
        targets: vec![Target::Pool(PoolId::default_pool())],
        refuse: None,
    };
    let pool = Pool { name: PoolId::default_pool(), strategy, weights: Vec::new() };
    let rules = (0..1_000).map(rule).collect();
    Routes { org: OrgId::default_org(), rules, pools: vec![pool] }
}

pub(crate) fn table(strategy: Strategy) -> Table {
    Table::new(&routes(strategy))
}

pub(crate) fn online() -> Online {
    let sim = |n: u32| (SimId::derived(&n.to_string()), vec![PoolId::default_pool()], 0);
    Online::new((0..1_000).map(sim))
}
