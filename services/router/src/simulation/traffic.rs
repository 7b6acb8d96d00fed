//! Who sends what, and when.

use std::time::Duration;

use contracts::config_kv::{Access, Account, Sim};
use contracts::mt::MtRequest;
use contracts::routes::Routes;
use contracts::{
    BatchId, MessageId, OrgId, PhoneNumber, PoolId, Priority, SimId, Timestamp, UserId,
};
use rand::RngExt as _;
use rand::rngs::StdRng;
use serde_json::json;

use crate::settings::Settings;

/// Phones in the world.
const PHONES: u32 = 3_000;

/// An account that sends now and then.
pub(super) struct Source {
    pub(super) account: UserId,
    pub(super) org: OrgId,
    pub(super) priority: Priority,
    /// On average.
    pub(super) each: Duration,
    /// Messages at a time; of more than one, a batch.
    pub(super) at_a_time: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// To anybody, any way.
    Any,
    /// Through a SIM that is a team's own.
    Named,
    /// To be sent in a few hours, and not later than a few more.
    Later,
}

/// The organisations: one that has no other name, and two with rules.
pub(super) fn orgs() -> [OrgId; 3] {
    [OrgId::default_org(), OrgId::derived("two"), OrgId::derived("three")]
}

pub(super) fn account(name: &str) -> UserId {
    UserId::derived(name)
}

/// The account whose bulk is larger than all else together.
pub(super) const LARGE: &str = "bulk";
/// The account whose SIMs are nobody else's.
pub(super) const TEAM: &str = "team";
/// The account that is disabled for some days.
pub(super) const DISABLED: &str = "later";

/// How many SIMs of two hundred are in which pool of whom; those without a pool are a team's own.
pub(super) const POOLS: [(usize, Option<&str>, usize); 8] = [
    (0, Some("default"), 50),
    (0, Some("vip"), 20),
    (0, None, 10),
    (1, Some("weighted"), 30),
    (1, Some("least"), 20),
    (2, Some("sticky"), 30),
    (2, Some("turns"), 20),
    (2, Some("free"), 20),
];

/// All accounts.
pub(super) fn accounts() -> Vec<UserId> {
    let mut accounts: Vec<UserId> = sources().iter().map(|source| source.account).collect();
    accounts.push(account(LARGE));
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

pub(super) fn sources() -> Vec<Source> {
    let [one, two, three] = orgs();
    let day = 24 * 60;
    let source = |org, name: &str, priority, a_day: u64, at_a_time, kind| Source {
        account: account(name),
        org,
        priority,
        each: Duration::from_mins(day).div_f64(f64::from(u32::try_from(a_day).unwrap())),
        at_a_time,
        kind,
    };
    let (otp, normal, bulk) = (Priority::Otp, Priority::Normal, Priority::Bulk);
    vec![
        source(one, "shop", normal, 30, 1, Kind::Any),
        source(one, "shop", bulk, 10, 1, Kind::Any),
        source(one, "bank", otp, 25, 3, Kind::Any),
        source(one, "alarm", normal, 1, 20, Kind::Any),
        source(one, TEAM, normal, 25, 1, Kind::Named),
        source(one, TEAM, otp, 5, 1, Kind::Named),
        source(two, "school", normal, 20, 1, Kind::Any),
        source(two, "shops", bulk, 1, 100, Kind::Any),
        source(two, "codes", otp, 40, 1, Kind::Any),
        source(three, "clinic", normal, 30, 1, Kind::Any),
        source(three, "clinic", otp, 20, 1, Kind::Any),
        source(three, "news", bulk, 1, 60, Kind::Any),
        source(three, DISABLED, normal, 20, 1, Kind::Later),
    ]
}

impl Source {
    /// How long until it sends again: the time between two is exponentially distributed.
    pub(super) fn pause(&self, random: &mut StdRng) -> Duration {
        let chance: f64 = random.random_range(1e-9..1.0);
        self.each.mul_f64(-chance.ln())
    }

    /// What it sends.
    pub(super) fn requests(
        &self,
        now: Timestamp,
        serial: &mut u64,
        own: &[SimId],
        random: &mut StdRng,
    ) -> Vec<MtRequest> {
        let batch = (self.at_a_time > 1).then(|| BatchId::derived(&serial.to_string()));
        let text = text(random);
        let mut requests: Vec<MtRequest> = (0..self.at_a_time)
            .map(|_| request(self.org, self.account, phone(random), &text, now, serial))
            .collect();
        for request in &mut requests {
            request.batch = batch;
            match self.kind {
                Kind::Any if self.priority == Priority::Normal && random.random_bool(0.2) => {
                    let hours = random.random_range(1..12);
                    request.not_after = Some(now.plus(Duration::from_hours(hours)));
                }
                Kind::Any => {}
                Kind::Named => request.sim = Some(own[random.random_range(0..own.len())]),
                Kind::Later => {
                    let from = now.plus(Duration::from_mins(random.random_range(1..600)));
                    request.not_before = Some(from);
                    request.not_after = Some(from.plus(Duration::from_hours(6)));
                }
            }
        }
        requests
    }
}

pub(super) fn request(
    org: OrgId,
    owner: UserId,
    to: PhoneNumber,
    text: &str,
    now: Timestamp,
    serial: &mut u64,
) -> MtRequest {
    *serial += 1;
    let id = Some(MessageId::from_stored(now, *serial));
    MtRequest { id, org, owner, created_at: Some(now), ..MtRequest::text(to, text) }
}

pub(super) fn phone(random: &mut StdRng) -> PhoneNumber {
    numbered(random.random_range(0..PHONES))
}

/// A phone by its number among all; there may be more than write by chance.
pub(super) fn numbered(n: u32) -> PhoneNumber {
    PhoneNumber::parse(&format!("+62{}{n:08}", 811 + n % 5)).unwrap()
}

/// One part mostly, three at most.
fn text(random: &mut StdRng) -> String {
    let words = match random.random_range(0..20) {
        0 => 50,
        1..3 => 30,
        _ => 5,
    };
    "Halo Anda ".repeat(words).chars().take(450).collect()
}

/// Accounts, SIMs and rules as their people set them.
pub(super) fn set(settings: &Settings, sims: &[super::fleet::Sim], changed: bool) {
    for (account, org) in sources().iter().map(|source| (source.account, source.org)) {
        enable(settings, org, account, true);
    }
    enable(settings, OrgId::default_org(), account(LARGE), true);
    for sim in sims {
        let senders = match &sim.pool {
            Some(_) => Access::everybody(),
            None => Access::only([account(TEAM)]),
        };
        let pool = sim.pool.clone().unwrap_or_else(PoolId::default_pool);
        let limits = sim.limits.clone();
        let value = Sim { pool, senders, limits, ..Sim::unset(sim.org) };
        settings.put(&format!("sim.{}", sim.id), &value);
    }
    let [one, two, three] = orgs();
    let vip = json!({ "name": "vip", "when": { "priorities": ["otp"] }, "targets": [{ "pool": "vip" }, { "pool": "default" }] });
    put_routes(settings, one, &json!([vip]), &json!([]));
    let bulk = json!({ "name": "bulk", "when": { "priorities": ["bulk"] }, "targets": [{ "pool": "weighted" }] });
    let rest = json!({ "name": "rest", "targets": [{ "pool": "least" }, { "pool": "weighted" }] });
    // Halfway through the month, bulk is sent after all else and in the daytime only.
    let late = json!({ "name": "night", "when": { "priorities": ["bulk"], "hours": { "zone": "Asia/Jakarta", "from": "21:00", "until": "06:00" } }, "refuse": "Not at night." });
    let rules = if changed { json!([late, bulk, rest]) } else { json!([bulk, rest]) };
    let weights: Vec<_> = sims
        .iter()
        .filter(|sim| sim.pool.as_ref().is_some_and(|pool| pool.as_str() == "weighted"))
        .zip(0..)
        .map(|(sim, n)| json!({ "sim": sim.id, "weight": n % 4 }))
        .collect();
    let pools = json!([
        { "name": "weighted", "strategy": "weighted", "weights": weights },
        { "name": "least", "strategy": "least_used" }
    ]);
    put_routes(settings, two, &rules, &pools);
    let rules = json!([
        { "name": "no", "when": { "prefixes": ["+62815"], "priorities": ["bulk"] }, "refuse": "Too dear." },
        { "name": "clinic", "when": { "accounts": [account("clinic")] }, "targets": [{ "pool": "turns" }, { "pool": "free" }] },
        { "name": "mobile", "when": { "prefixes": ["+62811", "+62812"] }, "targets": [{ "pool": "sticky" }, { "pool": "free" }] },
        { "name": "rest", "targets": [{ "pool": "free" }] }
    ]);
    let pools = json!([
        { "name": "sticky", "strategy": "sticky" },
        { "name": "turns", "strategy": "round_robin" }
    ]);
    put_routes(settings, three, &rules, &pools);
}

pub(super) fn enable(settings: &Settings, org: OrgId, account: UserId, enabled: bool) {
    settings.put(&format!("account.{account}"), &Account { org, enabled, admin: false });
}

fn put_routes(
    settings: &Settings,
    org: OrgId,
    rules: &serde_json::Value,
    pools: &serde_json::Value,
) {
    let routes: Routes =
        serde_json::from_value(json!({ "org": org, "rules": rules, "pools": pools })).unwrap();
    let errors = routing::check(&routes, &routing::Known::default());
    assert!(errors.iter().all(|finding| !finding.fault.is_error()), "{errors:?}");
    settings.put(&format!("routes.{org}"), &routes);
}
