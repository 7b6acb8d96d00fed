//! Chaos: the services as separate processes on PostgreSQL, two drivers with simulated modems, and `kill -9` of each of
//! them, of the broker and of the database, in an order that follows from a seed, under load. At the end the network's own
//! record of what it took and delivered is compared with the database.
//!
//! A short run with a fixed seed on each broker is among all tests. `tests/chaos/run --minutes 30 --seed N` is the long way, by
//! `CHAOS_SEED` and `CHAOS_SECONDS`, `tests/chaos/run --batch` one for a batch of ten thousand, and `tests/chaos/run --routers` one
//! for three routers with rules and limits. A failure names its seed and leaves the logs of all processes in a folder.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "a long run says how far it is")]

mod batch;
mod load;
mod process;
mod routers;
mod verdict;
mod world;

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use testkit::NatsServer;
use tokio::time::{Instant, sleep};

use crate::load::Load;
use crate::world::{Victim, World};

/// How long it goes on when nothing is said.
const SECONDS: u64 = 45;
/// The short run. Another seed would do as well; one that is known to the last kill can be run again.
const SHORT: (u64, u64) = (635_909, 15);

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// One broker after the other, as each alone has enough to do.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_doubled_by_kills() {
    for program in testkit::nats_servers() {
        println!("chaos: {}", program.display());
        let (seed, seconds) = SHORT;
        kill_and_compare(NatsServer::start_program(program, "").await, seed, seconds).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes as long as it is asked to: tests/chaos/run"]
async fn as_long_as_asked() {
    let seed = number("CHAOS_SEED").unwrap_or_else(|| rand::rng().random_range(1..1_000_000));
    let seconds = number("CHAOS_SECONDS").unwrap_or(SECONDS);
    kill_and_compare(NatsServer::start().await, seed, seconds).await;
}

async fn kill_and_compare(nats: NatsServer, seed: u64, seconds: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    // Quick, but slow enough that a kill often meets a message at the modem.
    let mut world = World::start(nats, Duration::from_millis(150)).await;
    println!("chaos: seed {seed}, {seconds} s, logs in {}", world.logs().display());

    let load = Load::start(&world);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut kills = 0;
    while Instant::now() < end {
        sleep(Duration::from_millis(random.random_range(500..4_000))).await;
        let victim = Victim::ALL[random.random_range(0..Victim::ALL.len())];
        let away = Duration::from_millis(random.random_range(50..2_500));
        println!("chaos: kill -9 of {victim:?}, back after {away:?}");
        world.kill(victim);
        sleep(away).await;
        world.start_again(victim).await;
        world.revive();
        kills += 1;
    }
    let asked = load.stop(&mut world).await;
    let found = verdict::find(&mut world, &asked).await;
    println!("chaos: seed {seed}, {kills} kills: {found}");
    if !found.is_good() {
        world.keep_logs();
        panic!("chaos: seed {seed} found faults, logs in {}: {found:#?}", world.logs().display());
    }
}
