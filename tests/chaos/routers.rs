//! Three routers share rules, pools and the limits of SIMs, and are killed and started under load: nothing goes out twice or
//! another way than it should, and no SIM sends more than its limit but for what its modem has in hand. What waits for a SIM that has
//! reached its limit, alone or in a batch, takes another way meanwhile where there is one, and not both.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use contracts::{BatchId, MessageId, MtState, OrgId};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use store::{Reach, Store};
use testkit::{NatsServer, wait_for_within};
use tokio::time::{Instant, sleep};

use crate::batch::rows_of;
use crate::number;
use crate::verdict::{PATIENCE, story};
use crate::world::{self, Victim, World};

/// The short run: its seed, and as many messages as make each limited SIM wait for another minute once or twice.
const SHORT: (u64, usize) = (41_203, 72);
/// How many messages a long run has.
const MESSAGES: usize = 400;
/// Parts that each of the first two SIMs may send in a minute.
const A_MINUTE: usize = 8;
/// Beyond so many kills, what is left goes out in peace.
const KILLS: usize = 20;
/// So many messages that have two ways are a batch.
const TOGETHER: usize = 6;
/// One a modem may have been counted in the minute before the network took it.
const IN_HAND: usize = 1;

/// The ways, each by what its numbers begin with.
const WAYS: [(&str, Way); 4] = [
    ("+628550", Way::Limited),
    ("+628551", Way::LimitedOrOthers),
    ("+628552", Way::Third),
    ("+628553", Way::Refused),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Through the SIMs that have limits, and no others.
    Limited,
    /// The same, or through others when the limits are reached.
    LimitedOrOthers,
    /// Through one SIM that a rule names.
    Third,
    /// Nowhere.
    Refused,
}

impl Way {
    fn may_be_by(self, modem: usize) -> bool {
        match self {
            Self::Limited => modem <= 2,
            Self::LimitedOrOthers => true,
            Self::Third => modem == 3,
            Self::Refused => false,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_routers_share_rules_and_limits_whoever_is_killed() {
    let (seed, messages) = SHORT;
    kill_routers(seed, messages).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: tests/chaos/run --routers"]
async fn as_long_as_asked() {
    let seed = number("CHAOS_SEED").unwrap_or_else(|| rand::rng().random_range(1..1_000_000));
    let messages = number("CHAOS_RECIPIENTS").and_then(|n| usize::try_from(n).ok());
    kill_routers(seed, messages.unwrap_or(MESSAGES)).await;
}

/// A message that was accepted.
struct Accepted {
    id: Id,
    to: String,
    way: Way,
}

/// How a message is found.
#[derive(Debug, Clone, Copy)]
enum Id {
    /// It was sent alone.
    Message(MessageId),
    /// It is the one of this batch to its number.
    OfBatch(BatchId),
}

async fn kill_routers(seed: u64, messages: usize) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut world = World::start(NatsServer::start().await, Duration::from_millis(150)).await;
    world.add(Victim::RouterC, "router-c", &["router"]);
    println!("chaos: seed {seed}, {messages} messages, logs in {}", world.logs().display());
    set(&world).await;

    let sending = tokio::spawn(send_all(world.url.clone(), world.key.clone(), messages));
    let begun = Instant::now();
    let mut kills = 0;
    // As long as something waits.
    let goes_out = u64::try_from(messages * 7 / 10).unwrap();
    while world.network().sent_count() < goes_out && kills < KILLS {
        assert!(begun.elapsed() < PATIENCE * 4, "sent: {}", world.network().sent_count());
        sleep(Duration::from_millis(random.random_range(300..2_000))).await;
        let victim = Victim::ROUTERS[random.random_range(0..Victim::ROUTERS.len())];
        let away = Duration::from_millis(random.random_range(50..1_500));
        println!("chaos: {} sent, kill -9 of {victim:?}", world.network().sent_count());
        world.kill(victim);
        sleep(away).await;
        world.start_again(victim).await;
        kills += 1;
    }
    let accepted = sending.await.unwrap();
    let faults = find(&mut world, &accepted).await;
    println!("chaos: seed {seed}, {kills} kills in {:?}, faults: {faults:#?}", begun.elapsed());
    if !faults.is_empty() || kills == 0 {
        world.keep_logs();
        panic!(
            "chaos: seed {seed}, {kills} kills, logs in {}: {faults:#?}",
            world.logs().display()
        );
    }
}

/// Sets pools, limits and rules, and waits until drivers and routers go by them.
async fn set(world: &World) {
    let modems = World::modems();
    let sims = wait_for_within(world::PATIENCE, "the SIMs", || async {
        let shown = world.cli(&["modems"]);
        let modems_there = shown["modems"].as_array()?.iter();
        let sims: HashMap<String, String> = modems_there
            .filter_map(|one| {
                Some((one["name"].as_str()?.to_owned(), one["sim"]["id"].as_str()?.to_owned()))
            })
            .collect();
        (sims.len() == modems).then_some(sims)
    })
    .await;
    let sim = |modem: usize| sims[&format!("modem{modem}")].as_str();
    for modem in [1, 2] {
        world.cli(&["sims", sim(modem), "--pool", "limited"]);
        let limit = A_MINUTE.to_string();
        world.cli(&["limit", "set", "--sim", sim(modem), "--per-minute", &limit, "--zone", "UTC"]);
    }
    let third = format!("sim:{}", sim(3));
    for (prefix, way) in WAYS {
        let name = format!("{way:?}");
        let rule = ["route", "add", &name, "--prefix", prefix];
        let does = match way {
            Way::Limited => ["--through", "limited"],
            Way::LimitedOrOthers => ["--through", "limited,default"],
            Way::Third => ["--through", &third],
            Way::Refused => ["--refuse", "Not there."],
        };
        world.cli(&[&rule[..], &does[..]].concat());
    }
    wait_for_within(world::PATIENCE, "the drivers to tell of the pool", || async {
        let tested = world.cli(&["route", "test", "--to", "+62855000000001"]);
        (tested["modems"].as_array().map(Vec::len) == Some(2)).then_some(())
    })
    .await;
    world.cli(&["pool", "set", "limited", "--strategy", "round-robin"]);
    // Each router may be the one that decides: it is asked until all of a row of messages are refused.
    let http = client();
    let mut serial = 0;
    wait_for_within(world::PATIENCE, "the routers to know the rules", || {
        serial += 1;
        let (http, url, key) = (http.clone(), world.url.clone(), world.key.clone());
        async move {
            for n in 0..9 {
                let to = format!("+628553{:08}", 90_000_000 + serial * 10 + n);
                let sent = send(&http, &url, &key, &to, &format!("probe-{to}")).await;
                let state = ended(&http, &url, &key, &sent).await;
                if state != "rejected" {
                    return None;
                }
            }
            Some(())
        }
    })
    .await;
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().timeout(Duration::from_secs(15)).build().unwrap()
}

async fn send_all(url: String, key: String, messages: usize) -> Vec<Accepted> {
    let http = client();
    let (mut accepted, mut together) = (Vec::new(), Vec::new());
    for n in 0..messages {
        let (prefix, way) = WAYS[n % WAYS.len()];
        let to = format!("{prefix}{n:08}");
        let once = format!("routers-{n}");
        if way == Way::LimitedOrOthers {
            together.push(to);
            if together.len() < TOGETHER && n + WAYS.len() < messages {
                continue;
            }
            let body = json!({ "to": together, "text": "Halo" });
            let batch = ask(&http, &format!("{url}/batches"), &key, &body, &once).await;
            let id = Id::OfBatch(batch["id"].as_str().unwrap().parse().unwrap());
            accepted.extend(together.drain(..).map(|to| Accepted { id, to, way }));
        } else {
            let id = send(&http, &url, &key, &to, &once).await;
            accepted.push(Accepted { id: Id::Message(id.parse().unwrap()), to, way });
        }
    }
    assert!(together.is_empty() && accepted.len() == messages, "each was sent");
    accepted
}

/// Has a message accepted; returns its id.
async fn send(http: &reqwest::Client, url: &str, key: &str, to: &str, once: &str) -> String {
    let body = json!({ "to": [to], "text": "Halo" });
    let answer = ask(http, &format!("{url}/messages"), key, &body, once).await;
    answer["messages"][0]["id"].as_str().unwrap().to_owned()
}

/// Asks with one idempotency key until the gateway accepts what is to be sent.
async fn ask(http: &reqwest::Client, url: &str, key: &str, body: &Value, once: &str) -> Value {
    let end = Instant::now() + world::PATIENCE;
    loop {
        let request = http.post(url).bearer_auth(key);
        let request = request.header("Idempotency-Key", once).json(body);
        if let Ok(response) = request.send().await
            && response.status().as_u16() == 202
            && let Ok(answer) = response.json::<Value>().await
        {
            return answer;
        }
        assert!(Instant::now() < end, "a message is not accepted");
        sleep(Duration::from_millis(200)).await;
    }
}

/// The state of a message that has ended, or is with a modem.
async fn ended(http: &reqwest::Client, url: &str, key: &str, id: &str) -> String {
    let waited = wait_for_within(world::PATIENCE, "a message to end", || async {
        let request = http.get(format!("{url}/messages/{id}")).bearer_auth(key);
        let message: Value = request.send().await.ok()?.json().await.ok()?;
        let state = message["state"].as_str()?;
        let on_its_way = ["accepted", "admitted", "held", "released", "deferred", "sending"];
        (!on_its_way.contains(&state)).then(|| state.to_owned())
    });
    waited.await
}

/// What is wrong when every message has ended, or the patience is over.
async fn find(world: &mut World, accepted: &[Accepted]) -> Vec<String> {
    let until = Instant::now() + PATIENCE;
    loop {
        world.revive();
        let store = Store::open(&world.database()).await.unwrap();
        let faults = compare(world, accepted, &store).await;
        store.close().await;
        if faults.is_empty() || Instant::now() >= until {
            return faults;
        }
        sleep(Duration::from_secs(2)).await;
    }
}

async fn compare(world: &World, accepted: &[Accepted], store: &Store) -> Vec<String> {
    let mut out: HashMap<String, Vec<usize>> = HashMap::new();
    let mut minutes: HashMap<(usize, i64), usize> = HashMap::new();
    for sent in world.network().sent() {
        out.entry(sent.to()).or_default().push(sent.modem);
        *minutes.entry((sent.modem, sent.at.as_second() / 60)).or_default() += 1;
    }
    let mut faults = Vec::new();
    for ((modem, minute), count) in minutes {
        if modem <= 2 && count > A_MINUTE + IN_HAND {
            faults.push(format!("modem{modem} sent {count} in the minute {minute}"));
        }
    }
    let reach = Reach::everything(OrgId::default_org());
    let batch_of = |one: &Accepted| match one.id {
        Id::OfBatch(batch) => Some(batch),
        Id::Message(_) => None,
    };
    let mut batches = HashMap::new();
    for batch in accepted.iter().filter_map(batch_of).collect::<HashSet<BatchId>>() {
        batches.insert(batch, rows_of(store, batch).await.unwrap());
    }
    for Accepted { id, to, way } in accepted {
        let by = out.remove(to).unwrap_or_default();
        let id = match id {
            Id::Message(id) => Some(*id),
            Id::OfBatch(batch) => batches[batch].get(to).map(|message| message.id),
        };
        let detail = match id {
            Some(id) => store.message_detail(reach, id).await.unwrap(),
            None => None,
        };
        let Some(detail) = detail else {
            faults.push(format!("{to} has no row"));
            continue;
        };
        let id = detail.message.id;
        let is_right = match (way, detail.message.state) {
            (Way::Refused, MtState::Rejected) => by.is_empty(),
            (Way::Refused, _) => false,
            (way, MtState::Delivered) => matches!(by[..], [modem] if way.may_be_by(modem)),
            (_, _) => false,
        };
        if !is_right {
            let state = detail.message.state;
            faults.push(format!("{id} to {to} ({way:?}), {state}, by {by:?}{}", story(&detail)));
        }
    }
    faults.extend(out.into_keys().map(|to| format!("{to} got something nobody sent")));
    faults.truncate(20);
    faults
}
