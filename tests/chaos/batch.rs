//! One batch under kills: each of its recipients gets its text once, and each of its messages ends.

use std::collections::HashMap;
use std::time::Duration;

use contracts::{BatchId, MtState, OrgId};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use store::{Message, MessageFilter, Page, Reach, Store, StoreError};
use testkit::NatsServer;
use tokio::time::{Instant, sleep};

use crate::number;
use crate::verdict::{Found, PATIENCE, story};
use crate::world::{self, Victim, World};

/// The short run: its seed, as many recipients as two cores send to within a quarter of a minute, and its kills.
const SHORT: (u64, usize, usize) = (1_018, 1_500, 12);
/// How many recipients a long run has, when nothing is said: as many as a batch may have.
const RECIPIENTS: usize = 10_000;
/// Beyond so many kills of a long run, what is left goes out in peace.
const KILLS: usize = 60;
/// Faults that are told at length.
const TOLD: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn each_recipient_of_a_batch_gets_it_once_whatever_is_killed() {
    let (seed, recipients, most_kills) = SHORT;
    kill_while_it_goes_out(seed, recipients, most_kills).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: tests/chaos/run --batch"]
async fn as_large_as_asked() {
    let seed = number("CHAOS_SEED").unwrap_or_else(|| rand::rng().random_range(1..1_000_000));
    let recipients = number("CHAOS_RECIPIENTS").and_then(|n| usize::try_from(n).ok());
    kill_while_it_goes_out(seed, recipients.unwrap_or(RECIPIENTS), KILLS).await;
}

async fn kill_while_it_goes_out(seed: u64, recipients: usize, most_kills: usize) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut world = World::start(NatsServer::start().await, Duration::ZERO).await;
    println!("chaos: seed {seed}, a batch of {recipients}, logs in {}", world.logs().display());

    let to: Vec<String> = (0..recipients).map(|n| format!("+62844{n:08}")).collect();
    let batch = send(&world, &to).await;
    let (begun, mut kills) = (Instant::now(), 0);
    let nearly_all = u64::try_from(recipients - recipients / 20).unwrap();
    while world.network().sent_count() < nearly_all && kills < most_kills {
        assert!(
            begun.elapsed() < PATIENCE * 4,
            "the batch goes out: {}",
            world.network().sent_count()
        );
        sleep(Duration::from_millis(random.random_range(200..1_500))).await;
        let victim = Victim::OF_A_BATCH[random.random_range(0..Victim::OF_A_BATCH.len())];
        let away = Duration::from_millis(random.random_range(50..1_500));
        let sent = world.network().sent_count();
        println!("chaos: {sent} sent, kill -9 of {victim:?}, back after {away:?}");
        world.kill(victim);
        sleep(away).await;
        world.start_again(victim).await;
        world.revive();
        kills += 1;
    }
    let found = find(&mut world, batch, &to).await;
    println!("chaos: seed {seed}, {kills} kills in {:?}: {found}", begun.elapsed());
    if !found.is_good() {
        world.keep_logs();
        panic!("chaos: seed {seed} found faults, logs in {}: {found:#?}", world.logs().display());
    }
}

/// Asks with one idempotency key until the gateway accepts the batch.
async fn send(world: &World, to: &[String]) -> BatchId {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(15)).build().unwrap();
    let body = json!({ "to": to, "text": "Undangan" });
    let end = Instant::now() + world::PATIENCE;
    loop {
        let request = http.post(format!("{}/batches", world.url)).bearer_auth(&world.key);
        let request = request.header("Idempotency-Key", "the-batch").json(&body);
        if let Ok(response) = request.send().await
            && response.status().as_u16() == 202
            && let Ok(answer) = response.json::<Value>().await
        {
            return answer["id"].as_str().unwrap().parse().unwrap();
        }
        assert!(Instant::now() < end, "the batch is not accepted");
        sleep(Duration::from_millis(500)).await;
    }
}

/// Compares when every message is at its end, or when the patience is over.
async fn find(world: &mut World, batch: BatchId, to: &[String]) -> Found {
    let until = Instant::now() + PATIENCE;
    loop {
        world.revive();
        if let Ok(store) = Store::open(&world.database()).await {
            let over = Instant::now() >= until;
            let found = match store.batch(Reach::everything(OrgId::default_org()), batch).await {
                Ok(states) if over || have_ended(&states, to.len()) => {
                    compare(world, batch, to, &store).await.ok()
                }
                _ => None,
            };
            store.close().await;
            if let Some(found) = found
                && (found.is_good() || over)
            {
                return found;
            }
        }
        assert!(Instant::now() < until + PATIENCE, "the database does not answer");
        sleep(Duration::from_secs(2)).await;
    }
}

fn have_ended(states: &[(MtState, u64)], messages: usize) -> bool {
    let ended = states.iter().filter(|(state, _)| {
        matches!(state, MtState::Delivered | MtState::Uncertain | MtState::Sent)
    });
    usize::try_from(ended.map(|(_, count)| count).sum::<u64>()) == Ok(messages)
}

async fn compare(
    world: &World,
    batch: BatchId,
    to: &[String],
    store: &Store,
) -> Result<Found, StoreError> {
    let mut out: HashMap<String, usize> = HashMap::new();
    for sent in world.network().sent() {
        *out.entry(sent.to()).or_default() += 1;
    }
    let mut rows = rows_of(store, batch).await?;
    let mut found = Found { accepted: to.len(), ..Found::default() };
    for to in to {
        let times = out.remove(to).unwrap_or_default();
        let Some(message) = rows.remove(to) else {
            found.lost.push(format!("{to} has no row, out {times} times"));
            continue;
        };
        let list = match (times, message.state) {
            (1, MtState::Delivered) => {
                found.delivered += 1;
                continue;
            }
            (0, MtState::Uncertain) => {
                found.uncertain += 1;
                continue;
            }
            (2.., _) => &mut found.doubled,
            (1, MtState::Sent | MtState::Uncertain) => &mut found.unreported,
            (0, MtState::Sent | MtState::Delivered) | (1, _) => &mut found.wrong,
            (0, _) => &mut found.lost,
        };
        let told = format!("{} to {to}, {}, out {times} times", message.id, message.state);
        let is_long = list.len() < TOLD;
        list.push(told);
        let index = list.len() - 1;
        if is_long && let Some(detail) = store.message_detail(reach(), message.id).await? {
            list[index].push_str(&story(&detail));
        }
    }
    found.wrong.extend(out.into_keys().map(|to| format!("{to} got something nobody sent")));
    found.wrong.extend(rows.into_keys().map(|to| format!("{to} has a row, and nobody sent it")));
    Ok(found)
}

fn reach() -> Reach {
    Reach::everything(OrgId::default_org())
}

/// The messages of a batch by their recipients. One that has two rows has the other under a name that nobody asked for.
pub(crate) async fn rows_of(
    store: &Store,
    batch: BatchId,
) -> Result<HashMap<String, Message>, StoreError> {
    let filter = MessageFilter { batch: Some(batch), ..MessageFilter::default() };
    let mut rows = HashMap::new();
    let mut page = Page { before: None, limit: 500 };
    loop {
        let read = store.messages(reach(), &filter, page).await?;
        for message in read.messages {
            let to = message.to.to_string();
            if let Some(twice) = rows.insert(to.clone(), message) {
                rows.insert(format!("{to} again"), twice);
            }
        }
        let Some(next) = read.next else { return Ok(rows) };
        page.before = Some(next);
    }
}
