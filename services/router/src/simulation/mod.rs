//! A month of traffic over hundreds of SIMs in virtual time: what is promised holds whatever comes, in whatever order.
//!
//! What decides is the router's own code: admission, opt-outs, rules and strategies, lanes, turns, room, verdicts, what
//! happens after a try that failed; the account of a SIM's limits is the driver's file, and the times of schedules are
//! those of `recurrence`. What only carries is simulated: the broker's streams, the modems, and persistence, which requests
//! again what is due. Nothing waits: the clock goes from one event to the next, and all that is left to chance follows from
//! the seed.
//!
//! Three organisations with accounts of very different load share the SIMs, each SIM with limits, a zone, quiet hours and
//! a warm-up of its own, or without. SIMs go away for hours, and hosts with all of their SIMs, some of them killed. People
//! opt out, rules are changed, an account is disabled for a while. The [`witness`] keeps books of its own and looks at
//! every step:
//!
//! * No SIM sends more parts in a minute, an hour, a day or a month of its zone than it may, warm-up included, and in its
//!   quiet hours it begins nothing but one-time passwords.
//! * An account that waits for modems is passed by another at two moments at most before its own turn, unless modems come back
//!   meanwhile; and at one moment with no more turns than the modems have room for, whatever waits behind them.
//! * No modem that may send is idle while something waits for it.
//! * A one-time password is begun within the time of the messages before it, from when a modem takes it.
//! * Nothing goes out after its end, to who opted out before it was released, for a disabled account, or through a SIM that
//!   is somebody else's.
//! * Every message ends, once.
//!
//! A seed takes some ten seconds in a debug build; two are among all tests. More of them, and a bulk of a million:
//!
//! ```text
//! SIMULATION_SEEDS=1000-1099 SIMULATION_BULK=1000000 cargo test --release -p router --lib simulation -- --nocapture
//! ```
//!
//! A failure names its seed and the steps before it; `SIMULATION_SEEDS=1017` runs that one again.

#[path = "../../../modem-driver/src/limits/account.rs"]
#[expect(dead_code, reason = "the driver uses more of it")]
mod account;
mod fleet;
mod queues;
mod traffic;
mod witness;
mod world;

use std::ops::RangeInclusive;

use world::World;

/// The seeds that are run among all tests.
const SEEDS: RangeInclusive<u64> = 1..=2;
/// The recipients of the bulk of one account, when nothing is said. It is far more than its pool sends until it is over.
const BULK: usize = 6_000;

fn said<T: std::str::FromStr>(variable: &str) -> Option<T> {
    std::env::var(variable).ok()?.trim().parse().ok()
}

fn seeds() -> RangeInclusive<u64> {
    let Ok(said) = std::env::var("SIMULATION_SEEDS") else { return SEEDS };
    let number = |text: &str| text.trim().parse::<u64>().expect("SIMULATION_SEEDS is 17 or 1-100");
    match said.split_once('-') {
        Some((first, last)) => number(first)..=number(last),
        None => number(&said)..=number(&said),
    }
}

#[tokio::test(start_paused = true)]
async fn a_month_keeps_every_promise() {
    for seed in seeds() {
        let mut world = World::new(seed, said("SIMULATION_BULK").unwrap_or(BULK));
        world.run().await;
        println!("simulation: seed {seed}: {}", world.summary());
    }
}
