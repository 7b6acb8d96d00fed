//! Any calls with any bytes, on stable: seeded, so that a failure comes again.

use proptest::prelude::*;

use crate::SECOND;
use crate::bench::Bench;
use crate::ops;
use crate::peer::Peer;

/// xorshift64*: enough to be unlike.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_be_bytes()[0]).collect()
    }
}

/// The seeds: at least so many, and more for as many seconds as `MERPATI_FUZZ_SECONDS` says.
fn seeds(least: u64) -> impl Iterator<Item = u64> {
    let seconds = std::env::var("MERPATI_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    let end = std::time::Instant::now() + SECOND * seconds.unwrap_or(0);
    (1..).take_while(move |seed| *seed <= least || std::time::Instant::now() < end)
}

#[test]
fn seeded_calls() {
    for seed in seeds(1500) {
        let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (seed << 20));
        let length = usize::from(random.next().to_be_bytes()[0]) * 4;
        let data = random.bytes(length);
        let outcome = std::panic::catch_unwind(|| ops::run(&data));
        assert!(outcome.is_ok(), "seed {seed}");
    }
}

/// Calls that a healthy session begins with, then anything.
#[test]
fn seeded_calls_after_a_boot() {
    for seed in seeds(800) {
        let mut random = Random(0xD134_2543_DE82_EF95 ^ (seed << 20));
        // `OK` to everything is a boot, with a SIM that is open.
        let mut data = vec![0];
        for _ in 0..40 {
            data.extend([0, 0]);
        }
        for _ in 0..random.next() % 200 {
            data.extend(random.bytes(2));
        }
        let outcome = std::panic::catch_unwind(|| ops::run(&data));
        assert!(outcome.is_ok(), "seed {seed}");
    }
}

/// Garbage on the line of a modem at work: it is ready again afterwards, and sends.
#[test]
fn seeded_garbage_between_everything() {
    for seed in 1..=30_u64 {
        let mut random = Random(0xA076_1D64_78BD_642F ^ (seed << 20));
        let mut bench = Bench::new(Peer::new());
        bench.ready();
        for _ in 0..30 {
            let length = usize::from(random.next().to_be_bytes()[0]) % 40;
            let mut bytes = random.bytes(length);
            // Lines that mean something by chance are another test's business.
            for byte in &mut bytes {
                *byte |= 0x80;
            }
            bench.says(&bytes);
            bench.wait(SECOND);
        }
        bench.says(b"\r\n");
        bench.wait(SECOND * 60);
        bench.ready();
        bench.submit(1);
        bench.sent(1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_calls(data in prop::collection::vec(any::<u8>(), 0..600)) {
        ops::run(&data);
    }

    /// However the bytes of a session are split, the same comes of it.
    #[test]
    fn any_split(sizes in prop::collection::vec(1_usize..40, 1..50)) {
        let mut peer = Peer::new();
        peer.slots.insert(1, (0, crate::peer::DELIVER.into()));
        let mut whole = Bench::new(peer);
        whole.ready();
        let mut peer = Peer::new();
        peer.slots.insert(1, (0, crate::peer::DELIVER.into()));
        let mut split = Bench::new(peer);
        split.sizes = sizes;
        split.ready();
        for bench in [&mut whole, &mut split] {
            bench.submit(1);
            bench.sent(1);
            bench.wait(SECOND);
        }
        prop_assert_eq!(whole.text(), split.text());
        prop_assert_eq!(whole.received(), split.received());
    }
}
