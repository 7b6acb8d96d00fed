//! The fuzz target `tpdu_decode` as a plain test: seeded, so that it does the same each time, and time-boxed.

use std::time::{Duration, Instant};

use crate::laws;

/// Where mutation begins: one PDU of each kind, from `published.rs`.
const SEEDS: [&str; 8] = [
    "059126181642040C9126189519497500006020619041628212502B284C6EA7DDA0B03C0D5297D9E535",
    "0011000B916407281553F80000AA0AE8329BFD4697D9EC37",
    "0791447758100650040DD0F334FC1CA6970100008080312170224008D4F29CDE0EA7D9",
    "07912160130300F4040B914151245584F600087010807121352B10212200A900AE00680065006C006C006F",
    "07914140279510F6440A8111110301003BF56080207130238A3B0B05040B8423F000032A0202362E3130322E31\
     37312E3135302F524E453955304A6D713551414142666C414141414D774141423651414141414100",
    "07912180958750F84401800500C87020026195702B06040102000200",
    "07914875215652F006360B914892347527F3817003018104808170030181448000",
    "00410007811234567F0008140B0003010201240125010041",
];
const ROUNDS: u32 = 150_000;
const AT_MOST: Duration = Duration::from_secs(20);

/// Sebastiano Vigna's SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n.max(1)).unwrap()).unwrap()
    }

    fn octet(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

fn mutate(octets: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(octets.len());
    match random.below(7) {
        0 => octets.truncate(at),
        1 => octets.insert(at, random.octet()),
        2 if !octets.is_empty() => drop(octets.remove(at)),
        3 if !octets.is_empty() => octets[at] ^= 1 << random.below(8),
        4 if !octets.is_empty() => octets[at] = [0x00, 0x7F, 0x80, 0xFF][random.below(4)],
        5 => octets.extend((0..random.below(40)).map(|_| random.octet())),
        _ if !octets.is_empty() => octets[at] = random.octet(),
        _ => octets.push(random.octet()),
    }
}

#[test]
fn mutated_pdus() {
    let seeds = SEEDS.map(|hex| tpdu::from_hex(hex).unwrap());
    let (begun, mut random) = (Instant::now(), Random(23_040));
    let mut octets = Vec::new();
    let mut rounds = 0;
    while rounds < ROUNDS && begun.elapsed() < AT_MOST {
        if rounds % 12 == 0 {
            octets.clone_from(&seeds[random.below(seeds.len())]);
            if random.below(2) == 0 {
                // Without the service centre's address.
                octets.drain(..=usize::from(octets[0]));
            }
        }
        mutate(&mut octets, &mut random);
        laws::hold_for(&octets);
        rounds += 1;
    }
    println!("{rounds} mutated PDUs in {:?}", begun.elapsed());
}

/// Found by fuzzing: a name with an escape that is none got shorter, to eight characters of which the last is an @.
#[test]
fn a_name_that_gets_shorter() {
    let hex = "0011534242000000063680071E81700301814491700000000884F64697D980EC370000";
    laws::hold_for(&tpdu::from_hex(hex).unwrap());
}
